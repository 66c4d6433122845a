"""The steps of a release, each done by omnibuild and by its peers in turn."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from comparison import OURS, Comparison, alternate
from peers import Peers, total
from subject import Subject
from timing import Sample, Series
from verdicts import compare, parse_ldd

from omnibuild.lineup.load import load_project

SECTIONS = ("restore", "health", "leaf", "nothing", "packages")
_MEMORY_BAR = int(1.5e9)


@dataclass(slots=True)
class Steps:
    """Measures one project, whose packages exist, against the peers on the same files."""

    subject: Subject
    peers: Peers
    runs: int
    slow_runs: int
    numbers: int = 0

    def restore(self) -> list[Comparison]:
        """The prefix laid out again: from the store, from a git cache, by copying."""
        snapshot = Series("git add, git commit", [self.peers.snapshot()])
        sides = alternate(
            self.runs,
            omnibuild=self.subject.restore,
            git_checkout=self.peers.restore,
            **{"cp -a": self.peers.stage},
        )
        facts = {"git add, git commit": snapshot.median_s}
        return [Comparison(self.subject.name, "prefix restored", sides, limit_s=1.5, facts=facts)]

    def health(self) -> list[Comparison]:
        """Every file looked at, and every ELF file's libraries resolved."""
        sides = alternate(
            self.runs, **{"omnibuild, all checks": self.subject.checks, "find, file, ldd": self.peers.health}
        )
        lineup = load_project(self.subject.lineup, self.subject.recipes).lineup
        ldd = parse_ldd(self.peers.ldd_output.read_text(errors="replace"), lineup.root, lineup.policy.system_libraries)
        report = json.loads((self.subject.work / "anew/check-report.json").read_bytes())
        facts: dict[str, Any] = compare(ldd, report)
        return [Comparison(self.subject.name, "health check", sides, limit_s=2, facts=facts)]

    def leaf(self) -> list[Comparison]:
        """One leaf component changed: both packages out again."""
        compiled: list[float] = []

        def ours() -> Sample:
            self.numbers += 1
            self.subject.leaf(self.numbers)
            sample = self.subject.package()
            compiled.extend(c["seconds"] for c in self.subject.report()["components"] if c["built"])
            return sample

        series = Series(OURS, [ours() for _ in range(self.runs)])
        spent = sorted(compiled)[len(compiled) // 2]
        peer = Series("Omnibus-like steps, one after the other", [self._omnibus() for _ in range(self.slow_runs)])
        facts = {"built": [c["name"] for c in self.subject.report()["components"] if c["built"]]}
        what = "leaf changed, deb and rpm out"
        return [Comparison(self.subject.name, what, [series, peer], limit_s=25, spent_s=spent, facts=facts)]

    def _omnibus(self) -> Sample:
        if not (self.peers.work / "cache.git").exists():
            self.peers.snapshot()
        steps = (
            *(self.peers.restore(), self.peers.snapshot_again(), self.peers.health()),
            *(self.peers.stage(), self.peers.dpkg_deb(9)),
            *(self.peers.stage(), self.peers.rpmbuild("w9.gzdio")),
        )
        return total(*steps)

    def nothing(self) -> list[Comparison]:
        """The same command again."""
        self.subject.package()
        series = Series(OURS, [self.subject.package() for _ in range(max(self.runs, 5))])
        return [Comparison(self.subject.name, "nothing changed", [series], limit_s=2)]

    def packages(self) -> list[Comparison]:
        """deb and rpm of a prefix that is built: assembled, checked, written, read back and compared."""
        peers = self.peers
        both = alternate(
            self.slow_runs,
            **{
                "omnibuild (gzip:1, zstd:3)": self.subject.package_anew,
                "nfpm's defaults, deb then rpm": lambda: total(peers.nfpm("deb"), peers.nfpm("rpm")),
                "dpkg-deb, rpmbuild, gzip -9": lambda: total(peers.dpkg_deb(9), peers.rpmbuild("w9.gzdio")),
            },
        )
        quick = alternate(
            self.runs,
            **{
                "omnibuild (gzip:1, zstd:3)": self.subject.package_anew,
                "nfpm, same compression": lambda: total(peers.nfpm("deb", "gzip:1"), peers.nfpm("rpm", "zstd:3")),
                "dpkg-deb, rpmbuild, same": lambda: total(peers.dpkg_deb(1), peers.rpmbuild("w3.zstdio")),
                "omnibuild, deb only": lambda: self.subject.package_anew("deb"),
                "omnibuild, rpm only": lambda: self.subject.package_anew("rpm"),
            },
        )
        both[0].samples += quick[0].samples
        memory = {"resident_bytes": both[0].together, "within_1.5_GB": both[0].together <= _MEMORY_BAR}
        alone = quick[3].median_s + quick[4].median_s
        reuse = {"both_s": quick[0].median_s, "each_alone_s": alone, "saved_s": round(alone - quick[0].median_s, 2)}
        return [
            Comparison(self.subject.name, "deb and rpm", both, least_ratio=4, facts=memory),
            Comparison(self.subject.name, "deb and rpm, same compression", quick, facts=reuse),
        ]
