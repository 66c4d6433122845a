"""The one table of the operator's commands: the group, the help page, completion and the reference page are made of it.

To add a command: write `commands/<word>.py` with `@click.command(cls=Word)` on a function `command` whose first
argument is the Session (`@click.pass_obj`), add its row here in the same change, and run `make docs`. A row whose
module is not there fails the tests: nothing is listed that does not work. Modules are imported when their command runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """The parts of the help page, in its order."""

    CLUSTER = "Cluster"
    CONFIGURATION = "Configuration"
    SERVICES = "Services"
    DIAGNOSIS = "Diagnosis"
    GENERAL = "General"


@dataclass(frozen=True, slots=True)
class Row:
    """One command: `target` is `module:attribute` below ctl/commands; `root` when it needs root's rights."""

    word: str
    group: Group
    help: str
    target: str
    root: bool = False
    aliases: tuple[str, ...] = ()


def _row(word: str, group: Group, text: str, *, root: bool = False, aliases: tuple[str, ...] = ()) -> Row:
    return Row(word, group, text, f"{word.replace('-', '_')}:command", root, aliases)


def _order(word: str, text: str, attribute: str = "") -> Row:
    return Row(word, Group.SERVICES, text, f"orders:{attribute or word}", root=True)


TABLE = (
    _order("alarm", "Send the services an ALRM."),
    _row("backup", Group.CLUSTER, "Make a backup of this node, in /var/opt/chef-backup.", root=True),
    _row("cleanse", Group.CONFIGURATION, "Delete everything that this node has; backups stay.", root=True),
    _row("cluster-status", Group.CLUSTER, "Show the nodes of the cluster and their roles.", root=True),
    _row("completion", Group.GENERAL, "Print the completion script for bash, zsh or fish."),
    _order("cont", "Send the services a CONT."),
    _row(
        "create-cluster",
        Group.CLUSTER,
        "Make a new cluster, of which this node is the first member.",
        root=True,
        aliases=("bootstrap",),
    ),
    _row("doctor", Group.DIAGNOSIS, "Say what is wrong with this node, and what mends it.", root=True),
    _order("down", "As stop, without waiting for it."),
    _row("gather-logs", Group.DIAGNOSIS, "Put logs, states and settings into one file, without secrets.", root=True),
    _row(
        "gen-sample-backend-config",
        Group.CONFIGURATION,
        "Print a configuration file that sets everything to its default.",
    ),
    _row("gen-server-config", Group.CONFIGURATION, "Print the configuration of a frontend.", root=True),
    _order("graceful-kill", "Stop the services, and kill what is left of them.", "graceful"),
    _row("health", Group.DIAGNOSIS, "Print one verdict, in a line for Nagios and its kin."),
    _row("help", Group.GENERAL, "Show this page, or the help of one command."),
    _order("hup", "Send the services a HUP."),
    _order("int", "Send the services an INT.", "interrupt"),
    _order("kill", "Send the services a KILL; what ends is started again."),
    _order("once", "Start the services that are down, and leave them down when they end."),
    _order("pause", "Send the services a STOP."),
    _row("preflight", Group.DIAGNOSIS, "Tell whether this host is fit for a node.", root=True),
    _order("quit", "Send the services a QUIT.", "quit_"),
    _row("reconfigure", Group.CONFIGURATION, "Make this node as its configuration says.", root=True),
    _order("restart", "Stop the services that run, and start them again."),
    _row("restore", Group.CLUSTER, "Make a new cluster from a backup, of which this node is the leader.", root=True),
    _row("service-list", Group.SERVICES, "List the services, with a * behind those that are enabled."),
    _row("show-config", Group.CONFIGURATION, "Print the configuration that reconfigure would use.", root=True),
    _order("start", "Start the services that are down, and have them started again whenever they end."),
    _row("status", Group.SERVICES, "Show how the services of this node do, and what the cluster says.", root=True),
    _order("stop", "Stop the services, and leave them down."),
    _row("tail", Group.SERVICES, "Show the ends of the services' logs, and what is added to them.", root=True),
    _order("term", "Send the services a TERM; what ends is started again."),
    _row("uninstall", Group.CONFIGURATION, "Stop all services and their supervisor; data stays.", root=True),
    _order("up", "As start, without waiting for it."),
    _row("upgrade", Group.CLUSTER, "Bring this node's services to the installed version.", root=True),
    _order("usr1", "Send the services a USR1."),
    _order("usr2", "Send the services a USR2."),
    _row("version", Group.GENERAL, "Show the version of the installed software."),
)


def find(word: str) -> Row | None:
    """Return the row of a command by its word or an alias."""
    return next((row for row in TABLE if word == row.word or word in row.aliases), None)


def words() -> tuple[str, ...]:
    """Return every word that is a command, aliases too, sorted."""
    return tuple(sorted(word for row in TABLE for word in (row.word, *row.aliases)))
