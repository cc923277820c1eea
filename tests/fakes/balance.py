"""The scales: whatever is committed, what agents carry is the sum of what they hold."""

from chalicelib.domain.agent import Presence
from chalicelib.domain.holding import held
from chalicelib.workflows.ports import Commit
from tests.fakes.store import MemoryStore


class ImbalanceError(AssertionError):
    """Raised when a commit moves a case without its weight, or a weight without its case."""


def weigh_commits(store: MemoryStore) -> None:
    """Have every commit of a store weighed before it takes effect."""
    store.before_commit.append(lambda commit: _weigh(store, commit))


def _weigh(store: MemoryStore, commit: Commit) -> None:
    moved: dict[str, int] = {}
    for load in commit.load:
        moved[load.agent_id] = moved.get(load.agent_id, 0) + load.change
    head = commit.conversation
    if head is not None:
        stored = store.heads.get(head.id)
        if stored is not None and stored.rev != head.rev:
            return  # refused anyway: what was read is out of date
        for case, sign in ((stored.case if stored else None, 1), (head.case, -1)):
            one = held(case)
            moved[one.agent_id] = moved.get(one.agent_id, 0) + sign * one.weight
    wrong = {agent_id: change for agent_id, change in moved.items() if change}
    if wrong:
        raise ImbalanceError(f"loads and weights differ by {wrong}: use workflows.routing.load")


def balanced(store: MemoryStore) -> None:
    """Check that every agent carries the sum of what the agent holds."""
    sums = dict.fromkeys(store.people, 0)
    for head in store.heads.values():
        one = held(head.case)
        if one.agent_id:
            sums[one.agent_id] += one.weight
    assert {agent.id: agent.load for agent in store.people.values()} == sums


def nobody_is_overloaded(store: MemoryStore) -> None:
    """Check that nobody who is present carries more than they can."""
    for agent in store.people.values():
        assert agent.presence is not Presence.PRESENT or agent.load <= agent.capacity, agent
