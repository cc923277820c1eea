"""Routing: who may have a case, who of them gets it, and which case is first."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from chalicelib.domain.agent import Agent, Presence
from chalicelib.domain.calendar import Calendar, Frame
from chalicelib.domain.case import Case, Status
from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Policy
from chalicelib.domain.routing import Wanted, WhyNot, anybody, needs, rank, share, slack, turn
from chalicelib.domain.shift import Need, Routing, Shift
from tests.unit.domain.terms import BEGINNING, POLICY, at, opened

CARE = Wanted("care", 100)
NINE_TO_FIVE = Calendar(week=dict.fromkeys(range(5), (Frame(time(9), time(17)),)))
EVENING = at(9 * 3600)
"""At six: the days of these tests begin at nine."""


def agent(name: str, **facts: object) -> Agent:
    made = Agent(name, teams=("care",), presence=Presence.PRESENT, capacity=800)
    return replace(made, **facts)


def ranked(
    *people: Agent, wanted: Wanted = CARE, shifts=(), now: datetime = BEGINNING
) -> list[str]:
    return [one.id for one in rank(people, wanted, shifts, now).agents]


def test_the_greatest_share_of_room_comes_first_then_who_waited_longest():
    people = (
        agent("half", load=400),
        agent("big", capacity=1600, load=400),
        agent("recent", load=100, last_assigned_at=at(9)),
        agent("long ago", load=100, last_assigned_at=at(1)),
        agent("new", load=100),
    )
    assert ranked(*people) == ["new", "long ago", "recent", "big", "half"]


def test_a_share_and_not_an_amount_of_room_decides():
    assert ranked(agent("most", capacity=2000, load=1000), agent("freer", load=100)) == [
        "freer",
        "most",
    ]


def test_who_had_the_case_before_gets_it_again():
    wanted = replace(CARE, preferred="before")
    assert ranked(agent("idle"), agent("before", load=700), wanted=wanted) == ["before", "idle"]


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"presence": Presence.AWAY}, WhyNot.ABSENT),
        ({"presence": Presence.OFFLINE}, WhyNot.ABSENT),
        ({"load": 701}, WhyNot.ROOM),
        ({"load": 900}, WhyNot.ROOM),
        ({"capacity": 0}, WhyNot.ROOM),
        ({"skills": ("de",)}, WhyNot.SKILLS),
        ({"id": "bea"}, WhyNot.PASSED),
        ({"id": "cat"}, WhyNot.OFF_SHIFT),
    ],
)
def test_who_may_not_have_a_case_is_counted_by_reason(facts, why):
    ann = agent("ann", skills=("fr", "billing"))
    wanted = Wanted("care", 100, frozenset({"fr"}), "ann", ("bea",))
    shifts = (Shift("day", "care", Calendar(always=True), ("ann", "bea")),)
    ranking = rank([replace(ann, **facts)], wanted, shifts, at(0))
    assert (ranking.agents, ranking.why_not) == ((), {why: 1})
    assert ranking.reason == f"nobody may have it: 1 {why.value.replace('_', ' ')}"


def test_people_of_other_teams_are_not_even_counted():
    ranking = rank([agent("sam", teams=("shop",))], CARE, (), at(0))
    assert (ranking.agents, ranking.why_not) == ((), {})
    assert ranking.reason == "nobody may have it: the team has no agents"


def test_a_team_with_shifts_works_in_them_and_a_team_without_always():
    shift = Shift("day", "care", NINE_TO_FIVE)
    other = Shift("night", "shop", Calendar())
    assert ranked(agent("ann"), shifts=(shift, other)) == ["ann"]
    assert ranked(agent("ann"), shifts=(shift, other), now=EVENING) == []
    assert ranked(agent("ann"), shifts=(other,), now=EVENING) == ["ann"]


def test_what_was_decided_from_is_told():
    people = [agent("ann", load=200, skills=("fr",)), agent("bea", presence=Presence.AWAY)]
    wanted = Wanted("care", 70, frozenset({"fr"}), "ann")
    ranking = rank(people, wanted, (), at(0))
    assert ranking.inputs(people[0]) == {
        "candidates": "1",
        "weight": "70",
        "needs": "fr",
        "share_free": "75%",
        "because": "had it before",
        "not_present": "1",
    }
    other = rank(people, replace(wanted, preferred="", skills=frozenset()), (), at(0))
    assert other.inputs(people[0])["because"] == "greatest share of room"
    assert other.inputs() == {"candidates": "1", "weight": "70", "not_present": "1"}


def test_nothing_is_no_share_of_nothing():
    assert share(agent("ann", capacity=0)) == 0
    assert ranked(agent("ann", capacity=0), wanted=Wanted("care", 0)) == ["ann"]


def case(**facts: object) -> Case:
    return replace(opened().case, **facts)


@pytest.mark.parametrize(
    ("need", "asked"),
    [
        (Need("x"), True),
        (Need("x", handle="acme-dm"), True),
        (Need("x", handle="acme-page"), False),
        (Need("x", channel="messenger"), True),
        (Need("x", channel="email"), False),
        (Need("x", label="refund"), True),
        (Need("x", label="praise"), False),
        (Need("x", language="fr"), True),
        (Need("x", language="de"), False),
        (Need("x", channel="messenger", language="de"), False),
    ],
)
def test_a_case_needs_the_skills_of_its_handle_channel_label_and_language(need, asked):
    found = needs(
        case(labels=("refund",), language="fr"), Channel.MESSENGER, Routing(needs=(need,))
    )
    assert found == (frozenset({"x"}) if asked else frozenset())


def test_somebody_is_there_who_is_present_and_on_shift_with_room_or_without():
    day = (Shift("day", "care", NINE_TO_FIVE),)
    full = agent("ann", load=800)
    assert anybody([full], "care", day, at(0))
    assert not anybody([full], "care", day, EVENING)
    assert anybody([full], "care", (), EVENING)
    assert not anybody([full], "shop", (), at(0))
    assert not anybody([agent("ann", presence=Presence.AWAY)], "care", (), at(0))


def test_the_queue_is_ordered_by_what_is_left_after_handling():
    routing = Routing(handling_seconds=60, handling_by_label=(("refund", 600), ("praise", 5)))
    policy = Policy("v1", routing=routing)
    usual, long = case(), case(labels=("refund", "praise", "other"))
    short = case(labels=("praise",))
    assert slack(usual, policy, at(100)) == timedelta(seconds=300 - 100 - 60)
    assert slack(long, policy, at(100)) == timedelta(seconds=300 - 100 - 600)
    first = sorted([usual, short, long], key=lambda one: turn(one, policy, at(0)))
    assert first == [long, usual, short]


def test_of_equal_slack_the_oldest_is_first_and_without_a_deadline_one_is_last():
    old, new = case(asks=(at(1),)), case(asks=(at(2),))
    older = case(asks=(), opened_at=at(0))
    never = case(clocks=())
    found = sorted([never, new, old, older], key=lambda one: turn(one, POLICY, at(9)))
    assert found == [older, old, new, never]
    assert replace(never, status=Status.QUEUED).open
