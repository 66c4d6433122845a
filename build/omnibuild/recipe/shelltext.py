"""Values reach a shell as arguments or environment, never inside its text.

Replaced in the text, a value with a quote or a space in it would be read as code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from omnibuild.recipe.variables import used

_TEXT_FOLLOWS = re.compile(r"-[a-z]*c")
_SHELLS = frozenset({"sh", "ash", "bash", "dash", "ksh", "zsh"})


def variables_in_text(argv: Sequence[object], where: str) -> Iterator[tuple[str, str]]:
    """Yield (dotted path, message) if a shell is given a text (``sh -c TEXT``) with variables in it."""
    if not argv or str(argv[0]).rpartition("/")[2] not in _SHELLS:
        return
    for number, (option, text) in enumerate(pairwise(argv), 1):
        if _TEXT_FOLLOWS.fullmatch(str(option)):
            for name in used(str(text)):
                message = f'{{{name}}} inside a shell\'s text; give it as an argument behind $0, and write "$1"'
                yield f"{where}.{number}", message
            return
