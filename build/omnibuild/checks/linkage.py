"""Libraries that an ELF file needs and would not find, or would find outside the root."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from omnibuild.checks.architectures import ARCHITECTURES
from omnibuild.checks.base import ElfFile, Problem, Severity, Subject
from omnibuild.checks.filetree import Where
from omnibuild.checks.linking import Unresolved

NAME = "linkage"
SEVERITY = Severity.ERROR
HINT = "link with an rpath inside the prefix and declare the component, or allow it in policy.system_libraries"
EXPLAIN = (
    "Each library that an ELF file needs must be found inside the root by the file's own RPATH or RUNPATH, "
    "or be one of policy.system_libraries. Anything else works only by luck: the node may lack the library, "
    "or hold another version of it. The rules are the loader's own, applied to each file as `ldd` does, so "
    "a library that only works because a program loads its needs beforehand (as in a Java runtime) is "
    "reported too; opt out of `linkage:<library>` with that reason. Symbol versions that a library of the root does "
    "not define, and a foreign program interpreter, are reported as well."
)


def find(subject: Subject) -> Iterator[Problem]:
    """Yield each need that fails, once: at the file that has it, unless it only fails elsewhere."""
    namesakes = _namesakes(subject)
    for file in subject.elves:
        yield from _interpreter(subject, file)
        closure = subject.closures.get(file.path)
        for failure in dict.fromkeys(closure.unresolved if closure else ()):
            if failure.user == file.path or failure not in subject.closures[failure.user].unresolved:
                yield file.problem(NAME, _message(failure, file.path, namesakes), failure.library)


def _interpreter(subject: Subject, file: ElfFile) -> Iterator[Problem]:
    wanted = file.elf.interpreter
    if wanted is None or wanted == ARCHITECTURES[subject.architecture].loader:
        return
    if subject.tree.follow(wanted).where is not Where.INSIDE:
        yield file.problem(NAME, f"asks for the program interpreter {wanted}, which is not glibc's on a node")


def _namesakes(subject: Subject) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for path in subject.tree.entries:
        found[path.rpartition("/")[2]].append(path)
    return found


def _message(failure: Unresolved, path: str, namesakes: Mapping[str, list[str]]) -> str:
    via = "" if failure.user == path else f" (for {failure.user}, which it loads)"
    if failure.version:
        return f"needs {failure.version} of {failure.library}{via}, but {failure.provider} does not define it"
    nearby = namesakes.get(failure.library.rpartition("/")[2])
    where = f"; {nearby[0]} has that name, but its folder is not searched" if nearby else ""
    return f"needs {failure.library}{via}: not found inside the root, and not allowed from the system{where}"
