"""The doors of the queues: what fails is told again, in its group's order, and nothing else is."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.message import DeliveryState
from chalicelib.entrypoints.batch import work_off
from chalicelib.entrypoints.inbox import inbox
from chalicelib.entrypoints.outbox import outbox
from chalicelib.entrypoints.receiving import group_of, written_event
from chalicelib.workflows.errors import RetryLaterError
from chalicelib.workflows.networks import ErrorClass, SendResult, SendState
from chalicelib.workflows.ports import BusyError
from tests.fakes.gateway import FakeContext
from tests.fakes.house import AGENT, message_event


def record(number, body, group="g", tries=1):
    """Return a message as SQS hands it to Lambda."""
    return {
        "messageId": f"id-{number}",
        "receiptHandle": f"receipt-{number}",
        "body": body,
        "attributes": {"MessageGroupId": group, "ApproximateReceiveCount": str(tries)},
    }


def failures(answer):
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def letters(house, *events):
    return [record(n, written_event(e).decode(), group_of(e)) for n, e in enumerate(events)]


def deliver(door, records):
    return door({"Records": records}, FakeContext())


def test_a_batch_of_events_is_taken_in(house):
    events = [message_event(house.parts, n, f"text {n}", f"c{n}") for n in range(3)]
    assert failures(deliver(inbox, letters(house, *events))) == []
    assert {m.text for m in house.store.messages.values()} == {"text 0", "text 1", "text 2"}


def test_a_message_that_cannot_be_read_is_told_again_until_the_queue_gives_up(house):
    good = letters(house, message_event(house.parts, 1, "hello"))[0]
    records = [record("a", "{}", "other"), record("b", "not json", "third"), good]
    assert failures(deliver(inbox, records)) == ["id-a", "id-b"]
    assert [m.text for m in house.store.messages.values()] == ["hello"]
    assert house.parts.meter.total("MessageFailed", door="inbox") == 2


def test_behind_a_failure_its_group_waits_and_the_others_go_on(house):
    first, second, other = (
        message_event(house.parts, 1, "first"),
        message_event(house.parts, 2, "second"),
        message_event(house.parts, 3, "other", "c9"),
    )
    records = letters(house, first, second, other)
    once = [BusyError("throttled")]
    house.store.before_commit.append(lambda _: (_ for _ in ()).throw(once.pop()) if once else None)
    assert failures(deliver(inbox, records)) == ["id-0", "id-1"]
    assert [m.text for m in house.store.messages.values()] == ["other"]


def test_what_is_only_too_early_comes_back_sooner_than_the_queue_would(house):
    put_off = []

    def early(_):
        raise RetryLaterError("the platform is busy", seconds=45)

    work_off([record(1, "{}")], early, lambda *seen: put_off.append(seen), "outbox")
    work_off([record(2, "{}", tries=3)], busy, lambda *seen: put_off.append(seen), "outbox")
    work_off([record(3, "{}", tries=30)], busy, lambda *seen: put_off.append(seen), "outbox")
    assert put_off == [("receipt-1", 45), ("receipt-2", 8), ("receipt-3", 300)]


def busy(_):
    raise BusyError("throttled")


def test_a_record_that_cannot_be_put_off_is_told_again_all_the_same(house):
    def broken(*_):
        raise OSError

    assert failures(work_off([record(1, "{}")], busy, broken, "outbox")) == ["id-1"]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=10))
def test_each_group_is_worked_on_up_to_its_first_failure(plan):
    """Worked on and told again make up the batch, and each group stops where it first failed."""
    worked = []

    def work(found):
        if not plan[int(found["body"])][1]:
            raise ValueError
        worked.append(int(found["body"]))

    records = [record(n, str(n), group) for n, (group, _) in enumerate(plan)]
    failed = [int(i.removeprefix("id-")) for i in failures(work_off(records, work, busy, "inbox"))]
    assert sorted(worked + failed) == list(range(len(plan)))
    for group in "abc":
        mine = [n for n, (g, _) in enumerate(plan) if g == group]
        first_bad = next((n for n in mine if not plan[n][1]), len(plan))
        assert [n for n in mine if n in failed] == [n for n in mine if n >= first_bad]


def written_reply(house):
    """Let an agent reply; return the conversation, the message and the outbox's order."""
    from chalicelib.workflows.answering.outbox import Order

    found = house.customer_writes()
    path = f"/api/conversations/{found.id}/replies"
    body = {"text": "On its way.", "version": found.version}
    message = house.gateway.change("POST", path, body, AGENT).json["message"]
    return found, message, msgspec.json.encode(Order(found.id, message["id"])).decode()


def state(house, found, message):
    return house.store.messages[found.id, message["id"]].delivery.state


def test_an_order_is_sent(house):
    found, message, order = written_reply(house)
    assert failures(deliver(outbox, [record(1, order)])) == []
    assert [one.text for one in house.parts.sender.sent] == ["On its way."]
    assert state(house, found, message) is DeliveryState.ACCEPTED


def test_an_order_that_the_platform_did_not_take_is_put_off_and_sent_later(house):
    found, message, order = written_reply(house)
    house.parts.sender.answers = [
        SendResult(SendState.RETRY, error_class=ErrorClass.THROTTLED, retry_after_seconds=70)
    ]
    assert failures(deliver(outbox, [record(1, order)])) == ["id-1"]
    assert house.parts.outbox.postponed == [("receipt-1", 70)]
    assert failures(deliver(outbox, [record(1, order, tries=2)])) == []
    assert state(house, found, message) is DeliveryState.ACCEPTED


def test_an_order_told_twice_is_sent_once(house):
    _, _, order = written_reply(house)
    deliver(outbox, [record(1, order)])
    deliver(outbox, [record(1, order)])
    assert len(house.parts.sender.sent) == 1


@pytest.mark.parametrize("body", ["", "[]", '{"conversation_id": 7}', json.dumps({"x": 1})])
def test_an_order_that_is_none_goes_to_the_dead_letters(house, body):
    assert failures(deliver(outbox, [record(1, body)])) == ["id-1"]
