"""care.yaml's people and time: each setting means what it says, and a mistake is told in words."""

from pathlib import Path

import pytest
import yaml

from chalicelib.domain.alert import Severity
from chalicelib.domain.authority import Limit, PromiseKind, Review
from chalicelib.domain.case import Status
from chalicelib.domain.ladder import (
    LEAD,
    USUAL,
    Ladder,
    Medium,
    Paging,
    PagingEndpoint,
    PagingKind,
    Rung,
)
from chalicelib.domain.policy import Team
from chalicelib.domain.rule import Act, Action, Condition, Rule, Trigger
from chalicelib.domain.shift import Need, Routing, Shift, Weights
from infra import configuration
from infra.errors import ConfigurationError

TEXT = {"id": "acme-sms", "channel": "sms", "account_id": "+15550100", "name": "A", "team": "care"}
CARE = {
    "brand": "Acme",
    "teams": [{"id": "care"}],
    "handles": [TEXT],
    "targets": [],
    "calendars": {"all": {"always": True}},
}
RUNG = {"to": ["lead"], "by": ["sms"]}


@pytest.fixture
def load(tmp_path: Path):
    def loaded(**changes):
        path = tmp_path / "care.yaml"
        path.write_text(yaml.safe_dump(CARE | changes), "utf-8")
        return configuration.load(path)

    return loaded


def test_a_ladder_is_climbed_in_the_order_of_its_times(load):
    rungs = [RUNG | {"after": "5m"}, RUNG | {"by": ["in_app"], "severities": ["critical"]}]
    policy = load(
        ladders=[{"id": "night", "rungs": rungs, "gather": "5s", "freeze": "10m"}],
        teams=[{"id": "care", "lead": "lena", "manager": "m", "on_call": ["o"], "ladder": "night"}],
    )
    first = Rung(0, (LEAD,), (Medium.IN_APP,), (Severity.CRITICAL,))
    night = Ladder("night", (first, Rung(300, (LEAD,), (Medium.SMS,))), 5, 600)
    assert policy.ladders == (night,)
    assert policy.ladder("care") == night
    assert policy.team("care") == Team("care", "", "lena", "m", ("o",), "night")


def test_a_team_without_a_ladder_climbs_the_usual_one(load):
    policy = load()
    assert policy.ladder("care") is USUAL
    assert policy.ladder("nobody") is USUAL


def test_paging_says_what_texts_may_cost(load):
    endpoint = {"id": "duty", "kind": "pagerduty"}
    policy = load(
        paging={
            "sms_handle": "acme-sms",
            "sms_budget_usd": "20",
            "sms_price_usd": "0.0079",
            "email_from": "care@example.com",
            "person": "2m",
            "quiet_below": "breach",
            "endpoints": [endpoint],
        }
    )
    duty = PagingEndpoint("duty", PagingKind.PAGERDUTY, "paging-duty")
    assert policy.paging == Paging(
        "acme-sms", 20_000_000, 7_900, "care@example.com", 120, Severity.BREACH, (duty,)
    )
    assert load().paging == Paging()


def test_a_rule_does_its_actions_in_their_order(load):
    silent = {
        "id": "silent",
        "status": "waiting_customer",
        "after": "7d",
        "when": {"channel": "sms", "without_labels": ["keep"]},
        "do": [{"label": "silent"}, {"snooze": "2h"}, {"assign": None}, {"close": "silent"}],
    }
    loud = {
        "id": "loud",
        "on": "message_received",
        "do": [{"priority": "urgent"}],
        "enabled": False,
    }
    assert load(rules=[silent, loud]).rules == (
        Rule(
            "silent",
            (
                Action(Act.LABEL, "silent"),
                Action(Act.SNOOZE, "7200"),
                Action(Act.ASSIGN),
                Action(Act.CLOSE, "silent"),
            ),
            status=Status.WAITING_CUSTOMER,
            after_seconds=604_800,
            when=Condition(channel="sms", without_labels=("keep",)),
        ),
        Rule("loud", (Action(Act.PRIORITY, "urgent"),), on=Trigger.MESSAGE_RECEIVED, enabled=False),
    )


def test_limits_are_in_cents_and_no_amount_is_any(load):
    fifty = {"kind": "refund", "role": "agent", "team": "care", "most": "50.5", "currency": "EUR"}
    policy = load(
        limits=[fifty, {"kind": "legal", "role": "admin"}],
        reviews=[{"handle": "acme-sms", "trainees": False, "public": True}],
    )
    assert policy.limits == (
        Limit(PromiseKind.REFUND, "agent", "care", 5_050, "EUR"),
        Limit(PromiseKind.LEGAL, "admin"),
    )
    assert policy.reviews == (Review("acme-sms", "", trainees=False, public=True),)


def test_shifts_and_routing_are_taken_over(load):
    policy = load(
        shifts=[{"id": "day", "team": "care", "calendar": "all", "agents": ["ann"]}],
        routing={
            "offer": "1m",
            "away": "2m",
            "handling": 60,
            "handling_by_label": {"b": "2m", "a": "1m"},
            "nobody": "10m",
            "weights": {"public": 200},
            "needs": [{"skill": "fr", "language": "fr"}],
        },
    )
    assert policy.shifts == (Shift("day", "care", policy.calendars["all"], ("ann",)),)
    assert policy.routing == Routing(
        60, 120, 60, (("a", 60), ("b", 120)), 600, Weights(public=200), (Need("fr", language="fr"),)
    )


def ladder(**rung):
    return {"ladders": [{"id": "night", "rungs": [RUNG | rung]}]}


def routing(**changes):
    return {"routing": changes}


def rule(**changes):
    made = {"id": "r", "on": "message_received", "do": [{"label": "x"}]}
    return {"rules": [made | changes]}


def limit(**changes):
    return {"limits": [{"kind": "refund", "role": "agent"} | changes]}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"teams": [{"id": "care", "ladder": "x"}]}, "team care names the ladder 'x'"),
        ({"reviews": [{"team": "x"}]}, "review names the team 'x'"),
        ({"reviews": [{"handle": "x"}]}, "review names the handle 'x'"),
        ({"ladders": [{"id": "night", "rungs": []}]}, "ladder night has no rung"),
        ({"ladders": [{"id": "N", "rungs": [RUNG]}]}, "the ladder id 'N' must be small letters"),
        (
            {"ladders": [{"id": "n", "rungs": [RUNG], "gather": "1h"}]},
            "ladder n: gather is 3600 s: it must lie between 1 and 300 s",
        ),
        (
            {"ladders": [{"id": "n", "rungs": [RUNG], "freeze": "soon"}]},
            "ladder n: freeze: 'soon' is not a duration",
        ),
        (ladder(to=[]), "tells nobody"),
        (ladder(to=["subscribers"]), "only `topic` reaches them"),
        (ladder(by=["webhook"]), "paging.endpoints has none"),
        (ladder(by=["email"]), "say paging.email_from"),
        (ladder(to=["No One"]), "names 'No One': write a role"),
        ({"paging": {"sms_handle": "x"}}, "name a handle of the channel sms"),
        ({"paging": {"sms_budget_usd": "lots"}}, "paging.sms_budget_usd is 'lots'"),
        ({"paging": {"sms_price_usd": "-1"}}, "paging.sms_price_usd is '-1'"),
        ({"paging": {"email_from": "nobody"}}, "not an email address"),
        ({"paging": {"person": "2h"}}, "paging.person is 7200 s"),
        (
            {"paging": {"endpoints": [{"id": "d", "kind": "opsgenie", "url": "http://a"}]}},
            "'http://a' is no https address",
        ),
        ({"paging": {"endpoints": [{"id": "d", "kind": "standard"}]}}, "endpoint d needs a url"),
        (rule(when={"team": "x"}), "rule r: "),
        (rule(status="queued"), "rule r: say either `on` or `status`"),
        (rule(after="soon"), "rule r: after: 'soon' is not a duration"),
        (rule(do=[{"snooze": "1s"}]), "rule r: snooze is 1 s"),
        (rule(do=[{"snooze": None}]), "rule r: snooze: '' is not a duration"),
        (limit(role="boss"), "names the role 'boss'"),
        (limit(team="x"), "limit 1 (refund) names the team 'x'"),
        (limit(most="ten", currency="EUR"), "the amount 'ten'"),
        (limit(most="10"), "the currency ''"),
        (limit(kind="apology", most="10", currency="EUR"), "is about no money"),
        (
            {"shifts": [{"id": "day", "team": "x", "calendar": "all"}]},
            "shift day names the team 'x'",
        ),
        (
            {"shifts": [{"id": "day", "team": "care", "calendar": "x"}]},
            "shift day names the calendar 'x'",
        ),
        (routing(offer="5s"), "routing.offer is 5 s: it must lie between 15 and 3600 s"),
        (routing(away="2d"), "routing.away is 172800 s"),
        (routing(handling_by_label={"b": "2d"}), "routing.handling b is 172800 s"),
        (routing(weights={"email": 0}), "routing.weights.email"),
        (routing(needs=[{"skill": "fr", "handle": "x"}]), "routing need 1 names the handle 'x'"),
        (routing(needs=[{"skill": "F R"}]), "has the skill 'F R'"),
    ],
)
def test_what_would_not_work_is_told_before_it_is_published(load, changes, says):
    with pytest.raises(ConfigurationError) as raised:
        load(**changes)
    assert any(says in line for line in raised.value.problems), raised.value.problems


@pytest.mark.parametrize("kind", ["ladders", "shifts"])
def test_nothing_stands_there_twice(load, kind):
    one = {
        "ladders": {"id": "a", "rungs": [RUNG]},
        "shifts": {"id": "a", "team": "care", "calendar": "all"},
    }[kind]
    with pytest.raises(ConfigurationError, match="stands there twice"):
        load(**{kind: [one, one]})


def test_a_misspelt_key_is_an_error(load):
    with pytest.raises(ConfigurationError, match="ofer"):
        load(routing={"ofer": 60})


def test_on_call_may_be_a_paging_endpoint(load):
    policy = load(
        paging={"endpoints": [{"id": "duty", "kind": "pagerduty"}]},
        teams=[{"id": "care", "on_call": ["duty"]}],
        **ladder(to=["on_call", "duty"], by=["webhook"]),
    )
    assert policy.ladders[0].rungs[0].to == ("on_call", "duty")
