"""The plan says in plain words what publishing would change, and nothing else."""

from dataclasses import fields, replace
from datetime import time

import pytest

from chalicelib.domain.authority import Limit, PromiseKind, Review
from chalicelib.domain.calendar import Calendar, Frame
from chalicelib.domain.channel import Channel
from chalicelib.domain.clock import ClockName
from chalicelib.domain.ladder import LEAD, MANAGER, Ladder, Medium, Paging, Rung
from chalicelib.domain.policy import (
    Endpoint,
    Handle,
    Policy,
    Privacy,
    Search,
    Subscriber,
    Survey,
    Target,
    Team,
)
from chalicelib.domain.rule import Act, Action, Rule, Trigger
from chalicelib.domain.shift import Routing, Shift
from infra.plan import MOST_SHOWN, changes

BEFORE = Policy(
    "v1",
    brand="Acme",
    handles=(Handle("acme-x", Channel.X, "1", "@acme", "care", settings={"every": "60"}),),
    teams=(Team("care"),),
    targets=(Target(ClockName.ASSIGN, 300), Target(ClockName.ASSIGN, 60, channel="x")),
    calendars={"office": Calendar("UTC", week=((Frame(time(9), time(17)),), *((),) * 6))},
)


def lines(**to: object) -> list[str]:
    return changes(BEFORE, replace(BEFORE, **to))


def test_nothing_is_said_of_what_stays():
    assert lines(version="v2") == []


def test_the_first_policy_is_said_to_be_the_first():
    assert changes(None, BEFORE) == ["This is the first policy: v1"]


def test_handles_come_go_and_change():
    moved = replace(BEFORE.handles[0], team="social", settings={"every": "120", "region": "DE"})
    mail = Handle("acme-mail", Channel.EMAIL, "care@example.com", "Acme", "care")
    assert lines(handles=(moved, mail)) == [
        "+ handle acme-mail",
        "~ handle acme-x: team: care -> social",
        "~ handle acme-x: settings every: 60 -> 120",
        "~ handle acme-x: settings region: nothing -> DE",
    ]
    assert lines(handles=()) == ["- handle acme-x"]


def test_a_promise_is_known_by_what_it_is_about():
    targets = (Target(ClockName.ASSIGN, 240), Target(ClockName.ASSIGN, 60, channel="sms"))
    assert lines(targets=targets) == [
        "~ promise assign: within: 5 min -> 4 min (shorter)",
        "+ promise assign sms",
        "- promise assign x",
    ]


def test_calendars_come_go_and_change():
    office = BEFORE.calendars["office"]
    longer = replace(office, zone="Europe/Berlin")
    assert lines(calendars={"office": longer, "night": office}) == [
        "+ calendar night",
        "~ calendar office: zone: UTC -> Europe/Berlin",
    ]
    assert lines(calendars={}) == ["- calendar office"]


def test_single_settings_are_told_by_their_name():
    found = lines(warn_percents=(80,), privacy=Privacy(hide=True, allowed=("a@example.com",)))
    assert found == [
        "~ warn percents: 50, 75, 90 -> 80",
        "~ privacy: hide: no -> yes",
        "~ privacy: allowed: nothing -> a@example.com",
    ]


def test_a_long_text_is_cut():
    (line,) = lines(survey=Survey(text="x" * 500))
    assert len(line) < 2 * MOST_SHOWN + 60
    assert line.endswith("...")


def test_the_rungs_of_a_ladder_are_told_one_by_one():
    lead, manager = Rung(300, (LEAD,), (Medium.SMS,)), Rung(900, (MANAGER,), (Medium.SMS,))
    before = replace(BEFORE, ladders=(Ladder("night", (lead, manager)),))
    sooner = replace(lead, after_seconds=60)
    assert changes(before, replace(before, ladders=(Ladder("night", (sooner,)),))) == [
        "~ ladder night: rungs 1: after: 5 min -> 1 min (shorter)",
        "- ladder night: rungs 2: 900 manager sms nothing",
    ]
    assert changes(before, replace(before, ladders=(Ladder("night", (lead, manager, lead)),))) == [
        "+ ladder night: rungs 3: 300 lead sms nothing",
    ]


def test_a_limit_is_known_by_who_may_promise_what():
    fifty = Limit(PromiseKind.REFUND, "agent", "care", 5_000, "EUR")
    before = replace(BEFORE, limits=(fifty,))
    assert changes(before, replace(before, limits=(replace(fifty, cents=9_900),))) == [
        "~ limit refund agent care EUR: cents: 5000 -> 9900"
    ]


def test_a_length_of_time_says_which_way_it_goes():
    assert lines(reopen_window_seconds=3600) == ["~ reopen window: 3 d -> 1 h (shorter)"]


OTHER = {
    "brand": "Bmec",
    "handles": (),
    "teams": (),
    "targets": (),
    "calendars": {},
    "survey": Survey(enabled=False),
    "subscribers": (Subscriber("warnings", "email", "a@example.com"),),
    "warn_percents": (50,),
    "follow_delay_seconds": 1,
    "reopen_window_seconds": 1,
    "public_url": "https://care.example.com",
    "endpoints": (Endpoint("crm", "https://crm.example.com", "hook-crm"),),
    "searches": (Search("brand", "acme-x", "acme"),),
    "privacy": Privacy(detect=False),
    "ladders": (Ladder("night", (Rung(0, (LEAD,), (Medium.SMS,)),)),),
    "paging": Paging(person_seconds=60),
    "rules": (Rule("silent", (Action(Act.CLOSE, "silent"),), on=Trigger.SCORE_RECEIVED),),
    "limits": (Limit(PromiseKind.REFUND, "agent", cents=5_000, currency="EUR"),),
    "reviews": (Review(handle="acme-x"),),
    "shifts": (Shift("early", "care", Calendar(always=True)),),
    "routing": Routing(offer_seconds=60),
}


@pytest.mark.parametrize(
    "name", [field.name for field in fields(Policy) if field.name != "version"]
)
def test_no_part_of_a_policy_changes_unsaid(name):
    assert lines(**{name: OTHER[name]})
