"""Routing under random histories and many at once: nobody over capacity, no weight lost."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import RLock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.access import Actor
from chalicelib.domain.agent import Presence, Role
from chalicelib.domain.case import Status
from chalicelib.domain.policy import Policy
from chalicelib.domain.shift import Need, Routing
from chalicelib.workflows import presence, stuck, wait
from chalicelib.workflows.answering.reply import reply
from chalicelib.workflows.assign import assign, assign_to, take
from chalicelib.workflows.change import Ask, CaseRef
from chalicelib.workflows.errors import RefusedError
from chalicelib.workflows.ports import BusyError
from chalicelib.workflows.resolve import reopen, resolve
from chalicelib.workflows.routing.drain import drain
from chalicelib.workflows.routing.offers import accept, decline
from tests.fakes.balance import balanced, nobody_is_overloaded
from tests.fakes.loop import FAULTS
from tests.fakes.outside import FakeParts
from tests.fakes.store import MemoryStore
from tests.unit.workflows.story import POLICY, Story

PEOPLE = ("ann", "bea", "cat")
GIVEN = replace(POLICY, routing=Routing())
OFFERED = replace(
    POLICY, routing=Routing(offer_seconds=60, needs=(Need("fr", handle="acme-page"),))
)

CHANGES = {
    "accept": accept,
    "decline": decline,
    "take": take,
    "give": lambda parts, ask: assign_to(parts, ask, "bea"),
    "reply": lambda parts, ask: reply(parts, ask, "On its way."),
    "wait": lambda parts, ask: wait.wait(parts, ask, "customer", "asked"),
    "third": lambda parts, ask: wait.wait(parts, ask, "third_party", "asked"),
    "resume": wait.resume,
    "resolve": lambda parts, ask: resolve(parts, ask, "done"),
    "reopen": lambda parts, ask: reopen(parts, ask, "not done"),
}
WHO = st.sampled_from(PEOPLE)
STEPS = st.one_of(
    st.tuples(st.just("private")),
    st.tuples(st.just("public"), st.integers(0, 2)),
    st.tuples(st.just("presence"), WHO, st.sampled_from(list(Presence))),
    st.tuples(st.just("time"), st.sampled_from([1, 30, 60, 200, 4000])),
    st.tuples(st.just("sweep")),
    st.tuples(st.just("change"), st.sampled_from(sorted(CHANGES)), WHO, st.integers(0, 3)),
)


class History(Story):
    """A story whose steps are drawn."""

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy, agents=())
        for name in PEOPLE:
            self.joins(name, capacity=240, skills=("fr",) if name == "ann" else ())
        self.keys = 0

    def step(self, what: str, *how: object) -> None:
        getattr(self, f"do_{what}")(*how)
        self.loop.rest()
        balanced(self.store)

    def do_private(self) -> None:
        self.writes("Hello?")

    def do_public(self, post: int) -> None:
        self.loop.ingest(self.comment(post_id=f"post-{post}"))

    def do_presence(self, who: str, what: Presence) -> None:
        presence.declare(self.parts, Actor(who, Role.AGENT, ("care",)), what)

    def do_time(self, seconds: int) -> None:
        self.loop.run(seconds=seconds)

    def do_sweep(self) -> None:
        stuck.sweep(self.parts)

    def do_change(self, name: str, who: str, which: int) -> None:
        heads = list(self.store.heads.values())
        if heads:
            head, self.keys = heads[which % len(heads)], self.keys + 1
            actor = Actor(who, Role.AGENT, ("care",))
            try:
                CHANGES[name](self.parts, Ask(actor, head.id, head.version, f"k-{self.keys}"))
            except RefusedError:
                return


@pytest.mark.parametrize("policy", [GIVEN, OFFERED], ids=["given", "offered"])
@settings(max_examples=150, deadline=None)
@given(steps=st.lists(STEPS, max_size=25))
def test_what_agents_carry_is_the_sum_of_what_they_hold_whatever_happens(policy, steps):
    story = History(policy)
    for step in steps:
        story.step(*step)
    for name in PEOPLE:
        story.step("presence", name, Presence.PRESENT)
    story.step("sweep")
    for head in story.store.heads.values():
        waits = head.case.status is Status.QUEUED and not head.case.offered_to
        fits = [
            agent
            for agent in story.store.people.values()
            if agent.spare >= head.case.weight
            and (head.handle != "acme-page" or policy is GIVEN or "fr" in agent.skills)
        ]
        assert not (waits and fits), "a case waits though somebody may have it"


# Many at once.

AGENTS, CASES = 20, 200


def lock(store: MemoryStore) -> None:
    """Let the calls of a memory store come one at a time, as each of the table's is whole."""
    held = RLock()
    store.around = lambda _: held


def crowd(policy: Policy, capacity: int) -> tuple[FakeParts, MemoryStore, list[CaseRef]]:
    """Return a company whose cases are all looking for somebody at the same moment."""
    story = Story(policy, agents=())
    for number in range(AGENTS):
        story.joins(f"agent-{number:02d}", capacity=capacity)
    for number in range(CASES):
        story.loop.ingest(story.comment(post_id=f"post-{number}"))
    lock(story.store)
    return story.parts, story.store, [CaseRef(head, 1, 1) for head in story.store.heads]


def claim(parts: FakeParts, ref: CaseRef) -> None:
    """Do the machine's step, again while the table is busy, as the machine does."""
    while True:
        try:
            assign(parts, ref)
        except BusyError:
            continue
        return


@pytest.mark.parametrize("policy", [GIVEN, replace(OFFERED, routing=Routing(offer_seconds=60))])
@pytest.mark.parametrize("capacity", [800, 1000, 5000])
def test_two_hundred_cases_find_twenty_agents_at_once(policy, capacity):
    parts, store, refs = crowd(policy, capacity)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda ref: claim(parts, ref), refs))
    balanced(store)
    nobody_is_overloaded(store)
    cases = [head.case for head in store.heads.values()]
    held = Counter(case.assignee or case.offered_to for case in cases)
    waiting = held.pop("", 0)
    assert waiting == max(0, CASES - AGENTS * capacity // 100)
    assert waiting == sum(case.queued_at is not None for case in cases)
    given = Counter(
        entry.kind
        for log in store.logs.values()
        for entries in log.values()
        for entry in entries
        if entry.agent_id
    )
    assert sum(given.values()) == CASES - waiting


def test_a_queue_of_two_hundred_is_drained_by_many_at_once_without_one_too_many():
    parts, store, refs = crowd(GIVEN, 0)
    for ref in refs:
        assign(parts, ref)
    for name, agent in list(store.people.items()):
        store.people[name] = replace(agent, capacity=900)
    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(lambda _: drain(parts, "care"), range(8)))
    balanced(store)
    nobody_is_overloaded(store)
    assert sum(given) == AGENTS * 9


def test_claims_that_interleave_at_every_read_leave_everybody_within_capacity():
    """Each claim reads who is there, and before it writes all the others have read the same."""
    story = Story(GIVEN, agents=())
    for name in PEOPLE:
        story.joins(name, capacity=200)
    for number in range(8):
        story.loop.ingest(story.comment(post_id=f"post-{number}"))
    refs = [CaseRef(head, 1, 1) for head in story.store.heads]
    inside: list[CaseRef] = []

    def others(_: object) -> None:
        if len(inside) < len(refs):
            inside.append(refs[len(inside)])
            assign(story.parts, inside[-1])

    story.store.before_commit.append(others)
    for ref in refs:
        assign(story.parts, ref)
    balanced(story.store)
    nobody_is_overloaded(story.store)
    held = Counter(head.case.assignee for head in story.store.heads.values())
    assert held == {"ann": 2, "bea": 2, "cat": 2, "": 2}


# Deaths.


def asked(change: Callable[[], object]) -> None:
    """Ask for a change as somebody's browser does: again when there was no answer."""
    while True:
        try:
            change()
        except FAULTS:
            continue
        return


def accepts(story: Story) -> None:
    """Let the second accept the offer that the first one let run out."""
    head = story.conversation
    ask = Ask(Actor("bea", Role.AGENT, ("care",)), head.id, head.version, "accepts")
    asked(lambda: accept(story.parts, ask))
    story.loop.rest()


def leaves(story: Story) -> None:
    who = Actor("bea", Role.AGENT, ("care",))
    asked(lambda: presence.declare(story.parts, who, Presence.OFFLINE))
    story.loop.run(minutes=8)


def told(story: Story) -> tuple[object, ...]:
    case = story.case
    return (
        (case.assignee, case.offered_to, case.status, case.preferred, case.refused_by),
        {agent.id: agent.load for agent in story.store.people.values()},
        [(entry.kind, entry.agent_id) for entry in story.log],
    )


def begun() -> Story:
    story = Story(replace(POLICY, routing=Routing(offer_seconds=60)), agents=("ann", "bea"))
    story.writes()
    return story


def test_a_death_at_any_place_gives_no_case_twice_and_loses_no_offer():
    """Offered, run out, offered to the next, accepted, left, offered anew: told again at each."""

    def act(story: Story) -> None:
        story.loop.run(seconds=70)
        accepts(story)
        leaves(story)

    calm = begun()
    first = len(calm.parts.trail.steps)
    act(calm)
    wanted = told(calm)
    assert [kind.value for kind, agent_id in wanted[2] if agent_id][:6] == [
        "CaseOffered",
        "OfferExpired",
        "CaseOffered",
        "CaseAssigned",
        "CaseUnassigned",
        "CaseOffered",
    ]
    for place in range(first, len(calm.parts.trail.steps)):
        story = begun()
        story.parts.trail.crash_at = place
        act(story)
        assert told(story) == wanted, f"died at {place}: {calm.parts.trail.steps[place]}"
        balanced(story.store)
