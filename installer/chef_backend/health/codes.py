"""The one table of finding codes: stable names that an operator can search for, and the page that lists them."""

from __future__ import annotations

from typing import Final

from chef_backend.health.finding import Code

NTP: Final = Code(
    "CBWARN001",
    "time service",
    "running",
    "The clocks of all nodes must agree to 1.5 seconds: run chrony, ntpd or systemd-timesyncd on every node.",
)
MEMORY: Final = Code("CB101", "memory", "at least 2 GB", "PostgreSQL, Elasticsearch, etcd and leaderl share it.")
PROCESSORS: Final = Code("CB102", "processors", "at least 2", "With one, a busy Elasticsearch keeps etcd waiting.")
SSE42: Final = Code("CB103", "processor features", "SSE4.2", "Older processors are not tested.")
MEMORY_PLAN: Final = Code(
    "CB104",
    "memory by the settings",
    "three quarters of the memory",
    "What postgresql.shared_buffers and elasticsearch.heap_size claim must leave room for connections and files.",
)
CLOCK: Final = Code("CB105", "clock", "synchronised", "A time service that runs may still not have reached a server.")
SPACE: Final = Code("CB111", "disk space", "at least 5 GB", "PostgreSQL stops when its disk is full.")
FILE_SYSTEM: Final = Code(
    "CB112", "file system", "local", "Network file systems do not keep PostgreSQL's and etcd's data as they need it."
)
INODES: Final = Code("CB113", "inodes", "at least 5 % free", "Without a free inode no file can be made.")
NOEXEC: Final = Code(
    "CB114",
    "mount options",
    "no noexec",
    "Elasticsearch runs a library of its own from its folder for temporary files.",
)
SYNC: Final = Code(
    "CB115",
    "disk latency",
    "99 of 100 within 10 ms",
    "etcd waits for the disk in each write; when that takes long, leaders change without need.",
)
PORTS: Final = Code("CB121", "port", "free, or this node's own", "Another program has the port that a service needs.")
HOST_NAME: Final = Code(
    "CB131", "host name", "resolves", "The node's name in chef-backend.rb should lead to an address."
)
ADDRESS: Final = Code(
    "CB132", "publish_address", "on this node", "The other nodes and the frontends reach this node at it."
)
LOCALE: Final = Code("CB133", "locale", "a UTF-8 locale", "PostgreSQL's databases are in UTF-8.")
FILES: Final = Code(
    "CB141", "open files", "at least 65536", "Elasticsearch refuses to start for other nodes with less (ulimit -n)."
)
MAPS: Final = Code(
    "CB142", "vm.max_map_count", "at least 262144", "Elasticsearch refuses to start for other nodes with less."
)
OVERCOMMIT: Final = Code("CB143", "vm.overcommit_memory", "not 2", "Java reserves more than it uses.")
HUGE_PAGES: Final = Code(
    "CB144", "transparent huge pages", "madvise or never", "PostgreSQL's latency suffers while they are made."
)
SELINUX: Final = Code("CB151", "SELinux", "permissive or disabled", "No policy for these services comes with it.")
FIREWALL: Final = Code(
    "CB152", "firewall", "lets the ports through", "Backends and frontends must reach this node's ports."
)
ACCOUNTS: Final = Code(
    "CB161", "accounts", "local", "An account from a directory service is missing while that service is."
)
SERVICE: Final = Code("CB301", "service", "running", "A service of this node does not run.")
FLAPPING: Final = Code("CB302", "service", "longer than 90 s", "It has just started, or starts again and again.")
LEADER: Final = Code("CB311", "leader", "exactly one", "Without one nothing can be written; frontends get errors.")
POSTGRESQL: Final = Code("CB312", "PostgreSQL", "one leader, all others synced", "Some servers do not follow.")
ETCD: Final = Code("CB321", "etcd", "all members healthy", "More than half must be, or no leader can be elected.")
SEARCH: Final = Code(
    "CB331", "Elasticsearch", "green, or yellow on a single node", "Red: some of the index is not there."
)
ROOM: Final = Code("CB351", "disk space", "leaderl.health_check.disk_min_space_mb", "PostgreSQL stops on a full disk.")
CERTIFICATE: Final = Code(
    "CB361", "certificate", "at least 30 days", "Replication between nodes ends when it has expired."
)
RESTART: Final = Code("CB371", "restart", "none due", "A service still runs with its old settings.")
DRIFT: Final = Code("CB381", "configuration", "as reconfigure wrote it", "Somebody changed what reconfigure manages.")
NOT_MEMBER: Final = Code("CB391", "cluster", "a member of one", "This node holds no data of a cluster yet.")

CODES: Final = (
    NTP, MEMORY, PROCESSORS, SSE42, MEMORY_PLAN, CLOCK, SPACE, FILE_SYSTEM, INODES, NOEXEC, SYNC, PORTS, HOST_NAME,
    ADDRESS, LOCALE, FILES, MAPS, OVERCOMMIT, HUGE_PAGES, SELINUX, FIREWALL, ACCOUNTS, SERVICE, FLAPPING, LEADER,
    POSTGRESQL, ETCD, SEARCH, ROOM, CERTIFICATE, RESTART, DRIFT, NOT_MEMBER,
)  # fmt: skip


def page() -> str:
    """Return the reference page's table."""
    rows = "".join(f"| {each.code} | {each.title} | {each.limit} | {each.meaning} |\n" for each in CODES)
    return f"| code | what | expected | why |\n|---|---|---|---|\n{rows}"
