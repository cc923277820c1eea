"""The door of notices: a mail is read from the bucket, once for each address, and none is lost."""

import json
from dataclasses import replace

import msgspec
import pytest

from chalicelib.channels.email.reply_address import reply_address
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import ChannelEvent, EventKind
from chalicelib.domain.policy import Handle
from chalicelib.entrypoints.notices import notices
from infra.local.simulator import mails
from infra.local.simulator.happening import Happening
from tests.fakes.gateway import FakeContext
from tests.fakes.house import POLICY

CARE, SALES, ANA = "care@example.com", "sales@example.com", "ana@example.net"
KEY = "0123456789abcdef0123456789abcdef"
THREAD = "abcdefghijklmnopqrstuvwx23"
TOPIC = "arn:aws:sns:us-east-1:000000000000:hearback-local-mail"


@pytest.fixture
def mailbox(house):
    """The house with two addresses, and the mails that its bucket holds by their keys."""
    handles = (
        *POLICY.handles,
        Handle("acme-care", Channel.EMAIL, CARE, "Acme", "care"),
        Handle("acme-sales", Channel.EMAIL, SALES, "Acme", "shop"),
    )
    house.store.policies.publish(replace(POLICY, version="v2", handles=handles))
    house.store.policies.make_current("v2")
    house.parts.secrets.held["acme-care"] = {"reply_keys": [KEY]}
    house.stored = {}
    house.parts.places = replace(house.parts.places, stored_mail=house.stored.__getitem__)
    return house


def record(number, body):
    return {
        "messageId": f"id-{number}",
        "receiptHandle": f"receipt-{number}",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
    }


def deliver(*bodies):
    records = [record(number, body) for number, body in enumerate(bodies)]
    answer = notices({"Records": records}, FakeContext())
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def mail(house, text="Where is it?", *, to=(CARE,), id_="ses-1", **verdicts):
    """Store a mail as SES does; return what the queue gets."""
    raw = mails.message(Happening(CARE, ANA, house.parts.now(), f"{id_}@x", "Ana", text))
    house.stored[f"mail/{id_}"] = raw
    told = mails.received(raw, id_, to, house.parts.now(), {**mails.PASSED, **verdicts})
    return mails.envelope(told, TOPIC)


def queued(house):
    return [msgspec.json.decode(one.body, type=ChannelEvent) for one in house.parts.inbox.sent]


def test_a_mail_is_queued_with_its_words(mailbox):
    assert deliver(mail(mailbox)) == []
    (event,) = queued(mailbox)
    assert (event.kind, event.channel, event.account_id) == (
        EventKind.MESSAGE, Channel.EMAIL, CARE,
    )  # fmt: skip
    assert event.text == "Where is it?"


def test_a_mail_that_is_told_twice_is_one_event(mailbox):
    twice = mail(mailbox)
    assert deliver(twice, twice) == []
    assert len({event.key for event in queued(mailbox)}) == 1


def test_a_mail_to_two_addresses_is_an_event_for_each_and_proved_for_the_one_it_names(mailbox):
    """Even where both addresses have the same key."""
    mailbox.parts.secrets.held["acme-sales"] = {"reply_keys": [KEY]}
    to = (reply_address(CARE, THREAD, (KEY,)), SALES)
    assert deliver(mail(mailbox, to=to)) == []
    assert {event.account_id: event.thread for event in queued(mailbox)} == {
        CARE: THREAD, SALES: "",
    }  # fmt: skip


def test_a_mail_to_an_address_that_no_handle_names_is_queued_all_the_same(mailbox):
    assert deliver(mail(mailbox, to=("old@example.com",))) == []
    assert [event.account_id for event in queued(mailbox)] == ["old@example.com"]


def test_without_a_secret_mail_comes_in_and_it_is_counted(mailbox):
    def none(name):
        raise LookupError(name)

    mailbox.parts.secrets.get = none
    assert deliver(mail(mailbox)) == []
    assert len(queued(mailbox)) == 1
    assert mailbox.parts.meter.total("SecretMissing") == 1


def test_a_mail_that_cannot_be_had_comes_again_and_holds_up_no_other(mailbox):
    gone = mail(mailbox, id_="ses-1")
    del mailbox.stored["mail/ses-1"]
    good = mail(mailbox, id_="ses-2")
    assert deliver(gone, good) == ["id-0"]
    assert [event.message_id for event in queued(mailbox)] == ["ses-2@x"]


def test_a_mail_comes_again_until_all_of_it_is_queued(mailbox):
    mailbox.parts.inbox.refuse = {"nothing"}
    body = mail(mailbox)
    mailbox.parts.trail.fail = None
    deliver(body)
    (sent,) = mailbox.parts.inbox.sent
    mailbox.parts.inbox.sent.clear()
    mailbox.parts.inbox.refuse = {sent.key}
    mailbox.parts.now.advance(hours=1)
    assert deliver(body) == ["id-0"]
    mailbox.parts.inbox.refuse = set()
    assert deliver(body) == []
    assert len(queued(mailbox)) == 1


@pytest.mark.parametrize("verdict", ["virus", "spam"])
def test_a_virus_and_spam_are_kept_whole_with_all_that_a_replay_needs(mailbox, verdict):
    assert deliver(mail(mailbox, **{verdict: "FAIL"})) == []
    assert queued(mailbox) == []
    ((raw, facts),) = mailbox.parts.blobs.kept.values()
    assert raw.endswith(mailbox.stored["mail/ses-1"])
    assert (facts["room"], facts["account"], facts["event"], facts["reason"]) == (
        "email", CARE, "ses-1", verdict,
    )  # fmt: skip


@pytest.mark.parametrize("verdict", ["virus", "spam"])
def test_a_virus_and_spam_call_nobody(mailbox, verdict):
    """They come every day: the alarm is about what a person has to look at."""
    deliver(mail(mailbox, **{verdict: "FAIL"}))
    assert mailbox.parts.meter.total("MailWithheld", reason=verdict) == 1
    assert mailbox.parts.meter.total("Quarantined") == 0


def test_a_mail_that_cannot_be_read_calls_somebody(mailbox):
    body = mail(mailbox)
    mailbox.stored["mail/ses-1"] = (
        b"Content-Type: multipart/mixed; boundary=b\n" + b"--b\n" * 30_000
    )
    deliver(body)
    assert mailbox.parts.meter.total("Quarantined", reason="mail_intricate") == 1
    assert mailbox.parts.meter.total("MailWithheld") == 0


def test_a_mail_that_cannot_be_read_is_kept_whole(mailbox):
    body = mail(mailbox)
    mailbox.stored["mail/ses-1"] = (
        b"Content-Type: multipart/mixed; boundary=b\n" + b"--b\n" * 30_000
    )
    assert deliver(body) == []
    assert [facts["reason"] for _, facts in mailbox.parts.blobs.kept.values()] == ["mail_intricate"]


def test_what_became_of_our_mails_is_queued(mailbox):
    told = mails.news("Delivery", "m1", CARE, {"timestamp": "2026-11-21T10:00:00Z"}, "token-1")
    assert deliver(mails.envelope(told, TOPIC)) == []
    (event,) = queued(mailbox)
    assert (event.kind, event.reply_token) == (EventKind.RECEIPT, "token-1")


def test_text_messages_go_to_their_room_in_their_envelope(mailbox):
    told = {
        "originationNumber": "+15550100",
        "destinationNumber": "+15550199",
        "messageKeyword": "K",
        "messageBody": "Hello",
        "inboundMessageId": "i-1",
    }
    assert deliver(mails.envelope(told, TOPIC.replace("mail", "sms"))) == []
    (event,) = queued(mailbox)
    assert (event.channel, event.text) == (Channel.SMS, "Hello")


@pytest.mark.parametrize(
    "message",
    [
        "Successfully validated SNS topic for Amazon SES event publishing.",
        "{}",
        "[]",
        '{"eventType": "Delivery"}',
        '{"notificationType": "AmazonSnsSubscriptionSucceeded", "message": "hello"}',
        "[" * 100_000,
    ],
)
def test_what_nobody_wrote_is_counted_and_left_aside(mailbox, message):
    assert deliver(json.dumps({"Type": "Notification", "Message": message})) == []
    assert deliver(message) == []
    assert queued(mailbox) == []
    assert mailbox.parts.meter.total("NoticeIgnored") == 2


def test_the_file_by_which_ses_tries_the_bucket_is_left_aside(mailbox):
    told = mails.received(b"x", "AMAZON_SES_SETUP_NOTIFICATION", [CARE], mailbox.parts.now())
    assert deliver(mails.envelope(told, TOPIC)) == []
    assert queued(mailbox) == []
    assert mailbox.parts.meter.total("NoticeIgnored") == 1


def test_a_notice_in_lines_of_its_own_is_read_too(mailbox):
    body = json.loads(mail(mailbox))
    body["Message"] = json.dumps(json.loads(body["Message"]), indent=2)
    assert deliver(json.dumps(body)) == []
    assert len(queued(mailbox)) == 1


@pytest.mark.parametrize(
    "told",
    [
        {"notificationType": "Received"},
        {"notificationType": "Received", "mail": [], "receipt": []},
        {"notificationType": "Received", "mail": {"messageId": 7}, "receipt": {"recipients": 7}},
        {"notificationType": "Received", "mail": {"messageId": "x"}, "receipt": {"action": "S3"}},
    ],
)
def test_a_notice_that_we_do_not_understand_is_kept(mailbox, told):
    mailbox.stored["mail/"] = mailbox.stored["mail/7"] = mailbox.stored["mail/x"] = (
        b"From: a@b.c\n\nx"
    )
    assert deliver(mails.envelope(told, TOPIC)) == []
    assert queued(mailbox) == []
    assert len(mailbox.parts.blobs.kept) == 1
