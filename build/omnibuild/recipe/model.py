"""The shape of recipe.yml, and nothing else: no reading of files, no building.

Field names and meanings are the contract documented in docs/reference/recipe.md (which is
generated from this module by `omnibuild recipe show --schema`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from omnibuild import checknames

NAME = re.compile(r"^[a-z0-9][a-z0-9+._-]*$")
HEX64 = re.compile(r"^[0-9a-f]{64}$")
HEX40 = re.compile(r"^[0-9a-f]{40}$")


def _quoted(value: object) -> object:
    if isinstance(value, bool | int | float):
        msg = f'must be a quoted string, like "{value}": YAML reads an unquoted 9.10 as the number 9.1'
        raise ValueError(msg)  # noqa: TRY004 - pydantic turns ValueError, not TypeError, into a located problem
    return value


def _matches(pattern: re.Pattern[str], what: str) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            msg = f"{value!r} is not {what}"
            raise ValueError(msg)
        return value

    return AfterValidator(check)


def _inside(value: str) -> str:
    parts = value.split("/")
    if value.startswith("/") or ".." in parts or not value:
        msg = f"{value!r} must be a relative path that stays inside its folder"
        raise ValueError(msg)
    return value


def _of_a_check(value: str) -> str:
    checknames.require(value.partition(":")[0], checknames.CHECKS)
    return value


Text = Annotated[str, BeforeValidator(_quoted), Field(min_length=1)]
Name = Annotated[str, _matches(NAME, "a component name (lower-case letters, digits, + . _ -)")]
Sha256 = Annotated[str, BeforeValidator(_quoted), _matches(HEX64, "a sha256 (64 lower-case hex digits)")]
Commit = Annotated[str, BeforeValidator(_quoted), _matches(HEX40, "a full git commit (40 hex digits)")]
RelPath = Annotated[str, AfterValidator(_inside)]
OptOut = Annotated[Text, AfterValidator(_of_a_check)]
Argv = Annotated[tuple[Text, ...], Field(min_length=1)]


class Strict(BaseModel):
    """A frozen model in which an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DebianPackage(Strict):
    """A file of a Debian source package, asked for by package name from the host's mirror."""

    package: Name
    suite: Name
    file: Text


class PypiFile(Strict):
    """One released file of a PyPI project, from the host's configured index."""

    project: Text
    file: Text


class GitCommit(Strict):
    """A commit of a git repository; the source is the deterministic archive of its tree."""

    repository: Text
    commit: Commit
    submodules: bool = False


class GoModules(Strict):
    """Main modules and their versions; the source is their vendored closure."""

    modules: Annotated[dict[Text, Text], Field(min_length=1)]


class Location(Strict):
    """Where a source's bytes may be had; exactly one kind of location is named.

    A location whose publisher repacked the source carries its own ``sha256``.
    """

    url: Text | None = None
    git: GitCommit | None = None
    path: Text | None = None
    debian: DebianPackage | None = None
    pypi: PypiFile | None = None
    maven: Text | None = None
    gomodule: GoModules | None = None
    sha256: Sha256 | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Location:
        if len(self._kinds()) != 1:
            msg = f"name exactly one of {', '.join(LOCATION_KINDS)}; found {', '.join(self._kinds()) or 'none'}"
            raise ValueError(msg)
        return self

    def _kinds(self) -> list[str]:
        return [kind for kind in LOCATION_KINDS if getattr(self, kind) is not None]

    @property
    def kind(self) -> str:
        """The location type's name: the module in ``sources/`` that reads it."""
        return self._kinds()[0]


LOCATION_KINDS = ("url", "git", "path", "debian", "pypi", "maven", "gomodule")


class Source(Strict):
    """One archive, file or tree that a component is made from, identified by its sha256.

    A ``path`` location (files of this repository) needs no sha256: its digest is computed.
    ``into`` is the folder below the build directory that receives it; ``unpack: false``
    puts the file there as it is.
    """

    sha256: Sha256 | None = None
    locations: Annotated[tuple[Location, ...], Field(min_length=1)]
    into: RelPath = "."
    unpack: bool = True

    @model_validator(mode="after")
    def _pinned(self) -> Source:
        if self.is_local:
            if len(self.locations) > 1:
                msg = "a path location stands alone: other locations could hold other bytes"
                raise ValueError(msg)
        elif self.sha256 is None:
            msg = "sha256 is missing: a source is identified by its checksum"
            raise ValueError(msg)
        return self

    @property
    def is_local(self) -> bool:
        """True when the source is a folder beside the recipe."""
        return self.locations[0].path is not None

    def digest_of(self, location: Location) -> str | None:
        """The sha256 that this location's bytes must have (None: computed, for a path)."""
        return location.sha256 or self.sha256


class Depends(Strict):
    """Edges of the graph.

    ``build``: laid out while building, not shipped. ``link``: laid out while building and
    shipped. ``runtime``: shipped, but not needed to build. ``system``: programs or packages
    expected of the build image.
    """

    build: tuple[Name, ...] = ()
    link: tuple[Name, ...] = ()
    runtime: tuple[Name, ...] = ()
    system: tuple[Text, ...] = ()

    def components(self) -> Iterator[tuple[str, str]]:
        """Yield each needed component after its place in the recipe, such as ``depends.link.0``."""
        for field, names in (("build", self.build), ("link", self.link), ("runtime", self.runtime)):
            for number, name in enumerate(names):
                yield f"depends.{field}.{number}", name


class Payload(Strict):
    """What of the installed files becomes the component; globs are relative to the scope."""

    remove: tuple[Text, ...] = ()
    must_contain: tuple[RelPath, ...] = ()
    strip: bool = True


class ComponentTest(Strict):
    """A command run in a clean root with only the component's shipped dependencies.

    ``expect`` is a substring that standard output or standard error must contain.
    """

    run: Argv
    expect: Text | None = None
    timeout_s: Annotated[int, Field(gt=0)] = 60


class Checks(Strict):
    """Opt-outs: name of a check, or `name:detail` for one kind of its findings → glob below the prefix → the reason."""

    skip: dict[OptOut, dict[Text, Text]] = {}


class Recipe(Strict):
    """One component, exactly as its recipe.yml states it."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    name: Name
    version: Text
    description: Text
    homepage: Text | None = None
    license: Text
    license_files: Annotated[tuple[RelPath, ...], Field(min_length=1)]
    sources: tuple[Source, ...] = ()
    patches: tuple[RelPath, ...] = ()
    depends: Depends = Depends()
    environment: dict[Text, Text] = {}
    build: dict[Text, Any]
    payload: Payload = Payload()
    tests: tuple[ComponentTest, ...] = ()
    checks: Checks = Checks()
    cpe: Text | None = None

    @model_validator(mode="after")
    def _kind_named(self) -> Recipe:
        if not isinstance(self.build.get("kind"), str):
            msg = "build.kind is missing: it names the file in kinds/ that knows how to build this"
            raise ValueError(msg)  # noqa: TRY004 - as above
        return self
