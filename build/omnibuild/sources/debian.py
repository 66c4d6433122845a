"""Location ``debian``: a file of a Debian source package, by package name.

apt finds it, with private lists but with the mirror, keys and proxies of this host; of all
versions the suite has, the one with the wanted file is taken. No root is needed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.parser import Parser
from urllib.parse import urlsplit

from omnibuild.files import sha256_of
from omnibuild.recipe.model import DebianPackage
from omnibuild.sources.apt import Apt
from omnibuild.sources.base import Fetched, LocationFailed, Request
from omnibuild.sources.url import Url
from omnibuild.sources.urls import plain_name

_PRINTED_URI = re.compile(r"^'([^']+)' (\S+) \d+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Stanza:
    """One version of a source package: its files with their sha256."""

    version: str
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class Debian:
    """One file of one source package of one suite."""

    spec: DebianPackage

    @property
    def label(self) -> str:
        """``debian``, suite, package and file."""
        return f"debian {self.spec.suite} {self.spec.package} {self.spec.file}"

    @property
    def file_name(self) -> str:
        """The file."""
        return plain_name(self.spec.file)

    def read(self, request: Request) -> Fetched:
        """Find the file's address through apt, and download it."""
        request.require_network()
        apt = Apt.of_suite(self.spec.suite, cache=request.cache, options=request.options)
        stanza = self._stanza(apt)
        request.compare_listed(stanza.files[self.spec.file], f"version {stanza.version}")
        pinned = f"{self.spec.package}={stanza.version}"
        printed = apt.get("--print-uris", "--only-source", "source", pinned)
        uris = {name: uri for uri, name in _PRINTED_URI.findall(printed)}
        uri = uris.get(self.spec.file, "")
        if urlsplit(uri).scheme in {"http", "https", "file"}:
            return Url(uri, self.spec.file, apt.proxies()).read(request)
        # A transport that only apt speaks (mirror+file:, cdrom:).
        apt.get("--download-only", "--only-source", "source", pinned, cwd=request.work)
        out = request.work / self.file_name
        return Fetched(out, sha256_of(out))

    def _stanza(self, apt: Apt) -> Stanza:
        for refresh in (False, True):
            apt.update(force=refresh)
            stanzas = parse_stanzas(apt.show_source(self.spec.package), self.spec.package)
            for stanza in stanzas:
                if self.spec.file in stanza.files:
                    return stanza
        if not stanzas:
            raise LocationFailed(f"{self.spec.suite} has no source package {self.spec.package}")
        offered = ", ".join(sorted({name for stanza in stanzas for name in stanza.files}))
        raise LocationFailed(f"{self.spec.suite} has other files of it now: {offered}")


def parse_stanzas(shown: str, package: str) -> list[Stanza]:
    """Read what ``apt-cache showsrc`` prints; of other packages (found by binary name) nothing."""
    stanzas: list[Stanza] = []
    for text in re.split(r"\n\s*\n", shown.strip()):
        fields = Parser().parsestr(text)
        if fields.get("Package") != package or "Version" not in fields:
            continue
        names = {line.split()[2]: "" for line in fields.get("Files", "").splitlines() if line.strip()}
        sums = {
            line.split()[2]: line.split()[0] for line in fields.get("Checksums-Sha256", "").splitlines() if line.strip()
        }
        stanzas.append(Stanza(fields["Version"], names | sums))
    return stanzas
