"""Settings of leaderl's connections to etcd, and those that only its Erlang predecessor used."""

from __future__ import annotations

from chef_backend.config.kinds.simple import Integer, Text
from chef_backend.config.setting import Setting, reload

_NO_ERLANG = "leaderl does not run on Erlang any more"
_RELOAD = reload("leaderl")

ETCD_POOL = (
    Setting(
        "leaderl.etcd_pool.cull_interval_seconds",
        Integer(1, 86400),
        60,
        "How often connections to etcd that are idle are closed.",
        _RELOAD,
        unit="s",
    ),
    Setting(
        "leaderl.etcd_pool.http_timeout_ms",
        Integer(100, 600000),
        5000,
        "How long a request to etcd may take.",
        _RELOAD,
        unit="ms",
    ),
    Setting(
        "leaderl.etcd_pool.ibrowse_options",
        Text(),
        "{inactivity_timeout, infinity}",
        "Options of the former HTTP client.",
        without_effect=_NO_ERLANG,
    ),
    Setting(
        "leaderl.etcd_pool.init_count",
        Integer(0, 1000),
        10,
        "Number of connections to etcd at the start.",
        _RELOAD,
    ),
    Setting(
        "leaderl.etcd_pool.max_age_seconds",
        Integer(1, 86400),
        60,
        "Age at which an idle connection to etcd is closed.",
        _RELOAD,
        unit="s",
    ),
    Setting(
        "leaderl.etcd_pool.max_connection_duration_seconds",
        Integer(1, 86400),
        300,
        "Age at which any connection to etcd is closed.",
        _RELOAD,
        unit="s",
    ),
    Setting(
        "leaderl.etcd_pool.max_count",
        Integer(1, 1000),
        10,
        "Number of connections to etcd at most.",
        _RELOAD,
    ),
)

EPMD_MONITOR = (
    Setting(
        "leaderl.epmd_monitor.check_interval",
        Integer(1),
        60000,
        "How often the registration with Erlang's port mapper was checked.",
        unit="ms",
        since="1.4",
        without_effect=_NO_ERLANG,
    ),
)
