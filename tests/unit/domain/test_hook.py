"""Outgoing webhooks: their names, their content, and when they are tried again."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import hook
from chalicelib.domain.channel import Channel
from chalicelib.domain.clock import ClockName
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import Entry, EntryKind
from chalicelib.domain.policy import Endpoint

AT = datetime(2026, 11, 22, 8, 30, 0, 123_000, tzinfo=UTC)
CRM = Endpoint("crm", "https://crm.example.com/hearback", "hook-crm")
TALK = Conversation("c" * 26, Channel.MESSENGER, "acme-dm", "100", False, "k" * 26, "ana", AT)


def test_every_kind_has_a_type_of_its_own():
    types = {hook.type_of(kind) for kind in EntryKind}
    assert len(types) == len(EntryKind)
    assert {"case.opened", "message.received", "follow_up.sent", "personal_data.found",
            "customer.opted_out", "deadline.breached"} <= types  # fmt: skip
    for name in types:
        noun, _, happened = name.partition(".")
        assert noun
        assert happened
        assert name == name.lower()


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        ({}, True),
        ({"events": ("CaseOpened",)}, True),
        ({"events": ("case.opened", "case.closed")}, True),
        ({"events": ("case.closed",)}, False),
        ({"team": "care"}, True),
        ({"team": "shop"}, False),
        ({"handle": "acme-dm"}, True),
        ({"handle": "acme-page"}, False),
        ({"channel": "messenger"}, True),
        ({"channel": "x"}, False),
        ({"events": ("case.opened",), "team": "care", "channel": "x"}, False),
    ],
)
def test_an_endpoint_hears_what_all_its_filters_let_through(facts, wanted):
    endpoint = Endpoint("crm", "https://crm.example.com", "s", **facts)
    assert hook.wants(endpoint, Entry(EntryKind.CASE_OPENED, AT, 1), TALK, "care") is wanted


def test_the_id_differs_by_endpoint_place_and_position_and_by_nothing_else():
    other = Endpoint("erp", CRM.url, CRM.secret)
    ids = {
        hook.event_id(endpoint, talk, version, position)
        for endpoint in (CRM, other)
        for talk in ("a", "b")
        for version in (1, 2)
        for position in (0, 1)
    }
    assert len(ids) == 16
    moved = Endpoint("crm", "https://new.example.com", "other-secret", texts=True)
    assert hook.event_id(moved, "a", 1, 0) == hook.event_id(CRM, "a", 1, 0)


def test_an_event_tells_what_happened_and_nothing_that_people_wrote():
    entry = Entry(EntryKind.CASE_RESOLVED, AT, 3, "ann", message_id="m", reason="she was rude",
                  text="secret words", version=7)  # fmt: skip
    told = hook.data(CRM, entry, TALK, "care", 1)
    assert told == {
        "conversation_id": TALK.id, "case_id": f"{TALK.id}-3", "case_number": 3, "sequence": 7,
        "position": 1, "channel": "messenger", "handle": "acme-dm", "team": "care",
        "public": False, "contact_id": TALK.contact_id, "message_id": "m", "actor": "ann",
    }  # fmt: skip
    body = json.loads(hook.body(entry, told))
    assert body == {"type": "case.resolved", "timestamp": "2026-11-22T08:30:00.123Z", "data": told}


def test_a_machines_reason_clock_and_time_are_told():
    entry = Entry(EntryKind.DEADLINE_WARNED, AT, 1, clock=ClockName.FIRST_RESPONSE, seq=2,
                  reason="late", until=AT, score=4)  # fmt: skip
    told = hook.data(CRM, entry, TALK, "care", 0)
    assert told["reason"] == "late"
    assert (told["clock"], told["clock_number"], told["score"]) == ("first_response", 2, 4)
    assert told["until"] == "2026-11-22T08:30:00.123Z"


def test_with_texts_a_persons_reason_is_told_too():
    loud = Endpoint("crm", CRM.url, CRM.secret, texts=True)
    entry = Entry(EntryKind.CASE_RESOLVED, AT, 0, "ann", reason="answered")
    told = hook.data(loud, entry, TALK, "", 0)
    assert told["reason"] == "answered"
    assert told["case_number"] == 0
    assert "case_id" not in told


@given(st.text(max_size=12_000))
def test_a_body_is_never_longer_than_receivers_take(text):
    body = hook.body(Entry(EntryKind.MESSAGE_RECEIVED, AT, 1), {"a": 1}, text)
    assert len(body) < hook.MOST_BYTES
    data = json.loads(body)["data"]
    assert text.startswith(data.get("text", ""))
    assert data.get("text_cut", False) is (data.get("text", "") != text)


def test_a_long_text_is_cut_and_says_so():
    data = json.loads(hook.body(Entry(EntryKind.MESSAGE_RECEIVED, AT, 1), {}, "\u4f60" * 10_000))
    assert data["data"]["text_cut"] is True
    assert len(data["data"]["text"]) > 2_000


def test_the_tries_go_on_for_about_a_day():
    waits = [hook.wait_seconds("e", tries) for tries in range(1, hook.ATTEMPTS)]
    assert waits[:-1] == sorted(waits[:-1])
    assert 5 <= waits[0] <= 6
    assert 300 <= waits[1] <= 345
    assert 86_400 < sum(waits) < 2 * 86_400
    assert hook.wait_seconds("e", hook.ATTEMPTS) is None
    assert hook.wait_seconds("e", hook.ATTEMPTS + 5, 60) is None
    assert hook.wait_seconds("e", 0) == hook.wait_seconds("e", 0)


def test_events_that_failed_together_do_not_come_back_together():
    assert len({hook.wait_seconds(f"e{number}", 4) for number in range(50)}) > 10


@given(st.integers(min_value=1, max_value=7), st.integers(min_value=0, max_value=10**9))
def test_a_receiver_is_given_the_time_it_asks_for_as_far_as_a_queue_can(tries, asked):
    wait = hook.wait_seconds("e", tries, asked)
    assert wait >= min(asked, hook.LONGEST_WAIT_SECONDS)
    assert wait <= hook.LONGEST_WAIT_SECONDS <= 12 * 3600


def test_an_endpoint_that_a_rule_names_hears_of_that_firing_whatever_it_asks_for():
    deaf = Endpoint("crm", CRM.url, CRM.secret, events=("case.closed",), team="shop")
    inputs = {"webhook": "erp crm"}
    fired = Entry(EntryKind.RULE_FIRED, AT, 1, rule="late", status="assigned", inputs=inputs)
    assert hook.asks(deaf, (EntryKind.RULE_FIRED,))
    assert hook.wants(deaf, fired, TALK, "care")
    assert not hook.wants(Endpoint("cr", "", "", events=("x",)), fired, TALK, "care")
    assert not hook.wants(deaf, Entry(EntryKind.RULE_FIRED, AT, 1), TALK, "care")
    told = hook.data(deaf, fired, TALK, "care", 0)
    assert (told["rule"], told["status"]) == ("late", "assigned")
