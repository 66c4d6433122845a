"""The mount table as the kernel writes it, and the mount that a path is on."""

from __future__ import annotations

from pathlib import Path

from chef_backend.health.mounts import Mount, mounted, mounts

TABLE = """\
344 288 0:101 / / rw,relatime master:5 - overlay overlay rw,lowerdir=/l/A:/l/B,upperdir=/u
346 344 0:105 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755
361 344 254:1 / /var rw,nodev shared:7 master:2 - ext4 /dev/vdb rw
362 361 0:60 / /var/opt/with\\040blank rw,noexec - nfs4 filer:/a\\040b rw,vers=4.2
363 361 254:2 / /var/opt rw - xfs /dev/vdc rw
364 363 0:61 / /var/opt rw - tmpfs tmpfs rw
not a line of it
"""


def test_the_table_is_read() -> None:
    """With optional fields or none, blanks in names, and what is no line left out."""
    found = mounts(TABLE)
    assert [mount.type for mount in found] == ["overlay", "tmpfs", "ext4", "nfs4", "xfs", "tmpfs"]
    assert found[3] == Mount(Path("/var/opt/with blank"), "nfs4", ("rw", "noexec"))


def test_a_path_is_on_the_deepest_mount_and_the_one_on_top() -> None:
    """A name that only begins alike is no folder above."""
    table = mounts(TABLE)
    assert mounted(Path("/var/opt/chef-backend"), table).type == "tmpfs"
    assert mounted(Path("/var/option"), table).type == "ext4"
    assert mounted(Path("/var"), table).type == "ext4"
    assert mounted(Path("/srv"), table).type == "overlay"
    assert mounted(Path("/srv"), ()) == Mount(Path("/"), "unknown")
