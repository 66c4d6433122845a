"""Secrets made where there are none: once for a cluster."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Mapping
from typing import Any

from chef_backend.secrets.model import CLUSTER_NAME, PLACES, Secrets

Entropy = Callable[[int], bytes]
_PASSWORD_BYTES = 50
_NAME_BYTES = 4


def complete(document: Mapping[str, Any], entropy: Entropy = os.urandom) -> tuple[Secrets, tuple[str, ...]]:
    """Return the secrets with every missing one made, and the dotted names of those; what is there stays as it is."""
    filled: dict[str, Any] = copy.deepcopy(dict(document))
    made = []
    for section, key in PLACES:
        values = filled.setdefault(section, {})
        if key not in values:
            values[key] = _made((section, key), entropy)
            made.append(f"{section}.{key}")
    return Secrets.of(filled), tuple(made)


def _made(place: tuple[str, str], entropy: Entropy) -> str:
    if place == CLUSTER_NAME:
        return f"ChefBackend-{entropy(_NAME_BYTES).hex()}"
    return entropy(_PASSWORD_BYTES).hex()
