"""What an SNS topic of AWS End User Messaging tells over HTTPS, signed by a key of this run."""

import json
from functools import cache
from pathlib import Path

from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import Outgoing
from infra.local.simulator import sns
from tests.contract.channels.specimen import NOW, Signed, Specimen, Vector

NUMBER = "+15550100"
ARN = "arn:aws:sns:eu-west-1:111122223333:hearback-test-sms"
EVENTS = Path(__file__).parents[2] / "events" / "sms"
KINDS = {"sent": "TEXT_SUCCESSFUL", "delivered": "TEXT_DELIVERED", "failed": "TEXT_INVALID"}


@cache
def topic():
    return sns.topic(ARN, NOW)


class Sms(Specimen):
    name = "aws-sms"
    room = "sms"
    handle = Handle("acme-text", Channel.SMS, NUMBER, "Acme", "care")
    signs_time = True

    @property
    def secret(self):
        return topic().secret

    def sign(self, body, at=NOW):
        """Return the delivery of what message() built: its time is the envelope's own."""
        told = json.loads(body)
        found = sns.notification(told["Message"], told["MessageId"], at, topic())
        sent = sns.posting("", self.handle.id, found)
        return Signed(sent.body, sent.headers)

    def signature_header(self):
        return ""  # it stands in the body: test_sms.py holds it to the same promises

    def reserialised(self, body):
        return None

    def envelope(self, told, words):
        found = sns.notification(json.dumps(told), f"sns-{words.id}", words.at, topic())
        return sns.written(found)

    def message(self, words):
        told = {
            "originationNumber": words.who,
            "destinationNumber": NUMBER,
            "messageKeyword": "KEYWORD_1",
            "messageBody": words.text,
            "inboundMessageId": int(words.id) if words.numeric else words.id,
        }
        if words.parent:
            told["previousPublishedMessageId"] = words.parent
        return self.envelope(told, words)

    def receipt(self, words, state):
        if state == "read":
            return None
        told = {
            "eventType": KINDS[state],
            "eventTimestamp": int(words.at.timestamp() * 1000),
            "originationPhoneNumber": NUMBER,
            "destinationPhoneNumber": words.who,
            "messageId": words.id,
            "context": {"token": "token1"},
        }
        return self.envelope(told, words)

    def unknown(self):
        return b'{"registrationId": "r-1", "registrationStatus": "COMPLETE"}'

    def odd(self):
        told = {"originationNumber": "+15550111", "inboundMessageId": ["m"], "messageBody": "Hi"}
        return json.dumps(told).encode()

    def vectors(self):
        """Envelopes that openssl signed, and each with one word changed."""
        held = json.loads((EVENTS / "openssl.json").read_text("utf-8"))
        secret = {"topics": [ARN], "certificates": held["certificates"]}
        found = []
        for name, envelope in held["envelopes"].items():
            other = {**envelope, "Message": envelope["Message"].replace("e", "i", 1)}
            found.append(Vector(name, Signed(json.dumps(envelope).encode()), secret))
            changed = Signed(json.dumps(other).encode())
            found.append(Vector(f"{name} changed", changed, secret, good=False))
        return found

    def outgoing(self, text="We are on it."):
        return Outgoing("token1", self.handle, "+15550111", False, text)

    def place(self):
        return ""  # AWS is called by the gateway: test_sms_sending.py and test_texts.py


SPECIMENS = (Sms(),)
