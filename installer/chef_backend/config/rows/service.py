"""The settings that every service has: its supervision and its logs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from chef_backend.config.kinds.files import Environment, Path
from chef_backend.config.kinds.simple import Flag, Integer
from chef_backend.config.setting import Effect, Rule, Setting, reload, restart
from chef_backend.config.values import Value

LOG_DIRECTORY = "Folder of the service's log, written by svlogd."


def scalars(
    service: str,
    log_directory: Value | Rule,
    *,
    log_meaning: str = LOG_DIRECTORY,
    anew: Callable[[str], Mapping[str, Effect]] = restart,
) -> tuple[Setting, ...]:
    """Return the rows that stand among a section's own; `<service>/log` is the log's own supervised process.

    `anew` is how the service gets a new environment.
    """
    also = (service,) if service == "elasticsearch" else ()
    return (
        Setting(
            f"{service}.enable",
            Flag(),
            default=True,
            meaning="Sets up and runs this service; false stops it.",
        ),
        Setting(
            f"{service}.environment",
            Environment(),
            MappingProxyType({}),
            "Variables for the environment of the service's processes.",
            anew(service),
            in_sample=False,
        ),
        Setting(
            f"{service}.log_directory",
            Path(),
            log_directory,
            log_meaning,
            restart(f"{service}/log", *also),
        ),
    )


def log_rotation(service: str) -> tuple[Setting, ...]:
    """Return the rows of the service's log rotation."""
    return (
        Setting(
            f"{service}.log_rotation.file_maxbytes",
            Integer(4096),
            104857600,
            "Size at which the log is rotated.",
            reload(f"{service}/log"),
            unit="bytes",
        ),
        Setting(
            f"{service}.log_rotation.num_to_keep",
            Integer(2, 10000),
            10,
            "Number of rotated logs that are kept.",
            reload(f"{service}/log"),
        ),
    )
