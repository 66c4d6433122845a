"""Starts a host with the built package on it, for a person to try: what `make node` runs.

usage: python scripts/node.py [NAME]

The host stays until it is removed; asked for again, it is started as it was left.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY / folder) for folder in ("build", "tests/package", "tests/node")]

import docker.errors  # noqa: E402 - the tests' modules are found from here on

from containers import Engine, EngineUnavailable, installed_image  # noqa: E402
from hosts import Host  # noqa: E402
from limits import small_config  # noqa: E402
from product import Product, find_product  # noqa: E402
from roots import Roots, RootUnavailable  # noqa: E402

NEXT = """
{name} runs at {address}, with {version} installed and nothing started. Next:

  docker exec -it {container} bash     # a root shell on it; there:
  cat /etc/chef-backend/chef-backend.rb
  chef-backend-ctl create-cluster --accept-license --yes
  chef-backend-ctl status

From this machine, as a frontend asks:

  curl --include http://{address}:7331/leader

It can be rebooted (docker restart --time 360 {container}), lose its power (docker kill {container}; docker start
{container}) or hang (docker pause {container}). To be rid of it: docker rm --force --volumes {container}
"""


def main(arguments: list[str]) -> int:
    """Start the host, or the one of that name again, and print what to type next."""
    name = arguments[0] if arguments else "backend-1"
    product = find_product()
    if not isinstance(product, Product):
        return _fail(product)
    try:
        with tempfile.TemporaryDirectory() as folder:
            engine = Engine(Roots(Path(folder)), session="make-node")
            host = _host(engine, product, name, f"chef-backend-{name}")
    except (EngineUnavailable, RootUnavailable) as error:
        return _fail(str(error))
    version = host.sh("chef-backend-ctl version").strip()
    print(NEXT.format(name=name, address=host.address, version=version, container=host.container.name))
    return 0


def _host(engine: Engine, product: Product, name: str, container: str) -> Host:
    try:
        host = Host(engine.client.containers.get(container))
    except docker.errors.NotFound:
        print(f"{name}: installing {product.deb.name} on a minimal Debian", file=sys.stderr)
        image = installed_image(engine, product, "bookworm")
        host = engine.start(image, name=container, hostname=name)
        host.write("/etc/chef-backend/chef-backend.rb", small_config(host.address))
    else:
        if host.container.status != "running":
            host.power_on()
    return host


def _fail(message: str) -> int:
    print(f"node: error: {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
