"""The door of outgoing webhooks: news becomes events, events are delivered or put off."""

import json
from dataclasses import replace

import pytest

from chalicelib.domain import hook
from chalicelib.domain.policy import Endpoint
from chalicelib.entrypoints.hooks import hooks
from chalicelib.workflows.networks import SendResult, SendState
from tests.fakes.gateway import FakeContext
from tests.fakes.house import POLICY

CRM = Endpoint("crm", "https://crm.example.com/in", "hook-crm", events=("case.opened",))


@pytest.fixture
def talk(house):
    house.store.policies.publish(replace(POLICY, version="v2", endpoints=(CRM,)))
    house.store.policies.make_current("v2")
    return house.customer_writes()


def record(body, tries=1, number=1):
    return {
        "messageId": f"id-{number}",
        "receiptHandle": f"receipt-{number}",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {"ApproximateReceiveCount": str(tries)},
    }


def tell(*records):
    answer = hooks({"Records": list(records)}, FakeContext())
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def news(talk):
    return {"conversation_id": talk.id, "version": talk.version}


def order(house, talk):
    assert tell(record(news(talk))) == []
    (body,) = house.parts.hooks.take()
    return body.decode()


def test_news_becomes_an_event_and_the_event_is_delivered(house, talk):
    body = order(house, talk)
    assert tell(record(body)) == []
    ((url, secret, event_id, sent),) = house.parts.hook_sender.delivered
    assert (url, secret) == (CRM.url, CRM.secret)
    assert event_id == hook.event_id(CRM, talk.id, talk.version, 0)
    assert json.loads(sent)["type"] == "case.opened"


def test_what_is_not_taken_is_put_off_by_how_often_it_was_tried(house, talk):
    body = order(house, talk)
    house.parts.hook_sender.answers = [SendResult(SendState.RETRY)] * 3
    assert tell(record(body)) == tell(record(body, 3)) == ["id-1"]
    waits = [seconds for _, seconds in house.parts.hooks.postponed]
    assert 5 <= waits[0] <= 6
    assert 1_800 <= waits[1] <= 2_100
    assert tell(record(body, hook.ATTEMPTS)) == []
    assert len(house.parts.blobs.kept) == 1


def test_a_letter_that_cannot_be_read_holds_up_no_other(house, talk):
    odd = [record("no json", number=1), record({"event_id": 7}, number=2), record({}, number=3)]
    assert tell(*odd, record(news(talk), number=4)) == ["id-1", "id-2", "id-3"]
    assert len(house.parts.hooks.sent) == 1
    assert house.parts.meter.total("MessageFailed", door="hooks") == 3


def test_a_failure_does_not_stop_the_rest_of_a_batch_without_groups(house, talk):
    body = order(house, talk)
    house.parts.hook_sender.answers = [SendResult(SendState.RETRY)]
    assert tell(record(body, number=1), record(body, number=2)) == ["id-1"]
    assert len(house.parts.hook_sender.delivered) == 2
