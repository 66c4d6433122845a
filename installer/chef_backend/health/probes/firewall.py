"""The firewall: whether it lets the ports through that others must reach."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from chef_backend.base.plural import counted
from chef_backend.health.codes import FIREWALL
from chef_backend.health.finding import Finding
from chef_backend.health.wanted import Wanted
from chef_backend.health.world import World

# The services that firewalld comes with and that are ours, with their ports.
_KNOWN: Final = {"postgresql": "5432", "etcd-client": "2379", "etcd-server": "2380", "elasticsearch": "9200 9300"}
_PORTS: Final = re.compile(r"\b(\d{1,5})(?:[-:](\d{1,5}))?(?:/tcp)?")
_INPUT: Final = re.compile(r"hook input [^}]*?policy (\w+);(?:[^{}]|\{[^}]*\})*")
# A rule without any condition: whatever came so far ends there.
_ENDS: Final = re.compile(r"^\s*(counter packets \d+ bytes \d+ )?(drop|reject)\b", re.MULTILINE)
_TABLES_END: Final = re.compile(r"^-P INPUT (DROP|REJECT)|^-A INPUT -j (DROP|REJECT)", re.MULTILINE)


def firewall(world: World, wanted: Wanted) -> Iterator[Finding]:
    """Yield what the firewall that runs does with the ports."""
    needed = sorted(wanted.ports)
    if "firewalld" in world.programs():
        yield firewalld(world.asked("firewall-cmd", "--list-all") or "", needed)
        return
    told = world.asked("ufw", "status", "verbose") or ""
    if "Status: active" in told:
        yield ufw(told, needed)
        return
    rules = world.asked("nft", "list", "ruleset")
    if rules is not None:
        yield nft(rules, needed)
        return
    yield iptables(world.asked("iptables", "-S"), needed)


def firewalld(zone: str, needed: Iterable[int]) -> Finding:
    """Judge the active zone, as `firewall-cmd --list-all` shows it."""
    lines = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in zone.splitlines())}
    if lines.get("target") == "ACCEPT":
        return FIREWALL.fine("firewalld lets all through")
    known = " ".join(_KNOWN.get(service, "") for service in lines.get("services", "").split())
    rich = zone.partition("rich rules:")[2]
    closed = _closed(needed, f"{lines.get('ports', '')} {known} {rich}")
    ports = " ".join(f"--add-port={port}/tcp" for port in closed)
    return _judged("firewalld", closed, f"firewall-cmd --permanent {ports} && firewall-cmd --reload")


def ufw(status: str, needed: Iterable[int]) -> Finding:
    """Judge what `ufw status verbose` shows of an active ufw."""
    if re.search(r"^Default: allow \(incoming\)", status, re.MULTILINE):
        return FIREWALL.fine("ufw lets all through")
    opened = " ".join(line.split()[0] for line in status.splitlines() if re.search(r"\b(ALLOW|LIMIT)\b", line))
    closed = _closed(needed, opened)
    return _judged("ufw", closed, f"ufw allow {','.join(map(str, closed))}/tcp")


def nft(rules: str, needed: Iterable[int]) -> Finding:
    """Judge the rules of nftables: a port that they name is taken to be open."""
    if not any(match[1] == "drop" or _ENDS.search(match[0]) for match in _INPUT.finditer(rules)):
        return FIREWALL.fine("nftables lets all through")
    named = " ".join(re.findall(r"dport (\{[^}]*\}|\S+)", rules))
    return _judged("nftables", _closed(needed, named), "nft list ruleset")


def iptables(rules: str | None, needed: Iterable[int]) -> Finding:
    """Judge the rules of iptables, of which there are none where the program is not there."""
    if rules is None or not _TABLES_END.search(rules):
        return FIREWALL.fine("none" if rules is None else "iptables lets all through")
    named = " ".join(re.findall(r"--dports? (\S+)", rules))
    return _judged("iptables", _closed(needed, named), "iptables -S")


def _judged(who: str, closed: Collection[int], fix: str) -> Finding:
    if not closed:
        return FIREWALL.fine(f"{who} has the ports open")
    ports = ", ".join(map(str, closed))
    return FIREWALL.warning(f"{who} blocks {counted(len(closed), 'port')}", evidence=f"not open: {ports}", fix=fix)


def _closed(needed: Iterable[int], opened: str) -> list[int]:
    ranges = [(int(low), int(high or low)) for low, high in _PORTS.findall(opened)]
    return [port for port in needed if not any(low <= port <= high for low, high in ranges)]
