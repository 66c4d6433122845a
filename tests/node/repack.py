"""The built package under another version, or with a scriptlet that fails."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from omnibuild.packaging.build import build_packages
from omnibuild.packaging.contents import Content, ContentKind, Format
from omnibuild.packaging.spec import PackageSpec

_HOOKS = {"preinst": "preinstall", "postinst": "postinstall", "prerm": "preremove", "postrm": "postremove"}
# Written and read in seconds; what apt and rpm do with it is the same.
_QUICK = {Format.DEB: "none", Format.RPM: "zstd:1"}
_EPOCH = 1_795_478_400


class Repacker:
    """Unpacks a deb once, and makes others of it."""

    def __init__(self, deb: Path, folder: Path) -> None:
        self._tree = folder / "tree"
        self._control = folder / "control"
        self._folder = folder
        for option, place in (("--extract", self._tree), ("--control", self._control)):
            subprocess.run(["dpkg-deb", option, str(deb), str(place)], check=True)
        fields = subprocess.run(
            ["dpkg-deb", "--show", "--showformat", "${Version}", str(deb)], capture_output=True, text=True, check=True
        )
        self.version = fields.stdout
        self._contents = tuple(_contents(self._tree))

    def package(
        self,
        package_format: Format,
        version: str,
        *,
        change: Mapping[str, Callable[[str], str]] | None = None,
        whole: bool = True,
    ) -> Path:
        """Return the package as that version, made once; `change` rewrites scriptlets, by their Debian names.

        What is never unpacked need not be `whole`: then it holds its folders only.
        """
        folder = self._folder / "-".join((package_format, version, *(change or ()), "whole" if whole else "empty"))
        made = [*folder.glob(f"*.{package_format}")]
        if made:
            return made[0]
        folder.mkdir()
        scripts = {}
        for name, hook in _HOOKS.items():
            text = (self._control / name).read_text().replace(self.version, "@VERSION@")
            scripts[hook] = folder / name
            scripts[hook].write_text((change or {}).get(name, lambda same: same)(text))
        spec = PackageSpec(
            name="chef-backend",
            version=version,
            release="1",
            summary="the same package once more",
            description="Made by a test.",
            maintainer="The Maintainers <maintainers@example.org>",
            vendor="Example",
            homepage="https://example.org",
            license="Apache-2.0",
            source_date_epoch=_EPOCH,
            contents=tuple(self._with_manifest(version, folder) if whole else self._folders()),
            scripts=scripts,
            compression=_QUICK,
        )
        (built,) = build_packages(spec, formats=(package_format,), output=folder)
        return built.path

    def _folders(self) -> list[Content]:
        return [item for item in self._contents if item.kind is ContentKind.DIRECTORY]

    def _with_manifest(self, version: str, folder: Path) -> list[Content]:
        """Let the manifest inside tell the new version, too."""
        old = self._tree / "opt/chef-backend/version-manifest.json"
        manifest = folder / old.name
        upstream = self.version.rpartition("-")[0]
        text = old.read_text().replace(f'"build_version": "{upstream}"', f'"build_version": "{version}"')
        manifest.write_text(text)
        place = f"/{old.relative_to(self._tree)}"
        changed = {"source": manifest, "sha256": hashlib.sha256(text.encode()).hexdigest(), "size": len(text.encode())}
        return [replace(item, **changed) if item.path == place else item for item in self._contents]


def fails(text: str) -> str:
    """Let a scriptlet fail before it does anything, as one does on a full disk."""
    return text.replace("set -e\n", "set -e\necho 'this scriptlet fails' >&2\nexit 1\n", 1)


def _contents(tree: Path) -> list[Content]:
    """Return what is ours in an unpacked deb: the folders that lead there belong to others."""
    found = []
    for folder, folders, files in os.walk(tree):
        for name in sorted([*folders, *files]):
            source = Path(folder, name)
            path, status = f"/{source.relative_to(tree)}", source.lstat()
            if stat.S_ISLNK(status.st_mode):
                found.append(Content(path, ContentKind.SYMLINK, target=str(source.readlink())))
            elif stat.S_ISREG(status.st_mode):
                digest = hashlib.sha256(source.read_bytes()).hexdigest()
                mode = stat.S_IMODE(status.st_mode)
                found.append(Content(path, ContentKind.FILE, mode, "root", "root", source, digest, status.st_size))
            elif "chef-backend" in path:
                found.append(Content(path, ContentKind.DIRECTORY, stat.S_IMODE(status.st_mode)))
    return found
