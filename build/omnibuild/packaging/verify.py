"""Compares a written package with what was asked for: each path, field and script, both ways."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from omnibuild.errors import PackageMismatch
from omnibuild.packaging.contents import FILES, Content, Format, of_format
from omnibuild.packaging.deb_reader import read_deb
from omnibuild.packaging.programs import Programs
from omnibuild.packaging.readback import Found, ReadBack
from omnibuild.packaging.rpm_reader import read_rpm
from omnibuild.packaging.scripts import rendered
from omnibuild.packaging.spec import RPM_ARCHITECTURES, PackageSpec, implied_directories

_SHOWN = 100


def verify_package(spec: PackageSpec, package_format: Format, package: Path, programs: Programs) -> None:
    """Read the package back; PackageMismatch lists every difference to ``spec``."""
    match package_format:
        case Format.DEB:
            found = read_deb(package, programs)
        case Format.RPM:
            found = read_rpm(package, programs)
    problems = sorted(differences(spec, package_format, found))
    if problems:
        more = [f"… and {len(problems) - _SHOWN} more"] if len(problems) > _SHOWN else []
        raise PackageMismatch(
            f"{package.name} differs from what was asked for:\n  " + "\n  ".join([*problems[:_SHOWN], *more]),
            hint="this is a defect of the packager or of omnibuild, or a file changed while it was packaged",
        )


def differences(spec: PackageSpec, package_format: Format, found: ReadBack) -> Iterator[str]:
    """Yield each difference between what was asked for and what was read back."""
    yield from found.complaints
    yield from (f"{path}: is in the package twice" for path in found.duplicates)
    yield from _path_differences(_wanted(spec, package_format), found)
    for name, wanted in _fields(spec, package_format).items():
        if found.fields.get(name) != wanted:
            yield f"field {name}: {found.fields.get(name)!r}, expected {wanted!r}"
    for hook in sorted(spec.scripts.keys() | found.scripts):
        if hook not in spec.scripts:
            yield f"script {hook}: unexpected"
        elif found.scripts.get(hook, b"").strip() != rendered(spec.scripts[hook], spec.full_version).strip():
            yield f"script {hook}: differs from {spec.scripts[hook]}"


def _path_differences(wanted: dict[str, Found], found: ReadBack) -> Iterator[str]:
    for path in sorted(wanted.keys() - found.paths):
        yield f"{path}: missing"
    for path in sorted(found.paths.keys() - wanted):
        yield f"{path}: unexpected {found.paths[path].kind}"
    for path in wanted.keys() & found.paths:
        if wanted[path] != found.paths[path]:
            for name in (item.name for item in dataclasses.fields(Found)):
                is_, should_be = getattr(found.paths[path], name), getattr(wanted[path], name)
                if is_ != should_be:
                    yield f"{path}: {name} {_show(name, is_)}, expected {_show(name, should_be)}"


def _wanted(spec: PackageSpec, package_format: Format) -> dict[str, Found]:
    wanted = {content.path: _expected(content, spec) for content in of_format(spec.contents, package_format)}
    if package_format is Format.DEB:
        directory = Found("directory", 0o755, "root", "root", "", 0, "", spec.source_date_epoch)
        wanted |= dict.fromkeys(implied_directories(spec), directory)
    return wanted


def _expected(content: Content, spec: PackageSpec) -> Found:
    is_file = content.kind in FILES
    return Found(
        content.kind,
        content.mode,
        content.owner,
        content.group,
        content.sha256 if is_file else "",
        content.size if is_file else 0,
        content.target,
        spec.source_date_epoch,
    )


def _fields(spec: PackageSpec, package_format: Format) -> dict[str, str]:
    release = spec.full_version
    match package_format:
        case Format.DEB:
            fields = {
                "Package": spec.name,
                "Version": release,
                "Architecture": spec.architecture,
                "Maintainer": spec.maintainer,
                "Homepage": spec.homepage,
                "Section": spec.section,
                "Priority": spec.priority,
                "Description": spec.summary,
                "Depends": ", ".join(spec.depends.get(package_format, ())),
                "Conflicts": ", ".join(spec.conflicts),
            }
            return {name: value for name, value in fields.items() if value}
        case Format.RPM:
            architecture = RPM_ARCHITECTURES[spec.architecture]
            provides = [f"{spec.name} = {release}", f"{spec.name}({architecture.replace('_', '-')}) = {release}"]
            return {
                "NAME": spec.name,
                "VERSION": spec.version,
                "RELEASE": spec.release,
                "ARCH": architecture,
                "SUMMARY": spec.summary,
                "DESCRIPTION": spec.description,
                "LICENSE": spec.license,
                "URL": spec.homepage,
                "VENDOR": spec.vendor,
                "PACKAGER": spec.maintainer,
                "BUILDHOST": "localhost",
                "BUILDTIME": str(spec.source_date_epoch),
                "Provides": "\n".join(provides),
                "Requires": "\n".join(spec.depends.get(package_format, ())),
                "Conflicts": "\n".join(spec.conflicts),
                "Capabilities": "",
            }


def _show(name: str, value: str | int) -> str:
    if name == "mode":
        return f"{value:04o}"
    return repr(str(value)) if isinstance(value, str) else repr(value)
