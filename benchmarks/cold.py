"""A build from nothing: our order against the same recipes one after the other with the same make -j."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from comparison import Comparison
from subject import Subject, linked_store
from timing import Sample, Series, measure

from omnibuild import graph
from omnibuild.lineup.load import load_project
from omnibuild.pipeline.plan import Edges

_MIB = 1 << 20


class Cold:
    """Cold builds of some components of one project, whose sources are there already."""

    def __init__(self, subject: Subject, components: tuple[str, ...], work: Path) -> None:
        self._subject = subject
        self._components = components
        self._work = work
        self._built: dict[str, dict[str, Any]] = {}

    def build(self, *options: str) -> Sample:
        """Build in a store that holds nothing but sources."""
        store = self._work / "cold-store"
        shutil.rmtree(store, ignore_errors=True)
        linked_store(self._subject.store, store, parts=("sources",))
        output = self._work / "built.json"
        arguments = (*self._components, "--offline", "--json", *options)
        sample = measure(self._subject.argv("build", *arguments, store=store), output=output)
        self._built = json.loads(output.read_bytes())
        shutil.rmtree(store)
        return replace(sample, largest=max(item["peak_rss_bytes"] for item in self._built.values()))

    def compare(self, runs: int) -> Comparison:
        """Build both ways in turn, and say what the longest chain would have allowed."""
        ours = Series("omnibuild, ready components at once")
        peer = Series("one after the other, same make -j")
        for _ in range(runs):
            peer.samples.append(self.build("--components-at-once", "1"))
            alone = self._built
            ours.samples.append(self.build())
        return Comparison(self._subject.name, "cold build", [ours, peer], facts=self._facts(alone))

    def _facts(self, alone: dict[str, dict[str, Any]]) -> dict[str, Any]:
        edges = Edges.of(load_project(self._subject.lineup, self._subject.recipes))
        seconds = {name: item["seconds"] for name, item in alone.items()}
        path_s, path = graph.critical_path({name: edges.needed[name] for name in alone}, seconds)
        return {
            "sum_of_components_s": round(sum(seconds.values()), 1),
            "critical_path_s": round(path_s, 1),
            "critical_path": list(path),
            "components": {
                name: {
                    "alone_s": alone[name]["seconds"],
                    "beside_others_s": item["seconds"],
                    "peak_mib": item["peak_rss_bytes"] // _MIB,
                }
                for name, item in self._built.items()
            },
        }
