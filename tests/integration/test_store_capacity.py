"""Many claims at once never give an agent more than the agent can carry."""

from concurrent.futures import ThreadPoolExecutor

from chalicelib.workflows.ports import BusyError, CapacityError, Commit, Load
from tests.contract.store_engines import NOON, WHOLE, agent, conversation, engines, table_store

__all__ = ["engines", "table_store"]

AGENTS = 20
ROOM = 8
CLAIMS = 200


def test_two_hundred_claims_of_twenty_agents_fill_each_and_none_over(table_store):
    """160 places for 200 claims: a case tries three agents, and 40 go to nobody."""
    names = [f"agent-{number:02d}" for number in range(AGENTS)]
    for name in names:
        table_store.agents.save(agent(name, capacity=ROOM * WHOLE))

    def claim(number):
        head = conversation(f"claim-{number}")
        for turn in range(3):
            name = names[(number + turn) % AGENTS]
            load = Load(name, WHOLE, NOON, claim=True)
            for _ in range(20):
                try:
                    table_store.conversations.commit(Commit(conversation=head, load=(load,)))
                except BusyError:
                    continue
                except CapacityError:
                    break
                return name
        return None

    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(claim, range(CLAIMS)))
    assert {found.id: found.load for found in table_store.agents.all()} == dict.fromkeys(
        names, ROOM * WHOLE
    )
    assert {name: given.count(name) for name in names} == dict.fromkeys(names, ROOM)
    assert given.count(None) == CLAIMS - AGENTS * ROOM
