"""What LINE sends an official account: in chats of two and in groups.

The signatures of the vectors were computed with `openssl dgst -sha256 -hmac <secret> -binary`.
"""

import base64
import hmac
import json
from hashlib import sha256

from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import ErrorClass, Outgoing, SendState
from tests.contract.channels.specimen import NOW, Failure, Signed, Specimen, Vector

BOT = "U00000000000000000000000000000001"
ANA = "U0000000000000000000000000000a0a0"
GROUP = "C0000000000000000000000000000feed"
HEADER = "X-Line-Signature"
SECRET = {
    "channel_secret": "0123456789abcdef0123456789abcdef",
    "channel_secrets": ["fedcba9876543210fedcba9876543210"],
    "access_token": "channel/access+token-of-acme=",
}
PLAIN = b'{"destination":"U00000000000000000000000000000001","events":[]}'
RAW = (
    rb'{"destination":"U00000000000000000000000000000001","events":[],"note":"caf\u00e9 '
    + "🙂".encode()
    + b'"}'
)
BY_OPENSSL = {
    "in use": (PLAIN, "YQU0voYIh8lUA1XaYoIEZg9trJlhjyu9qVt6HqVvWf4="),
    "rotated": (PLAIN, "Ud7VT2KKT8stdJOUNoTXTZ6Y1bMo1KI6WNgQyBpUQtI="),
    "raw": (RAW, "TXm4UP8Y1Py9WinHtJXzf9B9rH7p8GT+z5PBvKfdXUU="),
    "empty": (b"", "eWzTB4rxRjZ1PSaztVVUIv9Vo+Jhz4R7SOlTcbm9CqI="),
}

BY_EMPTY_KEY = "thNnmggU2ex3L5XXeMNfxf8Wl8STcVZTxscSFEKSxa0="
"""`openssl dgst -sha256 -hmac "" -binary` over nothing: an empty secret must prove nothing."""


def no(name, status, message, state, error_class, *, headers=None, wait=None, details=()):
    told = {"message": message, **({"details": list(details)} if details else {})}
    body = json.dumps(told).encode()
    return Failure(name, status, body, state, error_class, headers or {}, wait)


class Line(Specimen):
    name = "line-private"
    room = "line"
    handle = Handle("acme-line", Channel.LINE, BOT, "Acme", "care")
    secret = SECRET

    def sign(self, body, at=NOW):
        made = hmac.new(SECRET["channel_secret"].encode(), body, sha256).digest()
        return Signed(body, {HEADER: base64.b64encode(made).decode()})

    def signature_header(self):
        return HEADER

    def vectors(self):
        good = [
            Vector(name, Signed(body, {HEADER: proof}), SECRET)
            for name, (body, proof) in BY_OPENSSL.items()
        ]
        proof = BY_OPENSSL["in use"][1]
        bad = [
            Vector("of another body", Signed(RAW, {HEADER: proof}), SECRET, good=False),
            Vector("cut", Signed(PLAIN, {HEADER: proof[:-1]}), SECRET, good=False),
            Vector(
                "empty", Signed(b"", {HEADER: BY_EMPTY_KEY}), {"channel_secret": ""}, good=False
            ),
            Vector("no secret", Signed(PLAIN, {HEADER: proof}), {"channel_secret": ""}, good=False),
        ]
        return good + bad

    def reserialised(self, body):
        return json.dumps(json.loads(body), indent=1).encode()

    def source(self, words):
        return {"type": "user", "userId": words.who}

    def element(self, words, kind, **more):
        return {
            "type": kind,
            "mode": "active",
            "timestamp": int(words.at.timestamp() * (1 if words.milliseconds is False else 1000)),
            "source": self.source(words),
            "webhookEventId": f"01{kind}{words.id}",
            "deliveryContext": {"isRedelivery": False},
            **more,
        }

    def said(self, words):
        number = int(words.id) if words.numeric else words.id
        message = {"type": "text", "id": number, "text": words.text, "quoteToken": "q3Plxr4AgKd"}
        if words.parent:
            message["quotedMessageId"] = words.parent
        return self.element(words, "message", replyToken="nHuyWiB7yP5Zw52FIkcQ", message=message)

    def body(self, *elements):
        return json.dumps({"destination": BOT, "events": list(elements)}).encode()

    def message(self, words):
        return self.body(self.said(words))

    def batch(self, many):
        return self.body(*(self.said(words) for words in many))

    def delete(self, words):
        return self.body(self.element(words, "unsend", unsend={"messageId": words.id}))

    def unknown(self):
        return self.body({"type": "telepathy", "thought": "hm"})

    def odd(self):
        return self.body({"type": "message", "source": "nowhere", "message": {"id": "7"}})

    def outgoing(self, text="We are on it."):
        return Outgoing("token1", self.handle, ANA, False, text, reply_to_id="77")

    def accepted(self):
        sent = {"id": "461230966842064897", "quoteToken": "IStG5h1Tz7b"}
        return 200, json.dumps({"sentMessages": [sent]}).encode()

    def accepted_id(self):
        return "461230966842064897"

    def failures(self):
        retry, failed = SendState.RETRY, SendState.FAILED
        empty = {"message": "May not be empty", "property": "messages[0].text"}
        month = "You have reached your monthly limit."
        fast = "The API rate limit has been exceeded. Try again later."
        nobody, refused = "Failed to send messages", "Authentication failed"
        to = "The property, 'to', in the request body is invalid"
        wait = {"Retry-After": "31"}
        return [
            no("fast", 429, fast, retry, ErrorClass.THROTTLED, headers=wait, wait=31),
            no("month", 429, month, failed, ErrorClass.LIMIT, headers=wait, wait=0),
            no("down", 500, "Internal error", retry, ErrorClass.UNAVAILABLE),
            no("token", 401, refused, failed, ErrorClass.CHANNEL),
            no("plan", 403, "Access to this API is not available", failed, ErrorClass.CHANNEL),
            no("path", 404, "Not found", failed, ErrorClass.CHANNEL),
            no("late", 400, f"{refused}: expired", failed, ErrorClass.CHANNEL),
            no("nobody", 400, nobody, failed, ErrorClass.RECIPIENT),
            no("to", 400, to, failed, ErrorClass.RECIPIENT),
            no("bad", 400, "1 error(s)", failed, ErrorClass.CONTENT, details=[empty]),
            no("large", 413, "Too large", failed, ErrorClass.CONTENT),
            Failure("moved", 302, b"", failed, ErrorClass.CHANNEL),
            Failure("gateway", 502, b"<html>", retry, ErrorClass.UNAVAILABLE),
            Failure("no id", 200, b"{}", retry, ErrorClass.UNAVAILABLE),
        ]


class Group(Line):
    name = "line-group"
    public = True

    def source(self, words):
        return {"type": "group", "groupId": GROUP, "userId": words.who}

    def outgoing(self, text="We are on it."):
        return Outgoing("token1", self.handle, ANA, True, text, reply_to_id="77", post_id=GROUP)


SPECIMENS = (Line(), Group())
