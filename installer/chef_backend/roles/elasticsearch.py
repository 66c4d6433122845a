"""Elasticsearch on a node: its folders, configuration and service; the same for 5.6 and 6.8.

https://www.elastic.co/guide/en/elasticsearch/reference/6.8/settings.html
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from chef_backend.resources.model import Directory, File, Resource
from chef_backend.roles.accounts import SEARCH
from chef_backend.roles.node import Node
from chef_backend.roles.supervision import Service, definition, restarts
from chef_backend.roles.templates import fill

SERVICE: Final = "elasticsearch"
TRANSPORT_PORT: Final = 9300
_FOLDERS: Final = ("data_dir", "plugins_directory", "scripts_directory", "temp_directory")


def elasticsearch(node: Node) -> list[Resource]:
    """Return everything that Elasticsearch needs on this node."""
    return [*_folders(node), *_files(node), *definition(node, service(node))]


def service(node: Node) -> Service:
    """Return the service."""
    return Service(
        name=SERVICE,
        run="elasticsearch.sh.j2",
        user=SEARCH,
        group=SEARCH,
        values={
            "home": node.paths.embedded / "elasticsearch",
            "alone": len(node.cluster) == 1,
            "logs": node.folder("elasticsearch.log_directory"),
        },
        environment={
            "JAVA_HOME": str(node.paths.embedded / "open-jre"),
            "ES_PATH_CONF": str(config_folder(node)),
            "ES_TMPDIR": str(node.folder("elasticsearch.temp_directory")),
        },
        effects=restarts(SERVICE),
    )


def config_folder(node: Node) -> Path:
    """Return the folder of the configuration."""
    return node.paths.elasticsearch / "config"


def _folders(node: Node) -> list[Resource]:
    # Elasticsearch makes its keystore in the folder of its configuration, when it starts for the first time.
    places = [node.paths.elasticsearch, config_folder(node)]
    places += [node.folder(f"elasticsearch.{name}") for name in _FOLDERS]
    return [Directory(path=path, owner=SEARCH, group=SEARCH, mode=0o750) for path in places]


def _files(node: Node) -> list[Resource]:
    texts = {
        "elasticsearch.yml": elasticsearch_yml(node),
        "jvm.options": jvm_options(node),
        "log4j2.properties": fill("log4j2.properties.j2"),
    }
    return [
        File(path=config_folder(node) / name, content=text, group=SEARCH, mode=0o640, effects=restarts(SERVICE))
        for name, text in texts.items()
    ]


def elasticsearch_yml(node: Node) -> bytes:
    """Return elasticsearch.yml; every value is JSON, which is YAML."""
    settings = node.settings
    cluster = node.cluster
    values: dict[str, object] = {
        "cluster.name": node.secrets.cluster_name,
        "node.name": node.identity.name,
        "path.data": str(node.folder("elasticsearch.data_dir")),
        "path.logs": str(node.folder("elasticsearch.log_directory")),
        "network.bind_host": list(dict.fromkeys((node.address, node.loopback))),
        "network.publish_host": node.address,
        "http.port": settings.integer("elasticsearch.port"),
        "transport.tcp.port": TRANSPORT_PORT,
        "discovery.zen.ping.unicast.hosts": [_host(each.address) for each in cluster],
        "discovery.zen.minimum_master_nodes": len(cluster) // 2 + 1,
    }
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in values.items()]
    return ("# Written by chef-backend-ctl reconfigure.\n" + "".join(lines)).encode()


def jvm_options(node: Node) -> bytes:
    """Return jvm.options; the operator's own come last, where they take precedence."""
    settings = node.settings
    return fill(
        "jvm.options.j2",
        heap=settings.integer("elasticsearch.heap_size"),
        new=settings.integer("elasticsearch.new_size"),
        logs=node.folder("elasticsearch.log_directory"),
        data=node.folder("elasticsearch.data_dir"),
        temp=node.folder("elasticsearch.temp_directory"),
        options=settings.texts("elasticsearch.jvm_opts"),
    )


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address
