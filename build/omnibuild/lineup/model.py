"""The shape of manifests/<line-up>.yml: the product, its package and its exact components."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from omnibuild import checknames
from omnibuild.recipe.model import Name, RelPath, Strict, Text


def _absolute(value: str) -> str:
    if not value.startswith("/") or value.endswith("/") or ".." in value.split("/"):
        msg = f"{value!r} must be an absolute path without a trailing slash or '..'"
        raise ValueError(msg)
    return value


def _octal(value: object) -> object:
    if not (isinstance(value, str) and value.startswith("0o")):
        msg = f'{value!r} must be a quoted octal mode, like "0o644"'
        raise ValueError(msg)
    return int(value, 8)


def _no_boolean(value: object) -> object:
    if isinstance(value, bool):
        msg = 'must be a quoted string, like "off": YAML reads an unquoted off as false'
        raise ValueError(msg)  # noqa: TRY004 - pydantic turns ValueError, not TypeError, into a located problem
    return value


def _rule(value: str) -> str:
    checknames.require(value, checknames.RULES)
    return value


AbsPath = Annotated[str, AfterValidator(_absolute)]
Mode = Annotated[int, BeforeValidator(_octal)]
Rule = Annotated[Text, AfterValidator(_rule)]
Tier = Annotated[Literal["error", "warning", "off"], BeforeValidator(_no_boolean)]


class Policy(Strict):
    """What the checks allow.

    ``glibc_max`` is the highest GLIBC_ symbol version a file may need; ``system_libraries``
    are the sonames that may come from outside the prefix; ``interpreters`` those that a
    script may start with besides ones inside the prefix; ``licenses`` the SPDX ids allowed.
    """

    glibc_max: Text
    system_libraries: tuple[Text, ...]
    interpreters: tuple[AbsPath, ...] = ("/bin/sh",)
    licenses: tuple[Text, ...]
    severity: dict[Rule, Tier] = {}


class ExtraFile(Strict):
    """A file of the repository that the package installs outside the components' trees."""

    source: RelPath
    path: AbsPath
    mode: Mode = 0o644
    owner: Text = "root"
    group: Text = "root"
    config: bool = False


class ExtraDirectory(Strict):
    """A directory that the package owns."""

    path: AbsPath
    mode: Mode = 0o755
    owner: Text = "root"
    group: Text = "root"


class Scripts(Strict):
    """Maintainer scripts, as files of the repository; each serves deb and rpm alike."""

    preinstall: RelPath | None = None
    postinstall: RelPath | None = None
    preremove: RelPath | None = None
    postremove: RelPath | None = None


class Package(Strict):
    """What the deb and the rpm say about themselves, and what they hold besides the prefix.

    ``release`` is the package revision. ``depends`` are requirements by format, added to those
    computed from the ELF files. ``links`` maps an absolute link to its target.
    """

    maintainer: Text
    vendor: Text
    homepage: Text
    summary: Text
    description: Text
    license: Text
    release: Text = "1"
    section: Text = "misc"
    priority: Text = "optional"
    depends: dict[Literal["deb", "rpm"], tuple[Text, ...]] = {}
    conflicts: tuple[Text, ...] = ()
    files: tuple[ExtraFile, ...] = ()
    directories: tuple[ExtraDirectory, ...] = ()
    links: dict[AbsPath, Text] = {}
    scripts: Scripts = Scripts()
    changelog: RelPath | None = None
    lintian_overrides: RelPath | None = None


class Lineup(Strict):
    """One product: ``root`` is what the package owns, ``prefix`` what components install to.

    ``components`` maps each shipped or build-only component to its exact version;
    ``shipped`` names the ones whose closure of link and runtime dependencies is packaged.
    ``source_date_epoch`` (seconds) is the time of every file in the package.
    """

    schema_: Annotated[Literal[1], Field(alias="schema")]
    name: Name
    version: Text
    architecture: Literal["amd64"] = "amd64"
    root: AbsPath
    prefix: AbsPath
    source_date_epoch: Annotated[int, Field(ge=0)]
    components: Annotated[dict[Name, Text], Field(min_length=1)]
    shipped: Annotated[tuple[Name, ...], Field(min_length=1)]
    environment: dict[Text, Text] = {}
    policy: Policy
    package: Package

    @model_validator(mode="after")
    def _prefix_inside(self) -> Lineup:
        if self.prefix != self.root and not self.prefix.startswith(f"{self.root}/"):
            msg = f"prefix {self.prefix!r} must be root ({self.root!r}) or a folder below it"
            raise ValueError(msg)
        return self

    @property
    def scope(self) -> str:
        """The prefix relative to the root, such as ``embedded`` (``.`` if they are one)."""
        return "." if self.prefix == self.root else self.prefix.removeprefix(f"{self.root}/")
