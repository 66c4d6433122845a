"""Settings of leaderl, which elects the leader and watches the services."""

from __future__ import annotations

from chef_backend.config.kinds.network import Address
from chef_backend.config.kinds.simple import PORT, SYSTEM_USER, Flag, Integer
from chef_backend.config.rows.leaderl_checks import HEALTH_CHECK
from chef_backend.config.rows.leaderl_pool import EPMD_MONITOR, ETCD_POOL
from chef_backend.config.rows.service import log_rotation, scalars
from chef_backend.config.setting import Rule, Setting, reload

_RELOAD = reload("leaderl")

ROWS = (
    Setting(
        "leaderl.control_worker_timeout_seconds",
        Integer(1, 3600),
        30,
        "How long `promote`, `demote` and the like wait for the cluster to obey.",
        _RELOAD,
        unit="s",
    ),
    Setting(
        "leaderl.db_timeout",
        Integer(100, 600000),
        2000,
        "How long leaderl waits for an answer of PostgreSQL.",
        _RELOAD,
        unit="ms",
    ),
    Setting(
        "leaderl.http_acceptors",
        Integer(1, 1000),
        10,
        "Threads that answer the frontends' and the monitoring's requests.",
        _RELOAD,
    ),
    Setting(
        "leaderl.http_address",
        Address(),
        Rule(lambda _facts, lookup: "::" if lookup("ip_version") == "ipv6" else "0.0.0.0", "every address"),  # noqa: S104 - the frontends ask it
        "Address that leaderl listens on. Every frontend must reach it.",
        _RELOAD,
        per_node=True,
    ),
    Setting("leaderl.http_port", PORT, 7331, "Port that leaderl listens on.", _RELOAD, unit="port"),
    Setting(
        "leaderl.leader_ttl_seconds",
        Integer(5, 3600),
        30,
        "How long the leader's claim holds without being renewed: at least 5 times "
        "leaderl.health_check.interval_seconds. A higher one notices a lost leader later, a lower one "
        "may change leaders needlessly.",
        _RELOAD,
        unit="s",
    ),
    Setting(
        "leaderl.required_active_followers",
        Integer(0, 2),
        0,
        "Number of followers that must replicate before `GET /leader` answers 200; below it the answer is 503, "
        "and connections that are open go on working.",
        _RELOAD,
        since="1.2",
    ),
    Setting(
        "leaderl.runsv_group",
        SYSTEM_USER,
        "chef_pgsql",
        "Group of the files that hold passwords. Only the product's own tests change it.",
        fixed=True,
    ),
    Setting(
        "leaderl.start_down",
        Flag(),
        default=True,
        meaning="Leaves leaderl down when the supervisor starts, until this node's services are ready.",
    ),
    Setting(
        "leaderl.status_internal_update_interval_seconds",
        Integer(1, 3600),
        5,
        "How often leaderl looks at its own state.",
        _RELOAD,
        unit="s",
    ),
    Setting(
        "leaderl.status_post_update_interval_seconds",
        Integer(1, 3600),
        10,
        "How often leaderl writes its state to etcd.",
        _RELOAD,
        unit="s",
    ),
    Setting(
        "leaderl.username",
        SYSTEM_USER,
        "chef_pgsql",
        "User that leaderl runs as.",
        fixed=True,
    ),
    *scalars("leaderl", "/var/log/chef-backend/leaderl", anew=reload),
    *log_rotation("leaderl"),
    Setting(
        "leaderl.log_rotation.max_messages_per_second",
        Integer(1, 1000000),
        1000,
        "Number of lines a second that leaderl logs at most.",
        _RELOAD,
    ),
    *ETCD_POOL,
    *EPMD_MONITOR,
    *HEALTH_CHECK,
)
