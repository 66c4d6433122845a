"""Whether a cluster may be made on this node: asked before the first change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from chef_backend.base.errors import AlreadyConfigured, Conflict
from chef_backend.cluster.ports import Holder, taken
from chef_backend.reconfigure.membership import Membership
from chef_backend.reconfigure.situation import Situation, data_version
from chef_backend.resources.host import Host, Kind
from chef_backend.roles.node import Node


def require_no_member(situation: Situation) -> None:
    """Raise AlreadyConfigured where this node is in a cluster."""
    if situation.membership is Membership.MEMBER:
        raise AlreadyConfigured(
            "this node is in a cluster already, and create-cluster makes a new one; nothing was changed",
            hint="see it with chef-backend-ctl cluster-status; after a change of chef-backend.rb run "
            "chef-backend-ctl reconfigure; to begin anew run chef-backend-ctl cleanse first",
        )


def require_all_services(situation: Situation) -> None:
    """Raise Conflict where the settings switch off what a cluster cannot be without."""
    missing = [name for name in ("etcd", "postgresql", "leaderl") if name not in situation.services]
    if missing:
        settings = ", ".join(f"{name}.enable" for name in missing)
        raise Conflict(
            f"no cluster can be made without {', '.join(missing)}: {settings} is false",
            hint="remove that from chef-backend.rb",
        )


def require_no_data(situation: Situation, host: Host) -> None:
    """Raise Conflict where there is data of another cluster; what an interrupted create-cluster made is its own."""
    if situation.membership is Membership.CREATING:
        return
    found = list(_data(situation.node, host))
    if found:
        raise Conflict(
            "\n".join(["there is data that no new cluster can be made with; nothing was changed:", *found]),
            hint="if it is not needed any more run chef-backend-ctl cleanse, or move it away; to bring a backup back "
            "run chef-backend-ctl restore",
        )


def require_ports(node: Node, found: Mapping[int, Holder]) -> None:
    """Raise Conflict where another program has a port that a service needs."""
    lines = taken(node, found, node.paths)
    if lines:
        raise Conflict(
            "\n".join(lines), hint="stop that program, or set another port in chef-backend.rb; nothing was changed"
        )


def _data(node: Node, host: Host) -> Iterator[str]:
    etcd, search = node.paths.etcd_member, node.folder("elasticsearch.data_dir") / "nodes"
    folder = node.folder("postgresql.data_dir")
    version = data_version(host, folder / "PG_VERSION")
    for what, place, there in (
        ("etcd", etcd, _is_folder(host, etcd)),
        (f"PostgreSQL {version}", folder, bool(version)),
        ("Elasticsearch", search, _is_folder(host, search)),
    ):
        if there:
            yield f"  {what}: {place}"


def _is_folder(host: Host, path: Path) -> bool:
    return host.observe(path, through_link=True).kind is Kind.FOLDER
