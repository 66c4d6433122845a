"""The beginning of a new recipe: every field that it needs, each with a word on what belongs there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

FILL = "FILL-IN"

_BUILDS = {
    "autotools": """\
  # configure --prefix={prefix}, make, make install
  kind: autotools
  # configure: [--disable-static]
  # program: [./config]        # when it is not called ./configure
  # make: [V=1]                # arguments of both make runs
""",
    "cmake": """\
  kind: cmake
  # configure: [-DBUILD_TESTING=OFF]
  # directory: build/cmake     # the folder of CMakeLists.txt
""",
    "golang": """\
  # the source's location is a `gomodule`: its closure is vendored, nothing is fetched while building
  kind: golang
  programs:
    bin/@NAME@: example.com/FILL-IN/@NAME@
""",
    "prebuilt": """\
  # published binaries, copied into place: path in the source: path below the prefix
  kind: prebuilt
  copy:
    "@NAME@": share/@NAME@
""",
    "python_wheel": """\
  kind: python_wheel
  packages: ["@NAME@=={version}"]
  build: [.]                   # folders of the source from which wheels are built
""",
    "script": """\
  # build.sh beside this file, run by sh -eu; it sees NAME VERSION PREFIX ROOT JOBS DESTDIR
  kind: script
""",
}
KINDS = tuple(_BUILDS)
_SCRIPT = """\
# Runs in the unpacked source, without a network; what it writes below $PREFIX is the component.
make -j"$JOBS"
make install PREFIX="$PREFIX" DESTDIR="$DESTDIR"
"""
_RECIPE = """\
# docs/reference/recipe.md has every field. Replace each FILL-IN, then: omnibuild recipe validate
schema: 1
name: @NAME@
version: "@VERSION@"           # quoted: YAML reads 9.10 as 9.1
description: FILL-IN
homepage: https://example.com/FILL-IN
license: FILL-IN               # an SPDX expression: https://spdx.org/licenses/
license_files: [LICENSE]       # in the source
sources:
  - sha256: FILL-IN            # sha256sum of the file, compared with upstream's own
    locations:                 # tried in order; write {version} where it stands
@LOCATION@
# depends:
#   build: []                  # needed to build, not shipped
#   link: []                   # needed to build and shipped
#   runtime: []                # shipped, not needed to build
build:
@BUILD@# payload:
#   remove: ["lib/*.a", share/man/**]
#   must_contain: [bin/@NAME@]
tests:                         # run in a clean root with what is declared above
  - run: ["{prefix}/bin/@NAME@", --version]
    expect: "{version}"
"""


def skeleton(name: str, version: str, kind: str, url: str) -> Mapping[str, str]:
    """Return the files of a new recipe's folder by name; what only a person knows is FILL-IN."""
    # A whole version only: that of 1 is not in 1.11.
    named = re.sub(rf"(?<!\d)(?<!\d\.){re.escape(version)}(?!\.?\d)", "{version}", url)
    location = f"      - url: {named}"
    if kind == "golang":
        location = f"      - gomodule: {{modules: {{example.com/{FILL}: v{version}}}}}"
    values = {"@BUILD@": _BUILDS[kind], "@LOCATION@": location, "@NAME@": name, "@VERSION@": version}
    text = _RECIPE
    for token, value in values.items():
        text = text.replace(token, value)
    return MappingProxyType({"recipe.yml": text} | ({"build.sh": _SCRIPT} if kind == "script" else {}))
