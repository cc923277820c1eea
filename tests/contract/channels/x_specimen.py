"""What X sends a brand: posts, direct messages, and both in the older API's form.

The signatures of the vectors were computed with `openssl dgst -sha256 -hmac <secret> -binary`.
"""

import base64
import hmac
import json
from hashlib import sha256

from chalicelib.channels.contract import Said
from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import ErrorClass, Outgoing, SendState
from tests.contract.channels.specimen import (
    NOW,
    Failure,
    Handshake,
    Signed,
    Specimen,
    Vector,
    Words,
)

US = "783214783214783214"
HEADER = "x-twitter-webhooks-signature"
SECRET = {
    "consumer_secrets": ["consumer-secret-one", "consumer-secret-two"],
    "access_token": "access-token-of-acme",
    "bearer": "bearer-of-the-app",
}
ESCAPED = rb'{"data":{"event_uuid":"-7","event_type":"post.create","note":"caf\u00e9 <3"}}'
RAW = '{"data":{"event_uuid":"-7","note":"café 🙂"}}'.encode()
BY_OPENSSL = {
    "escaped, first secret": (ESCAPED, "om07dh9ps6z9o3Z8845Ld629WEYFBQbXcRuVJ/lV55A="),
    "escaped, second secret": (ESCAPED, "3nrZ281OEY4JHUGaIMGuszkYpcNtERoN6kvR7cpWET4="),
    "raw, first secret": (RAW, "YdFstiHKTuaEnDH9vun0tiSa/Pd9ZHmGXzqC1fXf74E="),
    "raw, second secret": (RAW, "3Oj5b57a9COY17xOSdVO48YXW3eToPhu/5CuaYR8Guk="),
    "empty": (b"", "av1fYzz39kpIdWly0/FX9RY/yLfxOv3y4WuR9Ymf9q8="),
}
CRC = {"response_token": "sha256=x9BWy2UIV/92HWlSo9h97U/pzz4/zx4NgBxl4mAp4fg="}


def dumped(value):
    return json.dumps(value, ensure_ascii=False).encode()


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def problem(name, status, detail, state, error_class, **more):
    body = dumped({"title": "No", "detail": detail, "type": "about:blank", "status": status})
    return Failure(name, status, body, state, error_class, **more)


class XSpecimen(Specimen):
    room = "x"
    handle = Handle("acme-x", Channel.X, US, "Acme", "care")
    secret = SECRET

    def sign(self, body, at=NOW):
        key = SECRET["consumer_secrets"][0].encode()
        mac = base64.b64encode(hmac.new(key, body, sha256).digest()).decode()
        return Signed(body, {HEADER: "sha256=" + mac})

    def signature_header(self):
        return HEADER

    def handshakes(self):
        said = Said(json.dumps(CRC), "application/json")
        return (
            Handshake({"crc_token": "crc-token-1a2b3c"}, said),
            Handshake({"crc_token": "crc-token-1a2b3c", "nonce": "x"}, said),
            Handshake({"crc_token": ""}, None),
            Handshake({"crc_token": "é"}, None),
            Handshake({"crc_token": "x" * 2_000}, None),
            Handshake({"hub.challenge": "1"}, None),
        )

    def vectors(self):
        good = [
            Vector(name, Signed(body, {HEADER: "sha256=" + proof}), SECRET)
            for name, (body, proof) in BY_OPENSSL.items()
        ]
        _, proof = BY_OPENSSL["raw, first secret"]
        right, hexadecimal = "sha256=" + proof, "sha256=" + base64.b64decode(proof).hex()
        return [
            *good,
            Vector("by the other header", Signed(RAW, {f"{HEADER}-OAuth2": right}), SECRET),
            Vector("of another body", Signed(ESCAPED, {HEADER: right}), SECRET, good=False),
            Vector("in hex", Signed(RAW, {HEADER: hexadecimal}), SECRET, good=False),
            Vector("without its name", Signed(RAW, {HEADER: proof}), SECRET, good=False),
        ]

    def reserialised(self, body):
        return json.dumps(json.loads(body), indent=1).encode()

    def shared_failures(self):
        retry, failed, unknown = SendState.RETRY, SendState.FAILED, SendState.UNKNOWN
        reset = {
            "x-rate-limit-remaining": "0",
            "x-rate-limit-reset": str(int(NOW.timestamp()) + 77),
        }
        return [
            problem("fast", 429, "Too Many", retry, ErrorClass.THROTTLED, headers=reset, wait=77),
            problem("poor", 429, "UsageCapExceeded", failed, ErrorClass.CHANNEL),
            problem("poorer", 402, "No credits", failed, ErrorClass.CHANNEL),
            problem("down", 503, "Over capacity", retry, ErrorClass.UNAVAILABLE),
            problem("broken", 500, "Internal", unknown, ErrorClass.UNANSWERED),
            Failure("gateway", 504, b"<html>", unknown, ErrorClass.UNANSWERED),
            problem("revoked", 401, "Unauthorized", failed, ErrorClass.CHANNEL),
            problem("locked", 403, "Your account is suspended", failed, ErrorClass.CHANNEL),
            Failure("moved", 301, b"", failed, ErrorClass.CHANNEL),
            problem("bad", 400, "One or more parameters", failed, ErrorClass.CONTENT),
            Failure("nonsense", 200, b"{}", unknown, ErrorClass.UNANSWERED),
            Failure("no JSON", 200, b"<html>", unknown, ErrorClass.UNANSWERED),
            Failure("refused bare", 400, b"", failed, ErrorClass.CONTENT),
        ]


class Posts(XSpecimen):
    name = "x-posts"
    public = True
    kind = "post.mention.create"

    def post(self, words, author):
        return {
            "id": words.id,
            "author_id": author,
            "text": escaped(words.text),
            "created_at": words.at.isoformat().replace("+00:00", "Z"),
            "conversation_id": words.parent or words.id,
            "edit_history_tweet_ids": [words.id],
        }

    def body(self, kind, payload, words, uuid=""):
        user = {"id": words.who, "username": words.name.lower(), "name": words.name}
        data = {
            "event_uuid": uuid or payload["id"],
            "filter": {"user_id": US},
            "event_type": kind,
            "payload": payload,
            "includes": {"users": [user]},
        }
        return dumped({"data": data})

    def message(self, words):
        return self.body(self.kind, self.post(words, words.who), words)

    def edit(self, words):
        post = self.post(words, words.who)
        later = str(int(words.id) + 1000)
        post |= {"id": later, "edit_history_tweet_ids": [words.id, later]}
        return self.body(self.kind, post, words)

    def echo(self, words, token=""):
        text = f"@ana {escaped(words.text)}"
        answered = [{"type": "replied_to", "id": "9007199254740993"}]
        more = {"text": text, "display_text_range": [5, 99], "referenced_tweets": answered}
        return self.body("post.create", self.post(words, US) | more, words)

    def delete(self, words):
        """X tells only of the brand's own posts that are gone."""
        return self.body("post.delete", {"id": words.id, "author_id": US}, words, uuid="-55")

    def unknown(self):
        return self.body("hologram.beam", {"id": "1"}, Words(), uuid="-1")

    def odd(self):
        return self.body(self.kind, {"id": "1", "text": "who wrote this?"}, Words())

    def outgoing(self, text="We are on it."):
        return Outgoing("token1", self.handle, "23", True, text, reply_to_id="77", post_id="70")

    def accepted(self):
        return 201, dumped({"data": {"id": "9007199254741001", "text": "We are on it."}})

    def accepted_id(self):
        return "9007199254741001"

    def failures(self):
        failed = SendState.FAILED
        unsummoned = "you have not been mentioned or otherwise engaged by the author"
        partial = {"errors": [{"detail": "Duplicate", "status": 403, "title": "Forbidden"}]}
        return [
            *self.shared_failures(),
            problem("twice", 403, "duplicate content", failed, ErrorClass.CONTENT),
            problem("not summoned", 403, unsummoned, failed, ErrorClass.CONTENT),
            problem("gone", 403, "deleted or not visible to you", failed, ErrorClass.CONTENT),
            problem("not found", 404, "Not Found", failed, ErrorClass.CONTENT),
            Failure("a no in a yes", 200, dumped(partial), failed, ErrorClass.CONTENT),
        ]


class DirectMessages(XSpecimen):
    name = "x-dms"

    def event(self, words, sender, recipient):
        return {
            "type": "message_create",
            "id": words.id,
            "created_timestamp": str(int(words.at.timestamp() * 1000)),
            "message_create": {
                "target": {"recipient_id": recipient},
                "sender_id": sender,
                "message_data": {"text": escaped(words.text), "entities": {"urls": []}},
            },
        }

    def users(self, words):
        return {words.who: {"data": {"id": words.who, "name": words.name, "username": "ana"}}}

    def body(self, kind, payload, uuid):
        data = {"event_uuid": uuid, "filter": {"user_id": US}, "event_type": kind}
        return dumped({"data": {**data, "payload": payload}})

    def messages(self, kind, events, words):
        payload = {"direct_message_events": events, "users": self.users(words)}
        return self.body(kind, payload, f"-{words.id}")

    def message(self, words):
        return self.messages("dm.received", [self.event(words, words.who, US)], words)

    def batch(self, many):
        payload = {"direct_message_events": [self.event(one, one.who, US) for one in many]}
        return self.body("dm.received", payload, "-8")

    def echo(self, words, token=""):
        return self.messages("dm.sent", [self.event(words, US, words.who)], words)

    def receipt(self, words, state):
        if state != "read":
            return None
        seen = {"created_timestamp": "1763719200000", "sender_id": words.who}
        return self.body("dm.read", {"direct_message_mark_read_events": [seen]}, "-77")

    def unknown(self):
        return self.body("dm.telepathy", {}, "-1")

    def odd(self):
        event = self.event(Words(), "1", US)
        return self.messages("dm.received", [{**event, "message_create": {}}], Words())

    def outgoing(self, text="We are on it."):
        return Outgoing("token1", self.handle, "23", False, text, reply_to_id="77")

    def accepted(self):
        both = f"23-{US}"
        return 201, dumped(
            {"data": {"dm_conversation_id": both, "dm_event_id": "9007199254741001"}}
        )

    def accepted_id(self):
        return "9007199254741001"

    def failures(self):
        failed = SendState.FAILED
        return [
            *self.shared_failures(),
            problem("closed", 403, "You cannot send messages", failed, ErrorClass.RECIPIENT),
            problem("nobody", 404, "User not found", failed, ErrorClass.RECIPIENT),
        ]


class Legacy:
    """The envelope of the older API."""

    def enclosed(self, kind, elements, **more):
        return dumped({"for_user_id": US, "user_has_blocked": "false", kind: elements, **more})


class LegacyPosts(Legacy, Posts):
    name = "x-posts-older"

    def tweet(self, words, author):
        tweet = {
            "id_str": words.id,
            "user": {"id_str": author, "name": words.name, "screen_name": "ana"},
            "text": escaped(words.text),
            "created_at": words.at.strftime("%a %b %d %H:%M:%S +0000 %Y"),
        }
        if words.numeric:
            rounded = int(float(words.id))
            tweet |= {"id": rounded, "user": {**tweet["user"], "id": int(float(author))}}
        if words.milliseconds:
            tweet["timestamp_ms"] = str(int(words.at.timestamp() * 1000))
        return tweet

    def message(self, words):
        return self.enclosed("tweet_create_events", [self.tweet(words, words.who)])

    def batch(self, many):
        return self.enclosed("tweet_create_events", [self.tweet(one, one.who) for one in many])

    def edit(self, words):
        later = str(int(words.id) + 1000)
        history = {"edit_history": {"edit_tweet_ids": [words.id, later]}, "id_str": later}
        return self.enclosed("tweet_create_events", [self.tweet(words, words.who) | history])

    def echo(self, words, token=""):
        answered = {"in_reply_to_status_id_str": "9007199254740993"}
        return self.enclosed("tweet_create_events", [self.tweet(words, US) | answered])

    def delete(self, words):
        gone = {"status": {"id": words.id, "user_id": US}, "timestamp_ms": "1763719250000"}
        return self.enclosed("tweet_delete_events", [gone])

    def unknown(self):
        return self.enclosed("hologram_events", [{"id": "1"}])

    def odd(self):
        return self.enclosed("tweet_create_events", [{"id_str": "1", "text": "whose?"}])


class LegacyMessages(Legacy, DirectMessages):
    name = "x-dms-older"

    def users(self, words):
        return {words.who: {"id": words.who, "name": words.name, "screen_name": "ana"}}

    def messages(self, kind, events, words):
        return self.enclosed("direct_message_events", events, users=self.users(words))

    def receipt(self, words, state):
        if state != "read":
            return None
        seen = {"created_timestamp": "1763719200000", "sender_id": words.who}
        return self.enclosed("direct_message_mark_read_events", [seen])

    def unknown(self):
        return self.enclosed("telepathy_events", [{}])


SPECIMENS = (Posts(), DirectMessages(), LegacyPosts(), LegacyMessages())
