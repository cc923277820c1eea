"""Email: SES's API as we call it, and how SES brings a mail to us (mails.py writes them).

Sending can be played in two ways. `EmailPlatform` answers SES's own calls and knows our faults and
the ledger; MiniStack's SES takes them too, and `mails` of infra.local.subscribers reads what it
took. Receiving is what SES does: the mail goes into the bucket, then the topic is told.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from itertools import count
from typing import Any

from infra.cloud import Cloud
from infra.local.simulator.faults import Fault, Faults
from infra.local.simulator.graph import Sent
from infra.local.simulator.ledger import Ledger, Received, Refused
from infra.local.simulator.taker import Asked, Told

Json = dict[str, Any]

_NO: Mapping[Fault, tuple[int, str, str]] = {
    Fault.THROTTLED: (429, "TooManyRequestsException", "Too many requests."),
    Fault.GONE: (400, "BadRequestException", "Illegal address"),
    Fault.WINDOW: (400, "MessageRejected", "Email address is not verified."),
}
_SIGNED = re.compile(r"AWS4-HMAC-SHA256 Credential=[^/]+/\d{8}/[^/]+/ses/aws4_request, .*")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where SES stores and tells: the stack's bucket and topic."""

    bucket: str
    topic_arn: str


@dataclass(frozen=True, slots=True)
class EmailAccount:
    """Our side: the verified addresses, and whether AWS has let the account out of the sandbox."""

    addresses: tuple[str, ...]
    production: bool = True
    verified_recipients: tuple[str, ...] = ()


@dataclass(slots=True)
class EmailPlatform:
    """SES's API v2 of one account: prefix `email`. `mails` are the whole mails it took."""

    account: EmailAccount
    ledger: Ledger
    faults: Faults
    after: Callable[[Sent], None]
    now: Callable[[], datetime]
    prefix: str = "email"
    mails: list[bytes] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def take(self, asked: Asked) -> Told:
        """Answer one call."""
        if not _SIGNED.fullmatch(asked.headers.get("authorization", "")):
            return _no(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
        path = asked.path.rstrip("/")
        if (asked.method, path) == ("POST", "/v2/email/outbound-emails"):
            return self._send(json.loads(asked.body))
        if (asked.method, path) == ("GET", "/v2/email/account"):
            shown = {"SendingEnabled": True, "ProductionAccessEnabled": self.account.production}
            return Told(200, json.dumps(shown).encode())
        if asked.method == "GET" and path.startswith("/v2/email/identities/"):
            return self._identity(path.rpartition("/")[2].replace("%40", "@"))
        return _no(404, "NotFoundException", "There is no such thing.")

    def _identity(self, name: str) -> Told:
        known = {one.rpartition("@")[2] for one in self.account.addresses}
        if name not in known | set(self.account.addresses):
            return _no(404, "NotFoundException", f"Email identity {name} does not exist.")
        return Told(200, json.dumps({"VerifiedForSendingStatus": True}).encode())

    def _send(self, asked: Json) -> Told:
        raw = base64.b64decode(asked["Content"]["Raw"]["Data"])
        source = str(asked.get("FromEmailAddress", "")).lower()
        (recipient,) = asked["Destination"]["ToAddresses"]
        refused = self._refusal(source, recipient)
        fault = None if refused else self.faults.next(recipient)
        if fault not in (None, Fault.SILENT):
            refused = _NO[fault]
        if refused:
            self.ledger.add(Refused(self.now(), recipient, refused[1]))
            return _no(*refused)
        tags = {one["Name"]: one["Value"] for one in asked.get("EmailTags", ())}
        message_id = f"0100018f{next(self._numbers):08x}-0000-4000-8000-000000000000-000000"
        whole = sent_id(message_id)
        received = Received(
            self.now(), source, recipient, _text(raw), whole, str(tags.get("token", ""))
        )
        self.mails.append(raw)
        self.ledger.add(received)
        self.after(Sent(received))
        body = json.dumps({"MessageId": message_id}).encode()
        return Told(200, body, silent=fault is Fault.SILENT)

    def _refusal(self, source: str, recipient: str) -> tuple[int, str, str] | None:
        missing = [] if source in self.account.addresses else [source]
        if not self.account.production and recipient not in self.account.verified_recipients:
            missing.append(recipient)
        if not missing:
            return None
        who = ", ".join(missing)
        text = f"Email address is not verified. The following identities failed the check: {who}"
        return 400, "MessageRejected", text


def sent_id(message_id: str) -> str:
    """Return the Message-ID that SES gives a mail of ours in this region."""
    return f"{message_id}@email.amazonses.com"


def deliver(cloud: Cloud, where: Mailbox, raw: bytes, told: Json) -> None:
    """Do what SES does with a mail: store it, then tell the topic. Twice does no harm."""
    key = told["receipt"]["action"]["objectKey"]
    cloud.s3.put_object(Bucket=where.bucket, Key=key, Body=raw)
    publish(cloud, where, told)


def publish(cloud: Cloud, where: Mailbox, told: Json) -> None:
    """Tell the topic."""
    cloud.sns.publish(TopicArn=where.topic_arn, Message=json.dumps(told))


def _text(raw: bytes) -> str:
    """Return the words of a mail of ours."""
    found = message_from_bytes(raw, policy=policy.default)
    part = found.get_body(("plain",))
    return str(part.get_content()).strip() if part else ""


def _no(status: int, code: str, text: str) -> Told:
    body = json.dumps({"message": text}).encode()
    return Told(status, body, headers={"x-amzn-ErrorType": code})
