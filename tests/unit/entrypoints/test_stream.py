"""The stream's door: what follows from each change of the table, told once or many times."""

import json
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest

from chalicelib import workflows
from chalicelib.domain.agent import Presence
from chalicelib.domain.case import Status
from chalicelib.domain.event import Attachment
from chalicelib.domain.message import DeliveryState, Moderation
from chalicelib.domain.policy import Endpoint
from chalicelib.entrypoints.following import plain
from chalicelib.entrypoints.stream import stream
from chalicelib.store import records
from tests.contract.test_pages_contract import page as made_page
from tests.fakes.gateway import FakeContext
from tests.fakes.house import AGENT, POLICY
from tests.fakes.outside import BEGINNING, OutageError


def page():
    return made_page("p1", leaves_at=BEGINNING, climbs_at=BEGINNING)


TYPES = {str: "S", int: "N", list: "L", set: "SS"}


def image(values):
    """Return a row's values as the table's stream carries them."""
    return {name: typed(value) for name, value in values.items() if value is not None}


def typed(value):
    kind = TYPES[type(value)]
    return {
        kind: [typed(one) for one in value]
        if kind == "L"
        else list(value)
        if kind == "SS"
        else str(value)
    }


def record(old, new):
    change = {
        "Keys": {},
        "SequenceNumber": "1",
        "SizeBytes": 1,
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }
    change |= {"OldImage": image(old)} if old else {}
    change |= {"NewImage": image(new)} if new else {}
    return {"eventID": "e", "eventName": "MODIFY", "dynamodb": change}


def tell(*told):
    return stream({"Records": list(told)}, FakeContext())


def head(conversation_id="c" * 26, **facts):
    row = {"kind": "head", "conversation_id": conversation_id, "case_number": 1, "generation": 1}
    return row | {"body": "secret words"} | facts


def test_the_first_case_of_a_conversation_starts_its_machine(house):
    found = house.customer_writes()
    row = records.head(found)
    tell(record(None, row))
    tell(record(None, row))
    name = f"{found.id}-1-1"
    assert list(house.parts.executions.started) == [name]
    assert house.parts.executions.started[name]["case_number"] == 1


def test_a_conversation_without_a_case_starts_nothing(house):
    tell(record(None, head(case_number=None, generation=None)))
    assert house.parts.executions.started == {}


def test_the_next_case_and_the_next_generation_start_theirs(house):
    tell(record(head(), head(generation=2)), record(head(generation=2), head(case_number=2)))
    assert list(house.parts.executions.started) == [f"{'c' * 26}-1-2", f"{'c' * 26}-2-1"]


def test_a_change_that_starts_nothing_and_wakes_nobody_costs_nothing(house):
    tell(record(head(token="t"), head(token="t")), record(head(), head(token="t")))
    assert house.parts.executions.started == {}
    assert house.parts.executions.woken == []


def test_a_token_taken_away_wakes_the_machine_that_held_it(house):
    found = house.customer_writes()
    tell(record(head(found.id, token="t1"), head(found.id)))
    (wake,) = house.parts.executions.woken
    assert wake.token == "t1"
    assert wake.output["phase"]


def test_a_written_reply_is_put_on_the_outbox_once(house):
    found = house.customer_writes()
    path = f"/api/conversations/{found.id}/replies"
    body = {"text": "On its way.", "version": found.version}
    message = house.gateway.change("POST", path, body, AGENT).json["message"]
    row = records.message(house.store.conversations.message(found.id, message["id"]))
    tell(record(None, row))
    tell(record(None, row))
    (order,) = house.parts.outbox.sent
    assert order.group == found.id
    assert message["id"].encode() in order.body
    assert b"On its way" not in order.body


def test_a_note_is_never_put_on_the_outbox(house):
    found = house.customer_writes()
    path = f"/api/conversations/{found.id}/notes"
    body = {"text": "Inside.", "version": found.version}
    note = house.gateway.change("POST", path, body, AGENT).json["message"]
    stored = house.store.conversations.message(found.id, note["id"])
    tell(record(None, records.message(stored)))
    assert house.parts.outbox.sent == []


def test_a_reply_sent_again_by_hand_is_a_new_order_and_an_attempt_is_not(house):
    found = house.customer_writes()
    path = f"/api/conversations/{found.id}/replies"
    body = {"text": "On its way.", "version": found.version}
    message = house.gateway.change("POST", path, body, AGENT).json["message"]
    stored = house.store.conversations.message(found.id, message["id"])
    tried = replace(stored, delivery=replace(stored.delivery, attempts=1))
    tell(record(records.message(stored), records.message(tried)))
    assert house.parts.outbox.sent == []
    again = replace(stored, rounds=1)
    tell(record(records.message(stored), records.message(again)))
    assert len(house.parts.outbox.sent) == 1


def test_a_stuck_case_is_on_its_teams_page_once(house):
    from chalicelib.workflows.change import CaseRef
    from chalicelib.workflows.stuck import stuck

    found = house.customer_writes()
    stuck(house.parts, CaseRef(found.id, 1, 1), "a step failed")
    now = house.conversation(found.id)
    row = records.log(now, house.store.logs[found.id][now.version])
    tell(record(None, row))
    tell(record(None, row))
    (page,) = house.store.page_rows.values()
    assert page.queue == "care/breach"
    assert len(house.store.pages.members(page.id)) == 1


def paged(**facts):
    row = {"kind": "page", "page_id": "p1", "generation": 1, "status": "open"}
    return row | {"body": "secret words"} | facts


def test_a_new_page_and_each_generation_of_it_starts_its_machine(house):
    house.store.pages.open(page(), None)
    tell(record(None, paged()), record(None, paged()), record(paged(), paged(generation=2)))
    assert house.parts.ladders.started == {
        "p1-1": {"page_id": "p1", "generation": 1, "loops": 0, "wait_seconds": 1},
        "p1-2": {"page_id": "p1", "generation": 2, "loops": 0, "wait_seconds": 1},
    }
    assert house.parts.executions.started == {}


def test_a_page_whose_token_is_taken_away_wakes_the_machine_that_held_it(house):
    house.store.pages.open(page(), None)
    tell(record(paged(token="t"), paged(token="t")), record(paged(), paged(token="t")))
    assert house.parts.ladders.woken == []
    tell(record(paged(token="t"), paged()))
    (wake,) = house.parts.ladders.woken
    assert wake.token == "t"
    assert wake.output == {"phase": "waiting", "wait_seconds": 1}


def test_a_note_on_a_log_row_is_no_new_row(house):
    """Marking a row as announced tells the stream of it again."""
    row = {"kind": "log", "conversation_id": "c", "version": 1, "kinds": {"DeadlineBreached"}}
    tell(record(row, row | {"announced_at": "2026-11-02T09:00:00+00:00"}))
    assert house.store.page_rows == {}


def agent(presence, spare, teams=("care",), rev=1):
    found = {"kind": "agent", "sk": "ann", "presence": presence, "spare": spare, "rev": rev}
    return found | {"teams": list(teams)}


@pytest.mark.parametrize(
    ("old", "new", "drained"),
    [
        (None, agent("present", 800), True),
        (agent("away", 800), agent("present", 800), True),
        (agent("present", 50), agent("present", 150), True),
        (agent("present", 800), agent("present", 700), False),
        (agent("present", 800), agent("away", 800), False),
        (agent("present", 10), agent("present", 90), True),
        (agent("present", 800), agent("present", 800), False),
        (agent("present", 800), agent("present", 700, rev=2), True),
        (agent("present", -90), agent("present", 0), False),
        (agent("offline", 100), agent("offline", 800), False),
    ],
)
def test_room_that_appears_drains_the_queues_of_the_agents_teams(house, old, new, drained):
    from chalicelib.workflows.assign import assign
    from chalicelib.workflows.change import CaseRef

    house.store.agents.set_presence("ann", Presence.AWAY, house.parts.now())
    found = house.customer_writes()
    assign(house.parts, CaseRef(found.id, 1, 1))
    assert house.conversation(found.id).case.status is Status.QUEUED
    house.store.agents.set_presence("ann", Presence.PRESENT, house.parts.now())
    tell(record(old, new))
    assert (house.conversation(found.id).case.assignee == "ann") is drained


def test_what_was_removed_and_what_is_not_ours_is_passed_over(house):
    tell(record(head(), None), record(None, {"kind": "message"}), record(None, {"pk": "POLICY"}))


def test_a_change_that_fails_is_raised_so_that_aws_tells_it_again(house):
    house.parts.executions.failures = 1
    with pytest.raises(OutageError):
        tell(record(None, head()))


def test_what_people_wrote_is_not_even_looked_at():
    assert "body" not in plain({"body": {"S": "secret words"}, "rev": {"N": "1"}})


# Files, outgoing webhooks, moderation and personal data.

PHOTO = Attachment("image", url="https://cdn.example.com/1")


def stored(house, **facts):
    """Return a customer's stored message, changed by these facts."""
    house.customer_writes()
    (found,) = house.store.messages.values()
    return replace(found, **facts)


def test_a_new_message_with_a_file_is_ordered_and_a_later_change_is_not(house):
    message = stored(house, attachments=(PHOTO,))
    row = records.message(message)
    tell(record(None, row))
    (body,) = house.parts.files.take()
    assert json.loads(body) == {
        "conversation_id": message.conversation_id, "message_id": message.id, "index": -1,
    }  # fmt: skip
    tell(record(row, records.message(replace(message, hidden=True))))
    assert house.parts.files.sent == []


def test_the_files_of_a_message_that_was_only_half_known_are_ordered_when_it_comes(house):
    message = stored(house, attachments=(PHOTO,))
    half = records.message(replace(message, stub=True))
    tell(record(None, half))
    assert house.parts.files.sent == []
    tell(record(half, records.message(message)))
    assert len(house.parts.files.sent) == 1


def test_a_message_without_files_orders_none(house):
    tell(record(None, records.message(stored(house))))
    assert house.parts.files.sent == []


def with_endpoint(house, **filters):
    crm = Endpoint("crm", "https://crm.example.com/in", "hook-crm", **filters)
    house.store.policies.publish(replace(POLICY, version="v2", endpoints=(crm,)))
    house.store.policies.make_current("v2")


def test_every_new_log_row_is_news_where_an_endpoint_wants_it(house):
    with_endpoint(house)
    row = {"kind": "log", "conversation_id": "c", "version": 3, "kinds": {"NoteAdded"}}
    tell(record(None, row), record(row, row | {"announced_at": "2026-11-02T09:00:00+00:00"}))
    (body,) = house.parts.hooks.take()
    assert json.loads(body) == {"conversation_id": "c", "version": 3}


def test_a_log_row_that_no_endpoint_asks_for_is_no_news(house):
    with_endpoint(house, events=("case.opened",))
    row = {"kind": "log", "conversation_id": "c", "version": 3}
    tell(record(None, row | {"kinds": {"NoteAdded"}}))
    assert house.parts.hooks.sent == []
    tell(record(None, row | {"kinds": {"NoteAdded", "CaseOpened"}}))
    assert len(house.parts.hooks.sent) == 1


def test_without_an_endpoint_no_news_is_queued(house):
    tell(record(None, {"kind": "log", "conversation_id": "c", "version": 3, "kinds": {"x"}}))
    assert house.parts.hooks.sent == []


@pytest.fixture
def moderated(monkeypatch):
    """What was asked of the workflow that hides and protects."""
    asked = []
    made = SimpleNamespace(
        enqueue=lambda _, *ids: asked.append(("hide", *ids)),
        protect=lambda _, *ids: asked.append(("protect", *ids)),
    )
    monkeypatch.setitem(sys.modules, "chalicelib.workflows.moderate", made)
    monkeypatch.setattr(workflows, "moderate", made, raising=False)
    return asked


def test_a_wish_to_hide_is_ordered_once_and_again_with_each_round(house, moderated):
    wish = Moderation("hide", DeliveryState.QUEUED, "ann", house.parts.now())
    message = stored(house, moderation=wish)
    row = records.message(message)
    tell(record(records.message(replace(message, moderation=None)), row), record(row, row))
    sending = replace(message, moderation=replace(wish, state=DeliveryState.SENDING))
    tell(record(row, records.message(sending)))
    again = records.message(replace(message, moderation=replace(wish, rounds=2)))
    tell(record(records.message(sending), again))
    ids = (message.conversation_id, message.id)
    assert moderated == [("hide", *ids, 1), ("hide", *ids, 2)]


def test_personal_data_in_public_is_protected_once(house, moderated):
    message = stored(house, public=True, personal=("phone",))
    row = records.message(message)
    tell(record(None, row), record(row, row))
    assert moderated == [("protect", message.conversation_id, message.id)]
    tell(record(None, records.message(replace(message, public=False))))
    assert len(moderated) == 1
