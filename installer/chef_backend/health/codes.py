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
    "etcd waits for the disk in each write; when that takes long, leaders change without need.",
    "Use a faster disk (SSD), not shared with what writes much.",
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
SECRETS: Final = Code(
    "CB382",
    "secrets",
    "closed to others",
    "Somebody other than root and the services may read passwords.",
    "`chef-backend-ctl reconfigure` closes its own files; then change the passwords if others had access.",
)

HOST: Final = (
    NTP, MEMORY, PROCESSORS, SSE42, MEMORY_PLAN, CLOCK, SPACE, FILE_SYSTEM, INODES, NOEXEC, SYNC, PORTS, HOST_NAME,
    ADDRESS, LOCALE, FILES, MAPS, OVERCOMMIT, HUGE_PAGES, SELINUX, FIREWALL, ACCOUNTS,
)  # fmt: skip
NODE: Final = (CONFIGURATION, STATE, LEFTOVERS, SECRETS)
CODES: Final = (*HOST, *NODE)


def page() -> str:
    """Return the sections of the reference page, one a code."""
    return "\n".join(
        f"## {each.code}\n\n{each.title}, expected: {each.limit}. {each.meaning}\n\nWhat to do: {each.remedy}\n"
        for each in CODES
    )
