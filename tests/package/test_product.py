"""The real packages in clean roots: installed, used, removed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from product import ELASTICSEARCH, ELVES, ETCD, LINKED, POSTGRESQL, PREFIX, Product, find_product
from roots import Root

SUITES = ("bullseye", "bookworm", "trixie")


@pytest.fixture(scope="module")
def product() -> Product:
    """The packages of `make package`."""
    found = find_product()
    if isinstance(found, Product):
        return found
    pytest.skip(found)


@pytest.fixture
def installed(product: Product, debian_root: Callable[..., Root], request: pytest.FixtureRequest) -> Root:
    """A Debian root with the deb installed by apt, without a network."""
    root = debian_root(request.param)
    (deb,) = root.put(product.deb)
    root.sh(f"apt-get install -y --no-install-recommends {deb}")
    return root


@pytest.fixture
def rpm_installed(product: Product, rpm_root: Callable[..., Root]) -> Root:
    """A root whose rpm knows only what its own glibc and shell provide, with the rpm installed."""
    root = rpm_root()
    (rpm,) = root.put(product.rpm)
    root.sh(f"rpm --force-debian --install {rpm}")
    return root


def assert_works(root: Root) -> None:
    """The four programs run, answer, and load nothing from outside the prefix but glibc."""
    assert "postgres (PostgreSQL) 15." in root.sh(f"{PREFIX}/bin/postgres --version")
    answer = root.sh(POSTGRESQL)
    assert "42" in answer
    assert "PostgreSQL 15." in answer
    etcd = root.sh(ETCD)
    assert "hello" in etcd
    assert '"etcdserver":"3.5' in etcd
    assert '"members":' in etcd
    assert '"number" : "6.8.23"' in root.sh(ELASTICSEARCH, timeout_s=180)
    assert root.sh(f"{PREFIX}/bin/python3 -m chef_backend --version").startswith("chef-backend ")
    assert root.sh("chef-backend-ctl --help")
    assert len(root.sh(ELVES).splitlines()) > 100
    assert root.sh(LINKED) == ""


@pytest.mark.parametrize("installed", SUITES, indirect=True)
def test_deb_installs_and_everything_in_it_works(installed: Root) -> None:
    """One deb serves Debian 11, 12 and 13."""
    assert_works(installed)


def test_rpm_installs_and_everything_in_it_works(rpm_installed: Root) -> None:
    """The rpm's requirements are met by glibc and a shell, and its content works."""
    assert_works(rpm_installed)


@pytest.mark.parametrize("installed", ["bookworm"], indirect=True)
def test_removing_the_deb_leaves_nothing_it_owned(installed: Root, product: Product) -> None:
    """Only data and service users stay behind."""
    listed = installed.sh("dpkg -L chef-backend").split()
    owned = {path for path in listed if path.startswith("/opt/") or "chef-backend" in path}
    installed.sh("dpkg --remove chef-backend")
    left = owned & installed.files("/opt", "/etc", "/usr", "/var")
    assert left <= {"/etc/chef-backend", "/var/opt/chef-backend", "/var/log/chef-backend"}
    (deb,) = installed.put(product.deb)
    installed.sh(f"apt-get install -y {deb} && {PREFIX}/bin/postgres --version")


def test_removing_the_rpm_leaves_nothing_it_owned(rpm_installed: Root) -> None:
    """After rpm -e none of its files is there."""
    owned = rpm_installed.sh("rpm --query --list chef-backend").split()
    rpm_installed.sh("rpm --force-debian --erase chef-backend")
    assert set(owned) & rpm_installed.files("/opt") == set()


def test_rpm_is_refused_where_glibc_is_too_old(product: Product, rpm_root: Callable[..., Root]) -> None:
    """The requirements name the symbol versions that the ELF files need."""
    root = rpm_root(lacking="GLIBC_2.2")
    (rpm,) = root.put(product.rpm)
    refused = root.run("rpm", "--force-debian", "--install", rpm, check=False)
    assert refused.returncode != 0
    assert "GLIBC_2.2" in refused.stdout


def test_lintian_finds_nothing_unexplained(product: Product) -> None:
    """Every remaining tag is overridden with a reason in manifests/."""
    argv = ["lintian", "--fail-on", "error,warning", "--tag-display-limit", "0", str(product.deb)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "unused-override" not in done.stdout


def test_rpm_scripts_are_clean(product: Product) -> None:
    """rpm can show every scriptlet, and there are no file triggers."""
    argv = ["rpm", "--query", "--package", "--scripts", "--filetriggers", str(product.rpm)]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60)
    assert "postinstall" in done.stdout
    assert not done.stderr
    assert "triggerin" not in done.stdout


def test_records_travel_in_the_package(product: Product) -> None:
    """Manifest, lock and expanded recipes are inside, and outside beside the package."""
    listed = subprocess.run(
        ["dpkg-deb", "--contents", str(product.deb)], capture_output=True, text=True, check=True, timeout=300
    ).stdout
    for path in ("version-manifest.json", "version-manifest.txt", "share/omnibuild/recipes/postgresql.json"):
        assert f"./opt/chef-backend/{path}\n" in listed
