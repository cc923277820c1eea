"""Telegram: what we ask the Bot API for, on loopback."""

import json
import logging
import traceback
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.channels.places import Places
from chalicelib.channels.telegram.room import TelegramRoom
from chalicelib.channels.telegram.update import TOLD
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

TOKEN = "111:AAE-not_a_real_token_0123456789"
SECRET = {"token": TOKEN, "secret_token": "Shared_token-1234567890"}
HANDLE = Handle(
    "acme-tg", Channel.TELEGRAM, "111", "Acme", "care", settings={"username": "acmebot"}
)
REPLY = Outgoing("token1", HANDLE, "23", False, "Hello ü", reply_to_id="23/77")
URL = "https://care.example.com/webhooks/telegram/acme-tg"
ROOM = TelegramRoom()


class Bot:
    """Answers each method with what a test says, else with a message."""

    prefix = "telegram"

    def __init__(self):
        self.asked, self.answers = [], {}
        self.files = Told(200, b"\x89PNG\r\n\x1a\n" + b"0" * 20, "application/octet-stream")

    def take(self, asked):
        self.asked.append(asked)
        if asked.path.startswith("/file/"):
            return self.files
        answer = self.answers.get(asked.path.rpartition("/")[2])
        if isinstance(answer, Told):
            return answer
        usual = {"message_id": 901, "chat": {"id": 23}}
        result = usual if answer is None else answer
        return Told(200, json.dumps({"ok": True, "result": result}).encode())

    @property
    def methods(self):
        return [asked.path.rpartition("/")[2] for asked in self.asked]

    def content(self, number=-1):
        return json.loads(self.asked[number].body)


def no(status, description, **parameters):
    body = {"ok": False, "error_code": status, "description": description}
    return Told(status, json.dumps({**body, "parameters": parameters}).encode())


@pytest.fixture
def bot():
    it = Bot()
    with listening(it) as url:
        it.places = Places(urls={"telegram": url}, private_urls=True, now=lambda: NOW)
        yield it


def send(bot, outgoing=REPLY, secret=SECRET):
    return ROOM.send(outgoing, secret, bot.places)


def file(mime_type="image/jpeg", size=9, name="a.jpg"):
    return File(name, mime_type, size, "https://files.example.com/a", lambda: b"the bytes")


def test_a_reply_is_plain_text_and_leaves_though_what_it_answers_is_gone(bot):
    assert send(bot).platform_id == "23/901"
    assert bot.asked[0].path == f"/bot{TOKEN}/sendMessage"
    assert bot.content() == {
        "chat_id": 23,
        "text": "Hello ü",
        "reply_parameters": {"message_id": 77, "allow_sending_without_reply": True},
    }


def test_a_reply_in_a_business_chat_goes_through_its_connection(bot):
    there = replace(REPLY, recipient="BC/23", reply_to_id="BC/23/8")
    assert send(bot, there).platform_id == "BC/23/901"
    assert bot.content()["business_connection_id"] == "BC"
    assert bot.content()["reply_parameters"]["message_id"] == 8


def test_what_was_said_in_another_chat_is_not_quoted(bot):
    for reply in ("BC/23/8", "24/8", "23/button-4", "", "nonsense"):
        send(bot, replace(REPLY, reply_to_id=reply))
        assert "reply_parameters" not in bot.content()
        assert "business_connection_id" not in bot.content()


def test_a_public_reply_goes_to_the_group_and_its_topic(bot):
    public = replace(REPLY, public=True, post_id="-100:7", reply_to_id="-100/512")
    assert send(bot, public).platform_id == "-100/901"
    content = bot.content()
    assert (content["chat_id"], content["message_thread_id"]) == (-100, 7)
    assert content["reply_parameters"]["message_id"] == 512
    send(bot, replace(public, post_id=""))
    assert bot.content()["chat_id"] == -100


def test_nobody_to_write_to_is_refused_without_a_call(bot):
    for outgoing in (
        replace(REPLY, recipient="hidden:x"),
        replace(REPLY, public=True, reply_to_id=""),
    ):
        result = send(bot, outgoing)
        assert (result.error_class, result.error_code) == (ErrorClass.RECIPIENT, "no_chat")
    assert bot.asked == []


@pytest.mark.parametrize("token", ["", None, 5, "no colon", "1:", "1:a/../x", "1:é", "1:a?b"])
def test_what_is_no_token_never_becomes_part_of_an_address(bot, token):
    result = send(bot, secret={"token": token})
    assert (result.error_class, result.error_code) == (ErrorClass.CHANNEL, "no_token")
    assert bot.asked == []


@pytest.mark.parametrize(
    ("mime_type", "size", "method", "part"),
    [
        ("image/jpeg", 9, "sendPhoto", "photo"),
        ("image/png", 10_000_001, "sendDocument", "document"),
        ("image/gif", 9, "sendDocument", "document"),
        ("video/mp4", 9, "sendVideo", "video"),
        ("video/quicktime", 9, "sendDocument", "document"),
        ("audio/mpeg", 9, "sendAudio", "audio"),
        ("application/pdf", 9, "sendDocument", "document"),
    ],
)
def test_a_file_leaves_as_bytes_by_the_method_that_shows_it(bot, mime_type, size, method, part):
    assert send(bot, replace(REPLY, files=(file(mime_type, size),))).state is SendState.ACCEPTED
    assert bot.methods == [method]
    body = bot.asked[0].body.decode()
    assert f'name="{part}"; filename="a.jpg"' in body
    assert "the bytes" in body
    assert "Hello ü" in body
    assert '"allow_sending_without_reply": true' in body


def test_a_file_may_leave_without_words(bot):
    send(bot, replace(REPLY, text="", files=(file(),)))
    assert 'name="caption"' not in bot.asked[0].body.decode()


def test_too_long_a_text_beside_a_file_is_refused_without_a_call(bot):
    result = send(bot, replace(REPLY, text="🙂" * 513, files=(file(),)))
    assert (result.error_class, result.error_code) == (ErrorClass.CONTENT, "caption_too_long")
    assert bot.asked == []
    assert send(bot, replace(REPLY, text="🙂" * 512, files=(file(),))).state is SendState.ACCEPTED


def test_a_guest_question_is_answered_by_its_query(bot):
    bot.answers["answerGuestQuery"] = {"inline_message_id": "AAB"}
    guest = replace(REPLY, public=True, post_id="guest:555", reply_to_id="-100/41")
    assert send(bot, guest).platform_id == "AAB"
    assert bot.content()["guest_query_id"] == "555"
    assert bot.content()["result"]["input_message_content"] == {"message_text": "Hello ü"}
    assert send(bot, replace(guest, files=(file(),))).error_code == "cannot_file"
    bot.answers["answerGuestQuery"] = no(400, "Bad Request: query is too old")
    assert send(bot, guest).error_class is ErrorClass.CONTENT


def test_a_group_that_moved_is_named_by_its_new_id(bot):
    bot.answers["sendMessage"] = no(400, "upgraded", migrate_to_chat_id=-100987)
    result = send(bot)
    assert (result.state, result.error_code) == (SendState.FAILED, "group_migrated")
    assert "-100987" in result.error_text


def test_a_wait_is_as_long_as_telegram_says(bot):
    bot.answers["sendMessage"] = no(429, "Too Many Requests", retry_after=37)
    assert send(bot).retry_after_seconds == 37
    bot.answers["sendMessage"] = Told(429, b"", headers={"Retry-After": "9"})
    assert (send(bot).error_class, send(bot).retry_after_seconds) == (ErrorClass.THROTTLED, 9)


def test_an_answer_that_says_nothing_is_unknown(bot):
    for answer in (True, {"message_id": {}}, {}):
        bot.answers["sendMessage"] = answer
        assert send(bot).state is SendState.UNKNOWN
    bot.answers["sendMessage"] = Told(silent=True)
    assert send(bot).state is SendState.UNKNOWN


def test_the_token_is_in_no_error_and_no_log(bot, caplog):
    caplog.set_level(logging.DEBUG)
    bot.answers["sendMessage"] = no(400, f"odd url /bot{TOKEN}/sendMessage")
    told = send(bot)
    with pytest.raises(FetchLaterError) as later:
        _fetch(bot, Told(silent=True))
    chain = "".join(traceback.format_exception(later.value))
    assert TOKEN not in told.error_text + caplog.text + chain
    assert (later.value.__cause__, later.value.__suppress_context__) == (None, True)


def test_a_groups_message_is_deleted_once_and_for_all(bot):
    def delete(where="-100/5", action="delete"):
        return ROOM.moderate(HANDLE, where, action, secret=SECRET, places=bot.places)

    bot.answers["deleteMessage"] = True
    assert delete().state is SendState.ACCEPTED
    assert bot.content() == {"chat_id": -100, "message_id": 5}
    bot.answers["deleteMessage"] = no(400, "Bad Request: message to delete not found")
    assert delete().state is SendState.ACCEPTED
    bot.answers["deleteMessage"] = no(400, "Bad Request: message can't be deleted")
    assert delete().error_class is ErrorClass.CONTENT
    assert delete(action="hide").error_code == "cannot_hide"
    assert delete("nonsense").error_code == delete("-100/button-1").error_code == "no_message"
    assert (
        ROOM.moderate(HANDLE, "-100/5", "delete", secret={}, places=bot.places).error_code
        == "no_token"
    )


def _fetch(bot, told=None, most=1000, attachment=None, secret=SECRET):
    bot.answers.setdefault("getFile", {"file_path": "photos/file_1.jpg"})
    bot.files = told or bot.files
    wanted = attachment or Attachment("image", media_id="large", name="a.png")
    return ROOM.fetch(HANDLE, wanted, most, secret=secret, places=bot.places)


def test_a_file_is_fetched_by_the_path_that_telegram_names(bot):
    found = _fetch(bot)
    assert (found.mime_type, found.name) == ("image/png", "a.png")
    assert bot.asked[1].path == f"/file/bot{TOKEN}/photos/file_1.jpg"
    assert bot.asked[1].method == "GET"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"file_path": "x", "file_size": 1001}, "too_large"),
        (no(400, "Bad Request: file is too big"), "too_large"),
        (no(400, "Bad Request: wrong file_id"), "gone"),
        (no(401, "Unauthorized"), "forbidden"),
        ({"file_path": "../secret"}, "no_file"),
        ({"file_path": "/etc/passwd"}, "no_file"),
        ({"file_path": "https://elsewhere.example"}, "no_file"),
        ({"file_path": 5}, "no_file"),
        ({}, "no_file"),
    ],
)
def test_a_file_that_will_not_be_had_says_why(bot, answer, reason):
    bot.answers["getFile"] = answer
    with pytest.raises(FetchError) as error:
        _fetch(bot)
    assert error.value.reason == reason


def test_a_file_too_large_or_gone_or_busy_is_told_apart(bot):
    with pytest.raises(FetchError, match="too_large"):
        _fetch(bot, most=5)
    with pytest.raises(FetchError, match="gone"):
        _fetch(bot, Told(404, b""))
    bot.answers["getFile"] = no(429, "Too Many Requests", retry_after=1)
    with pytest.raises(FetchLaterError):
        _fetch(bot)
    with pytest.raises(FetchError, match="no_token"):
        _fetch(bot, secret={})
    with pytest.raises(FetchError, match="no_file"):
        _fetch(bot, attachment=Attachment("story"))


def probe(bot, hook, handle=HANDLE, secret=SECRET, me=None):
    bot.answers.setdefault("getMe", me or {"id": 111, "username": "acmebot"})
    bot.answers["getWebhookInfo"] = hook
    bot.answers.setdefault("setWebhook", True)
    return ROOM.probe(handle, URL, secret, bot.places)


WELL = {"url": URL, "allowed_updates": list(TOLD), "pending_update_count": 3}


def test_a_webhook_that_is_ours_and_complete_is_well(bot):
    assert probe(bot, WELL).state is HealthState.WELL
    assert "setWebhook" not in bot.methods
    assert ROOM.probes(HANDLE) == 3600


@pytest.mark.parametrize(
    "hook",
    [
        WELL | {"url": ""},
        WELL | {"url": "https://elsewhere.example/x"},
        WELL | {"allowed_updates": ["message"]},
        {"url": URL},
        {"url": {}, "allowed_updates": "x"},
        WELL
        | {"last_error_date": int(NOW.timestamp()), "last_error_message": "Wrong response: 401"},
    ],
)
def test_a_webhook_that_is_not_as_we_need_it_is_set_anew(bot, hook):
    health = probe(bot, hook)
    assert health.state is HealthState.REPAIRED
    assert bot.content() == {
        "url": URL,
        "secret_token": "Shared_token-1234567890",
        "allowed_updates": list(TOLD),
    }


def test_a_webhook_that_cannot_be_set_is_broken(bot):
    bot.answers["setWebhook"] = no(400, f"Bad Request: bad webhook for {TOKEN}")
    health = probe(bot, WELL | {"url": ""})
    assert (health.state, TOKEN in health.problem) == (HealthState.BROKEN, False)


def test_a_token_that_is_being_replaced_is_handed_over_at_each_probe(bot):
    """Telegram does not say which token it holds, and both prove meanwhile: nothing would fail."""
    replaced = SECRET | {"secret_tokens": ["the-old-one"]}
    assert probe(bot, WELL, secret=replaced).state is HealthState.WELL
    assert bot.content()["secret_token"] == SECRET["secret_token"]
    error = {"last_error_date": int(NOW.timestamp()), "last_error_message": "Bad Gateway"}
    assert probe(bot, WELL | error, secret=replaced).state is HealthState.BROKEN
    bot.answers["setWebhook"] = no(400, "Bad Request: bad webhook")
    broken = probe(bot, WELL, secret=replaced)
    assert (broken.state, "replaced" in broken.problem) == (HealthState.BROKEN, True)


@pytest.mark.parametrize("name", ["@acmebot", "AcmeBot", "acmebot"])
def test_a_bots_name_is_the_same_in_capitals_and_behind_an_at_sign(bot, name):
    handle = replace(HANDLE, settings={"username": name})
    assert probe(bot, WELL, handle=handle).state is HealthState.WELL


def test_updates_that_wait_after_an_error_of_ours_are_told(bot):
    error = {"last_error_date": int(NOW.timestamp()), "last_error_message": "Bad Gateway"}
    health = probe(bot, WELL | error)
    assert (health.state, "Bad Gateway" in health.problem) == (HealthState.BROKEN, True)
    old = error | {"last_error_date": int((NOW - timedelta(days=1)).timestamp())}
    assert probe(bot, WELL | old).state is HealthState.WELL
    assert probe(bot, WELL | error | {"pending_update_count": 0}).state is HealthState.WELL


def test_a_token_that_is_not_this_bots_is_broken(bot):
    assert "222" in probe(bot, WELL, me={"id": 222, "username": "acmebot"}).problem
    bot.answers["getMe"] = {"id": 111, "username": "other"}
    assert "other" in probe(bot, WELL).problem
    bot.answers["getMe"] = {"id": [], "username": "other"}
    assert probe(bot, WELL).state is HealthState.BROKEN
    bot.answers["getMe"] = no(401, "Unauthorized")
    assert probe(bot, WELL).state is HealthState.BROKEN
    assert probe(bot, WELL, secret={}).state is HealthState.BROKEN
    for secret in ({"token": TOKEN}, {"token": TOKEN, "secret_token": ""}):
        assert "secret_token" in probe(bot, WELL, secret=secret).problem


def test_a_telegram_that_does_not_answer_leaves_health_unknown(bot):
    assert probe(bot, Told(503, b"")).state is HealthState.UNKNOWN
    bot.answers["getMe"] = Told(silent=True)
    assert probe(bot, WELL).state is HealthState.UNKNOWN


def test_groups_are_invited_by_a_link_and_private_chats_need_no_invitation():
    assert ROOM.capabilities(HANDLE, public=True).invite is Invite.LINK
    assert ROOM.capabilities(HANDLE, public=False).invite is Invite.NONE
    assert ROOM.capabilities(HANDLE, public=False).measure("🙂") == 2


def test_the_guide_names_the_address_and_no_key():
    empty, stored = (ROOM.guide(HANDLE, URL, secret) for secret in ({}, SECRET))
    assert any("secret_token" in step for step in empty)
    assert any("is stored" in step for step in stored)
    assert any(URL in step for step in stored)
    assert TOKEN not in "".join(stored)
