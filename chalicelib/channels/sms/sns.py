"""SNS's signature over HTTPS, and the confirmation of a subscription (protocols 4.5)."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from chalicelib.channels import wire
from chalicelib.channels.contract import PayloadError, Secret, SignatureError, Verified
from chalicelib.channels.instant import instant
from chalicelib.channels.places import Places
from chalicelib.channels.sms import envelope
from chalicelib.channels.sms.certificates import Certificates
from chalicelib.channels.sms.envelope import Envelope

TOLERANCE_SECONDS = 3_600
"""SNS goes on delivering for an hour at most; the time is that of publishing."""

KIND_HEADER = "x-amz-sns-message-type"
RAW_HEADER = "x-amz-sns-rawdelivery"
_VERSIONS = ("1", "2")


def verify(
    body: bytes,
    headers: Mapping[str, str],
    secret: Secret,
    now: datetime,
    certificates: Certificates,
) -> Verified:
    """Check an envelope: its topic is ours, it is young, and SNS signed it.

    Raises SignatureError whatever came; with status 503 where SNS shall deliver it again.
    """
    lower = {name.lower(): str(value) for name, value in headers.items()}
    if RAW_HEADER in lower:
        raise SignatureError("raw_delivery", status=403)
    try:
        found = envelope.read(body)
        if found is None:
            raise SignatureError("no_envelope")
        message = envelope.signed_text(found)
        _check_origin(found, lower, secret, now)
        _check_signature(found, message, secret, now, certificates)
        return Verified(body, event_id=found.text("MessageId"))
    except PayloadError as error:
        raise SignatureError(error.reason) from None


def greet(proven: Verified, places: Places) -> bool:
    """Confirm a subscription of a topic that verify() found to be ours.

    Raises SignatureError when the address to confirm at is not SNS's own, transport's errors when
    it does not answer.
    """
    try:
        found = envelope.read(proven.body)
        url = found.text("SubscribeURL") if found else ""
    except PayloadError as error:
        raise SignatureError(error.reason) from None
    if found is None or found.kind != envelope.SUBSCRIPTION:
        return False
    if not envelope.is_amazon(url):
        raise SignatureError("subscribe_url_refused", status=403)
    _confirm(url, places)
    return True


def _confirm(url: str, places: Places) -> None:
    from chalicelib.channels import transport  # noqa: PLC0415

    base, parts = places.place("sns", ""), urlsplit(url)
    where = f"{base}{parts.path or '/'}?{parts.query}" if base else url
    answer = transport.exchange(
        transport.Request(where, {}, b"", places.connect_seconds, places.read_seconds, method="GET")
    )
    if not answer.ok:
        raise transport.NoAnswerError(f"status {answer.status}")


def _check_origin(
    found: Envelope, headers: Mapping[str, str], secret: Secret, now: datetime
) -> None:
    told = headers.get(KIND_HEADER)
    if told is not None and told != found.kind:
        raise SignatureError("type_differs", status=403)
    topics = secret.get("topics")
    listed = topics if isinstance(topics, list | tuple) else ()
    if found.text("TopicArn") not in [one for one in listed if isinstance(one, str) and one]:
        raise SignatureError("topic_unknown", status=403)
    at = instant(found.text("Timestamp"))
    if at is None or abs((now - at).total_seconds()) > TOLERANCE_SECONDS:
        raise SignatureError("timestamp_outside_tolerance")
    if found.text("SignatureVersion") not in _VERSIONS:
        raise SignatureError("version_unknown")
    if not envelope.is_certificate(found.text("SigningCertURL")):
        raise SignatureError("certificate_url_refused", status=403)


def _check_signature(
    found: Envelope, message: bytes, secret: Secret, now: datetime, certificates: Certificates
) -> None:
    from chalicelib.channels.sms import rsa  # noqa: PLC0415 - cryptography: only where it is used

    pinned = secret.get("certificates")
    url = found.text("SigningCertURL")
    pem = certificates.get(url, pinned if isinstance(pinned, dict) else {})
    signature = rsa.Signature(found.text("Signature"), found.text("SignatureVersion"))
    rsa.check(message, signature, pem, now)
    certificates.keep(url, pem)


def fields_of(found: Envelope) -> wire.Json:
    """Return what the envelope's text holds. Raises PayloadError when it is no JSON object."""
    return wire.as_object(wire.read(found.text("Message").encode("utf-8")), "message")
