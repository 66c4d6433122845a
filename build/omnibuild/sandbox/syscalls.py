"""The Linux calls that Python 3.11 lacks, by ctypes: unshare, mount, pivot_root, inotify.

Imported by init.py in the child, so standard library only. Every function raises OSError.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import struct

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_REMOUNT = 32
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18
MS_SLAVE = 1 << 19
MNT_DETACH = 2

IN_OPEN = 0x20
IN_Q_OVERFLOW = 0x4000
IN_ISDIR = 0x40000000

_PR_SET_PDEATHSIG = 1
_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000
_MOUNT_ATTR_RDONLY = 1
_SIGNALS = range(1, 65)
_SYS_RT_SIGACTION = {"x86_64": 13, "aarch64": 134}
_SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_SYS_MOUNT_SETATTR = 442  # the same number on every architecture (Linux 5.12)

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{os.strerror(number)}: {what}")
    return result


def unshare(flags: int) -> None:
    """Move this process into new namespaces, see unshare(2)."""
    _check(_libc.unshare(flags), "unshare")


def mount(source: str, target: str, fstype: str | None, flags: int, options: str | None = None) -> None:
    """Mount, see mount(2)."""
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, fstype, options)]
    result = _libc.mount(encoded[0], encoded[1], encoded[2], ctypes.c_ulong(flags), encoded[3])
    _check(result, f"mount {fstype or 'bind'} {source} on {target}")


def detach(target: str) -> None:
    """Unmount lazily, see umount2(2)."""
    _check(_libc.umount2(os.fsencode(target), MNT_DETACH), f"umount {target}")


def make_read_only(target: str) -> None:
    """Make a mount and all mounts below it read-only, see mount_setattr(2)."""
    attributes = struct.pack("QQQQ", _MOUNT_ATTR_RDONLY, 0, 0, 0)
    result = _libc.syscall(
        _SYS_MOUNT_SETATTR, _AT_FDCWD, os.fsencode(target), _AT_RECURSIVE, attributes, ctypes.c_size_t(len(attributes))
    )
    _check(result, f"mount_setattr {target}")


def pivot_root(new_root: str) -> None:
    """Make ``new_root`` the root and drop the old one, see pivot_root(2), the "." idiom."""
    os.chdir(new_root)
    _check(_libc.syscall(_SYS_PIVOT_ROOT[platform.machine()], b".", b"."), "pivot_root")
    detach(".")
    os.chdir("/")


def die_with_parent(number: int) -> None:
    """Ask the kernel to send signal ``number`` when the parent ends, see prctl(2)."""
    _check(_libc.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0), "prctl")


def default_signals() -> None:
    """Set every signal to its default action, 32 and 33 too, which glibc keeps and refuses to set.

    An ignored signal stays ignored in what a process executes, see signal(7); a Go program that
    is told to ignore all ignores these two as well.
    """
    action = bytes(32)  # SIG_DFL, no flags, no restorer, an empty mask: struct sigaction of the kernel
    for number in _SIGNALS:
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            _check(_libc.syscall(_SYS_RT_SIGACTION[platform.machine()], number, action, None, 8), f"signal {number}")


def inotify() -> int:
    """Return a non-blocking inotify descriptor."""
    return _check(_libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC), "inotify_init1")


def watch(descriptor: int, directory: str, mask: int) -> int:
    """Watch a directory; return the watch's number."""
    return _check(_libc.inotify_add_watch(descriptor, os.fsencode(directory), ctypes.c_uint32(mask)), directory)
