"""What a release holds, in one document that the next release is compared with."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from omnibuild.checks.base import Subject
from omnibuild.errors import InvalidInput
from omnibuild.store.tree import Entry, Tree

FORMAT = 1
_WHERE = "give the release.json that `omnibuild package` left with the last release"
_SETUID_OR_SETGID = 0o6000


@dataclass(frozen=True, slots=True)
class ComponentFacts:
    """A component's version, licence and the sum of its files' sizes in bytes."""

    version: str
    license: str
    size: int


@dataclass(frozen=True, slots=True)
class ReleaseDescription:
    """A release: its components, its files by path, and where each SONAME is provided."""

    name: str
    version: str
    components: Mapping[str, ComponentFacts]
    files: Mapping[str, Entry]
    sonames: Mapping[str, tuple[str, ...]]

    @property
    def setuid(self) -> Mapping[str, int]:
        """The modes of the files that are setuid or setgid, by path."""
        return {path: entry.mode for path, entry in self.files.items() if entry.mode & _SETUID_OR_SETGID}

    @property
    def size(self) -> int:
        """The sum of all files' sizes in bytes."""
        return sum(entry.size for entry in self.files.values())

    def dump(self) -> bytes:
        """Return the description as JSON, in an order that diffs well."""
        document = {
            "format": FORMAT,
            "name": self.name,
            "version": self.version,
            "components": {name: asdict(facts) for name, facts in sorted(self.components.items())},
            "sonames": {soname: list(paths) for soname, paths in sorted(self.sonames.items())},
            "files": [self.files[path].to_json() for path in sorted(self.files)],
        }
        return (json.dumps(document, indent=1) + "\n").encode()

    @classmethod
    def load(cls, data: bytes, *, where: str) -> ReleaseDescription:
        """Read what ``dump`` wrote; InvalidInput, naming ``where``, for anything else."""
        try:
            document = json.loads(data)
            if document["format"] != FORMAT:
                raise InvalidInput(
                    f"{where}: format {document['format']!r} of the release description, expected {FORMAT}",
                    hint="describe that release again with this version of omnibuild",
                )
            return cls._parse(document)
        except KeyError as error:
            raise InvalidInput(f"{where}: not a release description: {error} is missing", hint=_WHERE) from error
        except (ValueError, TypeError, AttributeError) as error:
            raise InvalidInput(f"{where}: not a release description: {error!r}", hint=_WHERE) from error

    @classmethod
    def _parse(cls, document: dict[str, Any]) -> ReleaseDescription:
        entries = [Entry.parse(item) for item in document["files"]]
        return cls(
            document["name"],
            document["version"],
            {name: ComponentFacts(**facts) for name, facts in document["components"].items()},
            {entry.path: entry for entry in entries},
            {soname: tuple(paths) for soname, paths in document["sonames"].items()},
        )


def describe(subject: Subject, *, name: str, version: str) -> ReleaseDescription:
    """Return the description of an assembled prefix."""
    sonames: dict[str, set[str]] = defaultdict(set)
    for file in subject.elves:
        if file.elf.soname:
            sonames[file.elf.soname].add(file.path)
    components = {
        key: ComponentFacts(built.recipe.version, built.recipe.license, Tree(built.entries).size)
        for key, built in subject.components.items()
    }
    files = dict(sorted(subject.tree.entries.items()))
    return ReleaseDescription(
        name, version, components, files, {soname: tuple(sorted(paths)) for soname, paths in sorted(sonames.items())}
    )
