"""The simulated End User Messaging, Hearback's own room and gateway understand each other."""

import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest

from chalicelib.channels.contract import SignatureError
from chalicelib.channels.places import Places
from chalicelib.channels.sms.room import SmsRoom
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import EventKind, ReceiptState
from chalicelib.domain.policy import Handle
from chalicelib.gateways import clients
from chalicelib.gateways.texts import Texts
from chalicelib.workflows.networks import ErrorClass, HealthState, Outgoing, SendState
from infra.local.simulator import sms, sns
from infra.local.simulator.faults import Fault, Faults
from infra.local.simulator.happening import Happening
from infra.local.simulator.ledger import Ledger
from infra.local.simulator.taker import Asked
from tests.fakes.listening import listening

NOW = datetime(2026, 3, 6, 10, tzinfo=UTC)
ARN = "arn:aws:sns:eu-west-1:000000000000:hearback-local-sms"
HANDLE = Handle(
    "acme-text",
    Channel.SMS,
    "+15550100",
    "Acme",
    "care",
    settings={"configuration_set": "hearback"},
)
HI = Happening("+15550100", "+15550111", NOW, id="in-1", text="Hi ü", parent="out-1")
REPLY = Outgoing("tok-1", HANDLE, "+15550111", False, "Hello ü")
ROOM = SmsRoom()


@cache
def account():
    return sms.SmsAccount("+15550100", sns.topic(ARN, NOW))


class Table:
    """The platform with everything around it."""

    def __init__(self):
        self.ledger, self.faults, self.sent = Ledger(), Faults({}), []
        self.platform = sms.SmsPlatform(
            account(), self.ledger, self.faults, self.sent.append, lambda: NOW
        )


@contextmanager
def credentials(monkeypatch):
    """botocore's own client, with keys that open nothing."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "local")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    clients.client.cache_clear()
    clients._session.cache_clear()
    try:
        yield
    finally:
        clients.client.cache_clear()
        clients._session.cache_clear()


@pytest.fixture
def table(monkeypatch):
    it = Table()
    with credentials(monkeypatch), listening(it.platform) as url:
        it.texts = Texts(url)
        it.places = Places(texter=lambda: it.texts)
        yield it


def read(posting):
    assert posting.path == "/webhooks/sms/acme-text"
    proven = ROOM.verify(posting.body, posting.headers, account().topic.secret, NOW)
    (event,) = ROOM.parse(proven.body, NOW, event_id=proven.event_id).events
    return event


def test_what_customers_write_is_proved_and_understood_here():
    said = read(sms.message(HI, account()))
    assert (said.kind, said.text, said.parent_id) == (EventKind.MESSAGE, "Hi ü", "out-1")
    assert (said.account_id, said.contact.id) == ("+15550100", "+15550111")
    assert said.occurred_at == NOW
    body = json.dumps(sms.envelope(replace(HI, parent=""), account())).encode()
    assert ROOM.parse(body, NOW).events[0].parent_id == ""


def test_a_forged_one_is_refused():
    stranger = sms.SmsAccount("+15550100", sns.topic(ARN, NOW))
    with pytest.raises(SignatureError):
        read(sms.message(HI, stranger))


def test_a_reply_reaches_the_customer_and_its_events_come_back(table):
    result = ROOM.send(REPLY, {}, table.places)
    (received,) = table.ledger.received()
    assert (result.state, result.platform_id) == (SendState.ACCEPTED, received.platform_id)
    assert (received.customer, received.text, received.token) == ("+15550111", "Hello ü", "tok-1")
    told = [read(posting) for _, posting in table.platform.follows(table.sent[0])]
    assert [event.receipt for event in told] == [ReceiptState.SENT, ReceiptState.DELIVERED]
    assert {(event.message_id, event.reply_token) for event in told} == {
        (received.platform_id, "tok-1")
    }


def test_without_a_configuration_set_nothing_follows(table):
    ROOM.send(replace(REPLY, handle=replace(HANDLE, settings={})), {}, table.places)
    assert len(table.sent) == 1
    assert table.platform.follows(table.sent[0]) == ()


@pytest.mark.parametrize(
    ("fault", "state", "error_class"),
    [
        (Fault.THROTTLED, SendState.RETRY, ErrorClass.THROTTLED),
        (Fault.GONE, SendState.FAILED, ErrorClass.RECIPIENT),
        (Fault.WINDOW, SendState.FAILED, ErrorClass.RECIPIENT),
    ],
)
def test_faults_are_what_our_room_takes_them_for(table, fault, state, error_class):
    table.faults.add("+15550111", fault)
    result = ROOM.send(REPLY, {}, table.places)
    assert (result.state, result.error_class) == (state, error_class)
    assert table.ledger.received() == ()
    assert len(table.ledger.refused()) == 1


def test_silence_after_a_message_was_taken_is_unknown_and_nothing_is_sent_twice(table):
    table.faults.add("+15550111", Fault.SILENT)
    assert ROOM.send(REPLY, {}, table.places).state is SendState.UNKNOWN
    assert len(table.ledger.received()) == 1


@pytest.mark.parametrize(
    ("message", "error_class"),
    [
        (replace(REPLY, handle=replace(HANDLE, account_id="+15550199")), ErrorClass.CHANNEL),
        (replace(REPLY, recipient="15550111"), ErrorClass.CONTENT),
    ],
)
def test_it_refuses_what_aws_would(table, message, error_class):
    result = ROOM.send(message, {}, table.places)
    assert (result.state, result.error_class) == (SendState.FAILED, error_class)
    assert table.ledger.received() == ()


def test_a_call_without_aws_own_signature_is_refused(table):
    told = table.platform.take(Asked("POST", "/", headers={"authorization": "Bearer x"}))
    assert (told.status, json.loads(told.body)["__type"]) == (400, "UnrecognizedClientException")


def test_what_it_does_not_play_is_unknown(table):
    signed = (
        "AWS4-HMAC-SHA256 Credential=k/20260306/eu-west-1/sms-voice/aws4_request, SignedHeaders"
    )
    told = table.platform.take(Asked("POST", "/", headers={"authorization": signed}))
    assert json.loads(told.body)["__type"] == "UnknownOperationException"


def test_the_number_is_well(table):
    assert ROOM.probe(HANDLE, "", {}, table.places).state is HealthState.WELL
    other = replace(HANDLE, account_id="+15550199")
    assert ROOM.probe(other, "", {}, table.places).state is HealthState.BROKEN
