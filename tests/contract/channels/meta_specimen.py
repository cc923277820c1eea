"""What Meta sends us for each of its surfaces, all by one webhook and one signature."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from pathlib import Path

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

PAGE, IG, PHONE, POST = "104500000000001", "17840000000000001", "PN1", "104500000000001_55501"
APP_SECRET, VERIFY = "an-app-secret-of-the-specimen", "verify-me-please-0123456789"
SECRET = {
    "app_secrets": [APP_SECRET, "the-app-secret-before-that"],
    "verify_token": VERIFY,
    "tokens": {PAGE: "page-token-0123456789", IG: "ig-token-0123456789", PHONE: "wa-token-0123456"},
}
HEADER = "X-Hub-Signature-256"
VECTORS = json.loads((Path(__file__).parents[2] / "events" / "vectors.json").read_text())


def no(name, status, code, state, error_class, *, subcode=0, wait=None):
    error = {"message": "(#1) no", "type": "OAuthException", "code": code}
    error |= {"error_subcode": subcode} if subcode else {}
    return Failure(
        name, status, json.dumps({"error": error}).encode(), state, error_class, wait=wait
    )


FAILURES = [
    no("too fast", 400, 613, SendState.RETRY, ErrorClass.THROTTLED),
    no("page too fast", 400, 32, SendState.RETRY, ErrorClass.THROTTLED),
    no("down", 500, 2, SendState.RETRY, ErrorClass.UNAVAILABLE),
    no("sent all the same", 500, 1, SendState.UNKNOWN, ErrorClass.UNANSWERED, subcode=1357046),
    no("token ended", 401, 190, SendState.FAILED, ErrorClass.CHANNEL, subcode=463),
    no("no permission", 403, 200, SendState.FAILED, ErrorClass.CHANNEL),
    no("blocked by a policy", 400, 368, SendState.FAILED, ErrorClass.CHANNEL),
    no("window", 400, 10, SendState.FAILED, ErrorClass.WINDOW, subcode=2018278),
    no("gone", 400, 551, SendState.FAILED, ErrorClass.RECIPIENT),
    no("words", 400, 100, SendState.FAILED, ErrorClass.CONTENT),
    no("retired tag", 400, 100, SendState.FAILED, ErrorClass.CONTENT, subcode=1893061),
    Failure("page of an error", 502, b"<html>", SendState.UNKNOWN, ErrorClass.UNANSWERED),
    Failure("busy", 429, b"", SendState.RETRY, ErrorClass.THROTTLED, {"Retry-After": "30"}, 30),
]


class Meta(Specimen):
    """What is the same everywhere at Meta."""

    room = "meta"
    secret = SECRET

    def sign(self, body, at=NOW):
        digest = hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()
        return Signed(body, {HEADER: f"sha256={digest}", "Content-Type": "application/json"})

    def signature_header(self):
        return HEADER

    def handshakes(self):
        right = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"}
        wrong = ({"hub.verify_token": "x"}, {"hub.mode": "unsubscribe"}, {"hub.challenge": "é"})
        return [
            Handshake(right, Said("1158201444")),
            *[Handshake(right | other, None) for other in wrong],
        ]

    def vectors(self):
        """Computed with openssl; see tests/events/vectors.json."""
        return [
            Vector(
                one["id"],
                Signed(base64.b64decode(one["body_base64"]), {HEADER: one["header"]}),
                {"app_secrets": one["secrets"]},
                good=one["valid"],
            )
            for one in VECTORS
            if one["kind"] == "meta-signature"
        ]

    def reserialised(self, body):
        return json.dumps(json.loads(body), indent=1).encode()

    def entries(self, *entries):
        name = {Channel.INSTAGRAM: "instagram", Channel.WHATSAPP: "whatsapp_business_account"}
        found = {"object": name.get(self.handle.channel, "page"), "entry": list(entries)}
        return json.dumps(found).encode()

    def message(self, words):
        return self.entries(self.entry(words))

    def batch(self, many):
        return self.entries(*[self.entry(words) for words in many])

    def failures(self):
        return FAILURES

    def place(self):
        return "graph"

    def ident(self, words, value):
        return int(value) if words.numeric else value

    def changes(self, words, *values, field):
        changes = [{"field": field, "value": value} for value in values]
        account = self.handle.account_id
        return {"id": account, "time": int(words.at.timestamp()), "changes": changes}


class PageComments(Meta):
    name = "meta-page-comments"
    handle = Handle("acme-page", Channel.FACEBOOK_PAGE, PAGE, "Acme", "care")
    public = True

    def value(self, words, verb="add", author=None):
        who = {"id": author or self.ident(words, words.who), "name": words.name}
        value = {
            "from": who,
            "item": "comment",
            "verb": verb,
            "post_id": POST,
            "comment_id": self.ident(words, words.id),
            "parent_id": words.parent or POST,
            "created_time": int(words.at.timestamp()) * (1000 if words.milliseconds else 1),
        }
        return value if verb == "remove" else value | {"message": words.text}

    def entry(self, words, **how):
        return self.changes(words, self.value(words, **how), field="feed")

    def echo(self, words, token=""):
        return self.entries(self.entry(words, author=PAGE))

    def edit(self, words):
        return self.entries(self.entry(words, verb="edited"))

    def delete(self, words):
        return self.entries(self.entry(words, verb="remove"))

    def reaction(self, words, emoji="👍"):
        value = self.value(words) | {"item": "reaction", "reaction_type": "like"}
        return self.entries(self.changes(words, value, field="feed"))

    def unknown(self):
        value = {"item": "hologram", "verb": "beam"}
        return self.entries(self.changes(Words(), value, field="holograms"))

    def odd(self):
        value = self.value(Words()) | {"comment_id": "", "post_id": ""}
        return self.entries(self.changes(Words(), value, field="feed"))

    def outgoing(self, text="We are on it."):
        return Outgoing("token-1", self.handle, "7", True, text, "55501_9001", POST)

    def accepted(self):
        return 200, b'{"id": "55501_9009"}'

    def accepted_id(self):
        return "55501_9009"


class Talk(Meta):
    """Direct messages, of Messenger and of Instagram."""

    def item(self, words, part, own=False):
        ends = [{"id": self.ident(words, words.who)}, {"id": self.handle.account_id}]
        at = words.at.timestamp()
        stamp = int(at) if words.milliseconds is False else int(at * 1000)
        sender, recipient = reversed(ends) if own else ends
        return {"sender": sender, "recipient": recipient, "timestamp": stamp, **part}

    def around(self, *items):
        at = int(NOW.timestamp() * 1000)
        return {"id": self.handle.account_id, "time": at, "messaging": list(items)}

    def entry(self, words):
        said = {"mid": words.id, "text": words.text}
        if words.parent:
            said["reply_to"] = {"mid": words.parent}
        if words.numeric:
            said["mid"] = int(words.id)
        return self.around(self.item(words, {"message": said}))

    def only(self, words, part, own=False):
        return self.entries(self.around(self.item(words, part, own)))

    def echo(self, words, token=""):
        said = {"mid": words.id, "text": words.text, "is_echo": True, "metadata": token}
        return self.only(words, {"message": said}, own=True)

    def edit(self, words):
        said = {"mid": words.id, "text": words.text, "num_edit": "1"}
        return self.only(words, {"message_edit": said})

    def delete(self, words):
        return self.only(words, {"message": {"mid": words.id, "is_deleted": True}})

    def reaction(self, words, emoji="👍"):
        said = {"mid": words.id, "action": "react", "reaction": "like", "emoji": emoji}
        return self.only(words, {"reaction": said})

    def unknown(self):
        return self.only(Words(), {"hologram": {"beam": 1}})

    def odd(self):
        return self.only(Words(), {"message": {"text": "no id"}})

    def outgoing(self, text="We are on it."):
        return Outgoing("token-1", self.handle, "7", False, text)

    def accepted(self):
        return 200, b'{"recipient_id": "7", "message_id": "m_out1"}'

    def accepted_id(self):
        return "m_out1"


class Messenger(Talk):
    name = "meta-messenger"
    handle = Handle("acme-messenger", Channel.MESSENGER, PAGE, "Acme", "care")

    def receipt(self, words, state):
        at = int(words.at.timestamp() * 1000)
        if state == "delivered":
            return self.only(words, {"delivery": {"mids": [words.id], "watermark": at}})
        return self.only(words, {"read": {"watermark": at}}) if state == "read" else None


class InstagramDirect(Talk):
    name = "meta-instagram-direct"
    handle = Handle("acme-instagram", Channel.INSTAGRAM, IG, "@acme", "care")

    def receipt(self, words, state):
        return self.only(words, {"read": {"mid": words.id}}) if state == "read" else None


class InstagramComments(Meta):
    name = "meta-instagram-comments"
    handle = InstagramDirect.handle
    public = True

    def value(self, words, **author):
        who = {"id": self.ident(words, words.who), "username": words.name, **author}
        stamp = int(words.at.timestamp()) * (1000 if words.milliseconds else 1)
        value = {
            "id": self.ident(words, words.id),
            "text": words.text,
            "from": who,
            "media": {"id": "18170000000000001", "media_product_type": "FEED"},
            "timestamp": stamp,
        }
        return value | ({"parent_id": words.parent} if words.parent else {})

    def entry(self, words, **author):
        return self.changes(words, self.value(words, **author), field="comments")

    def echo(self, words, token=""):
        return self.entries(self.entry(words, id=IG, self_ig_scoped_id="99"))

    def unknown(self):
        return self.entries(self.changes(Words(), {"beam": 1}, field="holograms"))

    def odd(self):
        return self.entries(self.entry(replace(Words(), id="")))

    def outgoing(self, text="We are on it."):
        return Outgoing("token-1", self.handle, "7", True, text, "17919000000000001", "1817")

    def accepted(self):
        return 200, b'{"id": "17919000000000009"}'

    def accepted_id(self):
        return "17919000000000009"


class Whatsapp(Meta):
    name = "meta-whatsapp"
    handle = Handle("acme-whatsapp", Channel.WHATSAPP, PHONE, "Acme", "care")

    def around(self, more, words):
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550001111", "phone_number_id": PHONE},
            **more,
        }
        return {**self.changes(words, value, field=self.field(more)), "id": "WABA1"}

    def field(self, more):
        return "smb_message_echoes" if "message_echoes" in more else "messages"

    def head(self, words, kind, own_id=""):
        stamp = int(words.at.timestamp()) * (1000 if words.milliseconds else 1)
        said = {"id": own_id or words.id, "timestamp": str(stamp), "type": kind, "from": words.who}
        if words.numeric:
            said |= {"id": int(words.id), "from": int(words.who), "timestamp": stamp}
        return said | ({"context": {"id": words.parent}} if words.parent else {})

    def said(self, words, said):
        contact = {"profile": {"name": words.name}, "wa_id": words.who}
        return self.around({"contacts": [contact], "messages": [said]}, words)

    def entry(self, words):
        return self.said(words, self.head(words, "text") | {"text": {"body": words.text}})

    def echo(self, words, token=""):
        said = self.head(words, "text") | {"text": {"body": words.text}, "to": words.who}
        return self.entries(
            self.around({"message_echoes": [said | {"from": "15550001111"}]}, words)
        )

    def edit(self, words):
        inner = {"type": "text", "text": {"body": words.text}}
        said = self.head(words, "edit", "wamid.EDIT") | {
            "edit": {"original_message_id": words.id, "message": inner}
        }
        return self.entries(self.said(words, said))

    def delete(self, words):
        said = self.head(words, "revoke", "wamid.REVOKE")
        return self.entries(self.said(words, said | {"revoke": {"original_message_id": words.id}}))

    def reaction(self, words, emoji="👍"):
        said = self.head(words, "reaction", "wamid.REACT")
        about = {"message_id": words.id, "emoji": emoji}
        return self.entries(self.said(words, said | {"reaction": about}))

    def receipt(self, words, state):
        status = {
            "id": words.id,
            "status": state,
            "timestamp": str(int(words.at.timestamp())),
            "recipient_id": words.who,
            "biz_opaque_callback_data": "token-1",
        }
        return self.entries(self.around({"statuses": [status]}, words))

    def unknown(self):
        return self.entries(self.around({"holograms": [{"id": "1"}]}, Words()))

    def odd(self):
        return self.entries(self.said(Words(), {"type": "text", "text": {"body": "no id"}}))

    def outgoing(self, text="We are on it."):
        return Outgoing("token-1", self.handle, "14135550123", False, text)

    def accepted(self):
        return 200, b'{"messages": [{"id": "wamid.OUT1", "message_status": "accepted"}]}'

    def accepted_id(self):
        return "wamid.OUT1"

    def failures(self):
        return [
            *FAILURES,
            no("number too fast", 429, 130429, SendState.RETRY, ErrorClass.THROTTLED),
            no("customer too fast", 400, 131056, SendState.RETRY, ErrorClass.THROTTLED, wait=6),
            no("late", 400, 131047, SendState.FAILED, ErrorClass.WINDOW),
            no("unknown number", 400, 131026, SendState.FAILED, ErrorClass.RECIPIENT),
            no("not today", 400, 131049, SendState.FAILED, ErrorClass.LIMIT, wait=86_400),
            no("template paused", 400, 132015, SendState.FAILED, ErrorClass.CONTENT),
        ]


SPECIMENS = (PageComments(), Messenger(), InstagramDirect(), InstagramComments(), Whatsapp())
