"""The built product's files at their place, for tests that run its programs on this host."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest
from postgres import Installation, running_installation
from prefix import INSTALL

from omnibuild.sandbox import syscalls
from product import Product, find_product


@pytest.fixture(scope="session", autouse=True)
def installed_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Unpack the built deb below /opt, where only this process and its children see it; use what is there else."""
    if (INSTALL / "embedded").is_dir():
        yield
        return
    product = find_product()
    if not isinstance(product, Product):
        pytest.skip(product)
    if os.geteuid() != 0:
        pytest.skip(f"{INSTALL} is not there, and only root can mount the built package's files at it")
    tree = tmp_path_factory.mktemp("product")
    subprocess.run(["dpkg-deb", "--extract", product.deb, tree], check=True)
    tree.chmod(0o755)
    # It stays: the removal of a mount point ends the mounts of other sessions there.
    INSTALL.mkdir(parents=True, exist_ok=True)
    syscalls.unshare(syscalls.CLONE_NEWNS)
    # Not private, which would hold on to mounts that others end meanwhile, such as those of containers.
    syscalls.mount("none", "/", None, syscalls.MS_REC | syscalls.MS_SLAVE)
    syscalls.mount(str(tree / "opt/chef-backend"), str(INSTALL), None, syscalls.MS_BIND)
    yield
    syscalls.detach(str(INSTALL))
    subprocess.run(["rm", "-rf", tree], check=True)


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """A PostgreSQL made as a reconfigure makes it, running under runsv."""
    if os.geteuid() != 0:
        pytest.skip("only root can run a service as another user")
    with running_installation() as found:
        yield found
