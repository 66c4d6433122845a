"""Every argument that dpkg and rpm give a scriptlet, and what it means."""

from __future__ import annotations

import pytest

from chef_backend.install.event import Event, Format, Kind, Script, read_event

POSTINST, PRERM = Script


@pytest.mark.parametrize(
    ("script", "words", "last", "kind"),
    [
        # Debian policy, 6.5 to 6.8
        (POSTINST, "configure", "", Kind.INSTALL),
        (POSTINST, "configure 3.1.0-1", "", Kind.UPGRADE),
        (POSTINST, "configure 3.1.0-1", "3.1.0-1", Kind.UPGRADE),
        (POSTINST, "configure 3.2.0-1", "3.2.0-1", Kind.REINSTALL),
        (POSTINST, "configure", "3.2.0-1", Kind.REINSTALL),
        (POSTINST, "abort-upgrade 3.3.0-1", "3.2.0-1", Kind.ABORT),
        (POSTINST, "abort-remove", "3.2.0-1", Kind.ABORT),
        (POSTINST, "abort-remove in-favour other 1", "3.2.0-1", Kind.ABORT),
        (POSTINST, "abort-deconfigure in-favour other 1 removing third 1", "3.2.0-1", Kind.ABORT),
        (POSTINST, "triggered /some/path", "3.2.0-1", Kind.NOTHING),
        (PRERM, "remove", "3.2.0-1", Kind.REMOVE),
        (PRERM, "remove in-favour other 1", "3.2.0-1", Kind.REMOVE),
        (PRERM, "upgrade 3.3.0-1", "3.2.0-1", Kind.NOTHING),
        (PRERM, "failed-upgrade 3.1.0-1", "3.2.0-1", Kind.NOTHING),
        (PRERM, "deconfigure in-favour other 1", "3.2.0-1", Kind.NOTHING),
        # rpm
        (POSTINST, "1", "", Kind.INSTALL),
        (POSTINST, "1", "3.2.0-1", Kind.REINSTALL),
        (POSTINST, "2", "3.1.0-1", Kind.UPGRADE),
        (POSTINST, "2", "", Kind.INSTALL),
        (PRERM, "0", "3.2.0-1", Kind.REMOVE),
        (PRERM, "1", "3.2.0-1", Kind.NOTHING),
        # nobody's
        (POSTINST, "", "", Kind.NOTHING),
        (PRERM, "configure", "", Kind.NOTHING),
    ],
)
def test_arguments_are_understood(script: Script, words: str, last: str, kind: Kind) -> None:
    """A scriptlet that mistakes an upgrade for a removal stops a cluster."""
    assert read_event(script, "3.2.0-1", tuple(words.split()), last=last, allowed="").kind is kind


def test_the_old_version_comes_from_this_node_first() -> None:
    """After a removal dpkg tells none, and rpm never does."""
    event = read_event(POSTINST, "3.2.0-1", ("2",), last="3.1.0-1", allowed="")
    assert event == Event(Kind.UPGRADE, "3.2.0-1", "3.1.0-1", Format.RPM)


def test_a_downgrade_is_one_that_root_allowed() -> None:
    """Others do not get this far: preinst refuses them."""
    words = ("configure", "3.3.0-1")
    assert read_event(POSTINST, "3.2.0-1", words, last="3.3.0-1", allowed="3.2.0-1").kind is Kind.DOWNGRADE
    assert read_event(POSTINST, "3.4.0-1", words, last="3.3.0-1", allowed="3.2.0-1").kind is Kind.UPGRADE
