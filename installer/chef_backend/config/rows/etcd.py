"""Settings of etcd."""

from __future__ import annotations

from chef_backend.config.kinds.simple import PORT, Integer
from chef_backend.config.rows.service import log_rotation, scalars
from chef_backend.config.setting import Setting, reload, restart

ROWS = (
    Setting(
        "etcd.client_port",
        PORT,
        2379,
        "Port for clients (ETCD_LISTEN_CLIENT_URLS and ETCD_ADVERTISE_CLIENT_URLS). Frontends ask it too.",
        restart("etcd") | reload("leaderl"),
        unit="port",
    ),
    Setting(
        "etcd.election_timeout",
        Integer(50, 50000),
        5000,
        "How long a member waits for a heartbeat before it calls an election (ETCD_ELECTION_TIMEOUT): "
        "5 to 10 times the heartbeat's interval.",
        restart("etcd"),
        unit="ms",
        since="1.2",
    ),
    Setting(
        "etcd.heartbeat_interval",
        Integer(10, 10000),
        500,
        "How often etcd's leader sends heartbeats (ETCD_HEARTBEAT_INTERVAL): about the round trip between members.",
        restart("etcd"),
        unit="ms",
        since="1.2",
    ),
    Setting(
        "etcd.peer_port",
        PORT,
        2380,
        "Port for other members (ETCD_LISTEN_PEER_URLS and ETCD_ADVERTISE_PEER_URLS).",
        restart("etcd"),
        unit="port",
    ),
    Setting(
        "etcd.snapshot_count",
        Integer(1),
        5000,
        "Number of transactions after which etcd writes a snapshot (ETCD_SNAPSHOT_COUNT).",
        restart("etcd"),
        since="1.2",
    ),
    *scalars("etcd", "/var/log/chef-backend/etcd"),
    *log_rotation("etcd"),
    Setting(
        "etcd.ionice.class",
        Integer(0, 3),
        2,
        "Class of etcd's disk priority, as in ionice(1).",
        restart("etcd"),
        since="2.2",
    ),
    Setting(
        "etcd.ionice.level",
        Integer(0, 7),
        0,
        "Level within the class; 0 comes first.",
        restart("etcd"),
        since="2.2",
    ),
)
