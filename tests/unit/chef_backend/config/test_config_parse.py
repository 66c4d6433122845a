from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chef_backend.config.literals import Array, Hash, Literal, Scalar
from chef_backend.config.parse import parse, parse_literal
from chef_backend.config.problems import Place

Plain = object


def plain(literal: Literal) -> Plain:
    match literal:
        case Array(items=items):
            return [plain(item) for item in items]
        case Hash(pairs=pairs):
            return {pair.key: plain(pair.value) for pair in pairs}
        case Scalar(value=value):
            return value


def read(text: str) -> list[tuple[str, Plain]]:
    parsed = parse(text, "file.rb")
    assert parsed.problems == ()
    return [(each.name, plain(each.value)) for each in parsed.assignments]


FORMS = {
    "key value": ("publish_address '1.2.3.4'", "publish_address", "1.2.3.4"),
    "tab": ("publish_address\t'1.2.3.4'", "publish_address", "1.2.3.4"),
    "equals": ("publish_address = '10.0.2.15'", "publish_address", "10.0.2.15"),
    "no blanks": ("etcd.client_port=2379", "etcd.client_port", 2379),
    "nested": ("leaderl.health_check.fatal_system_checks true", "leaderl.health_check.fatal_system_checks", True),
    "brackets": ("elasticsearch['temp_directory'] = '/x'", "elasticsearch.temp_directory", "/x"),
    "double-quoted brackets": ('elasticsearch["heap_size"] = 1', "elasticsearch.heap_size", 1),
    "symbol": ("elasticsearch[:heap_size] = 1", "elasticsearch.heap_size", 1),
    "brackets twice": ("etcd['log_rotation'][:num_to_keep] = 1", "etcd.log_rotation.num_to_keep", 1),
    "mixed": ("etcd.log_rotation['num_to_keep'] 1", "etcd.log_rotation.num_to_keep", 1),
    "call": ("etcd.client_port(2379)", "etcd.client_port", 2379),
    "array after a blank": ('a.b ["samehost", "x"]', "a.b", ["samehost", "x"]),
    "array over lines": ("a = [ # first\n  'b', # second\n\n  'c',\n]\n", "a", ["b", "c"]),
    "empty array": ("a []", "a", []),
    "words": ("a %w[b c\\ d]", "a", ["b", "c d"]),
    "words with quotes": ("a %w(it's \"b)", "a", ["it's", '"b']),
    "hash": ("""a = { 'B' => 'c', "d": 1, e: nil, :f => [1] }""", "a", {"B": "c", "d": 1, "e": None, "f": [1]}),
    "hash over lines": ("a = {\n  b: 1,\n  c: 2\n}", "a", {"b": 1, "c": 2}),
    "continued line": ("a \\\n  1", "a", 1),
    "underscores": ("a 104_857_600", "a", 104857600),
    "negative": ("a -1", "a", -1),
    "hexadecimal": ("a 0x1F", "a", 31),
    "octal with its letter": ("a 0o17", "a", 15),
    "float": ("a 0.5", "a", 0.5),
    "exponent": ("a = 1.5e3", "a", 1500.0),
    "true": ("a true", "a", True),
    "false": ("a = false", "a", False),
    "nil": ("a nil", "a", None),
    "symbol value": ("a :on", "a", "on"),
    "comment": ("a 'b # c' # d", "a", "b # c"),
    "windows": ("a 'b'\r\n", "a", "b"),
    "byte order mark": ("\ufeffa 'b'", "a", "b"),
    "single quotes": (r"a 'it\'s \n \\'", "a", "it's \\n \\"),
    "double quotes": (r'a "\t\"\n\u00e9\x41\101\u{1F600 42}\e\#{x}"', "a", '\t"\né\x41A😀B\x1b#{x}'),
    "hash sign": ('a "#1 #"', "a", "#1 #"),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_in_the_wild(form: str) -> None:
    """Each way to write an assignment gives its name and value."""
    text, name, value = FORMS[form]
    assert read(text) == [(name, value)]


def test_several_statements() -> None:
    """Semicolons, blank lines, =begin blocks and __END__ divide and end a file as in Ruby."""
    text = "a 1; b 2\n\n=begin\nc 3\n=end\nd 4 # e 5\n__END__\nf 6\n"
    assert read(text) == [("a", 1), ("b", 2), ("d", 4)]


def test_empty_files() -> None:
    """A file without settings is no mistake."""
    assert read("") == read("\n# nothing\n;\n") == []


MISTAKES = {
    "method call": ("a = File.read('/x')", 1, 5, "File.read would have to be executed"),
    "node attribute": ("publish_address node['ipaddress']", 1, 17, "node would have to be executed"),
    "environment": ("a ENV['HOME']", 1, 3, "ENV would have to be executed"),
    "require": ("require 'x'", 1, 1, "require would have to be executed"),
    "condition around": ("if x\n  b 1\nend", 1, 1, "if would have to be executed"),
    "condition behind": ("a 1 if true", 1, 5, "condition"),
    "interpolation": ('a "x#{1}"', 1, 5, "cannot be put together"),
    "interpolated variable": ('a "x#$0"', 1, 5, "cannot be put together"),
    "interpolated name": ('a["x#{1}"] = 1', 1, 5, "cannot be put together"),
    "interpolated key": ('a = { "x#{1}" => 1 }', 1, 9, "cannot be put together"),
    "interpolated label": ('a = { "x#{1}": 1 }', 1, 9, "cannot be put together"),
    "backquotes": ("a `hostname`", 1, 3, "backquotes"),
    "calculation": ("a 50 * 1024", 1, 6, "calculation"),
    "here-document": ("a <<EOS", 1, 3, "here-document"),
    "method on a value": ("a 5.to_s", 1, 3, "neither a number nor a text"),
    "address without quotes": ("a 10.0.2.15", 1, 3, "neither a number nor a text"),
    "unit without quotes": ("a 5min", 1, 3, "neither a number nor a text"),
    "path without quotes": ("a /var/opt/x # y", 1, 3, "/var/opt/x is neither a number nor a text"),
    "host without quotes": ("a be-1.example.com", 1, 3, "be-1.example.com is neither"),
    "IPv6 without quotes": ("a fe80::1", 1, 3, "fe80::1 is neither"),
    "word without quotes": ("a ipv4", 1, 3, "neither a number nor a text"),
    "python's true": ("a = True", 1, 5, "True is not a value"),
    "yes": ("a yes", 1, 3, "yes is not a value"),
    "octal": ("a 0755", 1, 3, "base 8"),
    "no value": ("a =", 1, 4, "the value is missing"),
    "only a name": ("b 1\na", 2, 2, "a has no value"),
    "open text": ("a 'b\nc 1", 1, 3, "does not end on its line"),
    "open list": ("a [1,\n  2\nc 1", 1, 3, "[ is never closed"),
    "open hash at the end": ("a { 'b' => 1", 1, 3, "{ is never closed"),
    "missing comma": ("a [1,\n  2 3]", 2, 5, "3 is not expected"),
    "constant": ("Foo 1", 1, 1, "does not begin a setting"),
    "comparison": ("a == 1", 1, 3, "== is not expected"),
    "two texts": ("a 'b' 'c'", 1, 7, "'c' is not expected"),
    "stray bracket": ("a 1 ]", 1, 5, "] is not expected"),
    "no such character": (r'a "\u{110000}"', 1, 3, "is no character"),
    "second statement of a line": ("a 1; b c", 1, 8, "neither a number nor a text"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_is_no_assignment(mistake: str) -> None:
    """Each mistake is one problem, at its line and column, with its line, a caret and a hint."""
    text, line, column, part = MISTAKES[mistake]
    (problem,) = parse(text, "file.rb").problems
    assert part in problem.message
    assert problem.place == Place(line, column)
    assert problem.source == text.split("\n")[line - 1]
    assert problem.hint


def test_a_mistake_hides_no_other() -> None:
    """After an unclosed bracket, quote or block the rest of the file is read."""
    text = "a [1,\nb 'x\nc 3\nif y\nd = {\ne 5\nf ]\ng 7\n"
    parsed = parse(text, "file.rb")
    assert [(each.name, plain(each.value)) for each in parsed.assignments] == [("c", 3), ("e", 5), ("g", 7)]
    assert [problem.place.line for problem in parsed.problems] == [1, 2, 4, 5, 7]


def test_a_problem_as_text() -> None:
    """A person sees file, line, column, the line itself with a caret, and what to do."""
    (problem,) = parse("\n  a = foo(1)\n", "/etc/x.rb").problems
    assert str(problem) == (
        "/etc/x.rb:2:7: foo would have to be executed; this file is read, never executed\n"
        "      a = foo(1)\n"
        "          ^\n"
        "    hint: write the finished value: "
        "a value is 'text', a number, true, false, nil, ['a', 'list'] or { 'a' => 'hash' }"
    )


def test_secrets_are_not_repeated() -> None:
    """A line that names a password is shown without what stands behind the name."""
    (problem,) = parse("postgresql.db_superuser_password = hunter2 'x'", "x").problems
    assert "hunter2" not in str(problem.source)


def test_deep_nesting() -> None:
    """Thousands of brackets are a mistake, not a crash."""
    (problem,) = parse("a " + "[" * 5000 + "]" * 5000, "x").problems
    assert "nested too deeply" in problem.message


def ruby_single(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**18), 10**18),
    st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"])),
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4), max_leaves=10)


def ruby(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(ruby(each) for each in value)}]"
    if isinstance(value, str):
        return ruby_single(value)
    return {"None": "nil", "True": "true", "False": "false"}.get(str(value), str(value))


@settings(deadline=None)  # the first example builds the grammar
@given(VALUES)
def test_values_survive(value: object) -> None:
    """What is written as Ruby writes it is read as what it was."""
    literal = parse_literal(ruby(value))
    assert literal is not None
    assert plain(literal) == value


@settings(deadline=None)  # the first example builds the grammar
@given(st.text(alphabet="ab=[]{}'\"#%w(),:.\\\n\t ;0_-<>if", max_size=60))
def test_no_text_crashes_the_reader(text: str) -> None:
    """Whatever a file holds, the answer is assignments and problems inside the file."""
    parsed = parse(text, "x")
    lines = text.split("\n")
    for problem in parsed.problems:
        assert 1 <= problem.place.line <= len(lines)
        assert str(problem)


PIECES = [
    "a",
    ".b",
    "['c']",
    '["d#{e}"]',
    " = ",
    "=",
    " ",
    "1",
    "0755",
    "'f'",
    '"g"',
    '"\\u{110000}"',
    "[",
    "]",
    "{",
    "}",
    ",",
]
PIECES += ["h:", '"i#{j}":', "=>", "%w[k l]", "true", "nil", "(", ")", "\n", ";", "#m", ":n", "-1.5", "File.read", "if"]


@settings(deadline=None)  # the first example builds the grammar
@given(st.lists(st.sampled_from(PIECES), max_size=25))
def test_no_mixture_crashes_the_reader(pieces: list[str]) -> None:
    """Nor do things that are allowed, put together at random."""
    parse("".join(pieces), "x")


@settings(deadline=None)  # the first example builds the grammar
@given(st.binary(max_size=80))
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    """Neither does any other character."""
    parse(data.decode("utf-8", "replace"), "x")
