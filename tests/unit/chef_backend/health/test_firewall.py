"""What each firewall shows of itself, and which of our ports it keeps closed."""

from __future__ import annotations

import pytest

from chef_backend.base.paths import Paths
from chef_backend.config.facts import HostFacts
from chef_backend.config.load import load
from chef_backend.health.fake import FakeWorld
from chef_backend.health.finding import Finding, Severity
from chef_backend.health.probes import firewall
from chef_backend.health.wanted import wanted

NEEDED = [2379, 2380, 5432, 7331, 9200, 9300]
FACTS = HostFacts(8 * 2**30, 2, "be1", ("10.0.2.15",), "15")
FIREWALLD = """\
public (active)
  target: default
  interfaces: eth0
  services: dhcpv6-client ssh postgresql etcd-client
  ports: 7331/tcp 9200-9300/tcp
  rich rules: 
\trule family="ipv4" source address="10.0.0.0/8" port port="2380" protocol="tcp" accept
"""  # noqa: W291 - as the program writes it
UFW = """\
Status: active
Logging: on (low)
Default: deny (incoming), allow (outgoing), disabled (routed)
New profiles: skip

To                         Action      From
--                         ------      ----
22/tcp                     ALLOW IN    Anywhere
2379:2380/tcp              ALLOW IN    10.0.0.0/8
5432                       ALLOW IN    Anywhere
7331/tcp                   DENY IN     Anywhere
9200,9300/tcp              ALLOW IN    Anywhere
"""
NFT = """\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ct state established,related accept
		tcp dport 22 accept
		tcp dport { 2379-2380, 5432 } ip saddr 10.0.0.0/8 accept
		tcp dport 7331 accept
	}
	chain forward {
		type filter hook forward priority filter; policy drop;
	}
}
"""
NFT_DOCKER = """\
table ip nat {
	chain OUTPUT {
		type nat hook output priority -100; policy accept;
		ip daddr 127.0.0.11 counter packets 0 bytes 0 jump DOCKER_OUTPUT
	}
}
"""
NFT_REJECT = """\
table ip filter {
	chain INPUT {
		type filter hook input priority filter; policy accept;
		tcp dport { 2379, 2380, 5432, 7331, 9200, 9300 } accept
		counter packets 12 bytes 720 reject with icmp type host-prohibited
	}
}
"""
IPTABLES = "-P INPUT ACCEPT\n-P FORWARD DROP\n-A INPUT -p tcp -m multiport --dports 2379:2380,5432 -j ACCEPT\n"


def closed(found: Finding) -> str:
    return found.evidence.removeprefix("not open: ")


def test_firewalld() -> None:
    """Ports, ranges, services that it knows, and rich rules are open; so is everything in a zone that accepts."""
    assert firewall.firewalld(FIREWALLD, NEEDED).severity is Severity.OK
    found = firewall.firewalld(FIREWALLD.replace("postgresql etcd-client", ""), NEEDED)
    assert (found.severity, closed(found)) == (Severity.WARNING, "2379, 5432")
    assert found.fix == "firewall-cmd --permanent --add-port=2379/tcp --add-port=5432/tcp && firewall-cmd --reload"
    assert firewall.firewalld("trusted\n  target: ACCEPT\n  ports: \n", NEEDED).severity is Severity.OK
    assert closed(firewall.firewalld("", NEEDED)) == ", ".join(map(str, NEEDED))


def test_ufw() -> None:
    """What it denies is closed, as is what it does not name."""
    found = firewall.ufw(UFW, NEEDED)
    assert (found.severity, closed(found), found.fix) == (Severity.WARNING, "7331", "ufw allow 7331/tcp")
    assert firewall.ufw(UFW.replace("deny (incoming)", "allow (incoming)"), NEEDED).severity is Severity.OK


@pytest.mark.parametrize(
    ("rules", "ports"),
    [(NFT, "9200, 9300"), (NFT_DOCKER, ""), ("", ""), (NFT_REJECT, ""), (NFT_REJECT.replace("9200, ", ""), "9200")],
)
def test_nftables(rules: str, ports: str) -> None:
    """Only what drops or rejects the rest closes anything, and only where packets come in."""
    found = firewall.nft(rules, NEEDED)
    assert closed(found) == ports
    assert (found.severity is Severity.OK) is (not ports)


@pytest.mark.parametrize(
    ("rules", "ports"),
    [
        (None, ""),
        (IPTABLES, ""),
        (IPTABLES.replace("INPUT ACCEPT", "INPUT DROP"), "7331, 9200, 9300"),
        (IPTABLES + "-A INPUT -j REJECT --reject-with icmp-host-prohibited\n", "7331, 9200, 9300"),
    ],
)
def test_iptables(rules: str | None, ports: str) -> None:
    """It is not there on most systems of today."""
    assert closed(firewall.iptables(rules, NEEDED)) == ports


@pytest.mark.parametrize(
    ("running", "answers", "value"),
    [
        ({"firewalld"}, {("firewall-cmd", "--list-all"): "target: ACCEPT"}, "firewalld lets all through"),
        (set(), {("ufw", "status", "verbose"): UFW, ("nft", "list", "ruleset"): NFT}, "ufw blocks 1 port"),
        (set(), {("ufw", "status", "verbose"): "Status: inactive\n"}, "none"),
        (set(), {("nft", "list", "ruleset"): NFT}, "nftables blocks 2 ports"),
        (set(), {("iptables", "-S"): IPTABLES}, "iptables lets all through"),
    ],
)
def test_the_one_that_runs_is_asked(running: set[str], answers: dict[tuple[str, ...], str], value: str) -> None:
    """A firewall's own program knows more than the rules that it makes."""
    world = FakeWorld(running=frozenset(running), answers=answers)
    (found,) = firewall.firewall(world, wanted(load("", FACTS, "f"), FACTS, Paths()))
    assert found.value == value
