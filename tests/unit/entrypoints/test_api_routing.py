"""The API of routing: offers, other teams, who is on shift, and what is known of agents."""

from dataclasses import replace

import pytest

from chalicelib.domain.agent import Presence
from chalicelib.domain.calendar import Calendar
from chalicelib.domain.shift import Routing, Shift
from chalicelib.workflows.assign import assign
from chalicelib.workflows.change import CaseRef
from tests.fakes.house import ADMIN, AGENT, LEAD, POLICY, STRANGER

PHONE = "+15550100"


def publish(house, **facts):
    house.store.policies.publish(replace(POLICY, version="v2", **facts))
    house.store.policies.make_current("v2")


@pytest.fixture
def offered(house):
    """A case that is offered to Ann."""
    publish(house, routing=Routing(offer_seconds=60))
    found = house.customer_writes()
    assign(house.parts, CaseRef(found.id, 1, 1))
    return house.conversation(found.id)


def change(house, found, what, person=AGENT, **body):
    path = f"/api/conversations/{found.id}/{what}"
    return house.gateway.change("POST", path, {"version": found.version} | body, person)


def test_an_offer_is_shown_and_accepted(house, offered):
    shown = house.gateway.get(f"/api/conversations/{offered.id}", AGENT).json["conversation"]
    assert shown["case"]["offered_to"] == "ann"
    assert shown["case"]["offered_until"] == "2026-11-02T09:01:00Z"
    answer = change(house, offered, "accept")
    case = answer.json["conversation"]["case"]
    assert (answer.status, case["assignee"], case["offered_to"]) == (200, "ann", "")
    assert case["offered_until"] is None


def test_an_offer_is_in_the_own_list(house, offered):
    listed = house.gateway.get("/api/cases", AGENT).json["conversations"]
    assert [one["id"] for one in listed] == [offered.id]


def test_an_offer_is_declined_with_a_reason_or_without(house, offered):
    answer = change(house, offered, "decline", reason="at the dentist's")
    assert answer.json["conversation"]["case"]["offered_to"] == ""
    again = change(house, house.conversation(offered.id), "decline")
    assert (again.status, again.code) == (409, "not_offered")


def test_a_case_is_given_to_another_team(house):
    found = house.customer_writes()
    answer = change(house, found, "team", team="shop", reason="it is about an order")
    assert answer.json["conversation"]["case"]["team"] == "shop"
    gone = change(house, house.conversation(found.id), "team", team="care", reason="back")
    assert gone.status == 404
    back = change(
        house, house.conversation(found.id), "team", STRANGER, team="none", reason="elsewhere"
    )
    assert (back.status, back.code) == (422, "no_such_team")


def test_a_team_needs_a_name_and_a_reason(house):
    found = house.customer_writes()
    assert change(house, found, "team", team="shop").status == 400
    assert change(house, found, "team", team="", reason="x").status == 400


def test_who_is_on_shift_is_told_of_the_teams_one_sees(house):
    shifts = (Shift("always", "care", Calendar(always=True), ("ann",)),)
    publish(house, shifts=shifts)
    (care,) = house.gateway.get("/api/shifts", AGENT).json["teams"]
    assert (care["team"], care["nobody"], care["gaps"]) == ("care", False, [])
    (ann,) = care["people"]
    assert (ann["id"], ann["presence"], ann["since"]) == ("ann", "present", "2026-11-02T09:00:00Z")
    assert care["shifts"] == [
        {"id": "always", "agents": ["ann"], "open": True, "closes_at": None, "opens_at": None}
    ]
    teams = house.gateway.get("/api/shifts", ADMIN).json["teams"]
    assert [one["team"] for one in teams] == ["care", "shop"]


def test_gaps_are_told_with_their_ends(house):
    publish(house, shifts=(Shift("never", "care", Calendar()),))
    (care,) = house.gateway.get("/api/shifts", LEAD).json["teams"]
    assert care["nobody"] is True
    assert care["gaps"] == [
        {"begins_at": "2026-11-02T09:00:00Z", "ends_at": "2026-11-04T09:00:00Z"}
    ]


def put(house, person=ADMIN, **body):
    rev = house.store.agents.get("ann").rev
    told = {"rev": rev, "name": "Ann", "teams": ["care"]} | body
    return house.gateway.change("PUT", "/api/agents/ann", told, person)


def test_an_admin_says_what_somebody_can_and_how_they_are_reached(house):
    facts = {
        "skills": ["fr", "fr", "billing"],
        "trainee": True,
        "phone": PHONE,
        "zone": "Europe/Berlin",
        "quiet": "22:00-07:00",
    }
    told = put(house, **facts).json
    assert {name: told[name] for name in facts} == facts | {"skills": ["fr", "billing"]}
    kept = put(house).json
    assert {name: kept[name] for name in facts} == facts | {"skills": ["fr", "billing"]}
    gone = put(house, skills=[], trainee=False, phone="", quiet="").json
    assert (gone["skills"], gone["trainee"], gone["phone"], gone["quiet"]) == ([], False, "", "")
    assert house.store.agents.get("ann").presence is Presence.PRESENT


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"phone": "0151 000"}, "bad_body"),
        ({"phone": "+15550100\n"}, "bad_body"),
        ({"phone": "+05550100"}, "bad_body"),
        ({"phone": "+1555010012345678"}, "bad_body"),
        ({"zone": "Europe/Nowhere"}, "bad_zone"),
        ({"zone": "../etc/passwd"}, "bad_zone"),
        ({"zone": ""}, "bad_body"),
        ({"quiet": "22-7"}, "bad_body"),
        ({"quiet": "24:00-07:00"}, "bad_body"),
        ({"quiet": "22:00-22:00"}, "bad_quiet"),
        ({"skills": ["two words"]}, "bad_body"),
        ({"skills": [""]}, "bad_body"),
    ],
)
def test_what_cannot_be_is_refused(house, facts, code):
    answer = put(house, **facts)
    assert (answer.status, answer.code) == (400, code)


def test_a_telephone_number_is_shown_to_its_owner_leads_and_admins_alone(house):
    from chalicelib.domain.access import Actor
    from chalicelib.entrypoints.answers_people import agent

    put(house, phone=PHONE)
    ann = house.store.agents.get("ann")
    assert house.gateway.get("/api/me", AGENT).json["phone"] == PHONE
    listed = house.gateway.get("/api/agents", LEAD).json["agents"]
    assert {one["id"]: one["phone"] for one in listed} == {"ann": PHONE, "lou": ""}
    colleague = Actor("bea", AGENT.role, ("care",))
    assert agent(ann, colleague).phone == ""
    shifts = house.gateway.get("/api/shifts", AGENT).json
    assert PHONE not in str(shifts)
