"""LINE: what we ask the Messaging API for, on loopback."""

import json
from dataclasses import replace
from uuid import UUID

import pytest

from chalicelib.channels.line.room import LineRoom
from chalicelib.channels.places import Places
from chalicelib.domain.channel import Channel, Invite
from chalicelib.domain.event import Attachment
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import (
    ErrorClass,
    FetchError,
    FetchLaterError,
    File,
    HealthState,
    Outgoing,
    SendState,
)
from infra.local.simulator.taker import Told
from tests.contract.channels.specimen import NOW
from tests.fakes.listening import listening

BOT, ANA = "U00000000000000000000000000000001", "U0000000000000000000000000000a0a0"
GROUP = "C0000000000000000000000000000feed"
TOKEN = "channel/access+token-of-acme="
SECRET = {"access_token": TOKEN, "channel_secret": "0123456789abcdef0123456789abcdef"}
HANDLE = Handle("acme-line", Channel.LINE, BOT, "Acme", "care", settings={"username": "@acme"})
REPLY = Outgoing("token1", HANDLE, ANA, False, "Hello ü", reply_to_id="77")
URL = "https://care.example.com/webhooks/line/acme-line"
PICTURE = File("a.jpg", "image/jpeg", 9, "https://files.example.com/a", lambda: b"\xff\xd8")
PUSH, HOOK = "POST /v2/bot/message/push", "/v2/bot/channel/webhook/endpoint"
TEST = "POST /v2/bot/channel/webhook/test"
QUOTA, SPENT = "GET /v2/bot/message/quota", "GET /v2/bot/message/quota/consumption"
ROOM = LineRoom()


class Line:
    """Answers each call with what a test says, else as an account that is well does."""

    prefix = "line"

    def __init__(self):
        self.asked = []
        self.answers = {
            PUSH: {"sentMessages": [{"id": "901", "quoteToken": "q"}]},
            "GET /v2/bot/info": {"userId": BOT, "basicId": "@123abcde", "premiumId": "@acme"},
            f"GET {HOOK}": {"endpoint": URL, "active": True},
            f"PUT {HOOK}": {},
            TEST: {"success": True, "statusCode": 200, "reason": "OK"},
            QUOTA: {"type": "limited", "value": 200},
            SPENT: {"totalUsage": 199},
        }

    def take(self, asked):
        self.asked.append(asked)
        answer = self.answers.get(f"{asked.method} {asked.path}", Told(404, b"{}"))
        return answer if isinstance(answer, Told) else Told(200, json.dumps(answer).encode())

    @property
    def calls(self):
        return [f"{asked.method} {asked.path}" for asked in self.asked]


@pytest.fixture
def line():
    it = Line()
    with listening(it) as url:
        it.places = Places(urls={"line": url}, private_urls=True, now=lambda: NOW)
        yield it


def send(line, outgoing=REPLY, secret=SECRET):
    return ROOM.send(outgoing, secret, line.places)


def probe(line, handle=HANDLE, secret=SECRET):
    return ROOM.probe(handle, URL, secret, line.places)


def fetch(line, attachment, most=100, secret=SECRET):
    return ROOM.fetch(HANDLE, attachment, most, secret=secret, places=line.places)


def no(status, message):
    return Told(status, json.dumps({"message": message}).encode())


# -- sending -------------------------------------------------------------------------------------


def test_a_reply_is_pushed_with_our_token_in_a_header(line):
    assert send(line).platform_id == "901"
    (asked,) = line.asked
    assert json.loads(asked.body) == {
        "to": ANA,
        "messages": [{"type": "text", "text": "Hello ü"}],
    }
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert asked.query == {}


def test_the_retry_key_is_one_uuid_for_every_attempt_at_a_message(line):
    for outgoing in (
        REPLY,
        replace(REPLY, text="other"),
        replace(REPLY, token="token2"),
        replace(REPLY, handle=replace(HANDLE, id="acme-line-2")),
    ):
        send(line, outgoing)
    keys = [UUID(asked.headers["x-line-retry-key"]) for asked in line.asked]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


def test_what_line_had_taken_already_is_accepted(line):
    line.answers[PUSH] = Told(409, b'{"message":"x","sentMessages":[{"id":"77"}]}')
    result = send(line)
    assert (result.state, result.platform_id) == (SendState.ACCEPTED, "77")
    line.answers[PUSH] = Told(409, b"{}", headers={"x-line-accepted-request-id": "r"})
    result = send(line)
    assert (result.state, result.platform_id) == (SendState.ACCEPTED, "")


@pytest.mark.parametrize("body", [b"{}", b"<html>", b'{"sentMessages":[5]}', b'{"sentMessages":5}'])
def test_a_yes_without_an_id_is_asked_again(line, body):
    line.answers[PUSH] = Told(200, body)
    result = send(line)
    assert (result.state, result.error_code) == (SendState.RETRY, "no_id")


def test_no_answer_is_tried_again_because_a_repeat_is_recognised(line):
    line.answers[PUSH] = Told(200, b"", silent=True)
    result = send(line)
    assert (result.state, result.error_class) == (SendState.RETRY, ErrorClass.UNAVAILABLE)


def test_a_public_reply_goes_to_the_group(line):
    send(line, replace(REPLY, public=True, post_id=GROUP))
    assert json.loads(line.asked[0].body)["to"] == GROUP


def test_nobody_to_write_to_is_refused_without_a_call(line):
    for outgoing in (
        replace(REPLY, recipient="hidden:x"),
        replace(REPLY, recipient=f"{ANA}\n"),
        replace(REPLY, public=True),
    ):
        result = send(line, outgoing)
        assert (result.error_class, result.error_code) == (ErrorClass.RECIPIENT, "no_chat")
    assert line.asked == []


def test_a_file_is_refused_without_a_call(line):
    assert send(line, replace(REPLY, files=(PICTURE,))).error_code == "cannot_file"
    assert line.asked == []
    assert ROOM.capabilities(HANDLE, public=False).files == 0


@pytest.mark.parametrize("token", ["", None, 5, "two words", "a\r\nX-Other: b", "é"])
def test_what_is_no_token_never_becomes_a_header(line, token):
    result = send(line, secret={**SECRET, "access_token": token})
    assert (result.error_class, result.error_code) == (ErrorClass.CHANNEL, "no_token")
    assert line.asked == []


def test_an_error_is_told_in_lines_words_and_without_our_keys(line):
    details = [{"property": "messages[0].text", "message": f"May not be {TOKEN}"}, {}]
    body = {"message": "1 error(s)", "details": details}
    line.answers[PUSH] = Told(400, json.dumps(body).encode())
    result = send(line)
    assert result.error_text == "1 error(s): messages[0].text May not be ***"
    line.answers[PUSH] = Told(400, b'{"message":"x","details":[5]}')
    assert (send(line).error_text, send(line).error_code) == ("", "http_400")


def test_a_months_end_is_a_limit_and_no_reason_to_try_again(line):
    line.answers[PUSH] = no(429, "You have reached your monthly limit.")
    result = send(line)
    assert (result.state, result.error_class) == (SendState.FAILED, ErrorClass.LIMIT)


def test_the_capabilities_say_what_holds():
    private, public = (ROOM.capabilities(HANDLE, public=one) for one in (False, True))
    assert private.repeatable
    assert private.measure("🙂") == 2
    assert (private.text_limit, private.window_seconds) == (5_000, None)
    assert (private.invite, public.invite) == (Invite.NONE, Invite.LINK)


# -- files ---------------------------------------------------------------------------------------


def content(number, more=""):
    return f"GET /v2/bot/message/{number}/content{more}"


def test_a_picture_is_fetched_with_our_token(line):
    line.answers[content("5")] = Told(200, b"\x89PNG\r\n\x1a\n" + b"0" * 9, "image/png")
    found = fetch(line, Attachment("image", media_id="5"))
    assert (found.mime_type, len(found.body)) == ("image/png", 17)
    assert line.asked[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_a_document_keeps_the_name_its_sender_gave_it(line):
    line.answers[content("5")] = Told(200, b"%PDF-1.7", "application/octet-stream")
    found = fetch(line, Attachment("document", media_id="5", name="invoice.pdf"))
    assert (found.name, found.mime_type) == ("invoice.pdf", "application/pdf")
    assert line.calls == [content("5")]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ({"status": "processing"}, FetchLaterError),
        ({}, FetchLaterError),
        (Told(200, b"<html>"), FetchLaterError),
        (Told(503, b""), FetchLaterError),
        ({"status": "failed"}, FetchError),
        (Told(404, b"{}"), FetchError),
    ],
)
def test_a_video_waits_until_line_has_converted_it(line, status, error):
    line.answers[content("5", "/transcoding")] = status
    line.answers[content("5")] = Told(200, b"half")
    with pytest.raises(error):
        fetch(line, Attachment("video", media_id="5"))
    assert line.calls == [content("5", "/transcoding")]


def test_a_voice_is_fetched_once_it_is_ready(line):
    line.answers[content("5", "/transcoding")] = {"status": "succeeded"}
    line.answers[content("5")] = Told(200, b"sound", "audio/m4a")
    assert fetch(line, Attachment("audio", media_id="5")).body == b"sound"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Told(404, b""), "gone"),
        (Told(410, b""), "gone"),
        (Told(401, b""), "forbidden"),
        (Told(200, b"0" * 101), "too_large"),
    ],
)
def test_a_file_that_will_not_be_had_says_why(line, answer, reason):
    line.answers[content("5")] = answer
    with pytest.raises(FetchError) as refused:
        fetch(line, Attachment("image", media_id="5"))
    assert refused.value.reason == reason
    assert TOKEN not in str(refused.value)


def test_a_file_that_line_still_prepares_is_fetched_later(line):
    line.answers[content("5")] = Told(202, b"")
    with pytest.raises(FetchLaterError):
        fetch(line, Attachment("image", media_id="5"))


def test_what_somebody_else_holds_never_sees_our_token(line):
    line.answers["GET /a.jpg"] = Told(200, b"\xff\xd8\xff\xe0", "image/jpeg")
    elsewhere = f"{line.places.urls['line']}/a.jpg"
    assert fetch(line, Attachment("image", url=elsewhere)).mime_type == "image/jpeg"
    assert "authorization" not in line.asked[0].headers


def test_a_message_id_stays_one_part_of_the_address(line):
    with pytest.raises(FetchError):
        fetch(line, Attachment("image", media_id="../../info?x="))
    assert line.calls == ["GET /v2/bot/message/..%2F..%2Finfo%3Fx%3D/content"]


def test_without_a_token_nothing_is_fetched(line):
    with pytest.raises(FetchError):
        fetch(line, Attachment("image", media_id="5"), secret={})
    assert line.asked == []


# -- health --------------------------------------------------------------------------------------


def test_a_webhook_that_is_ours_and_answers_is_well(line):
    assert probe(line).state is HealthState.WELL
    assert f"PUT {HOOK}" not in line.calls
    assert ROOM.probes(HANDLE) == 3_600


@pytest.mark.parametrize(
    "before",
    [Told(404, b"{}"), {"endpoint": "https://elsewhere.example.com", "active": True}],
    ids=["none", "another"],
)
def test_another_address_is_mended(line, before):
    line.answers[f"GET {HOOK}"] = before
    assert probe(line).state is HealthState.REPAIRED
    assert json.loads(line.asked[-1].body) == {"endpoint": URL}


@pytest.mark.parametrize("endpoint", [URL, "https://elsewhere.example.com"])
def test_a_webhook_that_is_switched_off_needs_a_person(line, endpoint):
    line.answers[f"GET {HOOK}"] = {"endpoint": endpoint, "active": False}
    found = probe(line)
    assert found.state is HealthState.BROKEN
    assert "Use webhook" in found.problem
    assert (f"PUT {HOOK}" in line.calls) == (endpoint != URL)


def test_an_address_that_cannot_be_set_is_told(line):
    line.answers[f"GET {HOOK}"] = Told(404, b"{}")
    line.answers[f"PUT {HOOK}"] = no(400, "Invalid webhook endpoint URL")
    found = probe(line)
    assert found.state is HealthState.BROKEN
    assert "setting it failed: http_400: Invalid webhook endpoint URL" in found.problem


def test_a_wrong_channel_secret_is_found_by_letting_line_try(line):
    line.answers[TEST] = {"success": False, "statusCode": 401, "reason": "ERROR_STATUS_CODE"}
    found = probe(line)
    assert found.state is HealthState.BROKEN
    assert "is the channel_secret right?" in found.problem
    line.answers[TEST] = {"success": False, "statusCode": 0, "reason": "REQUEST_TIMEOUT"}
    found = probe(line)
    assert "0 REQUEST_TIMEOUT" in found.problem
    assert "channel_secret" not in found.problem
    line.answers[TEST] = no(429, "Too many")
    assert probe(line).state is HealthState.UNKNOWN


def test_a_month_that_is_used_up_is_told_before_a_reply_fails(line):
    line.answers[SPENT] = {"totalUsage": 200}
    found = probe(line)
    assert found.state is HealthState.BROKEN
    assert "200 messages are used up" in found.problem


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        (QUOTA, {"type": "none"}),
        (QUOTA, {"type": "limited"}),
        (QUOTA, {"type": "limited", "value": "many"}),
        (SPENT, {}),
        (QUOTA, Told(500, b"")),
        (SPENT, Told(500, b"")),
    ],
)
def test_a_quota_that_is_not_told_counts_as_enough(line, call, answer):
    line.answers[SPENT] = {"totalUsage": 999}
    line.answers[call] = answer
    assert probe(line).state is HealthState.WELL


@pytest.mark.parametrize(
    ("me", "says"),
    [
        ({"userId": "U2", "basicId": "@acme"}, "the token is of U2"),
        ({"userId": []}, "the token is of nobody"),
        ({"userId": BOT, "basicId": "@other"}, "the account is called @other"),
    ],
)
def test_a_token_of_another_account_is_told(line, me, says):
    line.answers["GET /v2/bot/info"] = me
    found = probe(line)
    assert found.state is HealthState.BROKEN
    assert says in found.problem


def test_a_setting_that_names_nobody_is_no_fault(line):
    assert probe(line, replace(HANDLE, settings={})).state is HealthState.WELL
    line.answers["GET /v2/bot/info"] = {"userId": BOT}
    assert probe(line).state is HealthState.WELL


@pytest.mark.parametrize("call", ["GET /v2/bot/info", f"GET {HOOK}"])
def test_a_refused_question_is_broken_and_an_unanswered_one_unknown(line, call):
    line.answers[call] = no(401, f"Authentication failed {TOKEN}")
    found = probe(line)
    assert found.state is HealthState.BROKEN
    assert TOKEN not in found.problem
    line.answers[call] = Told(200, b"", silent=True)
    assert probe(line).state is HealthState.UNKNOWN
    line.answers[call] = Told(500, b"")
    assert probe(line).state is HealthState.UNKNOWN


def test_a_secret_that_lacks_a_part_is_told_without_a_call(line):
    assert probe(line, secret={}).state is HealthState.BROKEN
    found = probe(line, secret={"access_token": TOKEN})
    assert "no channel_secret" in found.problem
    assert line.asked == []


def test_files_are_asked_for_where_line_keeps_them():
    from chalicelib.channels.line import api

    assert api.data_url(Places(), "/x") == "https://api-data.line.me/x"
    assert Places().place("line", api.HOST) == "https://api.line.me"
