"""What Telegram sends a bot: in private chats, in groups, and through a business account."""

import json
from zlib import crc32

from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import ErrorClass, Outgoing, SendState
from tests.contract.channels.specimen import NOW, Failure, Signed, Specimen, Vector

BOT, GROUP, CONNECTION = "111222333", "-1001234567890", "BC7x_-9"
TOKEN = "111222333:AAE-not-a-real-token_0123456789"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
SECRET = {"token": TOKEN, "secret_token": "Shared_token-1234567890", "secret_tokens": ["Older_one"]}


def no(name, status, description, state, error_class, *, wait=None, parameters=None):
    body = {"ok": False, "error_code": status, "description": description}
    if parameters:
        body["parameters"] = parameters
    return Failure(name, status, json.dumps(body).encode(), state, error_class, wait=wait)


class Telegram(Specimen):
    name = "telegram-private"
    room = "telegram"
    handle = Handle("acme-telegram", Channel.TELEGRAM, BOT, "Acme", "care")
    secret = SECRET
    signs_body = False
    kinds = ("message", "edited_message")

    def sign(self, body, at=NOW):
        return Signed(body, {HEADER: SECRET["secret_token"]})

    def signature_header(self):
        return HEADER

    def vectors(self):
        """The header is the token itself: right, rotated and wrong ones, written by hand."""
        body = b'{"update_id":1}'
        good = [
            Vector(name, Signed(body, {HEADER: token}), SECRET)
            for name, token in (("in use", "Shared_token-1234567890"), ("rotated", "Older_one"))
        ]
        bad = [
            Vector("shorter", Signed(body, {HEADER: "Shared_token"}), SECRET, good=False),
            Vector("empty", Signed(body, {HEADER: ""}), {"secret_token": ""}, good=False),
        ]
        return good + bad

    def reserialised(self, body):
        return json.dumps(json.loads(body), indent=1).encode()

    def update(self, words, kind, value):
        number = crc32(f"{kind} {words.id}".encode())
        return json.dumps({"update_id": number, kind: value}).encode()

    def chat(self, words):
        return {"id": int(words.who), "type": "private", "first_name": words.name}

    def head(self, words):
        number = int(words.id) if words.numeric else words.id
        who = int(words.who) if words.numeric else words.who
        head = {
            "message_id": number,
            "date": int(words.at.timestamp()),
            "from": {"id": who, "is_bot": False, "first_name": words.name},
            "chat": self.chat(words),
        }
        if words.parent:
            head["reply_to_message"] = {"message_id": int(words.parent), "chat": self.chat(words)}
        return head

    def message(self, words):
        return self.update(words, self.kinds[0], {**self.head(words), "text": words.text})

    def edit(self, words):
        edited = {"text": words.text, "edit_date": int(words.at.timestamp())}
        return self.update(words, self.kinds[1], {**self.head(words), **edited})

    def echo(self, words, token=""):
        own = {"from": {"id": int(BOT), "is_bot": True, "first_name": "Acme"}, "text": words.text}
        return self.update(words, "message", {**self.head(words), **own})

    def reaction(self, words, emoji="👍"):
        value = {
            "chat": self.chat(words),
            "message_id": int(words.id),
            "user": {"id": int(words.who), "is_bot": False, "first_name": words.name},
            "date": int(words.at.timestamp()),
            "old_reaction": [],
            "new_reaction": [{"type": "emoji", "emoji": emoji}],
        }
        return self.update(words, "message_reaction", value)

    def unknown(self):
        return b'{"update_id": 5, "telepathy": {"thought": "hm"}}'

    def odd(self):
        return b'{"update_id": 6, "message": {"message_id": 7, "chat": "nowhere"}}'

    def outgoing(self, text="We are on it."):
        return Outgoing("token1", self.handle, "23", self.public, text, reply_to_id="23/77")

    def accepted(self):
        result = {"message_id": 901, "date": 1764000000, "chat": {"id": 23, "type": "private"}}
        return 200, json.dumps({"ok": True, "result": result}).encode()

    def accepted_id(self):
        return "23/901"

    def failures(self):
        retry, failed, unknown = SendState.RETRY, SendState.FAILED, SendState.UNKNOWN
        wait, moved = {"retry_after": 31}, {"migrate_to_chat_id": -100987}
        return [
            no("fast", 429, "Too Many", retry, ErrorClass.THROTTLED, wait=31, parameters=wait),
            no("down", 500, "Internal Server Error", retry, ErrorClass.UNAVAILABLE),
            no("revoked", 401, "Unauthorized", failed, ErrorClass.CHANNEL),
            no("never a token", 404, "Not Found", failed, ErrorClass.CHANNEL),
            no("conflict", 409, "Conflict", failed, ErrorClass.CHANNEL),
            no("blocked", 403, "Forbidden: bot was blocked", failed, ErrorClass.RECIPIENT),
            no("moved", 400, "upgraded", failed, ErrorClass.RECIPIENT, parameters=moved),
            no("gone", 400, "Bad Request: chat not found", failed, ErrorClass.RECIPIENT),
            no("late", 400, "BUSINESS_PEER_USAGE_MISSING", failed, ErrorClass.WINDOW),
            no("cut off", 400, "BUSINESS_CONNECTION_INVALID", failed, ErrorClass.RECIPIENT),
            no("bad", 400, "Bad Request: text is too long", failed, ErrorClass.CONTENT),
            Failure("busy", 503, b"", retry, ErrorClass.UNAVAILABLE),
            Failure("gateway", 502, b"<html>", unknown, ErrorClass.UNANSWERED),
            Failure("nonsense", 200, b"{}", unknown, ErrorClass.UNANSWERED),
            Failure("no id", 200, b'{"ok":true,"result":{}}', unknown, ErrorClass.UNANSWERED),
        ]


class Group(Telegram):
    name = "telegram-group"
    public = True

    def chat(self, words):
        return {"id": int(GROUP), "type": "supergroup", "title": "Acme fans"}

    def outgoing(self, text="We are on it."):
        reply = f"{GROUP}/77"
        return Outgoing("token1", self.handle, "23", True, text, reply_to_id=reply, post_id=GROUP)

    def accepted_id(self):
        return f"{GROUP}/901"


class Business(Telegram):
    name = "telegram-business"
    kinds = ("business_message", "edited_business_message")

    def head(self, words):
        return {**super().head(words), "business_connection_id": CONNECTION}

    def echo(self, words, token=""):
        owner = {"from": {"id": 99, "is_bot": False, "first_name": "Owner"}, "text": words.text}
        return self.update(words, "business_message", {**self.head(words), **owner})

    def delete(self, words):
        value = {
            "business_connection_id": CONNECTION,
            "chat": self.chat(words),
            "message_ids": [int(words.id)],
        }
        return self.update(words, "deleted_business_messages", value)

    def reaction(self, words, emoji="👍"):
        return None  # Telegram tells bots of none in a business account's chats

    def outgoing(self, text="We are on it."):
        who, reply = f"{CONNECTION}/23", f"{CONNECTION}/23/77"
        return Outgoing("token1", self.handle, who, False, text, reply_to_id=reply)

    def accepted_id(self):
        return f"{CONNECTION}/23/901"


SPECIMENS = (Telegram(), Group(), Business())
