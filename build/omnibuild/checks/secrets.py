"""Private keys and other credentials in shipped files."""

from __future__ import annotations

from collections.abc import Iterator

from omnibuild.checks.base import Problem, Severity, Subject

NAME = "secrets"
SEVERITY = Severity.ERROR
HINT = "remove the file with payload.remove; if the secret was real, revoke it"
EXPLAIN = (
    "A package is public to everyone who can download it, so it must not hold private keys, access "
    "keys or URLs with a password. Test suites often bring keys along: they are worthless, but an "
    "operator's scanner reports them all the same, and one day somebody uses one. Only complete "
    "credentials are reported (a PEM body that decodes, a token of full length), and never shown. "
    "Compressed files are not looked into."
)


def find(subject: Subject) -> Iterator[Problem]:
    """Yield each credential with its kind and offset."""
    for component, entry in subject.files():
        for credential in subject.content(entry).credentials:
            yield Problem(NAME, component, entry.path, f"{credential.kind} at offset {credential.offset}")
