"""Fixtures for tests on hosts: fresh ones in a second, with the built package installed or without it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from containers import Engine, EngineUnavailable, installed_image
from hosts import Host
from node import create
from product import Product, find_product
from repack import Repacker
from roots import Root, Roots, RootUnavailable
from stub import provided_by, write_stub

_HOSTS = pytest.StashKey[list[Host]]()
RPM = "rpm --force-debian"  # rpm warns on a Debian otherwise, and ends


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failure what the test's hosts logged last."""
    report = yield
    if report.failed:
        for host in [host for node in item.listchain() for host in node.stash.get(_HOSTS, [])]:
            report.sections.append((f"host {host.container.name}", host.evidence()))
    return report


@pytest.fixture(scope="session")
def roots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Roots]:
    """Where the images' files come from, and roots without any init system."""
    folder = tmp_path_factory.mktemp("roots")
    yield Roots(folder)
    subprocess.run(["rm", "-rf", str(folder)], check=True)


@pytest.fixture(scope="session")
def engine(roots: Roots) -> Iterator[Engine]:
    """The Docker engine; everything that a session starts on it ends with the session."""
    try:
        made = Engine(roots)
    except EngineUnavailable as error:
        pytest.skip(str(error))
    yield made
    made.close()


@pytest.fixture(scope="session")
def product() -> Product:
    """The packages of `make package`."""
    found = find_product()
    if isinstance(found, Product):
        return found
    pytest.skip(found)


@pytest.fixture(scope="session")
def repacker(product: Product, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repacker]:
    """What makes other versions of the built package."""
    folder = tmp_path_factory.mktemp("repacked")
    yield Repacker(product.deb, folder)
    subprocess.run(["rm", "-rf", str(folder)], check=True)


@contextmanager
def _starter(engine: Engine, product: Product, owner: pytest.Item | pytest.Collector) -> Iterator[Callable[..., Host]]:
    """Give what starts an image with the built packages in /packages; the hosts are gone at the end."""
    hosts = owner.stash.setdefault(_HOSTS, [])

    def make(image: str, **options: str) -> Host:
        hosts.append(engine.start(image, mounts={product.deb.parent: "/packages"}, **options))
        return hosts[-1]

    yield make
    while hosts:
        hosts.pop().remove()


@pytest.fixture
def start(engine: Engine, product: Product, request: pytest.FixtureRequest) -> Iterator[Callable[..., Host]]:
    """Start an image; the built packages are in /packages. The host is gone after the test."""
    with _starter(engine, product, request.node) as make:
        yield make


@pytest.fixture(scope="module")
def installed(engine: Engine, product: Product, request: pytest.FixtureRequest) -> Iterator[Callable[..., Host]]:
    """Start a Debian with the deb on it, for tests that do not disturb each other; it is gone after their module."""
    with _starter(engine, product, request.node) as make:
        yield lambda suite="bookworm", **options: make(_installed(engine, product, suite), **options)


@pytest.fixture(scope="module")
def created(installed: Callable[..., Host]) -> Callable[..., Host]:
    """Start the same, and create a cluster of one on it."""

    def make(suite: str = "bookworm") -> Host:
        host = installed(suite)
        create(host)
        return host

    return make


@pytest.fixture
def bare_host(engine: Engine, start: Callable[..., Host]) -> Callable[..., Host]:
    """Start a minimal Debian with systemd: ``bare_host("bullseye")``."""

    def make(suite: str = "bookworm", *, include: Iterable[str] = ()) -> Host:
        return start(_image(engine, suite, include))

    return make


@pytest.fixture
def deb_host(engine: Engine, product: Product, start: Callable[..., Host]) -> Callable[..., Host]:
    """Start a Debian on which apt has installed the built deb, and nothing was done since."""

    def make(suite: str = "bookworm", **options: str) -> Host:
        return start(_installed(engine, product, suite), **options)

    return make


@pytest.fixture
def rpm_host(engine: Engine, start: Callable[..., Host], roots: Roots, tmp_path: Path) -> Callable[..., Host]:
    """Start a host whose rpm knows what its own glibc and shell provide, and nothing else; no package is installed."""

    def make() -> Host:
        stub = write_stub(provided_by(roots.debian("bookworm", include=["rpm"]).base), tmp_path)
        host = start(_image(engine, "bookworm", ["rpm"]))
        (path,) = host.put(stub, into="/stub")
        host.sh(f"rpm --initdb && {RPM} --install {path}")
        return host

    return make


@pytest.fixture
def plain_root(roots: Roots, product: Product) -> Callable[..., Root]:
    """Make a root in which no init system runs, with the packages in /packages."""

    def make(*, include: Iterable[str] = ()) -> Root:
        try:
            root = roots.debian("bookworm", include=include)
        except RootUnavailable as error:
            pytest.skip(str(error))
        root.put(product.deb)
        return root

    return make


def _installed(engine: Engine, product: Product, suite: str) -> str:
    try:
        return installed_image(engine, product, suite)
    except RootUnavailable as error:
        pytest.skip(str(error))


def _image(engine: Engine, suite: str, include: Iterable[str]) -> str:
    try:
        return engine.image(suite, include=include)
    except RootUnavailable as error:
        pytest.skip(str(error))
