"""Two hundred cases and twenty agents at once, on real engines: the table decides each of them."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from chalicelib.domain.case import Status
from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Handle, Policy, Team
from chalicelib.workflows.assign import assign
from chalicelib.workflows.change import CaseRef
from chalicelib.workflows.ports import BusyError, Commit
from chalicelib.workflows.routing.drain import drain
from tests.contract.store_engines import (
    NOON,
    WHOLE,
    Store,
    agent,
    case,
    conversation,
    engines,
    table_store,
)
from tests.fakes.outside import FakeParts

__all__ = ["engines", "table_store"]

AGENTS, ROOM, CASES = 20, 8, 200
HANDLE = Handle("acme-help", Channel.MESSENGER, "page-1", "Acme", "care")


def crowd(store: Store, cases: int, **facts: object) -> tuple[FakeParts, list[CaseRef]]:
    """Return a company with so many cases, none of them anybody's."""
    store.policies.publish(Policy("1", handles=(HANDLE,), teams=(Team("care"),)))
    store.policies.make_current("1")
    for number in range(AGENTS):
        store.agents.save(agent(f"agent-{number:02d}", capacity=ROOM * WHOLE))
    parts = FakeParts(store.conversations, store.agents, store.views, store.policies)
    refs = []
    for number in range(cases):
        head = conversation(f"crowd-{number}", public=True, case=case(**facts))
        store.conversations.commit(Commit(conversation=head))
        refs.append(CaseRef(head.id, 1, 1))
    return parts, refs


def claim(parts: FakeParts, ref: CaseRef) -> None:
    """Do the machine's step, again while the table is busy, as the machine does."""
    while True:
        try:
            assign(parts, ref)
        except BusyError:
            continue
        return


def held(store: Store, refs: list[CaseRef]) -> Counter[str]:
    found = (store.conversations.get(ref.conversation_id).case for ref in refs)
    return Counter(one.assignee for one in found)


def loads(store: Store) -> dict[str, int]:
    return {one.id: one.load for one in store.agents.all()}


def test_each_of_two_hundred_cases_has_one_agent_and_no_agent_too_many(table_store):
    parts, refs = crowd(table_store, CASES)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda ref: claim(parts, ref), refs))
    found = held(table_store, refs)
    assert found.pop("") == CASES - AGENTS * ROOM
    assert set(found.values()) == {ROOM}
    assert loads(table_store) == {name: count * WHOLE for name, count in found.items()}


def test_a_queue_is_drained_by_several_at_once_as_far_as_there_is_room(table_store):
    parts, refs = crowd(table_store, AGENTS * 2, status=Status.QUEUED, queued_at=NOON)
    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(lambda _: drain(parts, "care"), range(4)))
    found = held(table_store, refs)
    assert sum(given) == sum(found.values()) == AGENTS * 2
    assert "" not in found
    carried = {name: load for name, load in loads(table_store).items() if load}
    assert carried == {name: count * WHOLE for name, count in found.items()}
