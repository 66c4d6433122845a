"""What a node that is no member is told to do next."""

from __future__ import annotations

import pytest

from chef_backend.base.errors import NotAMember
from chef_backend.reconfigure.membership import Membership, require_member


@pytest.mark.parametrize(
    ("found", "hint"),
    [
        (Membership.NONE, "run chef-backend-ctl create-cluster first"),
        (Membership.CREATING, "run chef-backend-ctl create-cluster again: it goes on where it ended"),
        (Membership.RESTORING, "run chef-backend-ctl restore again, with the same archive"),
    ],
)
def test_whoever_is_no_member_is_told_the_command_that_makes_it_one(found: Membership, hint: str) -> None:
    """That of an interrupted restore is no create-cluster, which would refuse."""
    with pytest.raises(NotAMember) as caught:
        require_member(found)
    assert caught.value.hint == hint


def test_a_member_is_one() -> None:
    require_member(Membership.MEMBER)
