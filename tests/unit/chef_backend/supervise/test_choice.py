"""Which services an order is for."""

from __future__ import annotations

import pytest

from chef_backend.base.clock import FakeClock
from chef_backend.base.errors import UnknownService
from chef_backend.supervise.choice import chosen
from chef_backend.supervise.fake import FakeSupervisor
from chef_backend.supervise.verbs import Verb


def supervisor() -> FakeSupervisor:
    return FakeSupervisor(FakeClock(), ("etcd", "leaderl"), disabled=("elasticsearch",))


def test_without_a_name_all_enabled_services_are_meant() -> None:
    assert chosen(supervisor(), "") == ("etcd", "leaderl")


def test_a_service_that_is_not_enabled_is_left_alone() -> None:
    """Nor is that an error: automation stops what there may be."""
    assert chosen(supervisor(), "etcd") == ("etcd",)
    assert chosen(supervisor(), "elasticsearch") == ()


def test_a_name_that_no_service_has_is_an_error_with_the_likely_one() -> None:
    with pytest.raises(UnknownService) as caught:
        chosen(supervisor(), "elasticserch")
    assert caught.value.hint == "did you mean elasticsearch?"
    with pytest.raises(UnknownService) as caught:
        chosen(supervisor(), "nginx")
    assert caught.value.hint == "there are elasticsearch, etcd, leaderl"
    with pytest.raises(UnknownService) as caught:
        chosen(FakeSupervisor(FakeClock()), "etcd")
    assert "create-cluster" in caught.value.hint


@pytest.mark.parametrize("verb", Verb)
def test_what_ends_services_goes_the_other_way_round(verb: Verb) -> None:
    services = ["leaderl", "etcd", "elasticsearch", "postgresql"]
    in_order = ["etcd", "postgresql", "elasticsearch", "leaderl"]
    assert verb.in_order(services) == (in_order[::-1] if verb in {Verb.STOP, Verb.DOWN, Verb.RESTART} else in_order)
