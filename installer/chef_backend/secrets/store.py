"""The secrets file on this node: found, trusted, and completed."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chef_backend.base.atomic import read_at
from chef_backend.base.errors import InvalidSecrets, NotPermitted
from chef_backend.base.folders import opened_parent
from chef_backend.secrets.generate import Entropy, complete
from chef_backend.secrets.model import Secrets
from chef_backend.secrets.modes import SECRETS_FILE
from chef_backend.secrets.parse import parse

_LIMIT = 1 << 20
_TOO_OPEN = stat.S_IRWXO | stat.S_IWGRP


@dataclass(frozen=True, slots=True)
class Loaded:
    """The secrets; `made` names the values that were not in the file, which is yet to be written with them."""

    secrets: Secrets
    made: tuple[str, ...] = ()
    warning: str = ""


def load(
    path: Path,
    *,
    configured: bool,
    is_ours: Callable[[bytes], bool] = lambda _content: False,
    entropy: Entropy = os.urandom,
) -> Loaded:
    """Return the secrets of the file, with those it lacks made; nothing is written.

    A node that is `configured` never gets new ones in place of a file that is gone: its databases know the old.
    A file that others may read is refused, unless its content `is_ours`: then the next writing closes it again.
    Raises InvalidSecrets and NotPermitted.
    """
    found = _read(path)
    if found is None:
        if configured:
            raise InvalidSecrets(
                f"{path} is gone, and this node is configured with what it held",
                hint="copy it from another node of the cluster, or from a backup; it is never made anew",
            )
        secrets, made = complete({}, entropy)
        return Loaded(secrets, made)
    content, mode = found
    warning = ""
    if mode & _TOO_OPEN:
        warning = f"{path} has mode {mode:04o}: others than root and its group may have read or changed it"
        if not is_ours(content):
            raise InvalidSecrets(warning, hint=_too_open_hint(path))
    secrets, made = complete(parse(content, str(path)), entropy)
    return Loaded(secrets, made, warning)


def _read(path: Path) -> tuple[bytes, int] | None:
    """Return content and mode, None when there is no file."""
    try:
        with opened_parent(path) as folder:
            content = read_at(folder, path.name, path, _LIMIT)
            found = os.stat(path.name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    except PermissionError:
        raise NotPermitted(f"{path} may not be read", hint="run the command as root") from None
    except OSError as error:
        raise InvalidSecrets(f"{path} could not be read: {error.strerror}", hint=f"look at it: ls -ld {path}") from None
    return content, stat.S_IMODE(found.st_mode)


def _too_open_hint(path: Path) -> str:
    return (
        f"if nobody else had access: chown root:{SECRETS_FILE.group} {path} && chmod 0640 {path} "
        f"(chown root:root where there is no group {SECRETS_FILE.group} yet); otherwise use other passwords"
    )
