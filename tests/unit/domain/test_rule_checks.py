"""Rules that make no sense are told of before they are published."""

from dataclasses import replace

import pytest

from chalicelib.domain.case import Status
from chalicelib.domain.ladder import Paging, PagingEndpoint
from chalicelib.domain.policy import Endpoint, Team
from chalicelib.domain.rule import Act, Action, Condition, Rule, Trigger
from chalicelib.domain.rule_checks import problems
from tests.unit.domain.terms import POLICY as BARE

POLICY = replace(
    BARE,
    teams=(Team("care"),),
    endpoints=(Endpoint("erp", "https://erp.example", "secret"),),
    paging=Paging(endpoints=(PagingEndpoint("pager", "pagerduty", "https://page.example", "s"),)),
)
LABEL = (Action(Act.LABEL, "seen"),)


def event(**facts: object) -> Rule:
    return replace(Rule("one", LABEL, on=Trigger.MESSAGE_RECEIVED), **facts)


def timed(**facts: object) -> Rule:
    return replace(Rule("one", LABEL, status=Status.ASSIGNED, after_seconds=60), **facts)


def does(act: Act, value: str = "") -> Rule:
    return event(do=(Action(act, value),))


GOOD = [
    event(),
    timed(repeat_seconds=15),
    event(on=Trigger.STATUS_CHANGED, to_status=Status.RESOLVED),
    event(
        on=Trigger.SCORE_RECEIVED, when=Condition(score_at_most=2, score_at_least=1, team="care")
    ),
    event(when=Condition(words=("refund",), handle="acme-dm", channel="messenger", public=False)),
    timed(status=Status.QUEUED, when=Condition(assigned=False)),
    timed(status=Status.ASSIGNED, when=Condition(assigned=True)),
    timed(status=Status.RESPONDED, when=Condition(answered=True)),
    timed(status=Status.RESOLVED, do=(Action(Act.CLOSE, "over"), Action(Act.NOTE, "x"))),
    timed(repeat_seconds=3600, do=(Action(Act.REPLY, "Hello {name}, this is {handle}."),)),
    does(Act.ASSIGN),
    does(Act.ASSIGN, "ann"),
    does(Act.PRIORITY, "high"),
    does(Act.PRIORITY),
    does(Act.UNLABEL, "seen"),
    does(Act.NOTIFY, "lead"),
    does(Act.NOTIFY, "pager"),
    does(Act.NOTIFY, "ann"),
    does(Act.WEBHOOK, "erp"),
    does(Act.SNOOZE, "3600"),
    does(Act.CLOSE, "silence"),
]

BAD = [
    (event(id="no good"), "must be a word"),
    (event(id=""), "(without a name)"),
    (event(status=Status.NEW, after_seconds=60), "either `on` or `status`"),
    (event(on=None), "either `on` or `status`"),
    (event(to_status=Status.NEW), "on: status_changed"),
    (event(after_seconds=60), "go with `status`"),
    (event(repeat_seconds=60), "go with `status`"),
    (timed(status=Status.CLOSED), "not looked at any more"),
    (timed(after_seconds=14), "15 seconds or more"),
    (timed(repeat_seconds=14), "15 seconds or more"),
    (timed(repeat_seconds=3599, do=(Action(Act.REPLY, "x"),)), "after 3600 seconds"),
    (event(when=Condition(team="shop")), "no team shop"),
    (event(when=Condition(handle="shop")), "no handle shop"),
    (event(when=Condition(channel="x")), "on the channel x"),
    (timed(when=Condition(words=("a",))), "messages alone"),
    (event(when=Condition(words=("a", " "))), "is empty"),
    (event(when=Condition(labels=("Seen",))), "as it is kept: seen"),
    (event(when=Condition(priority="Very High")), "no word in small letters"),
    (event(when=Condition(score_at_most=2)), "score_received"),
    (event(on=Trigger.SCORE_RECEIVED, when=Condition(score_at_least=6)), "from 1 to 5"),
    (
        event(on=Trigger.SCORE_RECEIVED, when=Condition(score_at_least=3, score_at_most=2)),
        "can never fire",
    ),
    (event(when=Condition(labels=("a", "b"), without_labels=("b",))), "label b and has it not"),
    (timed(when=Condition(assigned=False)), "no question"),
    (timed(status=Status.NEW, when=Condition(assigned=True)), "no question"),
    (timed(status=Status.RESPONDED, when=Condition(answered=False)), "is answered"),
    (event(do=()), "it does nothing"),
    (timed(status=Status.RESOLVED, do=(Action(Act.SNOOZE, "60"),)), "is for open cases"),
    (does(Act.PRIORITY, "Very High"), "no word in small letters"),
    (does(Act.LABEL, "a,b"), "no comma"),
    (does(Act.UNLABEL, "Big  One"), "as it is kept: big one"),
    (does(Act.NOTE, " "), "between 1 and"),
    (does(Act.REPLY, "x" * 10_001), "between 1 and"),
    (does(Act.REPLY, "Hello {first}"), "`{first}` cannot be filled in"),
    (does(Act.NOTIFY, "every body"), "`notify` tells one of"),
    (does(Act.WEBHOOK, "shop"), "no endpoint shop"),
    (does(Act.WEBHOOK), "(without a name)"),
    (does(Act.SNOOZE, "14"), "between 15 seconds and 90 days"),
    (does(Act.SNOOZE, "tomorrow"), "between 15 seconds and 90 days"),
    (does(Act.SNOOZE, "7776001"), "between 15 seconds and 90 days"),
    (does(Act.CLOSE, " "), "needs a reason"),
]


@pytest.mark.parametrize("good", GOOD)
def test_a_rule_that_makes_sense_has_no_problem(good):
    assert problems((good,), POLICY) == []


@pytest.mark.parametrize(("bad", "said"), BAD)
def test_a_rule_that_makes_none_is_told_of_by_its_name(bad, said):
    found = problems((bad,), POLICY)
    assert [one for one in found if said in one]
    assert all(one.startswith(f"rule {bad.id or '(without a name)'}: ") for one in found)


def test_two_rules_need_two_names():
    assert problems((event(), timed()), POLICY) == ["rule one: there are several of that name"]
