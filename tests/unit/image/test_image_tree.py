"""Which image a Dockerfile means, and where its files are."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import Omnibuild

from omnibuild.errors import HostLacks, InvalidInput
from omnibuild.image.tree import ImageSpec, bootstrapped, candidates, find

DOCKERFILE = "ARG BASE_IMAGE=debian:old\nFROM ${BASE_IMAGE}\n"


@pytest.fixture
def dockerfile(tmp_path: Path) -> Path:
    file = tmp_path / "Dockerfile.build"
    file.write_text(DOCKERFILE)
    return file


def made(spec: ImageSpec, store: Path) -> Path:
    """Put what making an image leaves into the store; return its tree."""
    spec.tree(store).mkdir(parents=True)
    spec.record(store).write_text("{}")
    return spec.tree(store)


def test_the_base_is_the_dockerfiles_unless_told(dockerfile: Path) -> None:
    """Another base is another image, and so is another Dockerfile."""
    stated, told = ImageSpec(dockerfile), ImageSpec(dockerfile, "debian:new")
    assert (stated.base, told.base) == ("debian:old", "debian:new")
    before = stated.key
    assert before != told.key
    dockerfile.write_text(f"{DOCKERFILE}RUN true\n")
    assert stated.key != before


def test_a_dockerfile_that_names_no_base_is_refused(dockerfile: Path) -> None:
    dockerfile.write_text("FROM debian:old\n")
    with pytest.raises(InvalidInput, match="there is no ARG BASE_IMAGE"):
        _ = ImageSpec(dockerfile).base
    assert ImageSpec(dockerfile, "debian:new").base == "debian:new"


def test_the_stated_image_goes_before_the_bootstrapped_one(dockerfile: Path, tmp_path: Path) -> None:
    """Whichever was made is used; a tree that is not complete is not."""
    stated, fallback = candidates(dockerfile, "", "bullseye")
    assert fallback.base == bootstrapped("bullseye") == "omnibuild-base:bullseye"
    assert candidates(dockerfile, "", "") == (stated,)
    stated.tree(tmp_path).mkdir(parents=True)
    with pytest.raises(HostLacks, match="is not there"):
        find((stated, fallback), tmp_path)
    tree = made(fallback, tmp_path)
    assert find((stated, fallback), tmp_path) == tree
    stated.record(tmp_path).write_text("{}")
    assert find((stated, fallback), tmp_path) == stated.tree(tmp_path)


def test_path_prints_the_tree_or_says_how_to_make_it(dockerfile: Path, tmp_path: Path, omnibuild: Omnibuild) -> None:
    ran = omnibuild("image", "path", dockerfile, "--store", tmp_path)
    assert ran.code == 10
    assert ran.err.endswith(f"hint: make it, with the same options: omnibuild image build {dockerfile}\n")
    tree = made(ImageSpec(dockerfile), tmp_path)
    ran = omnibuild("image", "path", dockerfile, "--store", tmp_path)
    assert (ran.code, ran.out) == (0, f"{tree}\n")


def test_missing_dockerfile_is_named(tmp_path: Path, omnibuild: Omnibuild) -> None:
    ran = omnibuild("image", "path", tmp_path / "none", "--store", tmp_path)
    assert ran.code == 2
    assert f"{tmp_path}/none: No such file" in ran.err
