"""Reads chef-backend.rb from the disk."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from chef_backend.base.errors import ChefBackendError, NotPermitted
from chef_backend.config.facts import HostFacts
from chef_backend.config.load import load
from chef_backend.config.model import Settings
from chef_backend.config.problems import NOWHERE, ConfigInvalid, Problem

CONFIG_FILE: Final = Path("/etc/chef-backend/chef-backend.rb")
# A file of settings is a few kB: this is another file.
_LARGEST: Final = 2**18


def load_file(path: Path, facts: HostFacts) -> Settings:
    """Return what the file means on this node; a file that is not there means the defaults.

    ConfigInvalid with all its problems, NotPermitted when it cannot be read.
    """
    return load(_text(path), facts, str(path))


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST + 1)
    except FileNotFoundError:
        return ""
    except PermissionError as error:
        raise NotPermitted(f"{path} cannot be read: {error.strerror}", hint="run the command as root") from None
    except OSError as error:
        raise ChefBackendError(f"{path} cannot be read: {error.strerror}", hint="look at it with ls -l") from None
    if len(data) > _LARGEST:
        raise _invalid(path, f"is larger than {_LARGEST} bytes", "this is no file of settings")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _invalid(path, f"is not UTF-8 in line {line}", "save it as UTF-8") from None


def _invalid(path: Path, message: str, hint: str) -> ConfigInvalid:
    return ConfigInvalid(str(path), [Problem(str(path), NOWHERE, message, hint)])
