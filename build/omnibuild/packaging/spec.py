"""One package to be written: everything that its formats have in common, and where they differ."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from omnibuild.errors import InvalidInput
from omnibuild.lineup.model import Lineup
from omnibuild.packaging.contents import Content, ContentKind, Format, of_format, parents
from omnibuild.packaging.depends import SystemNeeds, depends_of

GIB = 1 << 30

# rpm's payload is a cpio archive ("newc"), whose size field has 8 hex digits.
RPM_FILE_LIMIT = 4 * GIB - 1
# A deb is an ar archive, whose size field has 10 decimal digits, and its data is one member.
DEB_DATA_LIMIT = 10**10 - 1

# Debian 11's dpkg (1.20) cannot read zstd, so a deb that is to install there is gzip; level 1
# is the one that is quick (docs/performance.md). EL 8's rpm (4.14) and later ones read zstd.
COMPRESSION = {Format.DEB: "gzip:1", Format.RPM: "zstd:3"}

_VERSION = re.compile(r"[0-9][A-Za-z0-9.+~]*")
_RELEASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+~]*")


@dataclass(frozen=True)
class PackageSpec:
    """What is packaged, under which name, with which requirements and maintainer scripts.

    ``scripts`` maps preinstall, postinstall, preremove and postremove to files of the host.
    ``compression`` is nfpm's word for it by format. ``source_date_epoch`` (seconds) is the
    time of every path and of the package itself.
    """

    name: str
    version: str
    release: str
    summary: str
    description: str
    maintainer: str
    vendor: str
    homepage: str
    license: str
    source_date_epoch: int
    contents: tuple[Content, ...]
    architecture: str = "amd64"
    section: str = "misc"
    priority: str = "optional"
    depends: Mapping[Format, tuple[str, ...]] = field(default_factory=dict)
    conflicts: tuple[str, ...] = ()
    scripts: Mapping[str, Path] = field(default_factory=dict)
    compression: Mapping[Format, str] = field(default_factory=lambda: dict(COMPRESSION))

    def __post_init__(self) -> None:
        """Refuse what deb or rpm cannot say as a version."""
        for name, value, pattern in (("version", self.version, _VERSION), ("release", self.release, _RELEASE)):
            if not pattern.fullmatch(value):
                raise InvalidInput(
                    f"{name} {value!r} is none that both deb and rpm accept",
                    hint="use letters, digits, '.', '+' and '~' ('~rc1' sorts before the release); no '-'",
                )

    @property
    def full_version(self) -> str:
        """The version with the release, as both formats compare it."""
        return f"{self.version}-{self.release}"

    def file_name(self, package_format: Format) -> str:
        """Return the name by which apt and rpm expect the package's file."""
        match package_format:
            case Format.DEB:
                return f"{self.name}_{self.version}-{self.release}_{self.architecture}.deb"
            case Format.RPM:
                return f"{self.name}-{self.version}-{self.release}.{RPM_ARCHITECTURES[self.architecture]}.rpm"


RPM_ARCHITECTURES = {"amd64": "x86_64", "arm64": "aarch64"}


def spec_of(lineup: Lineup, contents: tuple[Content, ...], needs: SystemNeeds, repository: Path) -> PackageSpec:
    """Return the specification of a line-up's package."""
    package = lineup.package
    declared = {Format(name): items for name, items in package.depends.items()}
    scripts = {hook: path for hook, path in package.scripts.model_dump().items() if path is not None}
    if scripts:
        # Every Debian system has it; an rpm must say so, or its scripts may run too early.
        declared[Format.RPM] = ("/bin/sh", *declared.get(Format.RPM, ()))
    return PackageSpec(
        name=lineup.name,
        version=lineup.version,
        release=package.release,
        summary=package.summary,
        description=package.description,
        maintainer=package.maintainer,
        vendor=package.vendor,
        homepage=package.homepage,
        license=package.license,
        source_date_epoch=lineup.source_date_epoch,
        contents=contents,
        architecture=lineup.architecture,
        section=package.section,
        priority=package.priority,
        depends={item: depends_of(needs, item, declared.get(item, ())) for item in Format},
        conflicts=package.conflicts,
        scripts={hook: (repository / path).absolute() for hook, path in scripts.items()},
    )


def refuse_too_large(spec: PackageSpec, package_format: Format) -> None:
    """Raise InvalidInput for contents beyond what the format's archive can express."""
    contents = of_format(spec.contents, package_format)
    match package_format:
        case Format.RPM:
            large = [f"{content.path} ({content.size} bytes)" for content in contents if content.size > RPM_FILE_LIMIT]
            if large:
                raise InvalidInput(
                    "rpm cannot hold a file of 4 GiB or more: " + ", ".join(large),
                    hint="split the file, or build the deb only (--format deb)",
                )
        case Format.DEB:
            total = sum(content.size for content in contents)
            if total > DEB_DATA_LIMIT:
                raise InvalidInput(
                    f"{total} bytes of files may not fit into a deb, whose data is limited to {DEB_DATA_LIMIT} bytes",
                    hint="split the package, or build the rpm only (--format rpm)",
                )


def implied_directories(spec: PackageSpec) -> frozenset[str]:
    """Return the parents that a deb lists although the package does not own them."""
    contents = of_format(spec.contents, Format.DEB)
    owned = {content.path for content in contents if content.kind is ContentKind.DIRECTORY}
    return frozenset(parent for content in contents for parent in parents(content.path)) - owned
