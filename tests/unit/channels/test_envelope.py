"""Meta's envelope: nothing of a batch is lost, and one odd element does not cost the others."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.channels.contract import PayloadError
from chalicelib.channels.meta.envelope import MAX_ELEMENTS, parse
from chalicelib.channels.meta.room import MetaRoom
from chalicelib.domain.event import EventKind

EVENTS = Path(__file__).parents[2] / "events" / "meta"
ALL = sorted(path.stem for path in EVENTS.glob("*.json"))
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def body(value) -> bytes:
    return json.dumps(value).encode()


def test_every_entry_every_change_and_every_item_is_read(read):
    parsed = read("mixed_accounts")
    assert [event.message_id for event in parsed.events] == [
        "55501_9101",
        "7_1",
        "m_first",
        "m_second",
        "m_other",
        "m_both",
        "55501_9102",
    ]
    assert (parsed.ignored, parsed.unreadable) == ((), ())


def test_each_entry_goes_to_its_own_account(read):
    accounts = {event.message_id: event.account_id for event in read("mixed_accounts").events}
    assert accounts["7_1"] == accounts["m_other"] == "104500000000002"
    assert accounts["m_first"] == "104500000000001"


def test_samples_with_the_change_in_the_entry_or_the_payload_in_a_list_are_read(read):
    assert read("instagram_public").events[-1].text == "directly in the entry"
    assert read("instagram_in_a_list").events[0].text == "whole payload in a list"


def test_dashboard_tests_open_nothing(read):
    parsed = read("dashboard_tests")
    assert parsed.events == ()
    assert parsed.ignored == (
        "test_event",
        "test_event",
        "test_event",
        "empty_entry",
        "no_value.comments",
    )


def test_odd_elements_do_not_cost_the_good_ones(read):
    parsed = read("odd_elements")
    good = [event.message_id for event in parsed.events]
    assert good == ["m_good_1", "m_good_2", "55501_9201", "55501_9203"]
    assert [odd.reason for odd in parsed.unreadable] == [
        "mid_missing",
        "mid_not_id",
        "value_not_object",
        "entry_not_object",
        "messaging_not_list",
        "change_not_object",
        "id_missing",
        "value_not_object",
        "message_not_text",
    ]


def test_an_odd_whatsapp_message_does_not_cost_its_neighbours(read):
    parsed = read("odd_whatsapp")
    assert [event.message_id for event in parsed.events] == ["wamid.good1", "wamid.good2"]
    assert [odd.reason for odd in parsed.unreadable] == [
        "item_not_object",
        "id_missing",
        "text_not_object",
        "contacts_not_list",
    ]


@pytest.mark.parametrize("name", ["odd_elements", "odd_whatsapp"])
def test_what_is_unreadable_can_be_parsed_again_alone(read, name):
    """The kept body ends the same way today, and a mended parser finds that very element."""
    for odd in read(name).unreadable:
        again = parse(odd.raw, NOW)
        assert (again.events, again.ignored) == ((), ())
        assert again.unreadable == (odd,)


def test_a_mended_element_gets_the_key_it_would_have_had(read):
    """A replay out of quarantine must not become a second event."""
    whole = read("page_comments")
    for entry in json.loads((EVENTS / "page_comments.json").read_text())["entry"]:
        for change in entry["changes"]:
            alone = parse(body({"object": "page", "entry": [{**entry, "changes": [change]}]}), NOW)
            assert {event.key for event in alone.events} <= {event.key for event in whole.events}


@pytest.mark.parametrize(
    "odd",
    [
        b"[]",
        b"[1]",
        b'"text"',
        b"{}",
        b'{"object":"page"}',
        b'{"object":"page","entry":{}}',
        b'{"entry":[]}',
        b'{"object":7,"entry":[{}],"object":"page"}',
        b"not json",
    ],
)
def test_a_body_that_is_none_of_metas_is_refused_as_a_whole(odd):
    with pytest.raises(PayloadError):
        MetaRoom().parse(odd, NOW)


def test_an_unknown_object_is_taken_and_counted():
    parsed = parse(
        body({"object": "Ad Account", "entry": [{"id": "1", "changes": [{"field": "x"}]}]}), NOW
    )
    assert parsed.ignored == ("object.ad_account",)


def test_a_body_of_a_thousand_updates_is_read_and_an_absurd_one_refused():
    item = {"sender": {"id": "7"}, "recipient": {"id": "1"}, "message": {"mid": "m", "text": "x"}}
    entry = lambda count: {"object": "page", "entry": [{"id": "1", "messaging": [item] * count}]}
    assert len(parse(body(entry(1_000)), NOW).events) == 1_000
    with pytest.raises(PayloadError) as refused:
        parse(body(entry(MAX_ELEMENTS + 1)), NOW)
    assert refused.value.reason == "too_many"


@pytest.mark.parametrize("name", ALL)
def test_a_redelivery_has_the_same_keys_and_no_two_events_of_a_body_share_one(read, name):
    first, again = read(name), read(name)
    assert [event.key for event in first.events] == [event.key for event in again.events]
    keys = [event.key for event in first.events]
    assert len(set(keys)) == len(keys)


def test_keys_differ_between_all_recorded_events(read):
    """The recorded bodies hold one event twice only where a file says so: none."""
    keys = [event.key for name in ALL for event in read(name).events]
    doubled = {key for key in keys if keys.count(key) > 1}
    assert doubled == set()


@pytest.mark.parametrize("name", ALL)
def test_every_event_can_be_stored(read, name):
    """Ids are text, times are UTC with milliseconds, and private messages have a sender."""
    for event in read(name).events:
        assert event.account_id
        assert event.key
        assert event.received_at.tzinfo is not None
        for at in (event.occurred_at, event.watermark_at):
            assert at is None or (
                at.utcoffset().total_seconds() == 0 and at.microsecond % 1000 == 0
            )
        for person in (event.contact, event.author):
            assert person is None or (isinstance(person.id, str) and person.id)
        if event.kind is EventKind.MESSAGE and not event.public:
            assert event.contact is not None
            assert event.message_id
        assert event.contact is None or event.contact.id != event.account_id
