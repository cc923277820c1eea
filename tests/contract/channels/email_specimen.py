"""What SES hands us: a mail with its notice, and what became of mails of ours."""

import json
from dataclasses import replace

from chalicelib.channels.contract import PayloadError
from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import Outgoing
from infra.local.simulator import mails
from infra.local.simulator.happening import Happening
from tests.contract.channels.specimen import NOW, Signed, Specimen, Words

CARE = "care@example.com"


def body(told, raw=b""):
    line = json.dumps(told, separators=(",", ":")).encode()
    return line + b"\n" + raw if raw else line


class Email(Specimen):
    """AWS's own lane: the queue takes nothing but what our topics write, so nothing is signed."""

    name = "email"
    room = "email"
    handle = Handle("acme-care", Channel.EMAIL, CARE, "Acme Care", "care")
    secret = {"reply_keys": ["0123456789abcdef0123456789abcdef"]}

    def sign(self, body, at=NOW):
        return Signed(body)

    def signature_header(self):
        return ""

    def reserialised(self, body):
        return None

    def happening(self, words):
        person = f"customer{words.who}@example.net"
        id_ = f"{words.id}@example.net"
        return Happening(CARE, person, words.at, id_, words.name, words.text, parent=words.parent)

    def message(self, words):
        raw = mails.message(self.happening(words))
        return body(mails.received(raw, f"ses{words.id}", [CARE], words.at), raw)

    def echo(self, words, token=""):
        """Return a mail that somebody of the brand wrote in another program, with us in copy."""
        one = self.happening(words)
        raw = mails.message(replace(one, account=one.person, person=CARE, name="Acme Care"))
        return body(mails.received(raw, f"ses{words.id}", [CARE], words.at), raw)

    def receipt(self, words, state):
        customer = f"customer{words.who}@example.net"
        at = "2026-11-21T10:00:00.000Z"
        bounced = {"emailAddress": customer, "action": "failed", "status": "5.1.1"}
        told = {
            "delivered": ("Delivery", {"timestamp": at, "recipients": [customer]}),
            "failed": (
                "Bounce",
                {"timestamp": at, "bounceType": "Permanent", "bouncedRecipients": [bounced]},
            ),
        }.get(state)
        return body(mails.news(told[0], f"ses{words.id}", CARE, told[1])) if told else None

    def unknown(self):
        return body(mails.news("Subscription", "ses1", CARE, {"timestamp": "2026"}))

    def odd(self):
        """Return a mail with a virus: it is kept whole, and stays kept however often it is read."""
        raw = mails.message(self.happening(Words(text="open me")))
        told = mails.received(raw, "ses9", [CARE], NOW, {**mails.PASSED, "virus": "FAIL"})
        return body(told, raw)

    def outgoing(self, text="We are on it."):
        return Outgoing("token", self.handle, "customer1@example.net", public=False, text=text)

    def accepted(self):
        raise PayloadError("SES is called by AWS's own client: tests/unit/channels/test_email_*")

    def failures(self):
        return ()

    def place(self):
        return ""


SPECIMENS = (Email(),)
