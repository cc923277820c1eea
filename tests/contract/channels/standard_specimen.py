"""What a system of the company's own sends by Standard Webhooks."""

import base64
import hashlib
import hmac
import json
from datetime import UTC

from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import Outgoing
from tests.contract.channels.specimen import NOW, Signed, Specimen, Vector, Words

KEY = bytes(range(1, 25))
SECRET = {
    "secrets": ["whsec_" + base64.b64encode(KEY).decode()],
    "url": "https://forum.example.com/replies",
    "out_secrets": ["whsec_" + base64.b64encode(KEY[::-1]).decode()],
}
OPENSSL = (
    b'{"type":"message.created","timestamp":"2026-11-21T10:00:00Z",'
    b'"data":{"id":"1","contact":{"id":"2"},"text":"h\\u00e9"}}'
)
OPENSSL_SIGNATURE = "X4RAGHx0NpAjgBbH+LNf+/8q9ZUYpk68Xc1dY+qtbMY="
"""openssl dgst -sha256 -mac HMAC -macopt hexkey:<KEY>, over msg_vector.1795255200.<body>."""


class Standard(Specimen):
    name = "standard-private"
    room = "standard"
    handle = Handle("acme-forum", Channel.WEBHOOK, "forum", "Forum", "care")
    secret = SECRET
    signs_time = True

    def sign(self, body, at=NOW):
        stamp = str(int(at.timestamp()))
        name = "msg_" + hashlib.sha256(body).hexdigest()[:16]  # the same at every delivery of it
        signed = b".".join((name.encode(), stamp.encode(), body))
        digest = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
        return Signed(
            body,
            {
                "webhook-id": name,
                "webhook-timestamp": stamp,
                "webhook-signature": f"v1,{digest}",
                "Content-Type": "application/json",
            },
        )

    def signature_header(self):
        return "webhook-signature"

    def vectors(self):
        """Computed with openssl; test_vectors.py holds the specification's own, which are older."""
        headers = {"webhook-id": "msg_vector", "webhook-timestamp": "1795255200"}
        good = headers | {"webhook-signature": f"v1,{OPENSSL_SIGNATURE}"}
        late = good | {"webhook-timestamp": "1795255201"}
        bare = headers | {"webhook-signature": OPENSSL_SIGNATURE}
        return [
            Vector("openssl", Signed(OPENSSL, good), SECRET),
            Vector("another second", Signed(OPENSSL, late), SECRET, good=False),
            Vector("no version", Signed(OPENSSL, bare), SECRET, good=False),
        ]

    def reserialised(self, body):
        return json.dumps(json.loads(body), indent=1).encode()

    def body(self, kind, data, at=NOW):
        stamp = at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return json.dumps({"type": kind, "timestamp": stamp, "data": data}).encode()

    def data(self, words, **more):
        number = int if words.numeric else str
        contact = {"id": number(words.who), "name": words.name}
        return {"id": number(words.id), "contact": contact, "public": self.public, **more}

    def message(self, words):
        more = {"in_reply_to": words.parent} if words.parent else {}
        said = words.text or None
        files = [] if said else [{"kind": "image", "url": "https://forum.example.com/1.png"}]
        data = self.data(words, text=said, attachments=files, **more)
        return self.body("message.created", data, words.at)

    def echo(self, words, token=""):
        data = self.data(words, text=words.text, from_brand=True, token=token)
        return self.body("message.created", data, words.at)

    def edit(self, words):
        return self.body("message.edited", self.data(words, text=words.text), words.at)

    def delete(self, words):
        return self.body("message.deleted", self.data(words), words.at)

    def receipt(self, words, state):
        return self.body("message.receipt", self.data(words, state=state), words.at)

    def unknown(self):
        return self.body("hologram.beamed", {"id": "1"})

    def outgoing(self, text="We are on it."):
        return Outgoing("token-1", self.handle, Words().who, self.public, text)

    def place(self):
        return ""


class Thread(Standard):
    name = "standard-public"
    public = True

    def data(self, words, **more):
        return super().data(words, thread="t-9", **more)


SPECIMENS = (Standard(), Thread())
