"""Writes and verifies the packages of one specification, all formats at once."""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from omnibuild.files import sha256_of
from omnibuild.packaging.contents import Format
from omnibuild.packaging.nfpm import write_package
from omnibuild.packaging.scripts import check_scripts
from omnibuild.packaging.spec import PackageSpec, refuse_too_large
from omnibuild.packaging.verify import verify_package


@dataclass(frozen=True, slots=True)
class BuiltPackage:
    """A finished, verified package; ``seconds`` is what writing and verifying it took."""

    path: Path
    format: Format
    sha256: str
    size: int
    seconds: float


def build_packages(
    spec: PackageSpec, *, formats: tuple[Format, ...] = tuple(Format), output: Path
) -> tuple[BuiltPackage, ...]:
    """Write the package in each format into the folder ``output``; a name there is replaced.

    The formats run side by side: a deb of 1 GiB takes 0.9 GB of memory, an rpm 0.3 GB. A
    package appears under its name only after it was read back and compared. Raises
    InvalidInput for what a format cannot express, PackagingFailed, PackageMismatch.
    """
    check_scripts(spec.scripts)
    for item in formats:
        refuse_too_large(spec, item)
    output.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix=".packaging-", dir=output.absolute()) as work,
        ThreadPoolExecutor(max_workers=len(formats)) as pool,
    ):
        return tuple(pool.map(lambda item: _build(spec, item, Path(work), output), formats))


def _build(spec: PackageSpec, package_format: Format, work: Path, output: Path) -> BuiltPackage:
    started = time.monotonic()
    folder = work / package_format
    folder.mkdir()
    written = write_package(spec, package_format, folder)
    with ThreadPoolExecutor(max_workers=1) as pool:
        sha256 = pool.submit(sha256_of, written)
        verify_package(spec, package_format, written)
    path = written.replace(output / written.name)
    return BuiltPackage(path, package_format, sha256.result(), path.stat().st_size, time.monotonic() - started)
