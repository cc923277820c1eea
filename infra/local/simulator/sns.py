"""SNS's envelopes, signed with a key of this run: its certificate stands in the handle's secret."""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from infra.local.simulator.taker import Posting

KEY_BITS = 2048
YEARS = timedelta(days=3650)
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        *("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    ),
}
_SIGNED["UnsubscribeConfirmation"] = _SIGNED["SubscriptionConfirmation"]


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic and the key that signs what it tells. `url` is where the certificate seems to lie."""

    arn: str
    key: rsa.RSAPrivateKey
    certificate: str
    url: str

    @property
    def secret(self) -> Mapping[str, object]:
        """Return the secret of a handle that trusts this topic and this certificate alone."""
        return {"topics": [self.arn], "certificates": {self.url: self.certificate}}


def topic(arn: str, now: datetime) -> Topic:
    """Return a topic with a fresh key, whose certificate is good for ten years around `now`."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - YEARS)
        .not_valid_after(now + YEARS)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM).decode("ascii")
    region = arn.split(":")[3]
    where = f"https://sns.{region}.amazonaws.com/SimpleNotificationService-simulated.pem"
    return Topic(arn, key, pem, where)


def notification(message: str, message_id: str, at: datetime, of: Topic) -> dict[str, str]:
    """Return the signed envelope of a message."""
    return _signed(
        {
            "Type": "Notification",
            "MessageId": message_id,
            "TopicArn": of.arn,
            "Message": message,
            "Timestamp": _iso(at),
        },
        of,
    )


def confirmation(
    message_id: str, at: datetime, of: Topic, *, kind: str = "SubscriptionConfirmation"
) -> dict[str, str]:
    """Return the signed question whether we want this topic (or the news that we do not)."""
    host = of.url.rpartition("/")[0]
    fields = {
        "Type": kind,
        "MessageId": message_id,
        "TopicArn": of.arn,
        "Message": f"You have chosen to subscribe to the topic {of.arn}.",
        "Token": "simulated-token",
        "SubscribeURL": (
            f"{host}/?Action=ConfirmSubscription&TopicArn={of.arn}&Token=simulated-token"
        ),
        "Timestamp": _iso(at),
    }
    return _signed(fields, of)


def posting(name: str, handle: str, envelope: Mapping[str, str]) -> Posting:
    """Return an envelope as SNS posts it to a handle's webhook: JSON that is called plain text."""
    headers = {
        "Content-Type": "text/plain; charset=UTF-8",
        "x-amz-sns-message-type": envelope["Type"],
        "x-amz-sns-message-id": envelope["MessageId"],
        "x-amz-sns-topic-arn": envelope["TopicArn"],
        "User-Agent": "Amazon Simple Notification Service Agent",
    }
    return Posting(name, f"/webhooks/sms/{handle}", written(envelope), headers)


def written(envelope: Mapping[str, str]) -> bytes:
    """Return an envelope's bytes, as SNS lays them out."""
    return json.dumps(envelope, indent=2).encode("ascii")


def _signed(fields: dict[str, str], of: Topic) -> dict[str, str]:
    names = [name for name in _SIGNED[fields["Type"]] if name in fields]
    text = "".join(f"{name}\n{fields[name]}\n" for name in names).encode()
    signature = of.key.sign(text, padding.PKCS1v15(), hashes.SHA256())
    return {
        **fields,
        "SignatureVersion": "2",
        "Signature": b64encode(signature).decode("ascii"),
        "SigningCertURL": of.url,
    }


def _iso(at: datetime) -> str:
    text = at.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
