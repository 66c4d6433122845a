"""The build image, made by a real Docker engine from a base of a few files."""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from commandline import Omnibuild
from docker.errors import DockerException

from omnibuild.image.tree import ImageSpec

pytestmark = pytest.mark.docker
BASE = f"omnibuild-test-base:{os.getpid()}"
DOCKERFILE = f"ARG BASE_IMAGE={BASE}\nFROM ${{BASE_IMAGE}}\nLABEL of=omnibuild\n"


def archive() -> bytes:
    """Return a root with two files and more bytes than a small disk has."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, data in (("etc/hello", b"hello\n"), ("usr/bin/large", os.urandom(2_000_000))):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), 0o755
            tar.addfile(member, io.BytesIO(data))
    return stream.getvalue()


@pytest.fixture(scope="module")
def engine() -> Iterator[docker.DockerClient]:
    """A client of the engine, which has the base."""
    try:
        client = docker.from_env(timeout=60)
        client.ping()
    except DockerException as error:
        pytest.skip(f"no Docker engine answers (sh scripts/docker.sh starts one): {error}")
    repository, _, tag = BASE.partition(":")
    client.api.import_image_from_data(archive(), repository=repository, tag=tag)
    yield client
    client.images.remove(BASE, force=True)
    client.close()


@pytest.fixture
def dockerfile(engine: docker.DockerClient, tmp_path: Path) -> Iterator[Path]:
    """A Dockerfile of that base; the image that is built of it is removed from the engine."""
    file = tmp_path / "Dockerfile.build"
    file.write_text(DOCKERFILE)
    tag = f"omnibuild-build:{ImageSpec(file).key}"
    yield file
    if engine.images.list(name=tag):
        engine.images.remove(tag, force=True)


def test_image_becomes_a_tree_of_files_and_needs_no_engine_afterwards(
    dockerfile: Path, tmp_path: Path, omnibuild: Omnibuild, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    ran = omnibuild("image", "build", dockerfile, "--store", store)
    assert ran.code == 0, ran.err
    tree = Path(ran.out.strip())
    assert (tree / "etc/hello").read_text() == "hello\n"
    monkeypatch.setenv("DOCKER_HOST", "unix:///nobody/listens")
    for command in ("build", "path"):
        assert omnibuild("image", command, dockerfile, "--store", store).out == ran.out


def test_dockerfile_that_fails_is_told_in_the_engines_words(
    dockerfile: Path, tmp_path: Path, omnibuild: Omnibuild, engine: docker.DockerClient
) -> None:
    dockerfile.write_text(f"{DOCKERFILE}RUN make {tmp_path.name}\n")
    ran = omnibuild("image", "build", dockerfile, "--store", tmp_path / "store")
    assert ran.code == 6
    assert f"{dockerfile}: " in ran.err
    commands = [container.attrs["Config"]["Cmd"] for container in engine.containers.list(all=True)]
    assert ["/bin/sh", "-c", f"make {tmp_path.name}"] not in commands, "a container is left behind"
    assert omnibuild("image", "path", dockerfile, "--store", tmp_path / "store").code == 10


def test_base_that_cannot_be_pulled_is_told_with_what_to_do(
    dockerfile: Path, tmp_path: Path, omnibuild: Omnibuild
) -> None:
    ran = omnibuild("image", "build", dockerfile, "--base-image", "registry.invalid/none:1", "--store", tmp_path / "s")
    assert ran.code == 6
    assert "registry.invalid" in ran.err
    assert "hint: where no image registry is reachable, add: --bootstrap-suite" in ran.err


def test_without_an_engine_the_command_says_so(
    dockerfile: Path, tmp_path: Path, omnibuild: Omnibuild, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nobody/listens")
    ran = omnibuild("image", "build", dockerfile, "--store", tmp_path / "store")
    assert ran.code == 10
    assert "error: no Docker engine answers" in ran.err


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a file system: needs root")
def test_full_disk_under_the_tree_is_told_and_the_tree_is_not_used(dockerfile: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    store.mkdir()
    command = [sys.executable, "-m", "omnibuild", "image"]
    arguments = [str(dockerfile), "--store", str(store)]
    again = shlex.join([*command, "path", *arguments])
    script = f'mount -t tmpfs -o size=1m none {store}\n"$@"\ncode=$?\n{again}\nexit $code'
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, "sh", *command, "build", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 10, done.stderr
    assert "its files could not be unpacked" in done.stderr
    assert "the disk is full" in done.stderr
    assert "is not there" in done.stderr
    assert done.stdout == ""
