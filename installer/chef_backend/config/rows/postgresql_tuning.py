"""Settings that are given to postgresql.conf.

https://www.postgresql.org/docs/15/runtime-config.html says which of them need a restart (context
`postmaster` of pg_settings).
"""

from __future__ import annotations

from chef_backend.config.kinds.amounts import duration, size
from chef_backend.config.kinds.simple import SWITCH, Choice, Flag, Fraction, Integer, Text
from chef_backend.config.memory import effective_cache_size_mb, shared_buffers_mb
from chef_backend.config.setting import Rule, Setting, reload, restart

_KB = 2**10
_MB = 2**20
_DAY_MS = 86_400_000
# Before PostgreSQL 10 a plain number of max_wal_size counts segments of 16 MB; here it always does.
WAL_SIZE = size(16 * _MB, "WAL segments of 16 MB", 32 * _MB)
SHARED_BUFFERS = size(8 * _KB, "blocks of 8 kB", 128 * _KB)
_RELOAD = reload("postgresql")
_RESTART = restart("postgresql")

TUNING = (
    Setting(
        "postgresql.archive_command",
        Text("command of the shell, or '' for none"),
        "",
        "Command that archives a finished WAL segment.",
        _RELOAD,
    ),
    Setting(
        "postgresql.archive_mode",
        Choice(("off", "on", "always")),
        "off",
        "Whether finished WAL segments are archived.",
        _RESTART,
    ),
    Setting(
        "postgresql.archive_timeout",
        duration(1000, "seconds", 0, 1_073_741_823_000),
        0,
        "Time after which an unfinished WAL segment is archived; 0 is never.",
        _RELOAD,
    ),
    Setting(
        "postgresql.checkpoint_completion_target",
        Fraction(0.0, 1.0),
        0.5,
        "Part of the time between checkpoints that writing one is spread over.",
        _RELOAD,
    ),
    Setting(
        "postgresql.checkpoint_timeout",
        duration(1000, "seconds", 30_000, _DAY_MS),
        "5min",
        "Time between checkpoints at most.",
        _RELOAD,
    ),
    Setting(
        "postgresql.checkpoint_warning",
        duration(1000, "seconds", 0, 2_147_483_647_000),
        "30s",
        "Checkpoints closer to each other than this are logged; 0 is never.",
        _RELOAD,
    ),
    Setting(
        "postgresql.effective_cache_size",
        size(8 * _KB, "blocks of 8 kB", 8 * _KB),
        Rule(lambda facts, _lookup: f"{effective_cache_size_mb(facts)}MB", "half of the memory"),
        "What the planner takes for the size of all caches.",
        _RELOAD,
    ),
    Setting(
        "postgresql.hot_standby",
        SWITCH,
        "on",
        "Whether followers answer queries; leaderl needs 'on' to look at them.",
    ),
    Setting(
        "postgresql.log_checkpoints", Flag(), default=True, meaning="Whether checkpoints are logged.", effects=_RELOAD
    ),
    Setting(
        "postgresql.log_min_duration_statement",
        duration(1, "milliseconds", -1, 2_147_483_647),
        -1,
        "Statements that take this long are logged; -1 is never, 0 is all.",
        _RELOAD,
    ),
    Setting("postgresql.max_connections", Integer(10, 262143), 350, "Number of connections at most.", _RESTART),
    Setting(
        "postgresql.max_replication_slots",
        Integer(2, 262143),
        12,
        "Number of replication slots at most.",
        _RESTART,
    ),
    Setting(
        "postgresql.max_wal_senders",
        Integer(2, 262143),
        12,
        "Number of replicating connections at most: each follower has one, and needs two while it copies.",
        _RESTART,
    ),
    Setting("postgresql.max_wal_size", WAL_SIZE, 64, "Size of WAL that begins a checkpoint.", _RELOAD),
    Setting("postgresql.min_wal_size", WAL_SIZE, 5, "Size of WAL that is kept for reuse.", _RELOAD),
    Setting(
        "postgresql.shared_buffers",
        SHARED_BUFFERS,
        Rule(lambda facts, _lookup: f"{shared_buffers_mb(facts)}MB", "a quarter of the memory"),
        "Memory of PostgreSQL's own cache.",
        _RESTART,
    ),
    Setting(
        "postgresql.wal_keep_segments",
        Integer(0, 2147483647),
        32,
        "WAL segments of 16 MB that are kept for followers besides what their slots hold.",
        _RELOAD,
    ),
    Setting(
        "postgresql.wal_level",
        Choice(("hot_standby", "replica", "logical")),
        "hot_standby",
        "How much the WAL holds; 'hot_standby' and 'replica' are the same.",
        _RESTART,
    ),
    Setting(
        "postgresql.wal_log_hints",
        SWITCH,
        "on",
        "Whether changes of hint bits are in the WAL: pg_rewind needs it.",
    ),
    Setting(
        "postgresql.work_mem",
        size(_KB, "kB", 64 * _KB),
        "8MB",
        "Memory for one sort or hash of a query.",
        _RELOAD,
    ),
)
