"""Settings of Elasticsearch."""

from __future__ import annotations

from chef_backend.config.facts import HostFacts
from chef_backend.config.kinds.files import Options, Path
from chef_backend.config.kinds.simple import PORT, Integer
from chef_backend.config.memory import heap_mb, new_size_mb
from chef_backend.config.rows.service import log_rotation, scalars
from chef_backend.config.setting import Lookup, Rule, Setting, reload, restart

_HOME = "/var/opt/chef-backend/elasticsearch"


def _new_size(_facts: HostFacts, lookup: Lookup) -> int:
    heap = lookup("elasticsearch.heap_size")
    return new_size_mb(heap if isinstance(heap, int) else 0)


ROWS = (
    Setting(
        "elasticsearch.data_dir",
        Path(),
        f"{_HOME}/data",
        "Folder of the index (path.data).",
        fixed=True,
    ),
    Setting(
        "elasticsearch.heap_size",
        Integer(64),
        Rule(lambda facts, _lookup: heap_mb(facts), "a third of the memory, at most 31 GB"),
        "Size of the JVM's heap. From 32 GB on a heap holds less than with 31 GB.",
        restart("elasticsearch"),
        unit="MB",
    ),
    Setting(
        "elasticsearch.jvm_opts",
        Options(),
        (),
        "Options for the JVM. A heap size given here takes precedence.",
        restart("elasticsearch"),
        aliases=("elasticsearch.java_opts",),
    ),
    Setting(
        "elasticsearch.new_size",
        Integer(1),
        Rule(_new_size, "an eighth of the heap, at least 32"),
        "Size of the heap's new generation.",
        restart("elasticsearch"),
        unit="MB",
    ),
    Setting(
        "elasticsearch.plugins_directory",
        Path(),
        f"{_HOME}/plugins",
        "Folder of plug-ins.",
        without_effect="Elasticsearch looks for plug-ins in its own folder only, since 5.0",
    ),
    Setting(
        "elasticsearch.port",
        PORT,
        9200,
        "Port for HTTP (http.port).",
        restart("elasticsearch") | reload("leaderl"),
        unit="port",
    ),
    Setting(
        "elasticsearch.scripts_directory",
        Path(),
        f"{_HOME}/scripts",
        "Folder of scripts.",
        without_effect="Elasticsearch has its scripts in the cluster's state, since 6.0",
    ),
    Setting(
        "elasticsearch.temp_directory",
        Path(),
        f"{_HOME}/tmp",  # noqa: S108 - a folder of the service's own
        "Folder for the JVM's temporary files.",
        restart("elasticsearch"),
        since="2.0.30",
    ),
    *scalars(
        "elasticsearch",
        "/var/log/chef-backend/elasticsearch",
        log_meaning="Folder of the service's log, written by svlogd, and of Elasticsearch's own (path.logs).",
    ),
    *log_rotation("elasticsearch"),
)
