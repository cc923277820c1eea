"""Reads by the API: lists, pages, what a conversation shows, and what it never shows."""

from dataclasses import replace

import pytest

from chalicelib.domain.message import Edit
from tests.fakes.house import ADMIN, AGENT, LEAD, STRANGER, message_event

TOKEN = "AQCEAAAAKgAAAAMAAAAA-task-token"


def write_many(house, count):
    from chalicelib.workflows.intake.ingest import ingest

    for number in range(count):
        ingest(house.parts, message_event(house.parts, number, f"text {number}", f"c{number}"))
        house.parts.now.advance(60)


def test_cases_of_a_team_come_nearest_deadline_first_in_pages(house):
    write_many(house, 7)
    seen, cursor = [], ""
    for _ in range(10):
        page = house.gateway.get(f"/api/cases?team=care&limit=3&cursor={cursor}", AGENT).json
        seen += [row["case"]["clocks"][0]["due_at"] for row in page["conversations"]]
        cursor = page["cursor"]
        if not cursor:
            break
    assert len(seen) == 7
    assert seen == sorted(seen)


def test_without_a_team_the_list_is_ones_own(house):
    found = house.customer_writes()
    assert house.gateway.get("/api/cases", AGENT).json["conversations"] == []
    house.gateway.change("POST", f"/api/conversations/{found.id}/take", {"version": 1}, AGENT)
    assert [row["id"] for row in house.gateway.get("/api/cases", AGENT).json["conversations"]] == [
        found.id
    ]


def test_the_list_of_somebody_else_is_for_leads(house):
    assert house.gateway.get("/api/cases?assignee=lou", AGENT).status == 403
    assert house.gateway.get("/api/cases?assignee=ann", LEAD).status == 200


def test_the_list_of_another_team_is_closed(house):
    assert house.gateway.get("/api/cases?team=care", STRANGER).status == 403
    assert house.gateway.get("/api/cases?team=care", ADMIN).status == 200


@pytest.mark.parametrize(
    "query",
    [
        "team=care&assignee=ann",
        "team=care&limit=0",
        "team=care&limit=101",
        "team=care&limit=many",
        "team=care&status=lost",
        "team=care&channel=pigeon",
        "team=care&nonsense=1",
        "team=care&team=shop",
        "team=care&cursor=not-ours",
        "team=care&cursor=" + "x" * 2001,
    ],
)
def test_a_query_that_means_nothing_is_a_400(house, query):
    house.customer_writes()
    assert house.gateway.get(f"/api/cases?{query}", AGENT).status == 400


def test_a_conversation_shows_what_may_be_done_now(house):
    found = house.customer_writes()
    house.parts.now.advance(hours=23)
    may = house.gateway.get(f"/api/conversations/{found.id}", AGENT).json["conversation"]["may"]
    assert may["reply"] is True
    assert may["human_only"] is False
    assert may["text_limit"] == 2000
    assert may["text_unit"] == "characters"
    assert may["seconds_left"] == 7 * 86_400 - 23 * 3600
    house.parts.now.advance(days=7)
    may = house.gateway.get(f"/api/conversations/{found.id}", AGENT).json["conversation"]["may"]
    assert (may["reply"], may["seconds_left"]) == (False, 0)
    assert may["instead"]


def test_a_clock_shows_what_is_left_and_what_ran_out(house):
    found = house.customer_writes()
    house.parts.now.advance(100)
    case = house.gateway.get(f"/api/conversations/{found.id}", AGENT).json["conversation"]["case"]
    assign = next(clock for clock in case["clocks"] if clock["name"] == "assign")
    assert (assign["state"], assign["seconds_left"]) == ("running", 200)
    house.parts.now.advance(300)
    case = house.gateway.get(f"/api/conversations/{found.id}", AGENT).json["conversation"]["case"]
    assert next(c for c in case["clocks"] if c["name"] == "assign")["seconds_left"] == -100


def test_the_machines_token_never_leaves(house):
    """Whoever holds it could end a wait of the machine."""
    found = house.customer_writes()
    head = house.conversation(found.id)
    house.store.heads[found.id] = replace(head, token=TOKEN, armed_for=house.parts.now())
    for path in (
        f"/api/conversations/{found.id}",
        "/api/cases?team=care",
        f"/api/contacts/{found.contact_id}",
    ):
        answer = house.gateway.get(path, AGENT)
        assert answer.status == 200
        assert TOKEN not in answer.body
    stale = house.gateway.change(
        "POST", f"/api/conversations/{found.id}/take", {"version": 99}, AGENT
    )
    assert stale.status == 409
    assert TOKEN not in stale.body


def test_a_message_shows_its_newest_text_and_the_earlier_ones(house):
    found = house.customer_writes("first")
    key = next(iter(house.store.messages))
    at = house.parts.now()
    edits = (Edit("e1", "second", at, 1), Edit("e2", "third", at, 2))
    house.store.messages[key] = replace(house.store.messages[key], edits=edits)
    shown = house.gateway.get(f"/api/conversations/{found.id}/messages", AGENT).json["messages"][0]
    assert shown["text"] == "third"
    assert [one["text"] for one in shown["earlier"]] == ["first", "second"]


def test_a_deleted_message_shows_nothing_of_what_it_said(house):
    found = house.customer_writes("please forget this")
    key = next(iter(house.store.messages))
    edits = (Edit("e1", "please forget that", house.parts.now()),)
    kept = replace(house.store.messages[key], edits=edits, deleted_at=house.parts.now())
    house.store.messages[key] = kept
    answer = house.gateway.get(f"/api/conversations/{found.id}/messages", AGENT)
    assert "please forget" not in answer.body
    assert answer.json["messages"][0]["deleted_at"]
    assert house.store.messages[key].text == "please forget this"


def test_messages_and_history_come_in_pages_newest_first(house):
    found = house.customer_writes("one")
    for number in range(2, 5):
        house.parts.now.advance(60)
        from chalicelib.workflows.intake.ingest import ingest

        ingest(house.parts, message_event(house.parts, number, f"text {number}"))
    first = house.gateway.get(f"/api/conversations/{found.id}/messages?limit=3", AGENT).json
    rest = house.gateway.get(
        f"/api/conversations/{found.id}/messages?limit=3&cursor={first['cursor']}", AGENT
    ).json
    assert [m["text"] for m in first["messages"] + rest["messages"]] == [
        "text 4",
        "text 3",
        "text 2",
        "one",
    ]
    history = house.gateway.get(f"/api/conversations/{found.id}/history", AGENT).json["history"]
    assert {"CaseOpened", "MessageReceived", "ClockStarted"} <= {entry["kind"] for entry in history}


def test_a_contact_shows_identities_and_the_conversations_one_may_see(house):
    found = house.customer_writes()
    answer = house.gateway.get(f"/api/contacts/{found.contact_id}", AGENT).json
    assert answer["name"] == "Casey Customer"
    assert [one["ref"] for one in answer["identities"]] == ["c1"]
    assert [one["id"] for one in answer["conversations"]] == [found.id]


def test_stuck_cases_are_listed_for_those_of_the_team(house):
    found = house.customer_writes()
    head = house.conversation(found.id)
    house.store.heads[found.id] = replace(head, case=replace(head.case, stuck="a step failed"))
    for person, count in ((LEAD, 1), (ADMIN, 1)):
        rows = house.gateway.get("/api/stuck", person).json["conversations"]
        assert len(rows) == count
    assert rows[0]["case"]["stuck"] == "a step failed"


@pytest.mark.parametrize("broken", ["short", "A" * 26, "0" * 26, "..%2f..%2fetc", "'; drop table"])
def test_an_id_that_cannot_be_one_is_simply_not_there(house, broken):
    assert house.gateway.get(f"/api/conversations/{broken}", ADMIN).status == 404


def test_presence_is_declared_by_oneself(house):
    answer = house.gateway.change("PUT", "/api/me/presence", {"presence": "away"}, AGENT)
    assert answer.json["presence"] == "away"
    assert house.gateway.get("/api/me", AGENT).json["presence"] == "away"


def test_an_admin_sets_up_an_agent_and_a_stale_change_is_refused(house):
    body = {"rev": 0, "name": "Nia", "teams": ["care", "care", "shop"], "capacity": 400}
    made = house.gateway.change("PUT", "/api/agents/nia", body, ADMIN)
    assert made.json["teams"] == ["care", "shop"]
    assert made.json["presence"] == "offline"
    changed = house.gateway.change(
        "PUT", "/api/agents/nia", body | {"rev": made.json["rev"]}, ADMIN
    )
    assert changed.status == 200
    stale = house.gateway.change("PUT", "/api/agents/nia", body | {"rev": made.json["rev"]}, ADMIN)
    assert (stale.status, stale.code) == (409, "stale")


def test_a_lead_sees_the_agents_of_shared_teams_and_an_admin_all(house):
    def ids(person):
        return {agent["id"] for agent in house.gateway.get("/api/agents", person).json["agents"]}

    assert ids(LEAD) == {"ann", "lou"}
    assert ids(ADMIN) == {"ann", "lou", "ada", "sam"}
