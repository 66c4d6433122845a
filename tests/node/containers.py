"""The Docker engine that test hosts run on: images made from debootstrap's roots, a network, and tidying up.

No image registry is asked for anything.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import docker
import docker.errors
from docker.models.containers import Container
from docker.models.images import Image
from docker.models.networks import Network
from outdated import outdated

from hosts import Host
from limits import SHIM, build_shim, raise_map_count
from product import Product
from roots import FORMAT, Roots, alone

LABEL = "chef-backend-test"
# What a node of a test has besides the minimal system; nothing of it is needed by the package.
PACKAGES = ("iproute2", "iputils-ping", "libnss-extrausers", "nftables", "procps", "systemd-sysv")
CAPABILITIES = ["NET_ADMIN", "SYS_ADMIN", "SYS_NICE", "SYS_PTRACE"]
INIT_TIMEOUT_S = 60


class EngineUnavailable(Exception):
    """No host can be made here: it says why."""


class Engine:
    """Makes hosts; everything made is removed by `close`, and by the next session where that was not reached.

    What a `session` with a name of its own makes stays.
    """

    def __init__(self, roots: Roots, *, session: str = "") -> None:
        if os.geteuid() != 0:
            raise EngineUnavailable("only root can make the images of hosts, and enter these")
        try:
            self.client = docker.from_env(timeout=120)
            self.client.ping()
        except docker.errors.DockerException as error:
            raise EngineUnavailable(f"no Docker engine answers (sh scripts/docker.sh starts one): {error}") from None
        self._roots = roots
        self._session = session or f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._network: Network | None = None
        self._remove_dead()
        raise_map_count()

    def image(self, suite: str, *, include: Iterable[str] = ()) -> str:
        """Return the tag of an image of a minimal Debian with systemd and `include`, made at the first call."""
        packages = sorted({*PACKAGES, *include})
        tarball_key = hashlib.sha256(f"{FORMAT} {packages}".encode()).hexdigest()[:12]
        tag = f"{LABEL}:{suite}-{tarball_key}"
        with alone(tag):
            if not self.client.images.list(name=tag):
                self._import(self._roots.tarball(suite, include=packages), tag)
        return tag

    def _import(self, tarball: Path, tag: str) -> None:
        with subprocess.Popen(["zstd", "--decompress", "--stdout", str(tarball)], stdout=subprocess.PIPE) as unpack:
            assert unpack.stdout is not None
            self.client.api.import_image_from_stream(
                unpack.stdout, repository=LABEL, tag=tag.partition(":")[2], changes=['CMD ["/sbin/init"]']
            )
        assert unpack.returncode == 0, tarball

    def prepared(self, base: str, key: str, prepare: Callable[[Host], None]) -> str:
        """Return the tag of an image that is `base` after `prepare`, made once for each `key`."""
        digest = hashlib.sha256(f"{base} {key}".encode()).hexdigest()[:12]
        tag = f"{base}-{digest}"
        with alone(tag):
            if not self.client.images.list(name=tag):
                self._commit(base, tag, prepare)
        return tag

    def _commit(self, base: str, tag: str, prepare: Callable[[Host], None]) -> None:
        host = self.start(base)
        prepare(host)
        host.container.stop(timeout=INIT_TIMEOUT_S)
        host.container.commit(repository=LABEL, tag=tag.partition(":")[2])
        host.remove()
        self._forget_old(f"{base}-")

    def _forget_old(self, prefix: str) -> None:
        """Remove the images whose packages were built anew since; not those in use."""
        found = [image for image in self.client.images.list(name=LABEL) if _tag(image).startswith(prefix)]
        made_at = {_tag(image): datetime.fromisoformat(image.attrs["Created"]) for image in found}
        for tag in outdated(made_at, datetime.now(UTC)):
            with suppress(docker.errors.APIError):  # a container uses it, or somebody else removed it
                self.client.images.remove(tag)

    def start(
        self, image: str, *, name: str = "", hostname: str = "backend-1", mounts: dict[Path, str] | None = None
    ) -> Host:
        """Start a host and return it when its systemd has nothing left to do; `mounts` are read-only."""
        volumes = {"/sys/fs/cgroup": {"bind": "/sys/fs/cgroup", "mode": "rw"}}
        volumes |= {str(path): {"bind": place, "mode": "ro"} for path, place in (mounts or {}).items()}
        container: Container = self.client.containers.run(
            image,
            ["/sbin/init", *(f"systemd.mask=apt-daily{timer}.timer" for timer in ("", "-upgrade"))],
            detach=True,
            name=name or None,
            hostname=hostname,
            network=self.network().name,
            labels={LABEL: self._session},
            cap_add=CAPABILITIES,
            security_opt=["seccomp=unconfined", "apparmor=unconfined"],
            cgroupns="host",
            # Docker switches it off where its own network has none.
            sysctls={"net.ipv6.conf.all.disable_ipv6": "0"},
            volumes=volumes,
            tmpfs={"/run": "", "/run/lock": ""},
            environment={"container": "docker"},
            # systemd's name for "shut down in order".
            stop_signal="SIGRTMIN+3",
        )
        host = Host(container)
        try:
            # Without it dpkg waits for the disk after each of the package's 30,000 files.
            host.write("/etc/dpkg/dpkg.cfg.d/quick", "force-unsafe-io\n")
            host.wait_until_booted()
        except BaseException:
            host.remove()
            raise
        return host

    def network(self) -> Network:
        """Return this session's own network."""
        if self._network is None:
            name = f"{LABEL}-{self._session}"
            made = self.client.networks.list(names=[name])
            labels = {LABEL: self._session}
            self._network = made[0] if made else self.client.networks.create(name, driver="bridge", labels=labels)
        return self._network

    def close(self) -> None:
        """Remove this session's containers and network; images stay for the next."""
        self._remove(self._session)

    def _remove_dead(self) -> None:
        """Remove what sessions left that no longer run."""
        with alone("dead-sessions"):
            things = self.client.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True)
            sessions = {thing.labels[LABEL] for thing in things}
            sessions |= {item.attrs["Labels"][LABEL] for item in self.client.networks.list(filters={"label": LABEL})}
            for session in sessions:
                pid = session.partition("-")[0]
                if pid.isdecimal() and not Path("/proc", pid).exists():
                    self._remove(session)

    def _remove(self, session: str) -> None:
        label = f"{LABEL}={session}"
        for container in self.client.containers.list(all=True, filters={"label": label}):
            container.remove(force=True, v=True)
        for network in self.client.networks.list(filters={"label": label}):
            network.remove()


def _tag(image: Image) -> str:
    return next(iter(image.tags), "")


def installed_image(engine: Engine, product: Product, suite: str) -> str:
    """Return the image of a host on which apt has installed the deb, kept for as long as the deb is the same."""
    with product.deb.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()

    def install(host: Host) -> None:
        (path,) = host.put(product.deb, into="/var/tmp")
        host.sh(f"apt-get install -y --no-install-recommends {path} && rm {path}", timeout_s=600)
        with tempfile.TemporaryDirectory() as folder:
            host.put(build_shim(Path(folder)), into=str(Path(SHIM).parent))

    return engine.prepared(engine.image(suite), digest, install)
