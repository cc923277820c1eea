"""Moderation by the API, and its orders at the outbox's door."""

import json

import pytest

from chalicelib.domain.channel import Capabilities, Channel
from chalicelib.domain.event import ChannelEvent, EventKind, Person
from chalicelib.domain.message import DeliveryState
from chalicelib.entrypoints.outbox import outbox
from chalicelib.workflows import moderate
from chalicelib.workflows.intake.ingest import ingest
from chalicelib.workflows.networks import ErrorClass, SendResult, SendState
from tests.fakes.gateway import FakeContext
from tests.fakes.house import ACCOUNT, ADMIN, AGENT, LEAD, STRANGER


@pytest.fixture
def comment(house):
    """A customer has commented in public with a number, on a page that hides and removes."""
    able = Capabilities(8000, hides=True, deletes=True)
    house.parts.sender.able[Channel.FACEBOOK_PAGE, True] = able
    house.parts.detector.words = {"202-555-0123": "phone"}
    person = Person("c1", "Casey Customer")
    ingest(
        house.parts,
        ChannelEvent(
            key="comment-1",
            kind=EventKind.MESSAGE,
            channel=Channel.FACEBOOK_PAGE,
            account_id=ACCOUNT,
            public=True,
            received_at=house.parts.now(),
            occurred_at=house.parts.now(),
            contact=person,
            author=person,
            message_id="comment-1",
            post_id="post-1",
            text="Call me: 202-555-0123",
        ),
    )
    (message,) = house.store.messages.values()
    return message


def change(house, comment, action, person=AGENT, **facts):
    version = house.conversation(comment.conversation_id).version
    path = f"/api/conversations/{comment.conversation_id}/messages/{comment.id}/{action}"
    return house.gateway.change("POST", path, {"version": version}, person, **facts)


def delivered(house, number=1):
    (sent,) = house.parts.outbox.take()
    record = {
        "messageId": f"id-{number}",
        "receiptHandle": f"receipt-{number}",
        "body": sent.body.decode(),
        "attributes": {"MessageGroupId": sent.group, "ApproximateReceiveCount": "1"},
    }
    return outbox({"Records": [record]}, FakeContext())["batchItemFailures"]


def test_a_message_says_what_it_shows_of_personal_data(house, comment):
    answer = house.gateway.get(f"/api/conversations/{comment.conversation_id}", AGENT)
    (message,) = answer.json["messages"]["messages"]
    assert (message["personal"], message["hidden"], message["moderation"]) == (
        ["phone"],
        False,
        None,
    )


@pytest.mark.parametrize("action", ["hide", "delete"])
def test_an_item_is_hidden_or_removed_by_way_of_the_outbox(house, comment, action):
    answer = change(house, comment, action, LEAD)
    assert answer.status == 202
    assert answer.json["message"]["moderation"]["action"] == action
    assert answer.json["message"]["moderation"]["state"] == "queued"
    moderate.enqueue(house.parts, comment.conversation_id, comment.id, 1)
    assert delivered(house) == []
    (stored,) = house.store.messages.values()
    assert stored.moderation.state is DeliveryState.ACCEPTED
    assert (stored.hidden, stored.deleted_at is not None) == (action == "hide", action == "delete")
    assert house.parts.sender.moderated == [("acme-page", "comment-1", action)]


def test_what_is_hidden_can_be_shown_again(house, comment):
    assert change(house, comment, "unhide").code == "not_hidden"
    change(house, comment, "hide")
    moderate.enqueue(house.parts, comment.conversation_id, comment.id, 1)
    delivered(house)
    assert change(house, comment, "unhide").status == 202


def test_removing_for_good_is_for_leads(house, comment):
    refused = change(house, comment, "delete", AGENT)
    assert (refused.status, refused.code) == (403, "forbidden")
    assert change(house, comment, "delete", ADMIN).status == 202


def test_the_items_of_another_team_are_not_there(house, comment):
    for action in ("hide", "unhide"):
        assert change(house, comment, action, STRANGER).status == 404


def test_the_same_change_under_the_same_key_is_one(house, comment):
    version = house.conversation(comment.conversation_id).version
    path = f"/api/conversations/{comment.conversation_id}/messages/{comment.id}/hide"
    answers = [
        house.gateway.change("POST", path, {"version": version}, AGENT, "only-once")
        for _ in range(2)
    ]
    assert [answer.json["repeated"] for answer in answers] == [False, True]


def test_a_platform_that_is_busy_is_asked_again_when_it_says(house, comment):
    change(house, comment, "hide")
    house.parts.sender.answers = [
        SendResult(SendState.RETRY, error_class=ErrorClass.THROTTLED, retry_after_seconds=45)
    ]
    moderate.enqueue(house.parts, comment.conversation_id, comment.id, 1)
    assert delivered(house) == [{"itemIdentifier": "id-1"}]
    assert house.parts.outbox.postponed == [("receipt-1", 45)]


def test_an_order_of_no_known_kind_is_left_to_the_queue(house, comment):
    body = {"action": "shout", "conversation_id": "c", "message_id": "m", "rounds": 1}
    house.parts.outbox.send(json.dumps(body).encode(), group="g", key="k")
    assert delivered(house) == [{"itemIdentifier": "id-1"}]
    assert house.parts.sender.moderated == house.parts.sender.sent == []
