"""Questions and the licence's gate: what counts as yes, and what happens when nobody answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from chef_backend.base.errors import LicenseNotAccepted
from chef_backend.base.paths import Paths
from chef_backend.ctl.licence import require_licence
from chef_backend.ctl.prompts import Declined, Scripted, require_proceed, require_word, require_yes


@pytest.fixture
def node(tmp_path: Path) -> Paths:
    """A node whose package has a licence, and no data yet."""
    paths = Paths(tmp_path)
    paths.install.mkdir(parents=True)
    paths.license.write_text("terms")
    return paths


@pytest.mark.parametrize("answers", [["y"], ["YES"], ["what?", "y"]], ids=str)
def test_yes_is_y_or_yes(answers: list[str]) -> None:
    """An unclear answer is asked again."""
    person = Scripted(answers)
    require_yes(person, "Would you like to proceed?", yes=False)
    assert person.asked == ["Would you like to proceed? (y/n)"] * len(answers)


@pytest.mark.parametrize("answers", [["n"], [], ["a", "b", "c", "y"]], ids=str)
def test_all_else_is_no(answers: list[str]) -> None:
    """No, the end of input and three unclear answers change nothing."""
    with pytest.raises(Declined):
        require_yes(Scripted(answers), "Go?", yes=False)


def test_options_answer_for_an_absent_person() -> None:
    """With `yes` nobody is asked; without it an empty chair is an error with a way out."""
    nobody = Scripted(["y"], there=False)
    require_yes(nobody, "Go?", yes=True)
    require_proceed(nobody, "no clock", yes=True)
    assert nobody.asked == []
    with pytest.raises(Declined) as raised:
        require_proceed(nobody, "no clock", yes=False)
    assert "--yes" in raised.value.hint
    assert raised.value.exit_code == 1


def test_words_are_typed_exactly() -> None:
    """`proceed` is not `Proceed`."""
    require_proceed(Scripted(["proceed"]), "CBWARN001", yes=False)
    require_word(Scripted(["be1"]), "Type the node's name:", "be1", yes=False)
    with pytest.raises(Declined):
        require_proceed(Scripted(["Proceed"]), "CBWARN001", yes=False)


def test_the_option_accepts_and_is_remembered(node: Paths) -> None:
    """The guard file is made, with the folders on its way, and nothing is asked again."""
    nobody = Scripted(there=False)
    require_licence(node, nobody, accepted=True)
    assert node.license_accepted.is_file()
    require_licence(node, nobody, accepted=False)


def test_typing_yes_accepts(node: Paths) -> None:
    """Exactly `yes`; anything else ends with 1 and leaves no file."""
    with pytest.raises(LicenseNotAccepted) as raised:
        require_licence(node, Scripted(["y"]), accepted=False)
    assert raised.value.exit_code == 1
    assert not node.data.exists()
    require_licence(node, Scripted(["yes"]), accepted=False)
    assert node.license_accepted.is_file()


def test_nobody_at_a_terminal_is_told_the_option(node: Paths) -> None:
    """Without a terminal and without the option: exit 1."""
    with pytest.raises(LicenseNotAccepted) as raised:
        require_licence(node, Scripted(there=False), accepted=False)
    assert "--accept-license" in raised.value.hint
    assert raised.value.exit_code == 1


def test_there_is_no_gate_without_a_licence(tmp_path: Path) -> None:
    """A package without the file asks nothing."""
    require_licence(Paths(tmp_path), Scripted(there=False), accepted=False)
