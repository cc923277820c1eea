"""SNS's envelope: what a topic tells is one text inside it (protocols 4.4 and 4.5)."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from chalicelib.channels import wire
from chalicelib.channels.contract import PayloadError

NOTIFICATION = "Notification"
SUBSCRIPTION = "SubscriptionConfirmation"
UNSUBSCRIPTION = "UnsubscribeConfirmation"

_HOST = re.compile(r"sns\.([a-z]{2,4}(?:-[a-z0-9]+)+)\.amazonaws\.com(\.cn)?", re.ASCII)
_SIGNED = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    SUBSCRIPTION: (
        "Message",
        "MessageId",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ),
}
_SIGNED[UNSUBSCRIPTION] = _SIGNED[SUBSCRIPTION]


@dataclass(frozen=True, slots=True)
class Envelope:
    """One delivery of a topic. `fields` are all of its texts."""

    kind: str
    fields: wire.Json

    def text(self, name: str) -> str:
        """Return a field, empty when there is none. Raises PayloadError when it is no text."""
        return wire.text(self.fields, name)


def read(body: bytes) -> Envelope | None:
    """Return the envelope of a body; None when the body is a bare message.

    Raises PayloadError when it is not even an object.
    """
    fields = wire.as_object(wire.read(body), "body")
    kind = fields.get("Type")
    if not isinstance(kind, str) or "TopicArn" not in fields:
        return None
    return Envelope(kind, fields)


def signed_text(envelope: Envelope) -> bytes:
    """Return what SNS signs: name and value of some fields, a line each, in this order.

    Only a Subject may be missing. Raises PayloadError for an envelope of another kind.
    """
    names = _SIGNED.get(envelope.kind)
    if names is None:
        raise PayloadError("type_unknown")
    present = [name for name in names if name != "Subject" or envelope.fields.get("Subject")]
    if not all(envelope.text(name) for name in present if name != "Message"):
        raise PayloadError("field_missing")
    lines = [f"{name}\n{_exact(envelope.fields, name)}\n" for name in present]
    return "".join(lines).encode("utf-8", "surrogatepass")


def is_amazon(url: str) -> bool:
    """Return whether a URL is SNS's own: https, `sns.<region>.amazonaws.com`, nothing else.

    China's regions end in `.cn` and no others do. No user, no port, no fragment: anything beyond
    the plain form is somebody trying.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    fits = _HOST.fullmatch(parts.netloc)
    if parts.scheme != "https" or fits is None or not url.isascii():
        return False
    return fits[1].startswith("cn-") is bool(fits[2]) and not set(url) & set(" \\\t\r\n@#")


def is_certificate(url: str) -> bool:
    """Return whether a URL is that of a certificate of SNS: a file of its own host, no query.

    The host alone would not do: it also answers requests with what somebody else chose.
    """
    if not is_amazon(url):
        return False
    parts = urlsplit(url)
    return not parts.query and re.fullmatch(r"/[A-Za-z0-9_-]+\.pem", parts.path) is not None


def _exact(fields: wire.Json, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise PayloadError(f"{name}_not_text")
    return value
