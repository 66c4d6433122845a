"""From the text of chef-backend.rb to a node's settings, with every problem at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from chef_backend.config.assignment import Assignment
from chef_backend.config.checks import check
from chef_backend.config.facts import HostFacts
from chef_backend.config.findings import Finding, View
from chef_backend.config.kinds.base import WrongValue
from chef_backend.config.literals import Hash, Pair
from chef_backend.config.model import Entry, From, Origin, Settings, flat
from chef_backend.config.names import unknown_name
from chef_backend.config.parse import parse
from chef_backend.config.problems import NOWHERE, ConfigInvalid, Place, Problem, source_line
from chef_backend.config.setting import Rule
from chef_backend.config.table import ALIASES, OBSOLETE, SECTIONS, TABLE
from chef_backend.config.values import Value

_WITHOUT_EFFECT_GROUP = "leaderl.epmd_monitor."


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file comes to: settings are complete even where problems were found."""

    settings: Settings
    problems: tuple[Problem, ...]


def load(text: str, facts: HostFacts, file: str) -> Settings:
    """Return the settings that a configuration file means on this node; ConfigInvalid with all its problems."""
    loaded = examine(text, facts, file)
    if loaded.problems:
        raise ConfigInvalid(file, loaded.problems)
    return loaded.settings


def examine(text: str, facts: HostFacts, file: str) -> Loaded:
    """Return settings and problems both: what is wrong in the file has its default in the settings."""
    parsed = parse(text, file)
    reading = _Reading(tuple(text.removeprefix("\ufeff").split("\n")), file)
    for assignment in parsed.assignments:
        for each in _single(assignment):
            reading.take(each)
    entries = _complete(reading.written, facts)
    reading.add_findings(check(View({name: entry.value for name, entry in entries.items()}, facts)))
    problems = sorted((*parsed.problems, *reading.problems), key=lambda each: (each.place == NOWHERE, each.place))
    warnings = sorted(reading.warnings, key=lambda each: each.place)
    return Loaded(Settings(entries, warnings), tuple(problems))


def recorded(tree: Mapping[str, object]) -> Settings:
    """Return the settings of a former run from the tree that it recorded; what is missing there is missing here."""
    entries: dict[str, Entry] = {}
    for name, value in flat(tree, TABLE).items():
        kept: Value = tuple(value) if isinstance(value, list) else value if not isinstance(value, dict) else None
        entries[name] = Entry(MappingProxyType(value) if isinstance(value, dict) else kept, Origin(From.RECORDED))
    return Settings(entries)


@dataclass(slots=True)
class _Reading:
    """What was understood of a file so far."""

    lines: tuple[str, ...]
    file: str
    written: dict[str, Entry] = field(default_factory=dict)
    wrong: dict[str, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def take(self, assignment: Assignment) -> None:
        """Read one assignment: a value, or a problem or a warning."""
        name = ALIASES.get(assignment.name, assignment.name)
        setting = TABLE.get(name)
        if setting is None:
            self._take_unknown(assignment)
            return
        self._warn_of_name(assignment, name)
        try:
            value = setting.kind.read(assignment.value)
        except WrongValue as error:
            self.wrong[name] = error.place
            for each in (error, *error.others):
                self._problem(each.place, f"{assignment.name}: {each.message}", each.hint)
            return
        reason = setting.without_effect
        if reason and value != setting.default:
            self._warning(assignment.place, f"{name} is without effect: {reason}", "remove the line")
        self.written[name] = Entry(value, Origin(From.FILE, self.file, assignment.place))

    def add_findings(self, findings: Iterator[Finding]) -> None:
        """Add what settings say about each other, unless one of them is wrong by itself."""
        for finding in findings:
            if any(name in self.wrong for name in finding.settings):
                continue
            written = [self.written[name].origin.place for name in finding.settings if name in self.written]
            place = written[0] if written else NOWHERE
            if finding.fatal:
                self._problem(place, finding.message, finding.hint)
            else:
                self._warning(place, finding.message, finding.hint)

    def _take_unknown(self, assignment: Assignment) -> None:
        name = assignment.name
        obsolete = OBSOLETE.get(name)
        if obsolete is not None:
            message = f"{name} is without effect since {obsolete.since}: {obsolete.reason}"
            self._warning(assignment.place, message, "remove the line")
        elif name.startswith(_WITHOUT_EFFECT_GROUP):
            self._warning(assignment.place, f"{name} is without effect: leaderl does not run on Erlang any more", "")
        else:
            self._problem(assignment.place, *unknown_name(name))

    def _warn_of_name(self, assignment: Assignment, name: str) -> None:
        place = assignment.place
        if assignment.name != name:
            self._warning(place, f"{assignment.name} is an old name", f"write {name}")
        if name in self.written:
            line = self.written[name].origin.place.line
            self._warning(place, f"{name} is set before, in line {line}; this value counts", "keep one of the lines")

    def _problem(self, place: Place, message: str, hint: str) -> None:
        self.problems.append(Problem(self.file, place, message, hint, source_line(self.lines, place)))

    def _warning(self, place: Place, message: str, hint: str) -> None:
        self.warnings.append(Problem(self.file, place, message, hint, source_line(self.lines, place)))


def _single(assignment: Assignment) -> Iterator[Assignment]:
    """Yield the assignments that a hash for a whole section stands for, or the one itself."""
    name, value = assignment.name, assignment.value
    if not isinstance(value, Hash) or name in TABLE or not _is_section(name):
        yield assignment
        return
    for pair in value.pairs:
        yield from _single(_inner(name, pair))


def _inner(name: str, pair: Pair) -> Assignment:
    return Assignment(f"{name}.{pair.key}", pair.value, pair.place)


def _is_section(name: str) -> bool:
    return any(each.startswith(f"{name}.") for each in TABLE)


def _complete(written: Mapping[str, Entry], facts: HostFacts) -> dict[str, Entry]:
    """Return every setting of the table: as written, or its default."""
    entries: dict[str, Entry] = {}

    def lookup(name: str) -> Value:
        return entries[name].value

    for rows in SECTIONS.values():
        for row in rows:
            source = From.COMPUTED if isinstance(row.default, Rule) else From.DEFAULT
            entries[row.name] = written.get(row.name) or Entry(row.default_on(facts, lookup), Origin(source))
    return entries
