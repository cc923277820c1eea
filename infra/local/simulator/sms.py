"""AWS End User Messaging: its JSON API as botocore calls it, and what its topic tells.

botocore posts to `/` with the operation in `X-Amz-Target`, JSON 1.0 in and out, and an
`Authorization` of version 4; an error's type stands in `__type`.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from threading import Lock
from uuid import NAMESPACE_URL, uuid5

from infra.local.simulator import sns
from infra.local.simulator.faults import Fault, Faults
from infra.local.simulator.graph import Sent
from infra.local.simulator.happening import Happening
from infra.local.simulator.ledger import Ledger, Received, Refused
from infra.local.simulator.taker import Asked, Posting, Told

TARGET = "PinpointSMSVoiceV2."
JSON = "application/x-amz-json-1.0"
STEPS = ((0.05, "TEXT_SUCCESSFUL"), (0.6, "TEXT_DELIVERED"))
"""Seconds after the message, and what the configuration set tells then."""

_CREDENTIAL = re.compile(
    r"AWS4-HMAC-SHA256 Credential=[^/, ]+/\d{8}/[a-z0-9-]+/sms-voice/aws4_request"
)

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class SmsAccount:
    """The brand's number at AWS, the handle it is, and the topic that tells of it."""

    number: str
    topic: sns.Topic
    handle: str = "acme-text"
    configuration_set: str = "hearback"


def message(one: Happening, account: SmsAccount) -> Posting:
    """Return a customer's SMS as the topic tells it over HTTPS. `one.parent` is what it answers."""
    return sns.posting(f"SMS of {one.person}", account.handle, envelope(one, account))


def envelope(one: Happening, account: SmsAccount) -> Mapping[str, str]:
    """Return a customer's SMS as the topic tells it to a queue."""
    told: Row = {
        "originationNumber": one.person,
        "destinationNumber": account.number,
        "messageKeyword": "KEYWORD_000000000000",
        "messageBody": one.text,
        "inboundMessageId": one.id,
    }
    if one.parent:
        told["previousPublishedMessageId"] = one.parent
    return sns.notification(json.dumps(told), _id(f"sns {one.id}"), one.at, account.topic)


def status(sent: Sent, kind: str, at: datetime, account: SmsAccount) -> Posting:
    """Return what the configuration set tells of a message of ours: TEXT_DELIVERED, ..."""
    one = sent.received
    told: Row = {
        "eventType": kind,
        "eventVersion": "1.0",
        "eventTimestamp": int(at.timestamp() * 1000),
        "isFinal": kind not in ("TEXT_QUEUED", "TEXT_PENDING"),
        "originationPhoneNumber": account.number,
        "destinationPhoneNumber": one.customer,
        "isoCountryCode": "US",
        "messageId": one.platform_id,
        "messageRequestTimestamp": int(one.at.timestamp() * 1000),
        "messageType": "TRANSACTIONAL",
        "messageStatus": kind.removeprefix("TEXT_"),
        "context": {"token": one.token},
        "totalMessageParts": 1,
        "totalMessagePrice": 0.00581,
    }
    news = sns.notification(
        json.dumps(told), _id(f"sns {one.platform_id} {kind}"), at, account.topic
    )
    return sns.posting(f"{kind} of {one.platform_id}", account.handle, news)


class SmsPlatform:
    """Satisfies `taker.Taker`: SendTextMessage and DescribePhoneNumbers of one account."""

    prefix = "sms"

    def __init__(
        self,
        account: SmsAccount,
        ledger: Ledger,
        faults: Faults,
        after: Callable[[Sent], None],
        now: Callable[[], datetime],
    ) -> None:
        self._account, self._ledger, self._faults = account, ledger, faults
        self._after, self._now = after, now
        self._numbers, self._lock = count(1), Lock()
        self._watched: set[str] = set()

    def follows(self, sent: Sent) -> Sequence[tuple[float, Posting]]:
        """Return (seconds from now, event) of a message of ours, nearest first.

        Nothing for one without our configuration set, which AWS tells nobody of.
        """
        one = sent.received
        if one.platform_id not in self._watched:
            return ()
        return tuple(
            (wait, status(sent, kind, one.at + timedelta(seconds=wait), self._account))
            for wait, kind in STEPS
        )

    def take(self, asked: Asked) -> Told:
        """Answer one call."""
        if _CREDENTIAL.match(asked.headers.get("authorization", "")) is None:
            self._ledger.add(Refused(self._now(), "", "UnrecognizedClientException"))
            return _error("UnrecognizedClientException", "The security token is invalid.")
        operation = asked.headers.get("x-amz-target", "").removeprefix(TARGET)
        content = json.loads(asked.body or b"{}")
        if operation == "SendTextMessage":
            return self._send(content)
        if operation == "DescribePhoneNumbers":
            return _told({"PhoneNumbers": [self._number()]})
        return _error("UnknownOperationException", operation)

    def _send(self, content: Mapping[str, object]) -> Told:
        customer = str(content.get("DestinationPhoneNumber", ""))
        text = str(content.get("MessageBody", ""))
        if content.get("OriginationIdentity") != self._account.number:
            return self._refused(customer, "ResourceNotFoundException", "")
        if not customer.startswith("+") or not text.strip():
            return self._refused(customer, "ValidationException", "FIELD_VALIDATION_FAILED")
        fault = self._faults.next(customer)
        if fault is Fault.THROTTLED:
            return self._refused(customer, "ThrottlingException", "")
        if fault is Fault.GONE:
            reason = "DESTINATION_PHONE_NUMBER_OPTED_OUT"
            return self._refused(customer, "ConflictException", reason)
        if fault is Fault.WINDOW:  # SMS has none: the nearest thing is a country not taken
            return self._refused(customer, "ValidationException", "COUNTRY_NOT_ENABLED")
        context = content.get("Context")
        token = str(context.get("token", "")) if isinstance(context, Mapping) else ""
        with self._lock:
            message_id = _id(f"text {next(self._numbers)}")
        received = Received(self._now(), self._account.number, customer, text, message_id, token)
        self._ledger.add(received)
        if content.get("ConfigurationSetName") == self._account.configuration_set:
            self._watched.add(message_id)
        self._after(Sent(received))
        return Told(
            200, json.dumps({"MessageId": message_id}).encode(), JSON, silent=fault is Fault.SILENT
        )

    def _refused(self, customer: str, kind: str, reason: str) -> Told:
        self._ledger.add(Refused(self._now(), customer, reason or kind))
        return _error(kind, reason or kind, reason)

    def _number(self) -> Row:
        return {
            "PhoneNumber": self._account.number,
            "PhoneNumberArn": "arn:aws:sms-voice:eu-west-1:000000000000:phone-number/phone-local",
            "PhoneNumberId": "phone-local",
            "Status": "ACTIVE",
            "TwoWayEnabled": True,
            "TwoWayChannelArn": self._account.topic.arn,
        }


def _id(of: str) -> str:
    return str(uuid5(NAMESPACE_URL, of))


def _error(kind: str, text: str, reason: str = "") -> Told:
    body: Row = {"__type": kind, "Message": text}
    if reason:
        body["Reason"] = reason
    return Told(400, json.dumps(body).encode(), JSON)


def _told(content: Row) -> Told:
    return Told(200, json.dumps(content).encode(), JSON)
