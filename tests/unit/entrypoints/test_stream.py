"""The stream's door: what follows from each change of the table, told once or many times."""

from dataclasses import replace

import pytest

from chalicelib.domain.agent import Presence
from chalicelib.domain.case import Status
from chalicelib.entrypoints.stream import plain, stream
from chalicelib.store import records
from tests.fakes.gateway import FakeContext
from tests.fakes.house import AGENT
from tests.fakes.outside import OutageError

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


def test_a_stuck_case_is_announced_once(house):
    from chalicelib.workflows.change import CaseRef
    from chalicelib.workflows.stuck import stuck

    found = house.customer_writes()
    stuck(house.parts, CaseRef(found.id, 1, 1), "a step failed")
    now = house.conversation(found.id)
    row = records.log(now, house.store.logs[found.id][now.version])
    tell(record(None, row))
    tell(record(None, row))
    assert len(house.parts.alerts.announced) == 1


def test_a_note_on_a_log_row_is_no_new_row(house):
    """Marking a row as announced tells the stream of it again."""
    row = {"kind": "log", "conversation_id": "c", "version": 1, "kinds": {"DeadlineBreached"}}
    tell(record(row, row | {"announced_at": "2026-11-02T09:00:00+00:00"}))
    assert house.parts.alerts.announced == []


def agent(presence, spare, teams=("care",)):
    return {"kind": "agent", "presence": presence, "spare": spare, "teams": list(teams)}


@pytest.mark.parametrize(
    ("old", "new", "drained"),
    [
        (None, agent("present", 800), True),
        (agent("away", 800), agent("present", 800), True),
        (agent("present", 50), agent("present", 150), True),
        (agent("present", 800), agent("present", 700), False),
        (agent("present", 800), agent("away", 800), False),
        (agent("present", 10), agent("present", 90), False),
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
