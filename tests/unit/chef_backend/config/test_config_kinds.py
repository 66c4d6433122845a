from __future__ import annotations

import pytest

from chef_backend.config.kinds.amounts import duration, size
from chef_backend.config.kinds.base import Kind, Nilable, WrongValue
from chef_backend.config.kinds.files import Environment, Joined, Options, Path, Paths
from chef_backend.config.kinds.network import Address, Clients, HostName
from chef_backend.config.kinds.simple import ROLE, SWITCH, SYSTEM_USER, Flag, Fraction, Integer, Text
from chef_backend.config.parse import parse_literal
from chef_backend.config.values import Value

MEMORY = size(8192, "blocks of 8 kB", 128 * 1024)
TIME = duration(1000, "seconds", 30_000, 86_400_000)

ACCEPTED: list[tuple[Kind, str, Value]] = [
    (Integer(1, 10), "10", 10),
    (Integer(-1), "-1", -1),
    (Fraction(0, 1), "0.9", 0.9),
    (Fraction(0, 1), "1", 1.0),
    (Flag(), "false", False),
    (SWITCH, "'on'", "on"),
    (SWITCH, "true", "on"),
    (SWITCH, ":off", "off"),
    (Text(), "''", ""),
    (SYSTEM_USER, "'chef-backend'", "chef-backend"),
    (ROLE, "'chef_pgsql'", "chef_pgsql"),
    (Nilable(Path()), "nil", None),
    (Nilable(Path()), "'/a'", "/a"),
    (Path(), "'/var/opt/x/'", "/var/opt/x/"),
    (Paths(), "['/a', '/b']", ("/a", "/b")),
    (Paths(), """'["/a", "/b"]'""", ("/a", "/b")),
    (MEMORY, "'248MB'", "248MB"),
    (MEMORY, "' 248 MB '", "248MB"),
    (MEMORY, "16", 16),
    (MEMORY, "'128kB'", "128kB"),
    (TIME, "'5min'", "5min"),
    (TIME, "30", 30),
    (HostName(), "'be1.example.com'", "be1.example.com"),
    (Address(), "'10.0.0.1'", "10.0.0.1"),
    (Address(), "'2001:DB8::0:1'", "2001:db8::1"),
    (Clients(), "['samehost', 'samenet']", ("samehost", "samenet")),
    (Clients(), """'["samehost", "samenet"]'""", ("samehost", "samenet")),
    (Clients(), "%w[all]", ("all",)),
    (Clients(), "['192.168.1.3/24', '::/0']", ("192.168.1.3/24", "::/0")),
    (Clients(), "['frontend1.example.com', '.example.com']", ("frontend1.example.com", ".example.com")),
    (Options(), "''", ()),
    (Options(), "'-Xss1m -Dx=\"a b\"'", ("-Xss1m", "-Dx=a b")),
    (Options(), "['-Da=b c']", ("-Da=b c",)),
    (Joined("ciphers", "[A-Z:!]+"), "['A', '!B']", "A:!B"),
    (Joined("ciphers", "[A-Z:!]+"), "'A:!B'", "A:!B"),
    (Environment(), "{ 'A' => 'b', c: 1 }", {"A": "b", "c": "1"}),
    (Environment(), "{}", {}),
]
REFUSED: list[tuple[Kind, str, str]] = [
    (Integer(1, 10), "11", "expected a whole number from 1 to 10, found the number 11"),
    (Integer(1), "0", "found the number 0"),
    (Integer(1), "'5'", "write 5 without quotes"),
    (Integer(1), "5.0", "found the number 5.0"),
    (Integer(1), "true", "found true"),
    (Integer(1), "[1]", "found a list"),
    (Fraction(0, 1), "1.01", "from 0 to 1"),
    (Fraction(0, 1), "'0.5'", "found the text '0.5'"),
    (Flag(), "'yes'", "write true, without quotes"),
    (Flag(), "0", "write false, without quotes"),
    (Flag(), "nil", "found nil"),
    (SWITCH, "'ON'", "did you mean 'on'?"),
    (SWITCH, "1", "expected 'on' or 'off'"),
    (Text(), "5", "put a text in quotes"),
    (Text(), '"a\\nb"', "without line breaks"),
    (Text(), '"a\\0b"', "control characters"),
    (SYSTEM_USER, "'Chef Backend'", "name of a system user"),
    (ROLE, "'chef-pgsql'", "PostgreSQL role"),
    (Path(), "'etc'", "a path begins with /"),
    (Path(), "'/a/../b'", "write '/b'"),
    (Path(), "'//a'", "write '/a'"),
    (Path(), "'/a b'", "letters, digits"),
    (Path(), "'/a$b'", "letters, digits"),
    (Paths(), "'/a'", "a list is written"),
    (MEMORY, "'248mb'", "did you mean '248MB'?"),
    (MEMORY, "'1 PB'", "units are kB, MB, GB, TB"),
    (MEMORY, "'64kB'", "from 128kB"),
    (MEMORY, "1.5", "expected a size"),
    (MEMORY, "'1.5GB'", "expected a size"),
    (TIME, "'5 minutes'", "did you mean '5min'?"),
    (TIME, "'1s'", "time from 30s to 1d"),
    (HostName(), "'BE1'", "write 'be1'"),
    (HostName(), "'be_1'", "host name in lower case"),
    (HostName(), "''", "host name in lower case"),
    (Address(), "'10.0.0.1/24'", "without its network part"),
    (Address(), "'be1'", "for example '192.0.2.10'"),
    (Clients(), "[]", "at least one entry"),
    (Clients(), "['10.0.0.0/33']", "a network such as"),
    (Clients(), "['10.0.0.0/255.0.0.0']", "number of bits"),
    (Clients(), "['10.0.0']", "a network such as"),
    (Clients(), "['Samenet']", "did you mean 'samenet'?"),
    (Clients(), "['ALL']", "did you mean 'all'?"),
    (Clients(), "['2001:db8::1']", "'2001:db8::1/128'"),
    (Clients(), "['a b']", "a network such as"),
    (Clients(), "[5]", "put a text in quotes"),
    (Clients(), "'samenet'", "a list is written"),
    (Options(), "'-Dx=\"a'", "never closed"),
    (Paths(), """'["/a", ["/b"]]'""", "found a list"),
    (Options(), "5", "a list is written"),
    (Joined("ciphers", "[A-Z]+"), "'a b'", "ciphers"),
    (Environment(), "'A=b'", "write { 'NAME' => 'value' }"),
    (Environment(), "{ 'A-B' => 'c' }", "the name of a variable"),
    (Environment(), "{ 'A' => nil }", "a text for A"),
]


@pytest.mark.parametrize(("kind", "text", "value"), ACCEPTED, ids=lambda each: str(each)[:40])
def test_accepted(kind: Kind, text: str, value: Value) -> None:
    """Each type takes what it says it takes, in every spelling that is documented."""
    literal = parse_literal(text)
    assert literal is not None
    read = kind.read(literal)
    assert read == value
    assert type(read) is type(value) or isinstance(value, dict)


@pytest.mark.parametrize(("kind", "text", "part"), REFUSED, ids=lambda each: str(each)[:40])
def test_refused(kind: Kind, text: str, part: str) -> None:
    """Each type refuses the rest, and says what it expects or what was meant."""
    literal = parse_literal(text)
    assert literal is not None
    with pytest.raises(WrongValue) as caught:
        kind.read(literal)
    assert part in f"{caught.value.message} {caught.value.hint}"


def test_amounts_compare() -> None:
    """A number and a text with a unit come to the same bytes."""
    assert MEMORY.smallest(131072) == MEMORY.smallest("1GB") == 2**30
    assert TIME.smallest(300) == TIME.smallest("5min") == 300_000
