"""The column "Distributed Node Status": what the sources come to for the cluster as a whole. Pure."""

from __future__ import annotations

from chef_backend.leader.model import Role
from chef_backend.status.answers import LEADER, Answers
from chef_backend.status.model import Distributed, Failure, Healthy, Online, Replication, Roles

# The contract's words where nobody can tell how the followers do.
NO_STATS = "could not reach pgsql leader for replication stats"


def distributed(answers: Answers) -> Distributed:
    """Return a cell for each part; a source that did not answer is its cell."""
    return Distributed(
        leaderl=_roles(answers),
        etcd=_etcd(answers),
        postgresql=_replication(answers),
        elasticsearch=_search(answers),
        disks=_disks(answers),
    )


def _roles(answers: Answers) -> Roles | Failure:
    roles = [report.role for report in answers.fresh().values()]
    if not roles:
        return _silence(answers)
    leaders, followers = roles.count(LEADER), roles.count(Role.FOLLOWER)
    return Roles(leaders, len(roles) - leaders - followers, followers, _total(answers))


def _etcd(answers: Answers) -> Healthy | Failure:
    if isinstance(answers.members, Failure) and not answers.healthy:
        return answers.members
    return Healthy(sum(answers.healthy.values()), _total(answers))


def _replication(answers: Answers) -> Replication | Failure:
    leader = next((report for report in answers.fresh().values() if report.role == LEADER), None)
    if leader is None:
        return Failure(NO_STATS)
    states = [standby.state for standby in leader.standbys]
    synced = states.count("streaming")
    others = max(_total(answers) - 1, len(states))
    return Replication(int(leader.postgresql == "leader"), others - len(states), len(states) - synced, synced)


def _search(answers: Answers) -> Online | Failure:
    if isinstance(answers.search, Failure):
        return answers.search
    return Online(answers.search.state, answers.search.nodes, max(_total(answers), answers.search.nodes))


def _disks(answers: Answers) -> Healthy | Failure:
    reports = answers.fresh().values()
    return Healthy(sum(each.has_room for each in reports), _total(answers)) if reports else _silence(answers)


def _total(answers: Answers) -> int:
    return max(1, len(answers.guids()))


def _silence(answers: Answers) -> Failure:
    """Return why no node's leaderl is heard of."""
    if isinstance(answers.leaderl, Failure):
        return answers.leaderl
    return Failure("no node has told of itself yet")
