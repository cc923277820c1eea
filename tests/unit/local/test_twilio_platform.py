"""The simulated Twilio and Hearback's own room understand each other."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from chalicelib.channels.contract import SignatureError
from chalicelib.channels.places import Places
from chalicelib.channels.twilio.room import TwilioRoom
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import EventKind, ReceiptState
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import ErrorClass, HealthState, Missed, Outgoing, SendState
from infra.local.simulator import twilio_post
from infra.local.simulator.faults import Fault, Faults
from infra.local.simulator.happening import Happening
from infra.local.simulator.ledger import Ledger
from infra.local.simulator.taker import Asked
from infra.local.simulator.twilio import PICTURE, TwilioPlatform
from tests.fakes.listening import listening

NOW = datetime(2026, 3, 6, 10, tzinfo=UTC)
PUBLIC = "https://care.example.com"
ACCOUNT = twilio_post.TwilioAccount("AClocal", "local-token-1", "+15550100", PUBLIC)
SECRET = {"account_sid": ACCOUNT.sid, "auth_tokens": [ACCOUNT.token]}
SETTINGS = {"provider": "twilio", "mms": "yes"}
SMS = Handle("acme-sms", Channel.SMS, "+15550100", "Acme", "care", settings=SETTINGS)
WHATSAPP = replace(SMS, id="acme-whatsapp-twilio", channel=Channel.WHATSAPP)
HI = Happening("+15550100", "+15550111", NOW, id="SM00000077", name="Ana", text="Hi ü")
REPLY = Outgoing("tok-1", SMS, "+15550111", False, "Hello")
ROOM = TwilioRoom()


class Table:
    """The platform with everything around it."""

    def __init__(self):
        self.ledger, self.faults, self.sent = Ledger(), Faults({}), []
        self.platform = TwilioPlatform(
            ACCOUNT, self.ledger, self.faults, self.sent.append, lambda: NOW
        )


@pytest.fixture
def table():
    it = Table()
    with listening(it.platform) as url:
        it.places = Places(
            urls={"twilio": url},
            private_urls=True,
            now=lambda: NOW,
            callbacks=lambda handle: f"{PUBLIC}/webhooks/twilio/{handle.id}",
        )
        yield it


def read(posting):
    """Take a posting as our door does: the stored address with the query it was called with."""
    parts = urlsplit(posting.path)
    query = urlencode(dict(parse_qsl(parts.query)))
    url = PUBLIC + parts.path + (f"?{query}" if query else "")
    proven = ROOM.verify(posting.body, posting.headers, SECRET, NOW, url=url)
    (event,) = ROOM.parse(proven.body, NOW, account_id="+15550100", event_id=proven.event_id).events
    return event


def test_what_customers_write_is_understood_here():
    said = read(twilio_post.message(HI, ACCOUNT))
    assert (said.kind, said.text, said.channel) == (EventKind.MESSAGE, "Hi ü", Channel.SMS)
    assert (said.key, said.contact.id) == ("SM00000077", "+15550111")
    whatsapp = read(twilio_post.message(replace(HI, media="pic"), ACCOUNT, whatsapp=True))
    assert (whatsapp.channel, whatsapp.contact.name) == (Channel.WHATSAPP, "Ana")
    assert whatsapp.attachments[0].kind == "image"


def test_a_forged_one_is_refused():
    posting = twilio_post.message(HI, replace(ACCOUNT, token="another"))
    with pytest.raises(SignatureError):
        read(posting)


def test_a_reply_reaches_the_customer_and_its_statuses_come_back(table):
    result = ROOM.send(REPLY, SECRET, table.places)
    (received,) = table.ledger.received()
    assert (result.state, result.platform_id) == (SendState.ACCEPTED, received.platform_id)
    assert (received.customer, received.text, received.token) == ("+15550111", "Hello", "tok-1")
    (sent,) = table.sent
    told = [read(posting) for _, posting in table.platform.follows(sent)]
    assert [event.receipt for event in told] == [ReceiptState.SENT, ReceiptState.DELIVERED]
    assert {(event.message_id, event.reply_token) for event in told} == {
        (received.platform_id, "tok-1")
    }


def test_on_whatsapp_a_message_is_read_as_well(table):
    ROOM.send(replace(REPLY, handle=WHATSAPP), SECRET, table.places)
    told = [read(posting) for _, posting in table.platform.follows(table.sent[0])]
    assert told[-1].receipt is ReceiptState.READ
    assert told[-1].channel is Channel.WHATSAPP


def test_without_a_callback_nothing_follows(table):
    ROOM.send(REPLY, SECRET, replace(table.places, callbacks=None))
    assert table.platform.follows(table.sent[0]) == ()


@pytest.mark.parametrize(
    ("fault", "state", "error_class"),
    [
        (Fault.THROTTLED, SendState.RETRY, ErrorClass.THROTTLED),
        (Fault.GONE, SendState.FAILED, ErrorClass.RECIPIENT),
        (Fault.WINDOW, SendState.FAILED, ErrorClass.WINDOW),
    ],
)
def test_faults_are_what_our_room_takes_them_for(table, fault, state, error_class):
    table.faults.add("+15550111", fault)
    result = ROOM.send(REPLY, SECRET, table.places)
    assert (result.state, result.error_class) == (state, error_class)
    assert table.ledger.received() == ()
    assert table.ledger.refused()[0].customer == "+15550111"


def test_a_message_whose_answer_was_lost_is_found(table):
    table.faults.add("+15550111", Fault.SILENT)
    result = ROOM.send(REPLY, SECRET, table.places)
    (received,) = table.ledger.received()
    assert (result.state, result.platform_id) == (SendState.ACCEPTED, received.platform_id)


@pytest.mark.parametrize(
    ("message", "secret", "error_class"),
    [
        (REPLY, SECRET | {"auth_tokens": ["wrong"]}, ErrorClass.CHANNEL),
        (REPLY, SECRET | {"account_sid": "ACother"}, ErrorClass.CHANNEL),
        (replace(REPLY, recipient="nobody"), SECRET, ErrorClass.RECIPIENT),
        (replace(REPLY, handle=replace(SMS, account_id="+1555")), SECRET, ErrorClass.CHANNEL),
        (replace(REPLY, text=""), SECRET, ErrorClass.CONTENT),
        (replace(REPLY, text="a" * 1601), SECRET, ErrorClass.CONTENT),
    ],
)
def test_it_refuses_what_twilio_would(table, message, secret, error_class):
    result = ROOM.send(message, secret, table.places)
    assert (result.state, result.error_class) == (SendState.FAILED, error_class)
    assert table.ledger.received() == ()


def test_it_knows_one_address_from_a_mixed_pair(table):
    asked = Asked(
        "POST",
        f"/2010-04-01/Accounts/{ACCOUNT.sid}/Messages.json",
        headers={"authorization": "Basic QUNsb2NhbDpsb2NhbC10b2tlbi0x"},
        body=urlencode({"To": "+15550111", "From": "whatsapp:+15550100", "Body": "x"}).encode(),
    )
    assert b"63007" in table.platform.take(asked).body


def test_a_number_that_somebody_points_elsewhere_is_mended(table):
    url = f"{PUBLIC}/webhooks/twilio/acme-sms"
    assert ROOM.probe(SMS, url, SECRET, table.places).state is HealthState.WELL
    table.platform.point_elsewhere("https://elsewhere.example.com/")
    mended = ROOM.probe(SMS, url, SECRET, table.places)
    assert (mended.state, mended.missed_since) == (HealthState.REPAIRED, NOW)
    assert ROOM.probe(SMS, url, SECRET, table.places).state is HealthState.WELL
    assert ROOM.probe(replace(SMS, account_id="+1555"), url, SECRET, table.places).problem


@pytest.mark.parametrize("handle", [SMS, WHATSAPP], ids=lambda handle: handle.channel.value)
def test_what_was_missed_is_read_back_with_its_files(table, handle):
    whatsapp = handle is WHATSAPP
    posting = table.platform.write(replace(HI, media="pic"), whatsapp=whatsapp)
    ROOM.send(replace(REPLY, handle=handle), SECRET, table.places)
    missed = Missed(handle, NOW - timedelta(hours=1), NOW)
    ((back,),) = ROOM.fetch_back(missed, SECRET, table.places)
    there = read(posting)
    assert (back.key, back.text, back.attachments) == (there.key, there.text, there.attachments)
    file = ROOM.fetch(handle, back.attachments[0], 1000, secret=SECRET, places=table.places)
    assert file.body == PICTURE


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/2010-04-01/Accounts/AClocal/Calls.json"),
        ("POST", "/2010-04-01/Accounts/AClocal/x"),
    ],
)
def test_what_it_does_not_play_is_not_found(table, method, path):
    known = {"authorization": "Basic QUNsb2NhbDpsb2NhbC10b2tlbi0x"}
    assert table.platform.take(Asked(method, path, headers=known)).status == 404
    assert table.platform.take(Asked("GET", "/2010-04-01/x")).status == 404
