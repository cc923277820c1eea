"""The API's pages: in the desk people see what they were told, and take it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.alert import Severity
from chalicelib.domain.ladder import Medium
from chalicelib.domain.page import Member, Page, PageState, Telling
from tests.fakes.house import ADMIN, AGENT, LEAD, STRANGER


@pytest.fixture(autouse=True)
def pages(house):
    """Two open pages of team care and one of team shop."""
    for page_id, team in (("p1", "care"), ("p2", "care"), ("p3", "shop")):
        now = house.parts.now()
        told = (Telling(0, Medium.EMAIL, "lou", now, "failed", "ref-1", "bounced"),)
        made = Page(page_id, f"{team}/{page_id}", team, "usual", "v1", Severity.BREACH, now, now,
                    rung=1, climbs_at=now + timedelta(minutes=5), told=told)  # fmt: skip
        house.store.pages.open(made, None)
        house.parts.now.advance(60)
    for number in range(3):
        due = house.parts.now() - timedelta(minutes=number)
        house.store.pages.join(
            "p1",
            Member(f"k{number}", f"c{number}", 1, "first_response", Severity.BREACH, "acme-help",
                   "messenger", due, ""),
        )  # fmt: skip


def listed(house, person, query=""):
    answer = house.gateway.get(f"/api/pages{query}", person)
    assert answer.status == 200
    return answer.json["pages"]


@pytest.mark.parametrize(
    ("person", "ids"), [(ADMIN, ["p3", "p2", "p1"]), (AGENT, ["p2", "p1"]), (LEAD, ["p2", "p1"]),
                        (STRANGER, ["p3"])],
)  # fmt: skip
def test_one_sees_the_pages_of_ones_teams_newest_first(house, person, ids):
    assert [page["id"] for page in listed(house, person)] == ids


def test_a_list_can_be_narrowed_and_shows_members_on_request(house):
    assert [page["id"] for page in listed(house, ADMIN, "?team=shop")] == ["p3"]
    (newest,) = listed(house, AGENT, "?limit=1")
    assert (newest["id"], newest["members"]) == ("p2", [])
    one = listed(house, AGENT, "?members=2")[1]
    assert (one["count"], [member["case_number"] for member in one["members"]]) == (3, [1, 1])
    assert one["members"][0]["conversation_id"] == "c2"
    assert listed(house, AGENT)[1]["members"] == []


def test_pages_that_are_over_are_not_listed(house):
    over = replace(house.store.pages.get("p2"), state=PageState.OVER)
    house.store.pages.save(over)
    assert [page["id"] for page in listed(house, AGENT)] == ["p1"]
    assert house.gateway.get("/api/pages/p2", AGENT).json["state"] == "over"


@pytest.mark.parametrize("query", ["?limit=0", "?limit=101", "?members=-1", "?members=x", "?x=1"])
def test_a_wrong_question_is_refused(house, query):
    assert house.gateway.get(f"/api/pages{query}", AGENT).status == 400


def test_another_team_is_refused(house):
    answer = house.gateway.get("/api/pages?team=shop", AGENT)
    assert (answer.status, answer.code) == (403, "forbidden")
    assert house.gateway.get("/api/pages/p3", AGENT).status == 404
    assert house.gateway.change("POST", "/api/pages/p3/acknowledge", {}, AGENT).status == 404
    assert house.store.pages.get("p3").state is PageState.OPEN


@pytest.mark.parametrize("page_id", ["gone", "p1.lou", "%00"])
def test_a_page_that_is_not_there_is_not_found(house, page_id):
    assert house.gateway.get(f"/api/pages/{page_id}", ADMIN).status == 404


def test_a_page_tells_its_cases_and_who_was_told(house):
    page = house.gateway.get("/api/pages/p1", AGENT).json
    assert page["members"][0] == {
        "conversation_id": "c2",
        "case_number": 1,
        "clock": "first_response",
        "severity": "breach",
        "handle": "acme-help",
        "channel": "messenger",
        "due_at": "2026-11-02T09:01:00Z",
        "what": "first response ran out 2 min ago",
        "link": "https://desk.example.com/c/c2",
    }
    assert page["told"] == [
        {
            "rung": 0,
            "medium": "email",
            "to": "lou",
            "at": "2026-11-02T09:00:00Z",
            "state": "failed",
            "reason": "bounced",
        }
    ]
    assert "ref-1" not in str(page)
    assert "token" not in page


def test_taking_a_page_holds_it_and_twice_is_once(house):
    first = house.gateway.change("POST", "/api/pages/p1/acknowledge", {}, AGENT)
    assert first.status == 200
    assert (first.json["state"], first.json["acknowledged_by"]) == ("acknowledged", "ann")
    assert first.json["frozen_until"] == "2026-11-02T09:18:00Z"
    house.parts.now.advance(60)
    for person in (AGENT, LEAD):
        again = house.gateway.change("POST", "/api/pages/p1/acknowledge", {}, person)
        assert again.json["acknowledged_at"] == first.json["acknowledged_at"]
        assert again.json["acknowledged_by"] == "ann"


def test_nobody_takes_one_without_a_token(house):
    assert house.gateway.change("POST", "/api/pages/p1/acknowledge", {}).status == 401
    assert house.gateway.get("/api/pages").status == 401
