"""The processes that descend from one, found again by their start and never mistaken."""

from __future__ import annotations

import subprocess

from chef_backend.base.clock import SystemClock, wait_for
from chef_backend.supervise.tree import ProcessTree


def test_descendants_are_found_and_killed() -> None:
    """A grandchild too, which goes on when its parents have ended."""
    script = "sh -c 'sleep 1000 & echo $!; wait' & wait"
    with subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        grandchild = int(process.stdout.readline())
        tree, other = ProcessTree(process.pid), ProcessTree(grandchild)
        assert {process.pid, grandchild} <= set(tree.alive())
        process.kill()
        process.wait()
        assert process.pid not in tree.alive()
        assert grandchild in tree.alive()
        tree.kill()
        wait_for("all to end", lambda: not tree.alive() and not other.alive(), within_s=10, clock=SystemClock())


def test_a_process_that_never_was_has_no_descendants() -> None:
    tree = ProcessTree(2**22 + 1)
    assert tree.alive() == ()
    tree.kill()
