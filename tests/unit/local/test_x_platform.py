"""The simulated X and Hearback's own room understand each other."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.channels.contract import SignatureError
from chalicelib.channels.places import Places
from chalicelib.channels.x.room import XRoom
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import Attachment, EventKind, ReceiptState
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import (
    ErrorClass,
    File,
    HealthState,
    Missed,
    Outgoing,
    SendState,
    Wanted,
)
from infra.local.simulator import x_webhooks as webhooks
from infra.local.simulator.faults import Fault, Faults
from infra.local.simulator.happening import Happening
from infra.local.simulator.ledger import Ledger
from infra.local.simulator.taker import Asked
from infra.local.simulator.x import PICTURE, XPlatform
from tests.fakes.listening import listening

NOW = datetime(2026, 3, 6, 10, tzinfo=UTC)
KEYS = webhooks.XAccount()
HANDLE = Handle("acme-x", Channel.X, KEYS.account, "Acme", "care")
ROOM = XRoom()
HI = Happening(KEYS.account, "23", NOW, "1000", "Ana", "hey @acme, 1 < 2 & so on")
REPLY = Outgoing("t", HANDLE, "23", True, "On it & soon <3", reply_to_id="1000", post_id="1000")
DIRECT = Outgoing("t", HANDLE, "23", False, "Hello")
SECRET = KEYS.secret


class Table:
    """The platform with everything around it."""

    def __init__(self):
        self.ledger, self.faults, self.sent = Ledger(), Faults({}), []
        self.platform = XPlatform(KEYS, self.ledger, self.faults, self.sent.append, lambda: NOW)

    def send(self, outgoing, secret=SECRET):
        return ROOM.send(outgoing, secret, self.places)


@pytest.fixture
def table():
    it = Table()
    with listening(it.platform) as url:
        it.places = Places(urls={"x": url}, private_urls=True, now=lambda: NOW)
        yield it


def read(posting):
    assert posting.path == "/webhooks/x/acme-x"
    proven = ROOM.verify(posting.body, posting.headers, SECRET, NOW)
    found = ROOM.parse(proven.body, NOW, account_id=KEYS.account)
    assert not found.unreadable
    return found.events[0] if found.events else found.ignored


# -- what customers do there ---------------------------------------------------------------------


def test_posts_are_understood_here():
    said = read(webhooks.mention(HI, KEYS))
    assert (said.kind, said.text, said.flags) == (EventKind.MESSAGE, HI.text, ("summoned",))
    assert (said.contact.id, said.contact.name, said.occurred_at) == ("23", "Ana", NOW)
    answer = replace(HI, id="1001", post="1000", parent="999", text="no & no", media="3_5")
    replied = read(webhooks.reply(answer, KEYS))
    assert (replied.text, replied.flags, replied.post_id) == ("no & no", (), "1000")
    assert (replied.parent_id, replied.attachments[0].media_id) == ("999", "3_5")
    assert read(webhooks.quote(replace(HI, parent="999"), KEYS)).flags == ("summoned",)
    edit = read(webhooks.edited(replace(HI, id="1005", text="never mind @acme"), KEYS, "1000"))
    assert (edit.kind, edit.message_id, edit.text) == (EventKind.EDIT, "1000", "never mind @acme")


def test_messages_are_understood_here():
    said = read(webhooks.message(replace(HI, media="a.png"), KEYS))
    assert (said.kind, said.public, said.text) == (EventKind.MESSAGE, False, HI.text)
    assert said.attachments[0].url.endswith("/a.png")
    assert read(webhooks.encrypted(HI, KEYS)).flags == ("encrypted",)


def test_the_older_form_is_understood_here():
    assert read(webhooks.legacy_message(HI, KEYS)).text == HI.text
    said = read(webhooks.legacy_post(HI, KEYS))
    assert (said.text, said.contact.id, said.flags) == (HI.text, "23", ("summoned",))
    assert said.occurred_at == NOW


def test_everything_else_is_understood_here():
    blocked = read(webhooks.blocked(HI, KEYS))
    assert (blocked.detail, blocked.contact.id) == ("blocked", "23")
    gone = read(webhooks.own_deleted(HI, KEYS))
    assert (gone.kind, gone.message_id) == (EventKind.DELETE, "1000")
    assert read(webhooks.unknown(KEYS)) == ("x.hologram_beam",)


def test_what_somebody_else_signed_is_refused():
    forged = webhooks.message(HI, replace(KEYS, consumer_secret="another"))
    with pytest.raises(SignatureError):
        ROOM.verify(forged.body, forged.headers, SECRET, NOW)


# -- what we say ---------------------------------------------------------------------------------


def test_a_reply_reaches_the_customer_and_comes_back_as_our_own(table):
    table.platform.write(HI)
    result = table.send(REPLY)
    assert result.state is SendState.ACCEPTED
    (received,) = table.ledger.received()
    assert (received.customer, received.text) == ("23", "On it & soon <3")
    (sent,) = table.sent
    ((wait, posting),) = webhooks.aftermath(sent, KEYS)
    echo = read(posting)
    assert wait < 1
    assert (echo.kind, echo.contact, echo.text) == (EventKind.ECHO, None, REPLY.text)
    assert (echo.message_id, echo.parent_id) == (result.platform_id, "1000")
    assert echo.post_id == "1000"


def test_a_direct_message_reaches_the_customer_and_is_read(table):
    result = table.send(replace(DIRECT, invite=True))
    assert (result.state, result.recipient) == (SendState.ACCEPTED, "23")
    (_, echo), (_, seen) = webhooks.aftermath(table.sent[0], KEYS)
    ours = read(echo)
    assert (ours.kind, ours.contact.id, ours.message_id) == (
        EventKind.ECHO,
        "23",
        result.platform_id,
    )
    receipt = read(seen)
    assert receipt.receipt is ReceiptState.READ
    assert receipt.watermark_at > table.sent[0].received.at


def test_only_those_who_named_us_are_answered(table):
    table.platform.write(HI, summoned=False)
    result = table.send(REPLY)
    assert (result.error_class, result.error_code) == (ErrorClass.CONTENT, "not_summoned")
    assert table.ledger.refused()[0].customer == "23"


def test_the_same_words_are_taken_once(table):
    table.platform.write(HI)
    assert table.send(REPLY).state is SendState.ACCEPTED
    assert table.send(REPLY).error_code == "duplicate"
    assert len(table.ledger.received()) == 1
    assert table.send(replace(REPLY, text="more")).state is SendState.ACCEPTED


def test_a_post_that_x_does_not_know_cannot_be_answered(table):
    assert table.send(REPLY).error_code == "gone"


@pytest.mark.parametrize(
    ("fault", "state", "public_class", "private_class"),
    [
        (Fault.THROTTLED, SendState.RETRY, ErrorClass.THROTTLED, ErrorClass.THROTTLED),
        (Fault.SILENT, SendState.UNKNOWN, ErrorClass.UNANSWERED, ErrorClass.UNANSWERED),
        (Fault.GONE, SendState.FAILED, ErrorClass.CONTENT, ErrorClass.RECIPIENT),
        (Fault.WINDOW, SendState.FAILED, ErrorClass.CONTENT, ErrorClass.RECIPIENT),
    ],
)
def test_each_mishap_is_understood_here(table, fault, state, public_class, private_class):
    table.platform.write(HI)
    for outgoing, expected in ((REPLY, public_class), (DIRECT, private_class)):
        table.faults.add("23", fault)
        result = table.send(outgoing)
        assert (result.state, result.error_class) == (state, expected)
    assert len(table.ledger.received()) == (2 if fault is Fault.SILENT else 0)


def test_a_throttle_ends_and_the_same_reply_leaves(table):
    table.platform.write(HI)
    table.faults.add("23", Fault.THROTTLED)
    assert table.send(REPLY).retry_after_seconds == 1
    assert table.send(REPLY).state is SendState.ACCEPTED


def test_a_wrong_key_is_refused(table):
    for outgoing in (REPLY, DIRECT):
        result = table.send(outgoing, {**SECRET, "access_token": "older"})
        assert (result.error_class, result.error_code) == (ErrorClass.CHANNEL, "http_401")
    assert len(table.ledger.refused()) == 2


def test_files_go_up_first_and_an_unknown_one_is_refused(table):
    table.platform.write(HI)
    picture = File("a.png", "image/png", 3, "", lambda: b"png")
    film = File("a.mp4", "video/mp4", 3, "", lambda: b"mp4")
    for files in ((picture, picture), (film,)):
        assert table.send(replace(REPLY, files=files, text=f"{len(files)}")).platform_id
    assert table.send(replace(DIRECT, files=(picture,), text="")).platform_id
    body = b'{"text": "a", "attachments": [{"media_id": "1"}]}'
    headers = {"authorization": f"Bearer {KEYS.access_token}"}
    path = "/2/dm_conversations/with/23/messages"
    assert table.platform.take(Asked("POST", path, {}, headers, body)).status == 400
    assert table.platform.take(Asked("POST", path, {}, headers, b"{}")).status == 400


def test_a_reply_is_hidden_and_shown_again(table):
    for action in ("hide", "unhide"):
        found = ROOM.moderate(HANDLE, "1000", action, secret=SECRET, places=table.places)
        assert found.state is SendState.ACCEPTED
        assert table.platform.hidden == {"1000": action == "hide"}


# -- looking -------------------------------------------------------------------------------------


def test_a_search_finds_what_was_written_once(table):
    table.platform.write(replace(HI, text="acme lost my parcel"), summoned=False)
    table.platform.write(replace(HI, id="1002", text="nothing of interest"), summoned=False)
    wanted = Wanted(HANDLE, "Acme parcel", 20)
    polled = ROOM.poll(wanted, SECRET, table.places)
    assert [event.message_id for event in polled.events] == ["1000"]
    again = ROOM.poll(replace(wanted, cursor=polled.cursor), SECRET, table.places)
    assert (again.events, again.cursor) == ((), "1000")


def test_a_probe_subscribes_and_finds_all_well_then(table):
    first = ROOM.probe(HANDLE, KEYS.callback_url, SECRET, table.places)
    assert first.state is HealthState.REPAIRED
    assert "dm.received" in table.platform.subscriptions
    assert ROOM.probe(HANDLE, KEYS.callback_url, SECRET, table.places).state is HealthState.WELL
    table.platform.subscriptions["dm.received"] = "5"
    ROOM.probe(HANDLE, KEYS.callback_url, SECRET, table.places)
    assert len(set(table.platform.subscriptions.values())) == 1


def test_a_webhook_that_was_switched_off_is_revived_and_the_gap_replayed(table):
    table.platform.webhook_valid = False
    health = ROOM.probe(HANDLE, KEYS.callback_url, SECRET, table.places)
    assert health.state is HealthState.REPAIRED
    missed = Missed(HANDLE, NOW - timedelta(hours=1), NOW)
    assert list(ROOM.fetch_back(missed, SECRET, table.places)) == []
    assert table.platform.replays == [("202603060900", "202603060950")]


def test_a_picture_of_a_message_is_fetched_with_our_key(table):
    said = read(webhooks.message(replace(HI, media="a.png"), KEYS))
    fetched = ROOM.fetch(HANDLE, said.attachments[0], 1_000, secret=SECRET, places=table.places)
    assert fetched.body == PICTURE


def test_what_x_has_not_is_not_found(table):
    headers = {"authorization": f"Bearer {KEYS.access_token}"}
    for path in ("/2/spaces", "/2/media/metadata"):
        assert table.platform.take(Asked("GET", path, {}, headers)).status == 404
    with pytest.raises(Exception, match="gone"):
        ROOM.fetch(
            HANDLE, Attachment("image", media_id="3_5"), 9, secret=SECRET, places=table.places
        )
