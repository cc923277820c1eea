"""Replies by Twilio: what is asked of it, what its answers mean, and what it is asked besides."""

import base64
import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from chalicelib.channels.places import Places
from chalicelib.channels.sender import ChannelSender
from chalicelib.channels.twilio.room import TwilioRoom
from chalicelib.domain.event import Attachment
from chalicelib.workflows.networks import (
    ErrorClass,
    FetchError,
    File,
    HealthState,
    Missed,
    Outgoing,
    PollError,
    SendState,
    Template,
)
from infra.local.simulator.taker import Told
from tests.contract.channels.twilio_specimen import NUMBER, SECRET, SERVICE, SID, Sms, Whatsapp
from tests.fakes.listening import listening

NOW = datetime(2026, 11, 21, 10, 0, 0, 400_000, tzinfo=UTC)
CALLBACK = "https://care.example.com/webhooks/twilio/acme-sms"
OWN = f"/2010-04-01/Accounts/{SID}"
ROOM = TwilioRoom()
SMS, WHATSAPP = Sms(), Whatsapp()
REPLY = Outgoing("tok-1", SMS.handle, "+15550111", False, "We are on it.")
QUEUED = {"sid": "SM901", "status": "queued"}
MEDIA = f"https://api.twilio.com{OWN}/Messages/MM1/Media/ME1"


class Script:
    """Twilio as a list of answers, the last of them again and again."""

    prefix = "twilio"

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def take(self, asked):
        self.asked.append(asked)
        given = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(given, Told):
            return given
        status, content = given if isinstance(given, tuple) else (200, given)
        return Told(status, json.dumps(content).encode())

    def form(self, number=0):
        return parse_qs(self.asked[number].body.decode(), keep_blank_values=True)


SILENT = Told(silent=True)


@contextmanager
def at(script, **facts):
    with listening(script) as url:
        yield Places(
            urls={"twilio": url},
            private_urls=True,
            read_seconds=2.0,
            now=lambda: NOW,
            callbacks=lambda handle: f"https://care.example.com/webhooks/twilio/{handle.id}",
            **facts,
        )


def send(script, message=REPLY, secret=SECRET):
    with at(script) as places:
        return ROOM.send(message, secret, places)


def file(name="a.jpg"):
    return File(name, "image/jpeg", 3, f"https://files.example.com/{name}", lambda: b"abc")


def test_a_reply_is_a_form_with_a_callback_that_says_which_message_it_is():
    script = Script((201, QUEUED))
    result = send(script)
    assert (result.state, result.platform_id) == (SendState.ACCEPTED, "SM901")
    (asked,) = script.asked
    assert (asked.method, asked.path) == ("POST", f"{OWN}/Messages.json")
    pair = base64.b64encode(f"{SID}:{SECRET['auth_tokens'][0]}".encode()).decode()
    assert asked.headers["authorization"] == f"Basic {pair}"
    assert script.form() == {
        "To": ["+15550111"],
        "From": [NUMBER],
        "Body": ["We are on it."],
        "StatusCallback": [f"{CALLBACK}?message=tok-1#rc=3&rp=all"],
    }


def test_on_whatsapp_both_ends_say_so_and_the_service_is_named():
    script = Script((201, QUEUED))
    send(script, replace(REPLY, handle=WHATSAPP.handle), WHATSAPP.secret)
    form = script.form()
    assert (form["To"], form["From"]) == (["whatsapp:+15550111"], [f"whatsapp:{NUMBER}"])
    assert form["MessagingServiceSid"] == [SERVICE]


def test_a_template_is_a_content_sid_with_numbered_variables():
    script = Script((201, QUEUED))
    template = Template("HX0000000000000000000000000000000a", "en", ("Ana", "tomorrow"))
    send(script, replace(REPLY, handle=WHATSAPP.handle, text="", template=template))
    form = script.form()
    assert form["ContentSid"] == ["HX0000000000000000000000000000000a"]
    assert json.loads(form["ContentVariables"][0]) == {"1": "Ana", "2": "tomorrow"}
    assert "Body" not in form
    bare = Script((201, QUEUED))
    send(bare, replace(REPLY, text="", template=replace(template, parameters=())))
    assert "ContentVariables" not in bare.form()


def test_files_leave_by_their_address_each():
    script = Script((201, QUEUED))
    send(script, replace(REPLY, text="", files=(file(), file("b.jpg"))))
    form = script.form()
    assert form["MediaUrl"] == [
        *("https://files.example.com/a.jpg", "https://files.example.com/b.jpg"),
    ]
    assert "Body" not in form


def test_without_a_callback_address_none_is_asked_for():
    script = Script((201, QUEUED))
    with listening(script) as url:
        ROOM.send(REPLY, SECRET, Places(urls={"twilio": url}, private_urls=True))
    assert "StatusCallback" not in script.form()


def test_whoever_opted_out_is_named_so_and_not_tried_again():
    result = send(Script((400, {"code": 21610, "message": "Attempt to send", "status": 400})))
    assert (result.state, result.error_class, result.error_code) == (
        *(SendState.FAILED, ErrorClass.RECIPIENT, "opted_out"),
    )
    assert "STOP" in result.error_text


def test_a_message_that_failed_at_once_is_no_accepted_one():
    result = send(Script((201, QUEUED | {"status": "failed", "error_code": 30034})))
    assert (result.state, result.error_class, result.error_code) == (
        *(SendState.FAILED, ErrorClass.CHANNEL, "30034"),
    )


@pytest.mark.parametrize(
    "secret",
    [{}, {"account_sid": SID}, {"auth_tokens": ["t"]}, {"account_sid": 7, "auth_tokens": ["t"]}],
)
def test_a_handle_without_keys_is_told_to_people(secret):
    script = Script((201, QUEUED))
    result = send(script, secret=secret)
    assert (result.error_class, result.error_code) == (ErrorClass.CHANNEL, "no_token")
    assert script.asked == []


# -- after no answer -----------------------------------------------------------------------------


def listed(**facts):
    made = NOW.strftime("%a, %d %b %Y %H:%M:%S +0000")
    row = {
        "sid": "SM77",
        "body": "We are on it.",
        "direction": "outbound-api",
        "date_created": made,
    }
    return {"messages": [row | facts]}


def test_a_message_that_twilio_has_after_all_is_accepted():
    script = Script(SILENT, listed())
    result = send(script)
    assert (result.state, result.platform_id) == (SendState.ACCEPTED, "SM77")
    looked = script.asked[1]
    assert (looked.method, looked.path) == ("GET", f"{OWN}/Messages.json")
    assert looked.query == {
        "To": "+15550111",
        "From": NUMBER,
        "DateSent>": "2026-11-21",
        "PageSize": "20",
    }


@pytest.mark.parametrize(
    "answer",
    [
        {"messages": []},
        {},
        [],
        {"messages": "no"},
        {"messages": ["no"]},
        (500, {}),
        SILENT,
        listed(body="Something else"),
        listed(direction="inbound"),
        listed(sid=""),
        listed(date_created="Sat, 21 Nov 2026 09:59:57 +0000"),  # the same words, said before
        listed(date_created=""),
    ],
)
def test_a_message_that_is_not_found_may_still_arrive(answer):
    result = send(Script(SILENT, answer))
    assert (result.state, result.error_class) == (SendState.UNKNOWN, ErrorClass.UNANSWERED)


def test_the_words_of_a_template_are_twilios_so_it_is_not_looked_for():
    script = Script(SILENT, listed())
    result = send(script, replace(REPLY, template=Template("HX1", "en")))
    assert result.state is SendState.UNKNOWN
    assert len(script.asked) == 1


def test_the_whole_way_through_the_sender_and_its_limits():
    script = Script((201, QUEUED))
    with at(script) as places:
        sender = ChannelSender({"acme-sms": SECRET}.__getitem__, places)
        assert sender.send(REPLY).state is SendState.ACCEPTED
        assert sender.send(replace(REPLY, text="a" * 1601)).error_code == "text_too_long"
        assert sender.send(replace(REPLY, files=(file(),))).error_code == "too_many_files"


# -- files ---------------------------------------------------------------------------------------


def fetch(script, url, secret=SECRET):
    with at(script) as places:
        wanted = url.replace("HERE", places.urls["twilio"])
        return ROOM.fetch(
            SMS.handle, Attachment("image", url=wanted), 1000, secret=secret, places=places
        )


def test_a_file_at_twilio_is_asked_for_with_our_keys():
    script = Script(Told(200, b"\xff\xd8\xff\xe0picture", "image/jpeg"))
    assert fetch(script, MEDIA).body == b"\xff\xd8\xff\xe0picture"
    assert script.asked[0].path == f"{OWN}/Messages/MM1/Media/ME1"
    assert script.asked[0].headers["authorization"].startswith("Basic ")


def test_where_twilio_redirects_to_our_keys_do_not_go():
    store = Script(Told(200, b"GIF89a", "image/gif"))
    with listening(store) as there:
        where = there.replace("127.0.0.1", "localhost") + "/file"
        script = Script(Told(307, b"", headers={"Location": where}))
        assert fetch(script, MEDIA).body == b"GIF89a"
    assert "authorization" not in store.asked[0].headers


@pytest.mark.parametrize(
    "change",
    [
        ("https://api.twilio.com", "http://api.twilio.com"),
        ("https://api.twilio.com", "https://api.twilio.com.example.com"),
        ("https://api.twilio.com", "https://api.twilio.com@example.com"),
        ("https://api.twilio.com", "https://api.twilio.com:444"),
    ],
)
def test_a_file_elsewhere_is_never_asked_for_with_our_keys(change, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "chalicelib.channels.download.fetch",
        lambda url, headers, most, places: asked.append((url, headers)),
    )
    fetch(Script({}), MEDIA.replace(*change))
    assert asked == [(MEDIA.replace(*change), {})]


def test_a_malformed_address_or_missing_keys_fetch_nothing():
    with pytest.raises(FetchError):
        fetch(Script({}), "https://[broken")
    with pytest.raises(FetchError):
        fetch(Script({}), MEDIA, secret={})


# -- is it still connected? ----------------------------------------------------------------------

ACTIVE = {"sid": SID, "status": "active"}


def numbers(**facts):
    row = {
        "sid": "PN1",
        "phone_number": NUMBER,
        "sms_url": CALLBACK,
        "sms_method": "POST",
        "date_updated": "Fri, 20 Nov 2026 08:00:00 +0000",
    }
    return {"incoming_phone_numbers": [row | facts]}


def probe(script, handle=SMS.handle, secret=SECRET):
    with at(script) as places:
        return ROOM.probe(handle, CALLBACK, secret, places)


def test_a_connected_number_is_well_with_or_without_its_fragment():
    for url in (CALLBACK, f"{CALLBACK}#rc=3&rp=all"):
        script = Script(ACTIVE, numbers(sms_url=url))
        assert probe(script).state is HealthState.WELL
        assert [asked.path for asked in script.asked] == [
            *(f"{OWN}.json", f"{OWN}/IncomingPhoneNumbers.json"),
        ]
    assert ROOM.probes(SMS.handle) == 86_400


@pytest.mark.parametrize("facts", [{"sms_url": "https://other.example.com"}, {"sms_method": "GET"}])
def test_a_number_that_posts_elsewhere_is_mended_and_what_was_missed_is_known(facts):
    script = Script(ACTIVE, numbers(**facts), numbers())
    health = probe(script)
    assert health.state is HealthState.REPAIRED
    assert health.missed_since == datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert script.asked[2].path == f"{OWN}/IncomingPhoneNumbers/PN1.json"
    assert script.form(2) == {"SmsUrl": [f"{CALLBACK}#rc=3&rp=all"], "SmsMethod": ["POST"]}


def test_who_does_not_want_it_mended_is_told_only():
    handle = replace(SMS.handle, settings={"provider": "twilio", "auto_repair": "no"})
    script = Script(ACTIVE, numbers(sms_url=""))
    assert probe(script, handle).state is HealthState.BROKEN
    assert len(script.asked) == 2


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        (((401, {}),), HealthState.BROKEN),
        (({"status": "suspended"},), HealthState.BROKEN),
        (({},), HealthState.BROKEN),
        ((ACTIVE, {"incoming_phone_numbers": []}), HealthState.BROKEN),
        ((ACTIVE, numbers(phone_number="+15550199")), HealthState.BROKEN),
        (((500, {}),), HealthState.UNKNOWN),
        ((SILENT,), HealthState.UNKNOWN),
        ((ACTIVE, {"incoming_phone_numbers": "none"}), HealthState.UNKNOWN),
        ((ACTIVE, numbers(sms_url="", sid="PN/../x")), HealthState.UNKNOWN),
        ((ACTIVE, numbers(sms_url=""), (403, {})), HealthState.BROKEN),
    ],
)
def test_what_a_probe_finds(answers, state):
    health = probe(Script(*answers))
    assert health.state is state
    assert health.problem
    assert SECRET["auth_tokens"][0] not in health.problem


def test_a_handle_without_keys_is_broken():
    assert probe(Script({}), secret={}).state is HealthState.BROKEN


def test_of_a_whatsapp_sender_only_the_account_can_be_asked():
    script = Script(ACTIVE)
    assert probe(script, WHATSAPP.handle).state is HealthState.WELL
    assert len(script.asked) == 1


# -- what was missed -----------------------------------------------------------------------------

SINCE, UNTIL = NOW - timedelta(days=1), NOW


def row(number=1, **facts):
    return {
        "sid": f"SM{number}",
        "from": "+15550111",
        "to": NUMBER,
        "body": f"message {number}",
        "direction": "inbound",
        "num_media": "0",
        "date_sent": "Sat, 21 Nov 2026 08:00:00 +0000",
        **facts,
    }


def back(script, handle=SMS.handle, secret=SECRET):
    with at(script) as places:
        return [
            list(page) for page in ROOM.fetch_back(Missed(handle, SINCE, UNTIL), secret, places)
        ]


def test_what_was_missed_has_the_keys_that_its_webhook_had():
    onward = f"{OWN}/Messages.json?Page=1&PageToken=PA1"
    script = Script({"messages": [row(1)], "next_page_uri": onward}, {"messages": [row(2)]})
    pages = back(script)
    assert [[event.key for event in page] for page in pages] == [["SM1"], ["SM2"]]
    event = pages[0][0]
    assert (event.message_id, event.text, event.contact.id) == ("SM1", "message 1", "+15550111")
    assert event.occurred_at == datetime(2026, 11, 21, 8, tzinfo=UTC)
    assert script.asked[0].query == {
        "To": NUMBER,
        "PageSize": "100",
        "DateSent>": "2026-11-20",
        "DateSent<": "2026-11-22",
    }
    assert script.asked[1].query == {"Page": "1", "PageToken": "PA1"}


def test_only_what_customers_wrote_in_that_time_comes_back():
    early = {"date_sent": "Fri, 20 Nov 2026 09:00:00 +0000"}
    late = {"date_sent": "Sat, 21 Nov 2026 10:00:01 +0000"}
    rows = [row(1), row(2, direction="outbound-api"), row(3, **early), row(4, **late)]
    odd = [row(5, date_sent=None), row(6, body=["?"]), "?", row(7, **{"from": ""})]
    assert [[event.key for event in page] for page in back(Script({"messages": rows + odd}))] == [
        ["SM1"]
    ]


def test_files_of_a_missed_message_come_back_too():
    media = {
        "media_list": [{"uri": f"{OWN}/Messages/SM1/Media/ME1.json", "content_type": "image/png"}]
    }
    script = Script({"messages": [row(1, num_media="1")]}, media)
    ((event,),) = back(script)
    assert event.attachments == (
        Attachment(
            "image",
            url=f"https://api.twilio.com{OWN}/Messages/SM1/Media/ME1",
            mime_type="image/png",
        ),
    )
    assert script.asked[1].path == f"{OWN}/Messages/SM1/Media.json"


def test_whatsapp_is_asked_for_by_its_own_address():
    whatsapp = {"from": "whatsapp:+15550111", "to": f"whatsapp:{NUMBER}"}
    script = Script({"messages": [row(1, **whatsapp)]})
    ((event,),) = back(script, WHATSAPP.handle)
    assert (event.channel, event.contact.id) == (WHATSAPP.handle.channel, "+15550111")
    assert script.asked[0].query["To"] == f"whatsapp:{NUMBER}"


@pytest.mark.parametrize(
    ("answers", "reason", "lasting"),
    [
        (((401, {}),), "token_refused", True),
        (((500, {}),), "http_500", False),
        ((SILENT,), "no_answer", False),
        (({"next_page_uri": "https://evil.example.com/x"},), "odd_page", True),
        (({"next_page_uri": "/2010-04-01/Accounts/AC2/Messages.json"},), "odd_page", True),
        (({"next_page_uri": f"{OWN}/../AC2/Messages.json"},), "odd_page", True),
        (({"next_page_uri": f"{OWN}/Messages.json"},), "too_many_pages", True),
    ],
)
def test_what_cannot_be_read_back_is_said(answers, reason, lasting):
    with pytest.raises(PollError) as failed:
        back(Script(*answers))
    assert (failed.value.reason, failed.value.lasting) == (reason, lasting)


def test_without_keys_nothing_is_read_back():
    with pytest.raises(PollError):
        back(Script({}), secret={})
