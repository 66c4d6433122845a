"""The fallback where neither root's nor users' namespaces are allowed: the real prefix.

Dependencies are copied to the install root itself and /build becomes a link, for the time of
one build. One at a time: the prefix is the host's only one.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from omnibuild.component.environment import BUILD_DIR
from omnibuild.component.workspace import Workspace
from omnibuild.errors import HostLacks
from omnibuild.files import remove_tree
from omnibuild.sandbox.spec import Isolation
from omnibuild.store.local import LocalStore

_MARK = ".made-by-omnibuild"


@contextlib.contextmanager
def exposed(workspace: Workspace, store: LocalStore) -> Iterator[None]:
    """Make the workspace visible at its real paths while the context lasts.

    Does nothing where a sandbox does that. Raises HostLacks when the paths are taken by
    something else, or may not be made.
    """
    if workspace.isolation is not Isolation.NONE:
        yield
        return
    root, link = Path(workspace.install_root), Path(BUILD_DIR)
    lock = store.lock("unisolated")
    while not lock.try_acquire():
        time.sleep(0.2)
    try:
        try:
            _claim(root, link, workspace)
        except OSError as error:
            raise HostLacks(
                f"{error.filename}: {error.strerror}: without namespaces a build needs {root} and {link} for itself",
                hint="allow user namespaces, or build as root; see `omnibuild doctor`",
            ) from error
        yield
    finally:
        if (root / _MARK).exists():
            remove_tree(root)
        if link.is_symlink():
            link.unlink()
        lock.release()


def _claim(root: Path, link: Path, workspace: Workspace) -> None:
    if root.exists() and not (root / _MARK).exists() and any(root.iterdir()):
        raise HostLacks(f"{root}: exists and was not made by omnibuild", hint="build on a host without it installed")
    remove_tree(root)
    root.mkdir(parents=True)
    (root / _MARK).touch()  # first: a copy that is cut short must be known as ours
    shutil.copytree(workspace.directory / "lower", root, symlinks=True, dirs_exist_ok=True)
    if os.path.lexists(link):
        if not link.is_symlink():
            raise HostLacks(f"{link}: exists and is not omnibuild's link", hint=f"move {link} away")
        link.unlink()
    link.symlink_to(workspace.directory / "build")
