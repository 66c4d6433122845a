"""The one table of finding codes: stable names that an operator can search for, and the page that lists them.

A number is never given to anything else. 1xx is the host, 3xx the node and its cluster.
"""

from __future__ import annotations

from typing import Final

from chef_backend.health.finding import Code

NTP: Final = Code(
    "CBWARN001",
    "time service",
    "running",
    "The clocks of all nodes must agree to 1.5 seconds.",
    "Run chrony, ntpd or systemd-timesyncd on every node.",
)
MEMORY: Final = Code(
    "CB101",
    "memory",
    "at least 2 GB",
    "PostgreSQL, Elasticsearch, etcd and leaderl share it.",
    "Give the machine more memory.",
)
PROCESSORS: Final = Code(
    "CB102",
    "processors",
    "at least 2",
    "With one, a busy Elasticsearch keeps etcd waiting.",
    "Give the machine another processor.",
)
SSE42: Final = Code(
    "CB103",
    "processor features",
    "SSE4.2",
    "No test has run on an older processor.",
    "Let the virtual machine have its host's processor (a CPU type such as `host`), or use newer hardware.",
)
MEMORY_PLAN: Final = Code(
    "CB104",
    "memory by the settings",
    "at most three quarters",
    "What postgresql.shared_buffers and elasticsearch.heap_size claim must leave room for connections and files.",
    "Lower one of the two in chef-backend.rb, or leave both out: their defaults follow from the memory.",
)
CLOCK: Final = Code(
    "CB105",
    "clock",
    "synchronised to 1.5 s",
    "A time service that runs may still not have reached a server.",
    "See what it says: `chronyc -n tracking`, `timedatectl timesync-status` or `ntpq -p`.",
)
SPACE: Final = Code(
    "CB111",
    "disk space",
    "at least 5 GB",
    "PostgreSQL stops when its disk is full.",
    "Make the file system larger, or move what fills it elsewhere (`du -xh PATH | sort -h | tail`).",
)
FILE_SYSTEM: Final = Code(
    "CB112",
    "file system",
    "of a local disk",
    "Network file systems do not keep PostgreSQL's and etcd's data as they need it, and memory loses it.",
    "Mount a local disk there.",
)
INODES: Final = Code(
    "CB113",
    "inodes",
    "at least 5 % free",
    "Without a free inode no file can be made, however much space there is.",
    "Remove small files that are not needed (`du -x --inodes PATH | sort -n | tail`).",
)
NOEXEC: Final = Code(
    "CB114",
    "mount options",
    "no noexec",
    "Elasticsearch loads a library from its folder for temporary files, and does not start without.",
    "Mount it without `noexec`, or set elasticsearch.temp_directory to another folder.",
)
SYNC: Final = Code(
    "CB115",
    "disk latency",
    "99 of 100 within 10 ms",
    "etcd waits for the disk in each write; when that takes long, leaders change without need. Where half of the "
    "writes take more than 25 ms it is critical.",
    "Use a faster disk (SSD), not shared with what writes much.",
)
READ_ONLY: Final = Code(
    "CB116",
    "mount options",
    "rw",
    "Every service writes. The kernel makes a file system read-only when its disk fails.",
    "`dmesg | tail` says why; when the disk is well again, `mount -o remount,rw PATH`.",
)
PORTS: Final = Code(
    "CB121",
    "port",
    "free, or this node's",
    "Another program has the port that a service needs.",
    "Stop that program, or set another port in chef-backend.rb.",
)
CONFIGURATION: Final = Code(
    "CB130",
    "chef-backend.rb",
    "without a mistake",
    "No command changes a node whose configuration has mistakes.",
    "Correct the lines that `chef-backend-ctl show-config` names.",
)
HOST_NAME: Final = Code(
    "CB131",
    "host name",
    "leads to this node",
    "Elasticsearch and the node's certificate go by the name.",
    "Add the name to the name service or to /etc/hosts, or set `fqdn` in chef-backend.rb.",
)
ADDRESS: Final = Code(
    "CB132",
    "publish_address",
    "on this node",
    "The other nodes and the frontends reach this node at it.",
    "Set `publish_address` in chef-backend.rb to an address that `ip address` shows.",
)
LOCALE: Final = Code(
    "CB133",
    "locale",
    "a UTF-8 locale",
    "The node's databases need none of the system's, but its programs write UTF-8.",
    "Install one: `apt-get install locales`, or `dnf install glibc-langpack-en`.",
)
FILES: Final = Code(
    "CB141",
    "open files",
    "at least 65536",
    "With less, Elasticsearch starts on a node that is alone only; it refuses to in a cluster of several.",
    "Raise the limit that the machine's first process has; in a container: `--ulimit nofile=1048576`.",
)
MAPS: Final = Code(
    "CB142",
    "vm.max_map_count",
    "at least 262144",
    "With less, Elasticsearch starts on a node that is alone only; it refuses to in a cluster of several.",
    "`sysctl -w vm.max_map_count=262144`; in a container, on its host.",
)
OVERCOMMIT: Final = Code(
    "CB143",
    "vm.overcommit_memory",
    "0 or 1",
    "Java reserves more than it uses.",
    "`sysctl -w vm.overcommit_memory=0`, and a file in /etc/sysctl.d for the next boot.",
)
HUGE_PAGES: Final = Code(
    "CB144",
    "transparent huge pages",
    "madvise or never",
    "PostgreSQL waits while they are made.",
    "`echo madvise > /sys/kernel/mm/transparent_hugepage/enabled`, and the kernel's option for the next boot.",
)
SELINUX: Final = Code(
    "CB151",
    "SELinux",
    "disabled or permissive",
    "No policy for these services comes with the package: one of your own may deny what they do.",
    "See what it denied: `ausearch -m avc -ts recent`; to only log: `setenforce 0`.",
)
FIREWALL: Final = Code(
    "CB152",
    "firewall",
    "lets the ports through",
    "The other nodes and the frontends must reach this node's ports.",
    "Open the ports that are named for the other nodes and the frontends.",
)
ACCOUNTS: Final = Code(
    "CB161",
    "accounts",
    "of this node",
    "An account of a directory service is missing while that service is, and the node's services with it.",
    "Remove the account from the directory service, and add it here (`useradd --system`).",
)
STATE: Final = Code(
    "CB170",
    "state of this node",
    "without contradiction",
    "No command changes a node whose own files contradict each other.",
    "Do what the message says.",
)
LEFTOVERS: Final = Code(
    "CB171",
    "data of before",
    "none",
    "A new cluster is made without data of another.",
    "Bring it back with `chef-backend-ctl restore`, or be rid of it with `chef-backend-ctl cleanse`.",
)
LOOK: Final = Code(
    "CB300",
    "this look",
    "complete, in time",
    "What could not be looked at may be in any state.",
    "Run it as root; `chef-backend-ctl doctor` shows more.",
)
SERVICE: Final = Code(
    "CB301",
    "service",
    "running",
    "A service of this node does not run.",
    "`chef-backend-ctl start SERVICE`; when it ends again, `chef-backend-ctl tail SERVICE` says why.",
)
FLAPPING: Final = Code(
    "CB302",
    "service",
    "up for 90 s",
    "It starts again and again, or somebody has just started it.",
    "`chef-backend-ctl tail SERVICE`.",
)
SUPERVISOR: Final = Code(
    "CB303",
    "supervisor",
    "running",
    "What starts and watches this node's services does not run.",
    "`systemctl start chef-backend-runsvdir-start`; without systemd, `chef-backend-ctl reconfigure`.",
)
STRAY: Final = Code(
    "CB304",
    "stray process",
    "none",
    "A service's program runs that its supervisor did not start, and keeps the service from starting: that is left "
    "when runsv was killed.",
    "End it with `kill PID` (PostgreSQL's with `kill -INT PID`): the service starts by itself then.",
)
PAUSED: Final = Code(
    "CB305",
    "service",
    "not paused",
    "A signal has stopped its process: it is there, and does nothing.",
    "`chef-backend-ctl cont SERVICE`.",
)
LEADER: Final = Code(
    "CB311",
    "leader",
    "exactly one",
    "Without one nothing can be written, and frontends get errors.",
    "`chef-backend-ctl cluster-status`, then `chef-backend-ctl tail leaderl` on a node that waits.",
)
POSTGRESQL: Final = Code(
    "CB312",
    "PostgreSQL",
    "answers, its copies too",
    "A server that does not answer, or does not copy from the leader, cannot take over.",
    "`chef-backend-ctl tail postgresql` on the node that is named.",
)
NO_START: Final = Code(
    "CB313",
    "no-start-pgsql",
    "is not there",
    "While the file is there PostgreSQL is not started: this node led before, and its data may be behind.",
    "`chef-backend-ctl tail leaderl` says why. Only when no other node has newer data: "
    "`rm /var/opt/chef-backend/leaderl/data/no-start-pgsql`, then `chef-backend-ctl restart postgresql`.",
)
UNSYNCED: Final = Code(
    "CB314",
    "unsynced",
    "is not there",
    "A copy of the leader's data began and did not end well: this node may not lead with what it has.",
    "`chef-backend-ctl tail leaderl` says what stopped it; the data is to be copied from the leader again.",
)
ETCD: Final = Code(
    "CB321",
    "etcd",
    "all members healthy",
    "More than half must be, or no leader can be elected.",
    "`chef-backend-ctl tail etcd` on the node that is named.",
)
ETCD_SYNC: Final = Code(
    "CB322",
    "etcd's disk latency",
    "99 of 100 within 10 ms",
    "etcd waits for the disk in each write; when that takes long, leaders change without need.",
    "Use a faster disk (SSD), not shared with what writes much.",
)
SEARCH: Final = Code(
    "CB331",
    "Elasticsearch",
    "green",
    "Yellow: a copy is missing, as always where a node is alone. Red: a part of the index is not there.",
    "`chef-backend-ctl tail elasticsearch`.",
)
ROOM: Final = Code(
    "CB351",
    "disk space",
    "disk_min_space_mb",
    "PostgreSQL stops when its disk is full.",
    "Make the file system larger, or remove what fills it (`du -xh PATH | sort -h | tail`).",
)
CERTIFICATE: Final = Code(
    "CB361",
    "certificate",
    "valid for 30 days",
    "Replication between nodes ends when it has expired.",
    "`chef-backend-ctl reconfigure` makes a new one; one of your own you replace yourself.",
)
RESTART: Final = Code(
    "CB371",
    "restart",
    "none due",
    "A service still runs with its old settings.",
    "`chef-backend-ctl restart SERVICE`, or `chef-backend-ctl reconfigure --apply-restarts`.",
)
DRIFT: Final = Code(
    "CB381",
    "files of this node",
    "as reconfigure made",
    "Somebody changed what reconfigure manages, or chef-backend.rb was changed and reconfigure not run yet.",
    "`chef-backend-ctl reconfigure --dry-run` shows what, `chef-backend-ctl reconfigure` makes it as configured.",
)
SECRETS: Final = Code(
    "CB382",
    "secrets",
    "closed to others",
    "Somebody other than root and the services may read passwords.",
    "`chef-backend-ctl reconfigure` closes its own files; then change the passwords if others had access.",
)
NOT_MEMBER: Final = Code(
    "CB391",
    "cluster",
    "a member of one",
    "This node holds no data of a cluster yet.",
    "`chef-backend-ctl create-cluster`.",
)

HOST: Final = (
    NTP, MEMORY, PROCESSORS, SSE42, MEMORY_PLAN, CLOCK, SPACE, FILE_SYSTEM, INODES, NOEXEC, SYNC, READ_ONLY, PORTS,
    HOST_NAME, ADDRESS, LOCALE, FILES, MAPS, OVERCOMMIT, HUGE_PAGES, SELINUX, FIREWALL, ACCOUNTS,
)  # fmt: skip
NODE: Final = (
    CONFIGURATION, STATE, LEFTOVERS, LOOK, SERVICE, FLAPPING, SUPERVISOR, STRAY, PAUSED, LEADER, POSTGRESQL, NO_START,
    UNSYNCED, ETCD, ETCD_SYNC, SEARCH, ROOM, CERTIFICATE, RESTART, DRIFT, SECRETS, NOT_MEMBER,
)  # fmt: skip
CODES: Final = (*HOST, *NODE)


def page() -> str:
    """Return the sections of the reference page, one a code."""
    return "\n".join(
        f"## {each.code}\n\n{each.title}, expected: {each.limit}. {each.meaning}\n\nWhat to do: {each.remedy}\n"
        for each in CODES
    )
