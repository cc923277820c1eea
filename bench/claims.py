"""Claims under contention: many machines look for an agent at once, on a real table.

Every case is one of the same team, every agent may take any of them, and the threads start
together: the worst that a storm does to routing.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from time import perf_counter

from bench import company
from bench.case import Scene, opened
from bench.engine import Count, counted
from bench.figures import Figure
from chalicelib.domain.agent import Agent, Presence
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.event import Person
from chalicelib.store.agents import Agents
from chalicelib.store.conversations import Conversations
from chalicelib.store.policies import Policies
from chalicelib.store.table import Table
from chalicelib.store.views import Views
from chalicelib.workflows import assign
from chalicelib.workflows.change import CaseRef
from chalicelib.workflows.ports import Query
from tests.fakes.outside import FakeParts
from tests.integration.table_engines import REGION, Engine

CASES, AGENTS, THREADS = 200, 20, 8
ROOM = 1400
"""What an agent can carry, in hundredths of a case: together the agents have room for them all."""


def figures(found: Engine) -> list[Figure]:
    """Measure claims a second, and what one claim asks of the table when many are made at once."""
    alone, _ = _claimed(found, threads=1)
    many, counts = _claimed(found, threads=THREADS)
    how = (
        f"{CASES} cases of one team and {AGENTS} agents on DynamoDB Local, {THREADS} threads that "
        "begin together; the engine has the machine's processors too"
    )
    requests = sum(count.total for count in counts) / CASES
    units = sum(count.write_units for count in counts) / CASES
    return [
        Figure("claims_per_second", CASES / many, "claims", f"alone {CASES / alone:.0f}", how),
        Figure("requests_per_claim", requests, "requests", "read, decide, one transaction", how),
        Figure("write_units_per_claim", units, "units", "refused ones too", how),
    ]


def _claimed(found: Engine, *, threads: int) -> tuple[float, list[Count]]:
    """Let threads claim agents for all cases; return the seconds and what each thread asked."""
    scene = _crowd(found)
    refs = [
        CaseRef(row.id, row.case.number, row.case.generation)
        for row in _open(scene)
        if row.case is not None
    ]
    assert len(refs) == CASES
    made = [_worker(found, scene) for _ in range(threads)]
    start = Barrier(threads)

    def work(number: int) -> None:
        start.wait()
        for ref in refs[number::threads]:
            made[number][0](ref)

    with ThreadPoolExecutor(threads) as pool:
        began = perf_counter()
        list(pool.map(work, range(threads)))
        took = perf_counter() - began
    _audit(scene)
    return took, [count for _, count in made]


def _crowd(found: Engine) -> Scene:
    """Return a company with many agents, and a case for each of many customers."""
    scene = opened(found)
    scene.parts.agents.set_presence("ana", Presence.OFFLINE, scene.parts.now())
    for number in range(AGENTS):
        name = f"agent-{number:02d}"
        scene.parts.agents.save(Agent(name, name, teams=("care",), capacity=ROOM))
        scene.parts.agents.set_presence(name, Presence.PRESENT, scene.parts.now())
    for number in range(CASES):
        who = Person(f"customer-{number:04d}", f"Customer {number}")
        event = company.event(scene.policy, number, scene.parts.now())
        scene.tell(replace(event, contact=who, author=who))
    return scene


def _open(scene: Scene) -> list[Conversation]:
    rows: list[Conversation] = []
    cursor = ""
    while True:
        page = scene.parts.views.open_cases(Query(team="care", limit=100, cursor=cursor))
        rows += page.rows
        cursor = page.cursor
        if not cursor:
            return rows


def _worker(found: Engine, scene: Scene) -> tuple[Callable[[CaseRef], object], Count]:
    """Return what finds an agent for a case with a client of its own, and its count."""
    name = scene.table.row.Meta.table_name
    table = Table(name, region=REGION, host=found.endpoint)
    count = counted(table)
    now = scene.parts.now
    parts = FakeParts(
        Conversations(table, now), Agents(table), Views(table), Policies(table, now), now
    )
    count.begin()
    return lambda ref: assign.assign(parts, ref), count


def _audit(scene: Scene) -> None:
    """Fail unless every case has one agent and nobody carries more than they can."""
    cases = [row.case for row in _open(scene)]
    assert all(case is not None and case.assignee for case in cases), "somebody was left out"
    for agent in scene.parts.agents.all():
        held = sum(case.weight for case in cases if case is not None and case.assignee == agent.id)
        assert agent.load == held <= agent.capacity, agent
