"""The .note.package section of every ELF file we link: which component it came from.

Format: https://systemd.io/ELF_PACKAGE_METADATA/. The note is a small object that a wrapper
around ``ld`` adds to each link. gcc finds the wrapper through COMPILER_PATH, so no compiler
flag is recorded anywhere, and old binutils (before 2.39's --package-metadata) can do it too.
"""

from __future__ import annotations

import json

from omnibuild.component.environment import TOOLS_DIR
from omnibuild.recipe.model import Recipe

NOTE_TYPE = 0xCAFE1A7E
OBJECT = f"{TOOLS_DIR}/note.o"
SOURCE = f"{TOOLS_DIR}/note.s"

LD_WRAPPER = f"""#!/bin/sh
# A relocatable link (-r) is the input of another link, which gets the note itself.
for argument in "$@"; do
  case $argument in -r | -i | --relocatable) exec /usr/bin/ld "$@" ;; esac
done
exec /usr/bin/ld "$@" {OBJECT}
"""


def note_json(recipe: Recipe, *, product: str, architecture: str) -> str:
    """Return the note's document for a component."""
    document = {"type": product, "name": recipe.name, "version": recipe.version, "architecture": architecture}
    if recipe.cpe:
        document["appCpe"] = recipe.cpe
    return json.dumps(document, separators=(",", ":"))


def assembly(document: str) -> str:
    """Return the assembler source of the note's object file."""
    escaped = document.replace("\\", "\\\\").replace('"', '\\"')
    return (
        '\t.section .note.package,"a",%note\n\t.balign 4\n'
        f"\t.long 4\n\t.long 2f-1f\n\t.long {NOTE_TYPE:#x}\n"
        f'\t.asciz "FDO"\n1:\t.asciz "{escaped}"\n2:\n\t.balign 4\n'
        '\t.section .note.GNU-stack,"",%progbits\n'
    )
