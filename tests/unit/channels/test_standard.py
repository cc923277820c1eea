"""The generic payload, in."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.channels.contract import PayloadError
from chalicelib.channels.standard.room import StandardRoom
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import EventKind, Person, ReceiptState

EVENTS = Path(__file__).parents[2] / "events" / "standard"
NOW = datetime(2026, 11, 21, 10, 0, 5, tzinfo=UTC)
ANA = Person("c-1", "Ana", "ana")


def parse(body, event_id="msg_1"):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return StandardRoom().parse(raw, NOW, account_id="forum", event_id=event_id)


def one(name):
    return parse((EVENTS / f"{name}.json").read_bytes()).events[0]


def changed(name, **data):
    body = json.loads((EVENTS / f"{name}.json").read_text())
    body["data"] |= data
    body["data"] = {key: value for key, value in body["data"].items() if value is not ...}
    return body


def test_a_message_is_private_unless_it_says_otherwise():
    event = one("created")
    assert (event.kind, event.channel, event.account_id) == (
        EventKind.MESSAGE,
        Channel.WEBHOOK,
        "forum",
    )
    assert (event.public, event.contact, event.author, event.parent_id) == (False, ANA, ANA, "m-0")
    assert event.occurred_at == datetime(2026, 11, 21, 10, 0, 0, 123_000, tzinfo=UTC)
    assert event.attachments[0].mime_type == "image/jpeg"
    public = one("created_public")
    assert (public.public, public.post_id, public.subject) == (True, "t-9", "text")


def test_a_message_may_have_a_title_and_the_code_that_brought_the_customer():
    (event,) = parse(changed("created", title="Order 7", ref="AbCdEfGhIjKlMnOpQrSt")).events
    assert (event.title, event.ref) == ("Order 7", "AbCdEfGhIjKlMnOpQrSt")


def test_what_the_brand_wrote_there_is_an_echo_that_may_hand_our_token_back():
    event = one("created_by_brand")
    assert (event.kind, event.contact.id, event.author.id) == (EventKind.ECHO, "c-1", "forum")
    assert event.reply_token == "msgtoken0000000000000000001"


def test_edits_deletions_and_receipts():
    edit, gone, receipt = one("edited"), one("deleted"), one("receipt_failed")
    assert (edit.kind, edit.text, edit.edit_number) == (EventKind.EDIT, "Where is order 7?", 1)
    assert (gone.kind, gone.message_id, gone.contact) == (EventKind.DELETE, "m-1", None)
    assert (receipt.receipt, receipt.error_code) == (ReceiptState.FAILED, "gone")
    assert receipt.reply_token == "msgtoken0000000000000000001"


def test_an_edit_may_empty_the_text():
    assert parse(changed("edited", text="")).events[0].text == ""


def test_a_message_of_only_an_attachment_is_named_after_it():
    assert parse(changed("created", text=...)).events[0].subject == "image"


def test_other_types_are_taken_and_counted():
    assert parse((EVENTS / "other.json").read_bytes()).ignored == ("standard.invoice_paid",)


def test_the_key_is_the_webhook_id_whatever_a_retry_carries():
    body = json.loads((EVENTS / "created.json").read_text())
    retry = {**body, "timestamp": "2026-11-21T10:05:00Z"}
    assert parse(body).events[0].key == parse(retry).events[0].key
    assert parse(body).events[0].key != parse(body, event_id="msg_2").events[0].key


def test_kept_bodies_that_lost_their_webhook_id_stay_different_events():
    keys = [parse(changed("created", id=name), event_id="").events[0].key for name in "aba"]
    assert keys[0] == keys[2] != keys[1]


@pytest.mark.parametrize(
    "body",
    [
        changed("created", id=...),
        changed("created", id=""),
        changed("created", id=1.5),
        changed("created", contact=...),
        changed("created", contact={"name": "no id"}),
        changed("created", contact="c-1"),
        changed("created", text=..., attachments=...),
        changed("created", text="x" * 32_769),
        changed("created", text={"x": 1}),
        changed("created", attachments={}),
        changed("created", attachments=[{"kind": "image"}]),
        changed("created", attachments=[{"url": "https://x"}]),
        changed("created", attachments=[{"kind": "image", "url": "u"}] * 21),
        changed("created", public="yes"),
        changed("created", from_brand=1),
        changed("edited", text=...),
        changed("receipt_failed", state="lost"),
        changed("receipt_failed", state=...),
        {"type": "message.created", "data": {}},
        {"type": "message.created", "timestamp": "yesterday", "data": {}},
        {"timestamp": "2026-11-21T10:00:00Z", "data": {}},
        {"type": "message.created", "timestamp": "2026-11-21T10:00:00Z"},
        {"type": "message.created", "timestamp": "2026-11-21T10:00:00Z", "data": []},
        [],
        b"text",
    ],
)
def test_what_is_not_as_described_is_refused_as_a_whole(body):
    with pytest.raises(PayloadError):
        parse(body)
