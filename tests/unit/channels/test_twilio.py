"""What Twilio posts, understood. (The conformance suite holds it to what every channel keeps.)"""

import contextlib
import json
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.channels.contract import PayloadError, Said, SignatureError
from chalicelib.channels.registry import room
from chalicelib.channels.twilio import reasons, signature
from chalicelib.channels.twilio.room import TwilioRoom
from chalicelib.channels.twilio.times import of_rfc2822
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import Attachment, EventKind, ReceiptState
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import Outgoing
from tests.contract.channels.twilio_specimen import HEADER, NUMBER, SECRET, SID, Sms, Whatsapp
from tests.unit.channels.conftest import RECEIVED

EVENTS = Path(__file__).parents[2] / "events" / "twilio"
ROOM = TwilioRoom()
SMS, WHATSAPP = Sms(), Whatsapp()
PLAIN = {
    "MessageSid": "SM1",
    "AccountSid": SID,
    "From": "+15550111",
    "To": NUMBER,
    "Body": "Hello",
    "NumMedia": "0",
    "SmsStatus": "received",
}


def parse(form, **facts):
    return ROOM.parse(urlencode(form).encode(), RECEIVED, **facts)


def only(form, **facts):
    (event,) = parse(form, **facts).events
    return event


def recorded(name):
    return only(json.loads((EVENTS / f"{name}.json").read_text("utf-8")))


def test_an_answer_is_empty_twiml_because_anything_else_would_reach_the_customer():
    assert room("twilio").thanks == Said("<Response/>", "text/xml")


def test_a_plain_sms_is_known_by_its_sid_and_has_no_time_of_its_own():
    event = only(PLAIN)
    assert (event.key, event.message_id, event.occurred_at) == ("SM1", "SM1", None)
    assert (event.channel, event.account_id, event.contact.id) == (
        *(Channel.SMS, NUMBER, "+15550111"),
    )
    assert (event.subject, event.consent, event.flags) == ("text", "", ())


def test_a_pressed_button_says_its_words_and_what_it_answers():
    event = recorded("whatsapp_button")
    assert (event.text, event.subject) == ("Yes, cancel it", "button")
    assert event.attachments == (Attachment("button", name="cancel-order"),)
    assert event.parent_id == "SM00000000000000000000000000000009"
    assert event.flags == ("forwarded",)
    assert event.consent == ""


def test_a_whatsapp_customer_is_one_person_under_number_and_business_scoped_id():
    person = recorded("whatsapp_button").contact
    assert (person.id, person.name) == ("+15550111", "Ana")
    assert person.aliases == ("15550111", "US.13491208655302741918")


def test_a_place_is_an_attachment_and_a_hidden_number_no_obstacle():
    event = recorded("whatsapp_location")
    assert event.attachments == (
        Attachment("location", name="52.5200,13.4050", title="The shop, 1 Example Street"),
    )
    assert (event.contact.id, event.subject) == ("US.13491208655302741918", "location")
    assert event.channel is Channel.WHATSAPP


def test_a_chosen_row_and_the_advert_that_led_here_are_kept():
    event = recorded("whatsapp_list")
    assert (event.text, event.subject) == ("My parcel is late", "list_reply")
    assert event.attachments == (
        Attachment("list_reply", name="late", title="More than three days"),
        Attachment("referral", url="https://example.com/advert", title="Spring sale"),
    )


def test_files_of_a_message_are_kept_in_order():
    event = recorded("mms")
    assert [(file.kind, file.mime_type) for file in event.attachments] == [
        ("image", "image/jpeg"),
        ("document", "text/x-vcard"),
    ]
    assert event.attachments[1].url.endswith("/Media/ME2")


def test_an_absurd_count_of_files_costs_nothing():
    files = {f"MediaUrl{number}": "https://api.twilio.com/x" for number in range(80)}
    assert len(only(PLAIN | files | {"NumMedia": "80"}).attachments) == 50


@pytest.mark.parametrize(
    ("extra", "consent", "flags"),
    [
        ({"Body": "STOP"}, "stop", ()),
        ({"Body": "cancel"}, "stop", ()),
        ({"Body": "Yes"}, "start", ()),
        ({"Body": "Please end this", "OptOutType": "STOP"}, "stop", ()),
        ({"Body": "Anfang", "OptOutType": "START"}, "start", ()),
        ({"Body": "STOP", "OptOutType": "HELP"}, "", ("help",)),
        ({"Body": "HELP"}, "", ("help",)),
        ({"Body": "help me please"}, "", ()),
        ({"Body": "stop the order"}, "", ()),
    ],
)
def test_opting_out_is_what_twilio_says_or_else_the_usual_words(extra, consent, flags):
    event = only(PLAIN | extra)
    assert (event.kind, event.consent, event.flags) == (EventKind.MESSAGE, consent, flags)


@pytest.mark.parametrize(("text", "consent"), [("STOP", "stop"), ("Cancel", ""), ("yes", "")])
def test_on_whatsapp_only_plain_words_opt_out(text, consent):
    form = {"From": "whatsapp:+15550111", "To": f"whatsapp:{NUMBER}", "Body": text}
    assert only(PLAIN | form).consent == consent


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("sent", ReceiptState.SENT),
        ("delivered", ReceiptState.DELIVERED),
        ("read", ReceiptState.READ),
        ("failed", ReceiptState.FAILED),
        ("undelivered", ReceiptState.FAILED),
    ],
)
def test_a_status_is_about_our_message_and_names_the_customer(status, state):
    form = {"MessageSid": "SM9", "MessageStatus": status, "From": NUMBER, "To": "+15550111"}
    event = only(form | {"AccountSid": SID}, account_id="+15550199", event_id="message=tok-1")
    assert (event.kind, event.receipt, event.key) == (EventKind.RECEIPT, state, f"SM9:{status}")
    assert (event.message_id, event.reply_token) == ("SM9", "tok-1")
    assert event.contact.id == "+15550111"
    assert event.account_id == "+15550199"  # whose callback it was, whatever number the pool chose


@pytest.mark.parametrize("status", ["queued", "sending", "accepted", "scheduled", "teleported"])
def test_a_status_that_says_nothing_yet_is_only_counted(status):
    form = {"MessageSid": "SM9", "MessageStatus": status, "From": NUMBER, "To": "+15550111"}
    assert parse(form).ignored == (f"twilio.status_{status}",)


@pytest.mark.parametrize(
    ("extra", "code", "text"),
    [
        ({"ErrorCode": "30005"}, "30005", reasons.told("30005")),
        ({"ErrorCode": "39999", "ErrorMessage": "Odd"}, "39999", "Odd"),
        ({}, "failed", "Twilio could not deliver it."),
    ],
)
def test_a_failure_says_why_in_plain_words(extra, code, text):
    form = {"MessageSid": "SM9", "MessageStatus": "failed", "From": NUMBER, "To": "+15550111"}
    event = only(form | extra)
    assert (event.error_code, event.error_text) == (code, text)


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ({"AccountSid": SID, "CallSid": "CA1"}, "twilio.call"),
        ({"AccountSid": SID, "EventType": "new"}, "twilio.other"),
    ],
)
def test_what_is_no_message_is_counted(form, word):
    assert parse(form).ignored == (word,)


def test_an_event_stream_in_json_is_counted():
    assert ROOM.parse(b'[{"type": "com.twilio.x"}]', RECEIVED).ignored == ("twilio.json",)


@pytest.mark.parametrize(
    ("missing", "reason"), [({"From": ""}, "from_missing"), ({"To": ""}, "to_missing")]
)
def test_a_message_of_nobody_is_kept(missing, reason):
    (odd,) = parse(PLAIN | missing).unreadable
    assert odd.reason == reason
    assert ROOM.parse(odd.raw, RECEIVED).unreadable[0].reason == reason


def test_the_handles_number_stands_in_where_the_form_names_none():
    assert only(PLAIN | {"To": ""}, account_id=NUMBER).account_id == NUMBER


def test_an_id_that_no_table_could_hold_is_kept_aside():
    assert parse(PLAIN | {"From": "+" + "1" * 600}).unreadable


@given(st.binary(max_size=200))
def test_any_bytes_are_parsed_or_refused(body):
    with contextlib.suppress(PayloadError):
        ROOM.parse(body, RECEIVED)


@given(st.dictionaries(st.sampled_from(sorted(PLAIN)), st.text(max_size=30)))
def test_any_form_is_parsed_or_refused(form):
    try:
        found = parse({**PLAIN, **form})
    except PayloadError:
        return
    assert len(found.events) + len(found.ignored) + len(found.unreadable) == 1


# -- the signature beyond what every channel keeps -----------------------------------------------


def test_a_new_token_comes_first_and_the_old_one_still_proves():
    body = urlencode(PLAIN).encode()
    signed = SMS.sign(body)
    rotated = {"auth_tokens": ["brand-new", *SECRET["auth_tokens"]]}
    proven = ROOM.verify(body, signed.headers, rotated, RECEIVED, url=signed.url)
    assert proven.secret_index == 1


def test_the_host_that_the_request_names_does_not_matter():
    signed = SMS.sign(urlencode(PLAIN).encode())
    headers = {**signed.headers, "Host": "evil.example.com", "X-Forwarded-Host": "x"}
    assert ROOM.verify(signed.body, headers, SECRET, RECEIVED, url=signed.url)
    with pytest.raises(SignatureError):
        ROOM.verify(signed.body, headers, SECRET, RECEIVED, url="https://evil.example.com/x")


def test_our_own_query_is_signed_and_says_which_message_a_status_is_about():
    url = f"{SMS.url}?message=tok-1"
    body = urlencode({"MessageSid": "SM9", "MessageStatus": "sent"}).encode()
    right = signature.signature(SECRET["auth_tokens"][0].encode(), url, signature.fields(body))
    proven = ROOM.verify(body, {HEADER: right}, SECRET, RECEIVED, url=url)
    assert proven.event_id == "message=tok-1"
    with pytest.raises(SignatureError):
        ROOM.verify(body, {HEADER: right}, SECRET, RECEIVED, url=f"{SMS.url}?message=tok-2")


@pytest.mark.parametrize(
    "url", ["", "care.example.com/x", "https://", "https://a:b/x", "https://[x/", "mailto:x"]
)
def test_an_address_that_is_none_proves_nothing(url):
    signed = SMS.sign(urlencode(PLAIN).encode())
    with pytest.raises(SignatureError) as refused:
        ROOM.verify(signed.body, signed.headers, SECRET, RECEIVED, url=url)
    assert refused.value.reason == "no_url"


@pytest.mark.parametrize("body", [b"\xff=1", b"&".join([b"a=1"] * 2_000)])
def test_a_body_that_is_no_form_is_refused(body):
    with pytest.raises(SignatureError) as refused:
        ROOM.verify(body, {HEADER: "x"}, SECRET, RECEIVED, url=SMS.url)
    assert refused.value.reason == "not_form"


@given(st.dictionaries(st.text(max_size=8), st.lists(st.text(max_size=8), min_size=1, max_size=3)))
def test_the_order_of_a_form_does_not_matter_and_every_value_does(form):
    pairs = [(name, value) for name, values in form.items() for value in values]
    if any("\ud800" <= letter <= "\udfff" for pair in pairs for part in pair for letter in part):
        return
    key, there = b"k", urlencode(pairs).encode()
    back = urlencode(pairs[::-1]).encode()
    one = signature.signature(key, SMS.url, signature.fields(there))
    assert one == signature.signature(key, SMS.url, signature.fields(back))
    more = urlencode([*pairs, ("\U0001f642", "new")]).encode()
    assert one != signature.signature(key, SMS.url, signature.fields(more))


# -- what it can do, costs and asks of people ----------------------------------------------------


def test_each_channel_says_what_it_can_do():
    sms = ROOM.capabilities(SMS.handle, public=False)
    whatsapp = ROOM.capabilities(WHATSAPP.handle, public=False)
    mms = ROOM.capabilities(
        Handle("m", Channel.SMS, NUMBER, "M", "care", settings={"mms": "yes"}), public=False
    )
    assert (sms.text_limit, sms.segments, sms.files, sms.window_seconds) == (1600, True, 0, None)
    assert (whatsapp.window_seconds, whatsapp.templates, whatsapp.files) == (86_400, True, 1)
    assert (mms.files, mms.segments) == (10, True)


@pytest.mark.parametrize(
    ("handle", "text", "micros"),
    [
        ("SMS", "a" * 161, 15_800),
        ("SMS", "🙂" * 36, 15_800),
        ("SMS", "a", 7_900),
        ("WHATSAPP", "a" * 161, 0),
    ],
)
def test_the_price_of_an_sms_is_that_of_its_segments(handle, text, micros):
    of = Handle(
        "h", Channel[handle], NUMBER, "H", "care", settings={"price_per_segment_usd": "0.0079"}
    )
    assert ROOM.price(Outgoing("t", of, "+15550111", False, text)) == micros


def test_without_a_price_nothing_is_counted():
    assert ROOM.price(Outgoing("t", SMS.handle, "+15550111", False, "a" * 900)) == 0


@pytest.mark.parametrize("it", [SMS, WHATSAPP], ids=["sms", "whatsapp"])
def test_the_guide_names_the_exact_address_and_how_to_store_the_keys(it):
    told = "\n".join(ROOM.guide(it.handle, it.url, {}))
    assert f"{it.url}#rc=3&rp=all" in told
    assert it.handle.id in told
    assert "auth_tokens" in told
    assert "auth_tokens" not in "\n".join(ROOM.guide(it.handle, it.url, SECRET))


def test_times_that_are_none_are_none():
    assert of_rfc2822("Sat, 21 Nov 2026 10:00:00 +0000") == RECEIVED
    assert of_rfc2822("Sat, 21 Nov 2026 10:00:00 -0000") == RECEIVED
    assert of_rfc2822("") is None
    assert of_rfc2822("Sat, 99 Nov 2026 10:00:00 +0000") is None
