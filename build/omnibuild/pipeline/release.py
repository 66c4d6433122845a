"""The work behind dist/: assemble, check, compare with the last release, package, report."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from omnibuild import events
from omnibuild.checks.base import Subject
from omnibuild.checks.release_description import ReleaseDescription, describe
from omnibuild.checks.release_diff import diff
from omnibuild.checks.release_gate import judge
from omnibuild.checks.release_text import to_markdown
from omnibuild.component.licence_files import LICENSES, licence_name
from omnibuild.errors import CheckFailed
from omnibuild.files import remove_tree, sha256_of, write_atomic
from omnibuild.lineup.load import Project
from omnibuild.packaging.build import BuiltPackage, build_packages
from omnibuild.packaging.contents import Content, ContentKind, Format, contents_of
from omnibuild.packaging.depends import SystemNeeds
from omnibuild.packaging.documentation import Licensed, documents, notices_of
from omnibuild.packaging.extras import extra_contents
from omnibuild.packaging.spec import spec_of
from omnibuild.pipeline import report
from omnibuild.pipeline.assemble import Assembly
from omnibuild.pipeline.build import BuildOutcome
from omnibuild.pipeline.checking import Checked, check_prefix, require_passed, tell_warnings
from omnibuild.pipeline.plan import Planner
from omnibuild.pipeline.records import MANIFEST_JSON, MANIFEST_TEXT
from omnibuild.plural import counted
from omnibuild.store.local import LocalStore

CHECK_REPORT = "check-report.json"
RELEASE = "release.json"
DIFF_MARKDOWN = "release-diff.md"
DIFF_JSON = "release-diff.json"
SUMS = "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class Release:
    """What is to be released: built components, the records that travel along, and where to."""

    planner: Planner
    store: LocalStore
    outcome: BuildOutcome
    records: Mapping[str, bytes]
    key: str
    formats: tuple[Format, ...]
    previous: Path | None
    output: Path

    @property
    def project(self) -> Project:
        """The project that is released."""
        return self.planner.project


def write_release(release: Release, tell: events.Listener) -> tuple[Path, ...]:
    """Leave packages, manifests and reports in the output folder; return the files.

    Raises CheckFailed before anything is packaged, PackageMismatch after.
    """
    started = time.monotonic()
    work = release.store.scratch("package")
    try:
        root = release.project.lineup.root
        tell(events.Phase("assembling", f"{counted(len(release.project.shipped()), 'component')} below {root}"))
        checked = check_prefix(release.project, release.store, release.outcome.results, work / "root")
        require_passed(checked.report, release.output / CHECK_REPORT, tell)
        lineup = release.project.lineup
        now = describe(checked.subject, name=lineup.name, version=lineup.version)
        if release.previous is not None:
            _compare(release, release.previous, now, tell)
        built = _package(release, checked, work, tell)
        return _finish(release, checked, now, built, started)
    finally:
        remove_tree(work)


def _compare(release: Release, previous: Path, now: ReleaseDescription, tell: events.Listener) -> None:
    """Report the difference to the last release; CheckFailed if a gate does not let it pass."""
    difference = diff(ReleaseDescription.load(previous.read_bytes(), where=str(previous)), now)
    write_atomic(release.output / DIFF_MARKDOWN, to_markdown(difference).encode())
    write_atomic(release.output / DIFF_JSON, (json.dumps(difference.to_json(), indent=1) + "\n").encode())
    errors = tell_warnings(judge(difference, release.project.lineup.policy.severity), tell)
    if errors:
        hint = f"see {release.output / DIFF_MARKDOWN}; set policy.severity if it is meant"
        raise CheckFailed("\n".join(errors), hint=hint)


def _package(release: Release, checked: Checked, work: Path, tell: events.Listener) -> tuple[BuiltPackage, ...]:
    tell(events.Phase("packaging", ", ".join(release.formats)))
    needs = SystemNeeds.of(_system_needs(checked.subject))
    contents = _contents(release, checked.assembly, work)
    spec = spec_of(release.project.lineup, contents, needs, release.project.directory)
    built = build_packages(spec, formats=release.formats, output=release.output)
    for package in built:
        tell(events.Verified(package.path, package.size, package.seconds))
    return built


def _contents(release: Release, assembly: Assembly, work: Path) -> tuple[Content, ...]:
    lineup = release.project.lineup
    folder = work / "records"
    folder.mkdir()
    extras = list(extra_contents(lineup.package, release.project.directory))
    extras += documents(lineup, _licensed(release.project, assembly), release.project.directory, folder)
    for number, (path, data) in enumerate(sorted(release.records.items())):
        file = folder / f"record-{number}"
        file.write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        extras.append(
            Content(f"{lineup.root}/{path}", ContentKind.FILE, 0o644, source=file, sha256=digest, size=len(data))
        )
    return contents_of(lineup.root, assembly.entries, release.store.object_path, extras)


def _licensed(project: Project, assembly: Assembly) -> Iterable[Licensed]:
    for name in assembly.trees:
        recipe = project.recipes[name].recipe
        texts = [f"{LICENSES}/{licence_name(name, file)}" for file in recipe.license_files]
        found = [assembly.directory / text for text in texts]
        notices = [line for path in found for line in notices_of(path.read_text(errors="replace"))]
        yield Licensed(
            name,
            recipe.version,
            recipe.license,
            recipe.homepage or "",
            tuple(f"{project.lineup.root}/{text}" for text in texts),
            tuple(notices),
        )


def _system_needs(seen: Subject) -> Iterable[tuple[str, str]]:
    allowed = frozenset(seen.policy.system_libraries)
    for file in seen.elves:
        yield from ((soname, "") for soname in file.elf.needed if soname in allowed)
        yield from ((need.library, need.version) for need in file.elf.version_needs if need.library in allowed)


def _finish(
    release: Release,
    checked: Checked,
    now: ReleaseDescription,
    built: tuple[BuiltPackage, ...],
    started: float,
) -> tuple[Path, ...]:
    output = release.output
    for name in (MANIFEST_JSON, MANIFEST_TEXT):
        write_atomic(output / name, release.records[name])
    write_atomic(output / RELEASE, now.dump())
    named = [package.path.name for package in built] + [MANIFEST_JSON, MANIFEST_TEXT, RELEASE]
    digests = {package.path.name: package.sha256 for package in built}
    sums = "".join(f"{digests.get(n) or sha256_of(output / n)}  {n}\n" for n in sorted(named))
    write_atomic(output / SUMS, sums.encode())
    files = tuple(output / name for name in (*named, SUMS))
    seconds = time.monotonic() - started
    done = report.Report(release.planner, release.outcome, checked.report, built, files, release.key, seconds)
    report.write(output, done)
    return files
