"""The API's history: why, and dry runs, as a client sees them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.workflows.breach import breach
from chalicelib.workflows.change import CaseRef
from tests.fakes.house import ADMIN, AGENT, LEAD, POLICY, STRANGER

WHY = "/api/conversations/{}/why"


@pytest.fixture
def late(house):
    """Nobody answered a customer within 15 minutes, and the breach was recorded."""
    head = house.customer_writes()
    house.parts.now.advance(16 * 60)
    breach(house.parts, CaseRef(head.id, 1, 1))
    tight = replace(
        POLICY, version="tight", targets=tuple(replace(t, seconds=60) for t in POLICY.targets)
    )
    house.store.policies.publish(tight)
    return house.conversation(head.id)


def tried(house, person=LEAD, **body):
    now = house.parts.now()
    period = {
        "since": (now - timedelta(days=1)).isoformat(),
        "until": (now + timedelta(days=1)).isoformat(),
    }
    return house.gateway.change("POST", "/api/dry-runs", period | body, person)


def breached(answer):
    return {t["clock"]: t["breached"]["count"] for t in answer.json["tallies"]}


def test_everybody_of_the_team_may_ask_why(house, late):
    answer = house.gateway.get(WHY.format(late.id), AGENT)
    assert answer.status == 200
    assert answer.json["case"] == 1
    kinds = [one["kind"] for one in answer.json["decisions"]]
    assert kinds[0] == "CaseOpened"
    assert "DeadlineBreached" in kinds
    started = next(one for one in answer.json["decisions"] if one["kind"] == "ClockStarted")
    assert started["how"].startswith("started ")
    assert started["policy_version"] == "v1"
    assert house.gateway.get(WHY.format(late.id) + "?case=1", AGENT).json == answer.json
    assert house.gateway.get(WHY.format(late.id) + "?case=2", AGENT).status == 404
    assert house.gateway.get(WHY.format(late.id), STRANGER).status == 404


def test_what_was_in_force_gives_what_was_recorded_and_a_tighter_policy_more(house, late):
    answer = tried(house)
    assert answer.status == 200
    assert answer.json["cursor"] == ""
    assert breached(answer) == {"assign": 1, "first_response": 1, "resolution": 0}
    tight = tried(house, version="tight")
    assert breached(tight)["resolution"] == 1
    (why,) = tight.json["differences"]
    assert why["case_id"] == f"{late.id}-1"
    assert why["why"] == "target 1 min instead of 1 d"
    assert (why["was"]["breached"], why["would"]["breached"]) == (False, True)


def test_a_dry_run_is_for_leads_of_the_team_and_for_admins(house, late):
    assert tried(house, AGENT).status == 403
    assert tried(house, ADMIN).json["cases"] == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"version": "nowhere"}, 404),
        ({"until": "2020-01-01T00:00:00Z"}, 422),
        ({"until": "2090-01-01T00:00:00Z"}, 422),
        ({"since": "yesterday"}, 400),
        ({"cursor": "nonsense"}, 400),
    ],
)
def test_a_dry_run_of_what_is_not_there_is_refused(house, late, body, status):
    assert tried(house, **body).status == status
