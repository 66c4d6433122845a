"""Makes the build image with a Docker engine, and exports its files into the store."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import docker
from docker.errors import APIError, DockerException, ImageNotFound

from omnibuild.errors import BuildFailed, HostLacks, OmnibuildError
from omnibuild.files import is_full, remove_tree, write_atomic
from omnibuild.image.tree import ImageSpec

Log = Callable[[str], None]


def connect() -> docker.DockerClient:
    """Return a client of the local engine; HostLacks when none answers."""
    try:
        client = docker.from_env(timeout=600)
        client.ping()
    except DockerException as error:
        raise HostLacks(
            f"no Docker engine answers: {error}",
            hint="start it (systemctl start docker), or build without --rootfs",
        ) from error
    return client


def make(spec: ImageSpec, store: Path, log: Log) -> Path:
    """Build the image and put its files into the store; return the tree.

    Raises BuildFailed when the Dockerfile fails, HostLacks without an engine.
    """
    client = connect()
    tree, tag = spec.tree(store), f"omnibuild-build:{spec.key}"
    _build(client, spec, tag, log)
    _export(client, tag, tree, log)
    identity = {
        "format": 1,
        "image": client.images.get(tag).id,
        "dockerfile": str(spec.dockerfile),
        "base": spec.base,
    }
    write_atomic(spec.record(store), (json.dumps(identity, indent=2) + "\n").encode())
    return tree


def has_image(name: str) -> bool:
    """Tell whether the engine has an image of this name."""
    try:
        connect().images.get(name)
    except ImageNotFound:
        return False
    return True


def obtain(name: str, log: Log) -> bool:
    """Pull an image unless the engine has it; False when no registry gives it."""
    if has_image(name):
        return True
    log(f"pulling {name}")
    try:
        connect().images.pull(name)
    except (APIError, ImageNotFound) as error:
        log(f"{name}: cannot be pulled: {error.explanation or error}")
        return False
    return True


def _build(client: docker.DockerClient, spec: ImageSpec, tag: str, log: Log) -> None:
    # The host's own network: apt inside must reach what apt on this host reaches.
    messages = client.api.build(
        fileobj=io.BytesIO(spec.text.encode()),
        buildargs={"BASE_IMAGE": spec.base},
        tag=tag,
        rm=True,
        forcerm=True,  # those of a step that failed, too
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
                hint="where no image registry is reachable, add: --bootstrap-suite bullseye",
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
    with tempfile.TemporaryFile() as said:
        unpacker = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=said)
        assert unpacker.stdin is not None  # noqa: S101 - stdin=PIPE
        try:
            with contextlib.suppress(BrokenPipeError), unpacker:  # it ended early, and says why
                for chunk in cast("Iterable[bytes]", container.export()):
                    unpacker.stdin.write(chunk)
        finally:
            container.remove()
        if unpacker.returncode:
            said.seek(0)
            raise _not_unpacked(tag, tree, said.read().decode(errors="replace"))


def _not_unpacked(tag: str, tree: Path, said: str) -> OmnibuildError:
    words = "".join(f"\n  {line}" for line in said.splitlines()[:3])
    message = f"{tag}: its files could not be unpacked to {tree}{words}"
    if "No space left on device" in said or is_full(tree):
        return HostLacks(message, hint="the disk is full: free some space, or give --store on another disk")
    return BuildFailed(message)
