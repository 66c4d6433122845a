"""The build image: made by Docker from a Dockerfile, used as a plain file tree.

Only its *files* are needed: the sandbox shows them read-only as ``/`` and runs the recipes'
commands there (docs/decisions/0002-image-as-a-tree.md). Docker makes the image and exports it
once; building needs no Docker engine. A tree is kept below ``<store>/images/<key>``, where the
key covers the Dockerfile and the base's name.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import docker
from docker.errors import APIError, DockerException, ImageNotFound

from omnibuild.errors import BuildFailed, HostLacks, InvalidInput
from omnibuild.files import remove_tree, write_atomic

Log = Callable[[str], None]
_DEBOOTSTRAP_TIMEOUT_S = 1800


@dataclass(frozen=True, slots=True)
class ImageSpec:
    """A Dockerfile and the base it is told to use (empty: the Dockerfile's own default)."""

    dockerfile: Path
    base_image: str = ""

    @property
    def key(self) -> str:
        """The name of this image's tree in the store."""
        try:
            text = self.dockerfile.read_bytes()
        except OSError as error:
            raise InvalidInput(
                f"{self.dockerfile}: {error.strerror}", hint="give the Dockerfile of the build image"
            ) from error
        return hashlib.sha256(text + b"\0" + self.base_image.encode()).hexdigest()[:24]

    def tree(self, store: Path) -> Path:
        """Where the image's files lie once it is made."""
        return store / "images" / self.key / "rootfs"


def connect() -> docker.DockerClient:
    """Return a client of the local engine; HostLacks when none answers."""
    try:
        client = docker.from_env(timeout=600)
        client.ping()
    except DockerException as error:
        raise HostLacks(
            f"no Docker engine answers: {error}", hint="start it (systemctl start docker), or build with --native"
        ) from error
    return client


def make(spec: ImageSpec, store: Path, log: Log) -> Path:
    """Build the image if its tree is not in the store yet; return the tree.

    Raises BuildFailed when the Dockerfile fails, HostLacks without an engine.
    """
    tree = spec.tree(store)
    if (tree.parent / "image.json").is_file():
        return tree
    client = connect()
    tag = f"omnibuild-build:{spec.key}"
    _build(client, spec, tag, log)
    _export(client, tag, tree, log)
    identity = {
        "format": 1,
        "image": client.images.get(tag).id,
        "dockerfile": str(spec.dockerfile),
        "base": spec.base_image,
    }
    write_atomic(tree.parent / "image.json", (json.dumps(identity, indent=2) + "\n").encode())
    return tree


def has_image(name: str) -> bool:
    """Tell whether the engine has an image of this name."""
    try:
        connect().images.get(name)
    except ImageNotFound:
        return False
    return True


def bootstrap(suite: str, tag: str, mirror: str, log: Log) -> None:
    """Make a minimal Debian base image with debootstrap, where no image registry is reachable.

    ``mirror`` is the archive's address. Needs root. Raises HostLacks, BuildFailed.
    """
    if os.geteuid() != 0:
        raise HostLacks("debootstrap needs root", hint=f"run: sudo omnibuild image bootstrap {suite}")
    program = shutil.which("debootstrap")
    if program is None:
        raise HostLacks("debootstrap is not installed", hint="apt-get install debootstrap")
    with tempfile.TemporaryDirectory(prefix="omnibuild-bootstrap-") as work:
        root = f"{work}/root"
        _stream([program, "--variant=minbase", "--include=ca-certificates", suite, root, mirror], log)
        tar = Path(work) / "root.tar"
        _stream(["tar", "-C", root, "--numeric-owner", "--exclude=./dev/*", "-cf", str(tar), "."], log)
        repository, _, name = tag.partition(":")
        connect().api.import_image_from_file(str(tar), repository=repository, tag=name or "latest")
    log(f"base image {tag} is ready")


def _build(client: docker.DockerClient, spec: ImageSpec, tag: str, log: Log) -> None:
    arguments = {"BASE_IMAGE": spec.base_image} if spec.base_image else {}
    # The host's own network: apt inside must reach what apt on this host reaches.
    messages = client.api.build(
        fileobj=io.BytesIO(spec.dockerfile.read_bytes()),
        buildargs=arguments,
        tag=tag,
        rm=True,
        decode=True,
        network_mode="host",
    )
    try:
        _follow(messages, spec, log)
    except APIError as error:
        raise BuildFailed(f"{spec.dockerfile}: {error.explanation}") from error


def _follow(messages: Iterable[Mapping[str, Any]], spec: ImageSpec, log: Log) -> None:
    for message in messages:
        if "error" in message:
            raise BuildFailed(
                f"{spec.dockerfile}: {message['error'].strip()}",
                hint="without an image registry: omnibuild image bootstrap bullseye",
            )
        for line in str(message.get("stream", "")).splitlines():
            if line.strip():
                log(line)


def _export(client: docker.DockerClient, tag: str, tree: Path, log: Log) -> None:
    """Unpack the image's files; device nodes stay out, the sandbox has its own."""
    log(f"unpacking {tag}")
    remove_tree(tree)
    tree.mkdir(parents=True)
    container = client.containers.create(tag, ["true"])
    command = ["tar", "-x", "-C", str(tree), "--exclude=dev/*", "--no-same-owner", "--delay-directory-restore"]
    try:
        with subprocess.Popen(command, stdin=subprocess.PIPE) as unpacker:
            assert unpacker.stdin is not None  # noqa: S101 - stdin=PIPE
            for chunk in cast("Iterable[bytes]", container.export()):
                unpacker.stdin.write(chunk)
            unpacker.stdin.close()
            if unpacker.wait() != 0:
                raise BuildFailed(f"{tag}: its files could not be unpacked to {tree}")
    finally:
        container.remove()


def _stream(argv: list[str], log: Log) -> None:
    environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
    with subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as process:
        assert process.stdout is not None  # noqa: S101 - stdout=PIPE
        last = ""
        for line in process.stdout:
            last = line.rstrip()
            log(last)
        if process.wait(_DEBOOTSTRAP_TIMEOUT_S) != 0:
            raise BuildFailed(f"{argv[0]} ended with exit code {process.returncode}: {last}")
