"""Outgoing webhooks: the company's own systems hear of everything they want, at least once."""

import json
from dataclasses import replace

import pytest

from chalicelib.domain import hook
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.message import Direction
from chalicelib.domain.policy import Endpoint
from chalicelib.workflows import hooks
from chalicelib.workflows.errors import NotFoundError, RetryLaterError
from chalicelib.workflows.hooks import News, Order
from chalicelib.workflows.networks import SendResult, SendState
from tests.unit.workflows.story import POLICY, Story

CRM = Endpoint("crm", "https://crm.example.com/in", "hook-crm")
ERP = Endpoint("erp", "https://erp.example.com/in", "hook-erp", events=("case.opened",))
LATER = SendResult(SendState.RETRY, error_code="http_500")
GONE = SendResult(SendState.FAILED, error_code="gone")


def company(*endpoints):
    return Story(replace(POLICY, endpoints=endpoints or (CRM,)))


def heard(story, endpoint=CRM):
    """Return the events that an endpoint was sent, in order."""
    return [
        json.loads(body) for url, _, _, body in story.parts.hook_sender.delivered
        if url == endpoint.url
    ]  # fmt: skip


def ids(story):
    return [event_id for _, _, event_id, _ in story.parts.hook_sender.delivered]


def test_a_message_is_told_as_everything_that_it_changed():
    story = company()
    story.writes("My card is 4111 1111 1111 1111")
    story.loop.rest()
    types = [event["type"] for event in heard(story)]
    assert {"case.opened", "clock.started", "case.assigned"} <= set(types)
    opened = next(event for event in heard(story) if event["type"] == "case.opened")
    message = next(iter(story.store.messages.values()))
    told = opened["data"]
    assert told["conversation_id"] == message.conversation_id
    assert told["case_id"] == f"{message.conversation_id}-1"
    assert (told["handle"], told["team"], told["channel"]) == ("acme-dm", "care", "messenger")
    assert opened["timestamp"] == hook.stamp(story.case.opened_at)
    assert b"4111" not in b"".join(body for *_, body in story.parts.hook_sender.delivered)


def test_every_entry_of_the_log_is_told_once_with_its_place():
    story = company()
    story.writes()
    story.loop.rest()
    story.replies()
    story.loop.rest()
    places = [(one["data"]["sequence"], one["data"]["position"]) for one in heard(story)]
    wanted = {
        (version, position)
        for version, entries in story.store.logs[story.conversation.id].items()
        for position in range(len(entries))
    }
    assert len(places) == len(set(places))
    assert set(places) == wanted
    assert len(ids(story)) == len(set(ids(story)))


def test_where_nobody_wants_to_be_told_nothing_is_queued():
    story = Story()
    story.writes()
    story.loop.rest()
    assert not hooks.enqueue(story.parts, story.conversation.id, 1)
    assert story.parts.hooks.sent == []
    assert hooks.told(story.parts, News(story.conversation.id, 1)) == 0


@pytest.mark.parametrize(
    ("kinds", "asked"),
    [
        (None, True),
        ({"CaseOpened"}, True),
        ({"NoteAdded", "CaseOpened"}, True),
        ({"NoteAdded"}, False),
        ({"a kind of tomorrow"}, False),
        ((), False),
    ],
)
def test_only_what_some_endpoint_asks_for_is_queued(kinds, asked):
    story = company(ERP)
    assert hooks.enqueue(story.parts, "c", 1, kinds) is asked
    assert len(story.parts.hooks.sent) == asked


def test_an_endpoint_that_asks_for_everything_gets_what_is_not_known_yet():
    story = company(CRM)
    assert hooks.enqueue(story.parts, "c", 1, {"a kind of tomorrow"})


def test_each_endpoint_hears_what_its_filters_let_through():
    shop = Endpoint("shop", "https://shop.example.com/in", "s", team="shop")
    story = company(CRM, ERP, shop)
    story.writes()
    story.loop.rest()
    assert [event["type"] for event in heard(story, ERP)] == ["case.opened"]
    assert len(heard(story)) > 1
    assert heard(story, shop) == []
    both = [i for url, _, i, b in story.parts.hook_sender.delivered if b"case.opened" in b]
    assert len(set(both)) == 2


def test_an_endpoint_that_asks_for_texts_gets_what_is_shown_now():
    story = company(replace(CRM, texts=True))
    story.writes("Where is my parcel?")
    story.loop.rest()
    received = next(event for event in heard(story) if event["type"] == "case.opened")
    assert received["data"]["text"] == "Where is my parcel?"
    opened = next(event for event in heard(story) if event["type"] == "case.assigned")
    assert "text" not in opened["data"]


def test_a_deleted_message_is_told_without_its_text():
    story = company(replace(CRM, texts=True))
    story.writes("Where is my parcel?")
    message = next(iter(story.store.messages.values()))
    story.store.messages[message.conversation_id, message.id] = replace(
        message, deleted_at=story.parts.now()
    )
    story.loop.rest()
    received = next(event for event in heard(story) if event["type"] == "case.opened")
    assert "text" not in received["data"]


def test_a_message_that_is_not_there_has_no_text():
    story = company(replace(CRM, texts=True))
    story.writes("Where is my parcel?")
    story.store.messages.clear()
    hooks.told(story.parts, News(story.conversation.id, 1))
    assert b"parcel" not in b"".join(story.parts.hooks.take())


@pytest.mark.parametrize("version", [0, 99])
def test_news_of_what_is_not_there_is_nothing(version):
    story = company()
    story.writes()
    assert hooks.told(story.parts, News(story.conversation.id, version)) == 0


def test_news_told_twice_is_the_same_events_under_the_same_ids():
    story = company()
    story.writes()
    news = News(story.conversation.id, 1)
    hooks.told(story.parts, news)
    first = story.parts.hooks.take()
    hooks.told(story.parts, news)
    assert story.parts.hooks.take() == first


def order(story, endpoint="crm"):
    """Return one order as the queue would carry it."""
    story.writes()
    hooks.told(story.parts, News(story.conversation.id, 1))
    return replace(Order(**json.loads(story.parts.hooks.take()[0])), endpoint=endpoint)


def test_an_event_leaves_for_its_endpoint_as_it_was_written():
    story = company()
    one = order(story)
    assert hooks.deliver(story.parts, one, 1) == "delivered"
    assert story.parts.hook_sender.delivered == [
        (CRM.url, CRM.secret, one.event_id, one.body.encode())
    ]
    assert story.parts.meter.total("HookDelivered", endpoint="crm") == 1


def test_an_endpoint_that_was_taken_out_drops_what_was_on_its_way():
    story = company()
    assert hooks.deliver(story.parts, order(story, "old"), 1) == "dropped"
    assert story.parts.hook_sender.delivered == []
    assert story.parts.meter.total("HookDropped", endpoint="old") == 1


def test_what_fails_is_tried_for_about_a_day_and_then_set_aside_under_its_own_id():
    story = company(ERP)
    story.parts.hook_sender.answers = [LATER] * 99
    story.writes()
    story.loop.run(hours=23)
    assert story.parts.blobs.kept == {}
    story.loop.run(hours=13)
    assert len(story.parts.hook_sender.delivered) == hook.ATTEMPTS
    (event_id,) = set(ids(story))
    ((key, (body, facts)),) = story.parts.blobs.kept.items()
    assert key == f"hook/erp/2026-11-02/{event_id}"
    assert facts == {"endpoint": "erp", "reason": "http_500"}
    assert json.loads(body)["event_id"] == event_id
    assert story.parts.meter.total("HookGivenUp", endpoint="erp", reason="http_500") == 1
    assert hooks.set_aside(story.parts) == hooks.set_aside(story.parts, "erp") == [
        ("erp", event_id)
    ]  # fmt: skip
    assert hooks.set_aside(story.parts, "crm") == []


def test_a_receiver_that_comes_back_within_the_day_gets_everything():
    story = company(ERP)
    story.parts.hook_sender.answers = [LATER] * 4
    story.writes()
    story.loop.run(hours=5)
    assert len(story.parts.hook_sender.delivered) == 5
    assert len(set(ids(story))) == 1
    assert story.parts.blobs.kept == {}


@pytest.mark.parametrize("state", [SendState.RETRY, SendState.UNKNOWN])
def test_the_wait_is_at_least_what_the_receiver_asked_for(state):
    story = company()
    story.parts.hook_sender.answers = [SendResult(state, retry_after_seconds=4_000)]
    with pytest.raises(RetryLaterError) as later:
        hooks.deliver(story.parts, order(story), 1)
    assert later.value.seconds == 4_000


def test_an_endpoint_that_is_gone_is_not_tried_again():
    story = company()
    story.parts.hook_sender.answers = [GONE]
    assert hooks.deliver(story.parts, order(story), 1) == "set_aside"
    assert story.parts.meter.total("HookGivenUp", reason="gone") == 1
    assert len(story.parts.blobs.kept) == 1


def test_a_failure_without_a_word_has_one():
    story = company()
    story.parts.hook_sender.answers = [SendResult(SendState.FAILED)]
    hooks.deliver(story.parts, order(story), 1)
    assert story.parts.meter.total("HookGivenUp", reason="no_answer") == 1


def test_one_broken_receiver_holds_up_no_other():
    story = company(CRM, ERP)
    deliver = story.parts.hook_sender.deliver

    def broken(url, *rest):
        return LATER if url == CRM.url else deliver(url, *rest)

    story.parts.hook_sender.deliver = broken
    story.writes()
    story.loop.rest()
    assert len(heard(story, ERP)) == 1


# Sending again.


def given_up(story, count=3):
    """Set some events aside; return their ids."""
    orders = [replace(order(story), event_id=f"e{number}") for number in range(count)]
    for one in orders:
        story.parts.hook_sender.answers = [GONE]
        hooks.deliver(story.parts, one, 1)
    story.parts.hook_sender.delivered.clear()
    story.parts.hooks.take()
    story.loop.records.clear()
    return [one.event_id for one in orders]


def test_all_that_was_given_up_goes_out_again_under_the_ids_it_always_had():
    story = company()
    wanted = given_up(story)
    assert hooks.resend(story.parts, "crm") == 3
    assert story.parts.blobs.kept == {}
    story.loop.rest()
    assert sorted(ids(story)) == wanted


def test_one_event_alone_may_be_sent_again():
    story = company()
    given_up(story)
    assert hooks.resend(story.parts, "crm", "e1") == 1
    story.loop.rest()
    assert ids(story) == ["e1"]
    assert hooks.set_aside(story.parts) == [("crm", "e0"), ("crm", "e2")]


def test_nothing_to_send_again_is_no_fault_but_a_wrong_name_is_one():
    story = company()
    given_up(story)
    with pytest.raises(NotFoundError):
        hooks.resend(story.parts, "nobody")
    with pytest.raises(NotFoundError):
        hooks.resend(story.parts, "crm", "e9")
    assert hooks.resend(story.parts, "crm") == 3
    assert hooks.resend(story.parts, "crm") == 0


# Whatever dies.


def steps_of_a_story():
    story = company(CRM, ERP)
    story.writes()
    began = len(story.parts.trail.steps)
    story.loop.rest()
    return len(story.parts.trail.steps) - began


@pytest.mark.parametrize("step", range(steps_of_a_story()))
def test_wherever_the_process_dies_every_event_arrives_at_least_once(step):
    calm = company(CRM, ERP)
    calm.writes()
    calm.loop.rest()
    story = company(CRM, ERP)
    story.writes()
    story.parts.trail.crash_at = len(story.parts.trail.steps) + step
    story.loop.run(hours=1)
    kinds = [(event["type"]) for event in heard(story)]
    assert set(kinds) >= {event["type"] for event in heard(calm)}
    assert {event["type"] for event in heard(story, ERP)} == {"case.opened"}


@pytest.mark.parametrize("step", range(8))
def test_wherever_the_last_attempt_dies_the_event_is_set_aside_in_the_end(step):
    story = company()
    one = order(story)
    story.parts.hook_sender.answers = [GONE] * 9
    story.parts.trail.crash_at = len(story.parts.trail.steps) + step
    for tries in range(1, 4):
        try:
            hooks.deliver(story.parts, one, tries)
            break
        except BaseException:  # noqa: BLE001, S112  (the process died)
            continue
    assert list(story.parts.blobs.kept) == [f"hook/crm/2026-11-02/{one.event_id}"]


@pytest.mark.parametrize("step", range(20))
def test_wherever_sending_again_dies_nothing_is_lost(step):
    story = company()
    wanted = given_up(story)
    story.parts.trail.crash_at = len(story.parts.trail.steps) + step
    for _ in range(2):
        try:
            hooks.resend(story.parts, "crm")
        except BaseException:  # noqa: BLE001, S112  (the process died)
            continue
    story.loop.rest()
    assert sorted(set(ids(story))) == wanted
    assert story.parts.blobs.kept == {}


def test_every_kind_of_the_log_can_be_told():
    """No kind of entry is unknown to the words of the events."""
    assert all("." in hook.type_of(kind) for kind in EntryKind)


def test_replies_are_told_as_the_agents_own():
    story = company(replace(CRM, texts=True, events=("ReplyWritten",)))
    story.writes()
    story.loop.rest()
    reply = story.replies("On its way.")
    story.loop.rest()
    (event,) = heard(story)
    assert reply.direction is Direction.OUTBOUND
    assert event["data"]["message_id"] == reply.id
    assert (event["data"]["actor"], event["data"]["text"]) == ("ann", "On its way.")
