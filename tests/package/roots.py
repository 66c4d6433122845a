"""Clean Linux roots to install packages in, made once and thrown away per test.

A root is a debootstrapped Debian, cached as a tarball below $XDG_CACHE_HOME. Each test gets
an overlay over it; each command runs in mount, pid, uts and ipc namespaces of its own, so
that nothing stays mounted and no process survives the command.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

# Raise it when the way a root is made changes: it is part of the cached tarball's name.
FORMAT = 2
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LC_ALL": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive",
}

# $1 root, $2 base, $3 changes, $4 work, $5 "network" or "isolated", then the command. A base of ""
# means that the root is a plain copy. The loopback device of a new network starts down.
_ENTER = """
set -eu
root=$1 base=$2 changes=$3 work=$4 network=$5; shift 5
if [ -n "$base" ]; then mount -t overlay overlay -o "lowerdir=$base,upperdir=$changes,workdir=$work" "$root"; fi
if [ "$network" = isolated ]; then ip link set lo up; else cp -L /etc/resolv.conf "$root/etc/resolv.conf"; fi
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys" 2>/dev/null || mount --rbind /sys "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
mkdir "$root/dev/shm" "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
for name in null zero full random urandom tty; do
    touch "$root/dev/$name"; mount --bind "/dev/$name" "$root/dev/$name"
done
ln -s /proc/self/fd "$root/dev/fd"
hostname test-root
exec chroot "$root" "$@"
"""


class RootUnavailable(Exception):
    """This machine cannot make a root: it says why."""


@dataclass
class Root:
    """A writable root; ``path`` shows its files only where it is a copy, see ``read``."""

    base: Path
    folder: Path
    overlay: bool = True
    environment: Mapping[str, str] = field(default_factory=lambda: dict(ENVIRONMENT))

    def run(
        self, *argv: str, network: bool = False, check: bool = True, timeout_s: int = 600
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the root, one at a time; its stdout and stderr come together as ``stdout``.

        Raises AssertionError with its output if it fails and ``check`` is on.
        """
        unshare = ["unshare", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child"]
        unshare += ["--propagation=private", *([] if network else ["--net"])]
        mounted = self.folder / "root"
        base = str(self.base) if self.overlay else ""
        places = [str(mounted), base, str(self.folder / "changes"), str(self.folder / "work")]
        done = subprocess.run(
            [*unshare, "sh", "-c", _ENTER, "enter", *places, "network" if network else "isolated", *argv],
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
        if check:
            assert done.returncode == 0, f"{' '.join(argv)}: exit code {done.returncode}\n{done.stdout}"
        return done

    def sh(self, script: str, *, network: bool = False, check: bool = True, timeout_s: int = 600) -> str:
        """Run a shell script that stops at its first failing command; return its output."""
        return self.run("sh", "-euc", script, network=network, check=check, timeout_s=timeout_s).stdout

    def put(self, *files: Path, into: str = "/packages") -> list[str]:
        """Copy the host's files into a folder of the root; return their paths there."""
        # Written to and emptied from inside, the folder is in the overlay's upper layer with its own mode.
        self.sh(f"mkdir -p {into}; touch {into}/.put; rm {into}/.put")
        place = self.folder / ("changes" if self.overlay else "root") / into.strip("/")
        return [f"{into}/{Path(shutil.copy(file, place)).name}" for file in files]

    def files(self, *below: str) -> set[str]:
        """Return every path below these folders of the root."""
        found = self.run("find", *(below or ("/",)), "-xdev", check=False).stdout
        return {line for line in found.splitlines() if line.startswith("/")}


class Roots:
    """Makes roots by suite and keeps their unpacked bases for one test session."""

    def __init__(self, folder: Path, cache: Path | None = None) -> None:
        self.folder = folder
        self.cache = cache or cache_folder()

    def debian(self, suite: str, *, include: Iterable[str] = ()) -> Root:
        """Return a fresh Debian root with ``include`` installed besides the minimal system."""
        require_root("debootstrap", "unshare", "chroot", "tar", "zstd", "ip")
        base = self._base(suite, tuple(sorted(include)))
        folder = Path(tempfile.mkdtemp(prefix=f"{suite}-", dir=self.folder))
        for name in ("root", "changes", "work"):
            (folder / name).mkdir()
        # An overlay's root takes the mode of its upper folder, which mkdtemp made for us alone.
        (folder / "changes").chmod(0o755)
        if _overlay_works(base, folder):
            return Root(base, folder)
        subprocess.run(["cp", "-a", f"{base}/.", str(folder / "root")], check=True)
        return Root(base, folder, overlay=False)

    def tarball(self, suite: str, *, include: Iterable[str] = ()) -> Path:
        """Return a Debian root as a tarball, made at the first call and kept for later sessions."""
        require_root("debootstrap", "tar", "zstd")
        packages = tuple(sorted(include))
        return self._tarball(suite, packages, "-".join((suite, *packages)))

    def _base(self, suite: str, include: tuple[str, ...]) -> Path:
        name = "-".join((suite, *include))
        base = self.folder / f"base-{name}"
        if not base.is_dir():
            unfinished = Path(tempfile.mkdtemp(prefix="unpack-", dir=self.folder))
            unfinished.chmod(0o755)
            tarball = self._tarball(suite, include, name)
            subprocess.run(
                ["tar", "--extract", "--numeric-owner", f"--file={tarball}", f"--directory={unfinished}"],
                check=True,
            )
            # Without it dpkg waits for the disk after each of the package's files.
            (unfinished / "etc/dpkg/dpkg.cfg.d/quick").write_text("force-unsafe-io\n")
            unfinished.rename(base)
        return base

    def _tarball(self, suite: str, include: tuple[str, ...], name: str) -> Path:
        tarball = self.cache / f"{name}.v{FORMAT}.tar.zst"
        with alone(tarball.name, self.cache):
            if not tarball.is_file():
                self._pack(suite, include, tarball)
        return tarball

    def _pack(self, suite: str, include: tuple[str, ...], tarball: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="debootstrap-", dir=self.folder) as place:
            _debootstrap(suite, include, Path(place))
            unfinished = tarball.with_suffix(f".{os.getpid()}")
            argv = ["tar", "--create", "--zstd", "--numeric-owner", "--one-file-system"]
            argv += [f"--file={unfinished}", f"--directory={place}", "."]
            subprocess.run(argv, check=True)
            unfinished.rename(tarball)


def cache_folder() -> Path:
    """Return where roots are kept between sessions."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "omnibuild-tests" / "roots"


@contextmanager
def alone(what: str, folder: Path | None = None) -> Iterator[None]:
    """Let no other process of tests make the same at the same time; who waited finds it made."""
    place = folder or cache_folder()
    place.mkdir(parents=True, exist_ok=True)
    with (place / f".{what}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def mirror() -> str:
    """Return the Debian mirror that this host's apt uses (its security archive is no full mirror)."""
    if shutil.which("apt-get") is None:
        raise RootUnavailable("no apt-get: this host names no Debian mirror")
    argv = ["apt-get", "indextargets", "--format", "$(SITE) $(COMPONENT) $(LABEL)", "Created-By: Packages"]
    listed = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60).stdout
    for line in listed.splitlines():
        site, component, label = (*line.split(maxsplit=2), "", "")[:3]
        if component == "main" and label in {"Debian", ""}:
            return site
    raise RootUnavailable("apt's sources name no Debian mirror with the component main")


def require_root(*programs: str) -> None:
    """Raise RootUnavailable unless this process is root and has these programs."""
    if os.geteuid() != 0:
        raise RootUnavailable("only root can make a chroot with its own mounts")
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        raise RootUnavailable(f"not installed: {', '.join(missing)} (apt-get install debootstrap zstd iproute2)")


def _debootstrap(suite: str, include: tuple[str, ...], place: Path) -> None:
    place.chmod(0o755)
    argv = ["debootstrap", "--variant=minbase", *([f"--include={','.join(include)}"] if include else [])]
    argv += [suite, str(place), mirror()]
    done = subprocess.run(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise RootUnavailable(f"{' '.join(argv)}: exit code {done.returncode}\n{done.stdout[-2000:]}")
    shutil.rmtree(place / "var/cache/apt/archives", ignore_errors=True)
    (place / "var/cache/apt/archives/partial").mkdir(parents=True)


def _overlay_works(base: Path, folder: Path) -> bool:
    """An overlay cannot lie on some file systems, another overlay among them."""
    places = f"lowerdir={base},upperdir={folder / 'changes'},workdir={folder / 'work'}"
    argv = ["unshare", "--mount", "mount", "-t", "overlay", "overlay", "-o", places, str(folder / "root")]
    return subprocess.run(argv, capture_output=True, check=False).returncode == 0
