"""The two sides of one talk: random lives of a customer who is met in public and in private."""

import contextlib
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.case import Status
from chalicelib.domain.clock import Outcome
from chalicelib.domain.message import Direction
from chalicelib.domain.outlook import Phase, phase
from chalicelib.domain.promise import RESPONSES
from chalicelib.workflows.errors import RefusedError
from tests.unit.workflows.talk import Talk

PASSES = {"a minute": 1, "an hour": 60, "two days": 2880, "five days": 7200}


def tell(talk, event, kept):
    """Let the platform tell of a message, and note what it told."""
    kept.append(event)
    talk.hears(event)


def again(talk, kept, number):
    """Let it tell once more of any message that it told of before."""
    if kept:
        talk.hears(kept[number % len(kept)])


def answer(talk, side):
    talk.says(side=side)


def act(talk, kept, what, number):
    """Do one thing; what is refused is refused."""
    acts = {
        "comments": lambda: tell(talk, talk.comment("Where?"), kept),
        "writes": lambda: tell(talk, talk.private_message("Number 4711"), kept),
        "told again": lambda: again(talk, kept, number),
        "invites": talk.invites,
        "answers": lambda: answer(talk, ""),
        "answers in public": lambda: answer(talk, "public"),
        "answers in private": lambda: answer(talk, "private"),
        "resolves": talk.resolves,
    }
    with contextlib.suppress(RefusedError):
        if what in PASSES:
            talk.loop.run(minutes=PASSES[what])
        else:
            acts[what]()
    talk.loop.rest()


ACTS = (
    "comments",
    "writes",
    "told again",
    "invites",
    "answers",
    "answers in public",
    "answers in private",
    "resolves",
    *PASSES,
)


def everything_stored_once(talk, kept):
    stored = Counter(m.platform_id for m in talk.store.messages.values() if not m.stub)
    told = {event.message_id for event in kept}
    assert {name: stored[name] for name in told} == dict.fromkeys(told, 1)


def clocks_follow_both_sides(talk):
    """What the case owes is what it was asked on either side after its last answer."""
    for head in talk.store.heads.values():
        case = head.case
        if case is None or not case.open:
            continue
        mine = [
            m
            for m in talk.store.messages.values()
            if m.conversation_id == head.id and m.case_number == case.number
        ]
        asked = [m.sent_at for m in mine if m.direction is Direction.INBOUND]
        answered = [reply.seen_until for reply in case.replies]
        owed = [at for at in asked if not answered or at > max(answered)]
        assert bool(case.asks) >= bool(owed)
        if owed:
            found = [case.clock(name) for name in RESPONSES]
            assert any(clock.outcome in (None, Outcome.BREACHED) for clock in found if clock)


def private_messages_go_where_the_case_is(talk):
    for message in talk.store.messages.values():
        home = talk.store.heads[message.conversation_id]
        assert message.public <= home.public
        if not message.public and home.public and message.direction is Direction.INBOUND:
            assert home.side.joined_at is not None


@given(
    st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 20)), max_size=16),
    st.booleans(),
)
@settings(max_examples=150)
def test_two_sides_are_one_case_with_one_set_of_clocks(life, known_before):
    talk, kept = Talk(), []
    if known_before:
        tell(talk, talk.private_message("Earlier"), kept)
        talk.where = next(iter(talk.store.heads))
        talk.resolves()
        talk.loop.run(days=5)
    first = talk.comment("Where is my parcel?")
    tell(talk, first, kept)
    talk.where = next(head.id for head in talk.store.heads.values() if head.public)
    for what, number in life:
        act(talk, kept, what, number)
        everything_stored_once(talk, kept)
        private_messages_go_where_the_case_is(talk)
        clocks_follow_both_sides(talk)
        machines = {one.case for one in talk.loop.executions.values() if one.token}
        for head in talk.store.heads.values():
            if head.case is not None and phase(head.case) is not Phase.CLOSED:
                assert head.token
        assert len(machines) >= sum(1 for head in talk.store.heads.values() if head.token)
    joined = [head for head in talk.store.heads.values() if head.joined]
    assert len(joined) <= 1
    assert len(talk.store.heads) <= 2


@given(st.lists(st.sampled_from(("comments", "writes", "answers", "a minute")), max_size=12))
@settings(max_examples=60)
def test_while_joined_there_is_exactly_one_open_case(life):
    talk, kept = Talk(), []
    tell(talk, talk.comment("Where is my parcel?"), kept)
    talk.where = next(iter(talk.store.heads))
    talk.invites()
    for what in life:
        act(talk, kept, what, 0)
        cases = [head.case for head in talk.store.heads.values() if head.case is not None]
        assert len(cases) == 1
        assert cases[0].number == 1
        assert cases[0].status is not Status.CLOSED
        inbound = [m for m in talk.messages if m.direction is Direction.INBOUND]
        assert {m.case_number for m in inbound} == {1}
