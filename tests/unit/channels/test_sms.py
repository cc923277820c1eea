"""What a topic of AWS End User Messaging tells, and how SNS proves that it told it."""

import json
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.channels import transport
from chalicelib.channels.contract import PayloadError, SignatureError, Verified
from chalicelib.channels.places import Places
from chalicelib.channels.sms import certificates, envelope
from chalicelib.channels.sms.certificates import Certificates
from chalicelib.channels.sms.room import SmsRoom
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import EventKind, ReceiptState
from infra.local.simulator import sns
from infra.local.simulator.taker import Told
from tests.contract.channels.sms_specimen import ARN, NUMBER, Sms, topic
from tests.contract.channels.specimen import NOW, Words
from tests.fakes.listening import listening

HELD = json.loads(
    (Path(__file__).parents[2] / "events" / "sms" / "openssl.json").read_text("utf-8")
)
PINNED = {"topics": [ARN], "certificates": HELD["certificates"]}
(URL,) = HELD["certificates"]
SMS = Sms()
CUSTOMER = {
    "originationNumber": "+15550111",
    "destinationNumber": NUMBER,
    "messageKeyword": "KEYWORD_1",
    "messageBody": "Where is my order?",
    "inboundMessageId": "in-1",
    "previousPublishedMessageId": "out-1",
}
EVENT = {
    "eventType": "TEXT_DELIVERED",
    "eventTimestamp": 1795255260123,
    "originationPhoneNumber": NUMBER,
    "destinationPhoneNumber": "+15550111",
    "messageId": "out-1",
    "messageStatusDescription": "Message has been accepted by phone",
    "context": {"token": "tok-1"},
}


def signed(name="notification_sha256", **changes):
    return json.dumps(HELD["envelopes"][name] | changes).encode()


def verify(body, headers=None, secret=None, now=NOW, room=None):
    return (room or SmsRoom()).verify(body, headers or {}, secret or PINNED, now)


def refused(*args, **facts):
    with pytest.raises(SignatureError) as error:
        verify(*args, **facts)
    return error.value.reason, error.value.status


def parse(told, **facts):
    return SmsRoom().parse(json.dumps(told).encode(), NOW, **facts)


def only(told, **facts):
    (event,) = parse(told, **facts).events
    return event


# -- the proof -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(HELD["envelopes"]))
def test_what_openssl_signed_is_taken_in_both_versions_with_and_without_a_subject(name):
    proven = verify(signed(name))
    assert proven.event_id == HELD["envelopes"][name]["MessageId"]
    assert proven.body == signed(name)


@pytest.mark.parametrize("name", ["notification_sha256", "confirmation_sha256"])
def test_each_signed_field_is_signed(name):
    whole = HELD["envelopes"][name]
    for field in set(whole) - {"SignatureVersion", "SigningCertURL"}:
        changed = whole[field][:-1] + ("A" if whole[field][-1] != "A" else "B")
        assert refused(signed(name, **{field: changed}))[1] in (401, 403)
        less = {key: value for key, value in whole.items() if key != field}
        assert refused(json.dumps(less).encode())[1] in (401, 403)


def test_a_subject_that_was_not_signed_is_refused():
    assert refused(signed(Subject="Hello"))[0] == "signature_wrong"


def test_a_signature_of_one_version_does_not_count_for_the_other():
    assert refused(signed(SignatureVersion="1"))[0] == "signature_wrong"
    assert refused(signed(SignatureVersion="3"))[0] == "version_unknown"


def test_raw_delivery_has_no_signature_and_is_refused():
    assert refused(signed(), {"X-Amz-Sns-RawDelivery": "true"}) == ("raw_delivery", 403)


def test_a_header_that_says_another_kind_is_refused():
    assert verify(signed(), {"X-Amz-Sns-Message-Type": "Notification"})
    assert refused(signed(), {"x-amz-sns-message-type": "SubscriptionConfirmation"}) == (
        *("type_differs", 403),
    )


@pytest.mark.parametrize("topics", [None, [], "", ARN, [ARN + "x"], [""], [7]])
def test_only_our_own_topics_count(topics):
    assert refused(signed(), secret={**PINNED, "topics": topics}) == ("topic_unknown", 403)


def test_an_empty_secret_refuses_all():
    with pytest.raises(SignatureError):
        SmsRoom().verify(signed(), {}, {}, NOW)


@pytest.mark.parametrize("minutes", [-59, 0, 59])
def test_within_the_hour_of_snss_own_retries_it_is_taken(minutes):
    assert verify(signed(), now=NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize("minutes", [-61, 61])
def test_older_or_from_the_future_it_is_refused(minutes):
    now = NOW + timedelta(minutes=minutes)
    assert refused(signed(), now=now)[0] == "timestamp_outside_tolerance"


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"nonsense", b"\xff", b'{"Type": 7, "TopicArn": "x"}', b'{"a":1,"a":2}'],
)
def test_what_is_no_envelope_proves_nothing(body):
    assert refused(body)[1] == 401


@pytest.mark.parametrize("signature", ["", "é", "====", "AAAA", "not base64!"])
def test_an_odd_signature_proves_nothing(signature):
    assert refused(signed(Signature=signature))[1] in (401, 403)


@pytest.mark.parametrize(
    "url",
    [
        "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123.pem",
        "https://sns.us-gov-west-1.amazonaws.com/x.pem",
        "https://sns.cn-north-1.amazonaws.com.cn/x.pem",
    ],
)
def test_certificates_of_sns_are_known_by_their_address(url):
    assert envelope.is_certificate(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://sns.eu-west-1.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com:443/x.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/x.pem",
        "https://me@sns.eu-west-1.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/x.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/x.pem",
        "https://evil.example/sns.eu-west-1.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com.cn/x.pem",
        "https://sns.cn-north-1.amazonaws.com/x.pem",
        "https://xsns.eu-west-1.amazonaws.com/x.pem",
        "https://sns.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com/x.pem#y",
        "https://sns.eu-west-1.amazonaws.com/x.pem?y=1",
        "https://sns.eu-west-1.amazonaws.com/?Action=x&y=.pem",
        "https://sns.eu-west-1.amazonaws.com/a/../x.pem",
        "https://sns.eu-west-1.amazonaws.com\\@evil.example/x.pem",
        "https://sns.eu-west-1.amazonaws.com/x.pem\n",
        "https://SNS.eu-west-1.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com/é.pem",
        "https://[sns/x.pem",
        "file:///x.pem",
    ],
)
def test_any_other_address_is_nobodys_certificate(url):
    assert not envelope.is_certificate(url)
    body = signed(SigningCertURL=url)
    expected = {"certificate_url_refused", "field_missing"}
    assert refused(body)[0] in expected


# -- certificates --------------------------------------------------------------------------------


class Fetched:
    """Hands out one certificate, and counts."""

    def __init__(self, pem):
        self.pem, self.asked = pem, []

    def __call__(self, url):
        self.asked.append(url)
        return self.pem


def test_a_certificate_is_fetched_once_and_then_known():
    fetched = Fetched(HELD["certificates"][URL].encode())
    room, secret = SmsRoom(Certificates(fetched)), {"topics": [ARN]}
    for name in ("notification_sha256", "subject_sha1"):
        assert verify(signed(name), secret=secret, room=room)
    assert fetched.asked == [URL]


def test_a_certificate_that_proved_nothing_is_not_kept():
    fetched = Fetched(b"nonsense")
    room, secret = SmsRoom(Certificates(fetched)), {"topics": [ARN]}
    assert refused(signed(), secret=secret, room=room) == ("certificate_malformed", 403)
    fetched.pem = HELD["certificates"][URL].encode()
    assert verify(signed(), secret=secret, room=room)
    assert len(fetched.asked) == 2


def test_nothing_is_fetched_for_a_stranger():
    fetched = Fetched(b"")
    room = SmsRoom(Certificates(fetched))
    refused(signed(), secret={"topics": ["arn:other"]}, room=room)
    refused(signed(SigningCertURL="https://evil.example/x.pem"), secret=PINNED, room=room)
    refused(signed(), secret={"topics": [ARN]}, now=NOW + timedelta(hours=2), room=room)
    assert fetched.asked == []


def test_only_so_many_certificates_are_kept():
    kept = Certificates(Fetched(b"new"))
    for number in range(certificates.MOST_KEPT + 5):
        kept.keep(f"url-{number}", b"old")
    assert kept.get("url-0", {}) == b"new"
    assert kept.get(f"url-{certificates.MOST_KEPT + 4}", {}) == b"old"


def test_a_secret_that_pins_certificates_trusts_those_alone():
    other = URL.replace("0123", "4567")
    assert refused(signed(SigningCertURL=other)) == ("certificate_not_pinned", 403)
    assert refused(signed(), secret={**PINNED, "certificates": {URL: 7}})[0] == (
        "certificate_not_pinned"
    )


def test_another_key_or_another_kind_of_key_proves_nothing():
    for pem, reason in (
        (topic().certificate, "signature_wrong"),
        (HELD["certificate_not_rsa"], "certificate_not_rsa"),
    ):
        secret = {**PINNED, "certificates": {URL: pem}}
        assert refused(signed(), secret=secret) == (reason, 403)


def test_a_certificate_counts_only_in_its_time():
    young = sns.topic(ARN, NOW + timedelta(days=5000))
    told = sns.written(sns.notification("{}", "m", NOW, young))
    assert refused(told, secret=young.secret) == ("certificate_outdated", 403)


@pytest.mark.parametrize(
    ("status", "expected"),
    [(404, ("certificate_missing", 403)), (500, ("certificate_missing", 503))],
)
def test_a_certificate_that_cannot_be_had_says_whether_to_come_again(status, expected):
    with listening(Answering(Told(status, b""))) as url, pytest.raises(SignatureError) as error:
        certificates.over_https(url)
    assert (error.value.reason, error.value.status) == expected


def test_a_certificate_is_fetched_as_it_is():
    with listening(Answering(Told(200, b"pem", "text/plain"))) as url:
        assert certificates.over_https(url) == b"pem"
    with pytest.raises(SignatureError) as error:
        certificates.over_https(url)  # nobody listens any more
    assert (error.value.reason, error.value.status) == ("certificate_unreachable", 503)


def test_several_threads_may_ask_at_once():
    room = SmsRoom(Certificates(Fetched(HELD["certificates"][URL].encode())))
    found = []
    ask = lambda: found.append(verify(signed(), secret={"topics": [ARN]}, room=room).event_id)
    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4


# -- subscriptions -------------------------------------------------------------------------------


class Answering:
    """SNS with one answer."""

    prefix = "sns"

    def __init__(self, told):
        self.told, self.asked = told, []

    def take(self, asked):
        self.asked.append(asked)
        return self.told


def greet(told, body=None):
    there = Answering(told)
    with listening(there) as url:
        places = Places(urls={"sns": url}, private_urls=True, read_seconds=1.0)
        proven = Verified(body if body is not None else signed("confirmation_sha256"))
        return SmsRoom().greet(proven, PINNED, places), there.asked


def test_a_subscription_of_our_topic_is_confirmed_at_the_address_that_sns_gave():
    done, (asked,) = greet(Told(200, b"<xml/>", "text/xml"))
    assert done
    assert asked.method == "GET"
    assert asked.query == {
        "Action": "ConfirmSubscription",
        "TopicArn": ARN,
        "Token": "token-1",
    }


@pytest.mark.parametrize("told", [Told(500), Told(silent=True)])
def test_a_subscription_that_could_not_be_confirmed_is_asked_again(told):
    with pytest.raises(transport.NoAnswerError):
        greet(told)


def test_a_message_is_nothing_to_confirm():
    assert greet(Told(200), signed()) == (False, [])
    assert greet(Told(200), json.dumps(CUSTOMER).encode()) == (False, [])


@pytest.mark.parametrize(
    "url", ["https://evil.example/?Action=ConfirmSubscription", "http://127.0.0.1/", "", 7]
)
def test_we_confirm_nowhere_but_at_sns(url):
    body = signed("confirmation_sha256", SubscribeURL=url)
    with pytest.raises(SignatureError):
        greet(Told(200), body)


def test_without_another_place_the_address_itself_is_asked(monkeypatch):
    asked = []

    def answer(request):
        asked.append(request.url)
        return transport.Answer(200, b"")

    monkeypatch.setattr(transport, "exchange", answer)
    body = signed("confirmation_sha256")
    assert SmsRoom().greet(Verified(body), PINNED, Places())
    assert asked == [HELD["envelopes"]["confirmation_sha256"]["SubscribeURL"]]


# -- the words -----------------------------------------------------------------------------------


def test_an_sms_has_snss_time_and_says_what_it_answers():
    found = SmsRoom().parse(signed(), NOW + timedelta(minutes=2), event_id="sns-1")
    (event,) = found.events
    assert (event.kind, event.channel) == (EventKind.MESSAGE, Channel.SMS)
    assert event.occurred_at == NOW
    assert event.key == event.message_id == "11111111-2222-4333-8444-555555555555"
    assert event.parent_id == "99999999-2222-4333-8444-555555555555"
    assert (event.account_id, event.contact.id) == (NUMBER, "+15550111")
    assert event.text == "Where is my order? ü🙂"


def test_a_bare_message_is_read_as_well_and_has_no_time():
    event = only(CUSTOMER)
    assert (event.key, event.occurred_at, event.parent_id) == ("in-1", None, "out-1")


def test_snss_id_stands_in_where_the_message_has_none():
    bare = {key: value for key, value in CUSTOMER.items() if key != "inboundMessageId"}
    assert only(bare, event_id="sns-7").message_id == "sns-7"
    told = sns.written(sns.notification(json.dumps(bare), "sns-8", NOW, topic()))
    assert SmsRoom().parse(told, NOW).events[0].message_id == "sns-8"


@pytest.mark.parametrize(
    ("extra", "consent", "flags"),
    [
        ({"messageBody": "STOP"}, "stop", ()),
        ({"messageBody": "Arrêt."}, "stop", ()),
        ({"messageBody": "stop sending me this", "messageKeyword": "STOP"}, "stop", ()),
        ({"messageBody": "start"}, "start", ()),
        ({"messageBody": "HELP", "messageKeyword": "HELP"}, "", ("help",)),
        ({"messageBody": "stop the order"}, "", ()),
    ],
)
def test_opting_out_is_the_usual_words_or_what_aws_took_it_for(extra, consent, flags):
    event = only(CUSTOMER | extra)
    assert (event.consent, event.flags, event.kind) == (consent, flags, EventKind.MESSAGE)


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        ("TEXT_SENT", ReceiptState.SENT),
        ("TEXT_SUCCESSFUL", ReceiptState.SENT),
        ("TEXT_DELIVERED", ReceiptState.DELIVERED),
        ("TEXT_BLOCKED", ReceiptState.FAILED),
        ("TEXT_CARRIER_UNREACHABLE", ReceiptState.FAILED),
        ("TEXT_TTL_EXPIRED", ReceiptState.FAILED),
        ("TEXT_PROTECT_BLOCKED", ReceiptState.FAILED),
    ],
)
def test_an_event_is_about_our_message_and_hands_back_our_token(kind, state):
    event = only(EVENT | {"eventType": kind})
    assert (event.kind, event.receipt, event.message_id) == (EventKind.RECEIPT, state, "out-1")
    assert (event.reply_token, event.contact.id, event.account_id) == ("tok-1", "+15550111", NUMBER)
    assert event.key == f"out-1:{kind.lower()}"
    assert event.occurred_at == datetime(2026, 11, 21, 10, 1, 0, 123_000, tzinfo=UTC)
    assert bool(event.error_code) is bool(event.error_text) is (state is ReceiptState.FAILED)


def test_the_handle_whose_address_was_called_is_the_account_of_an_event():
    assert only(EVENT, account_id="+15550199").account_id == "+15550199"
    assert only({**EVENT, "destinationPhoneNumber": None}).contact is None


@pytest.mark.parametrize(
    ("told", "word"),
    [
        (EVENT | {"eventType": "TEXT_QUEUED"}, "sms.text_queued"),
        (EVENT | {"eventType": "TEXT_UNKNOWN"}, "sms.text_unknown"),
        (EVENT | {"eventType": "VOICE_RINGING"}, "sms.voice_ringing"),
        ({"registrationId": "r"}, "sms.other"),
    ],
)
def test_what_says_nothing_of_a_message_is_counted(told, word):
    assert parse(told).ignored == (word,)


@pytest.mark.parametrize("kind", ["SubscriptionConfirmation", "UnsubscribeConfirmation"])
def test_news_of_a_subscription_is_counted(kind):
    told = sns.confirmation("m", NOW, topic(), kind=kind)
    body = sns.written(told)
    assert verify(body, secret=topic().secret).event_id == "m"
    word = "subscriptionconfirmation" if kind[0] == "S" else "unsubscribeconfirmation"
    assert SmsRoom().parse(body, NOW).ignored == (f"sns.{word}",)


@pytest.mark.parametrize(
    "told",
    [
        CUSTOMER | {"originationNumber": ""},
        CUSTOMER | {"destinationNumber": None},
        CUSTOMER | {"inboundMessageId": ["x"]},
        CUSTOMER | {"inboundMessageId": None},
        EVENT | {"messageId": None},
        EVENT | {"originationPhoneNumber": None},
        EVENT | {"context": "x"},
        {"Type": "Notification", "TopicArn": ARN, "Message": "no json"},
        {"Type": "Notification", "TopicArn": ARN, "Message": "[]"},
        {"Type": "Notification", "TopicArn": ARN, "Message": {"a": 1}},
    ],
)
def test_what_cannot_be_read_is_kept_whole(told):
    (odd,) = parse(told).unreadable
    assert odd.raw == json.dumps(told).encode()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([*CUSTOMER, *EVENT, "Type", "TopicArn"]), inner)
        ),
        max_leaves=8,
    )
)
def test_any_json_is_parsed_or_refused(told):
    try:
        found = parse(told)
    except PayloadError:
        return
    assert len(found.events) + len(found.ignored) + len(found.unreadable) == 1


@given(st.dictionaries(st.sampled_from(sorted(HELD["envelopes"]["subject_sha1"])), st.text()))
def test_any_other_envelope_is_refused(changes):
    whole = HELD["envelopes"]["subject_sha1"]
    if whole | changes != whole:
        body = json.dumps(whole | changes, ensure_ascii=True).encode()
        assert refused(body)[1] in (401, 403)


def test_one_customer_writes_to_one_number_whatever_the_lane():
    by_https = SmsRoom().parse(SMS.message(Words()), NOW, account_id=NUMBER).events[0]
    by_queue = SmsRoom().parse(SMS.message(Words()), NOW, event_id="sns-1").events[0]
    assert replace(by_https) == by_queue
