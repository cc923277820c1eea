"""The signature of Standard Webhooks, checking and making it.

Own lines instead of the `standardwebhooks` library: that reads the clock itself, parses the body,
and lets ValueError and binascii.Error escape on a malformed header. The tests hold these lines
against the library.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from chalicelib.channels.contract import SignatureError, Verified

TOLERANCE_SECONDS = 300
_PREFIX = "whsec_"
_SETS = ("webhook", "svix")
_PARTS = ("id", "timestamp", "signature")
_KEY_BYTES = range(24, 65)  # the specification's; an empty key would let anybody sign
_TIME = re.compile(r"[0-9]{1,12}", re.ASCII)
_ID = re.compile(
    r"[\x21-\x2d\x2f-\x7e]{1,256}", re.ASCII
)  # visible and no full stop, which parts the signed text
_MAX_HEADER = 4_096


def verify(
    body: bytes, headers: Mapping[str, str], secrets: Iterable[object], now: datetime
) -> Verified:
    """Check a request: any `v1` signature by any secret, at most five minutes old or ahead.

    The headers are `webhook-*` or `svix-*`, all of one set. Raises SignatureError (401) whatever
    they hold.
    """
    keys = keys_of(secrets)
    if not keys:
        raise SignatureError("no_secret")
    event_id, timestamp, signatures = _headers(headers)
    if not _ID.fullmatch(event_id) or not _TIME.fullmatch(timestamp):
        raise SignatureError("header_malformed")
    if abs(int(timestamp) - int(now.timestamp())) > TOLERANCE_SECONDS:
        raise SignatureError("timestamp_outside_tolerance")
    given = [
        item[3:].encode("utf-8", "replace")
        for item in signatures.split(" ")
        if item.startswith("v1,")
    ]
    for index, key in enumerate(keys):
        right = _signature(key, event_id, timestamp, body)
        fits = [hmac.compare_digest(right, one) for one in given]
        if any(fits):
            return Verified(body=body, event_id=event_id, secret_index=index)
    raise SignatureError("signature_wrong")


def sign(body: bytes, event_id: str, now: datetime, secrets: Iterable[object]) -> dict[str, str]:
    """Return the headers of a request of ours: one signature for each usable secret (rotation).

    Raises ValueError when no secret is usable.
    """
    keys = keys_of(secrets)
    if not keys:
        raise ValueError("no usable secret")
    timestamp = str(int(now.timestamp()))
    listed = " ".join(
        "v1," + _signature(key, event_id, timestamp, body).decode("ascii") for key in keys
    )
    return {"webhook-id": event_id, "webhook-timestamp": timestamp, "webhook-signature": listed}


def keys_of(secrets: Iterable[object]) -> list[bytes]:
    """Return the keys of `whsec_...` texts, with or without prefix and padding.

    Unusable ones are left out.
    """
    found = [_key(secret) for secret in secrets if isinstance(secret, str)]
    return [key for key in found if len(key) in _KEY_BYTES]


def _key(secret: str) -> bytes:
    text = secret.strip().removeprefix(_PREFIX).rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _signature(key: bytes, event_id: str, timestamp: str, body: bytes) -> bytes:
    """Sign the header's own text of the time: a number written anew could differ from it."""
    message = f"{event_id}.{timestamp}.".encode("ascii") + body
    return base64.b64encode(hmac.new(key, message, hashlib.sha256).digest())


def _headers(headers: Mapping[str, str]) -> tuple[str, str, str]:
    lower = {name.lower(): str(value) for name, value in headers.items() if value}
    for family in _SETS:
        found = [lower.get(f"{family}-{part}", "") for part in _PARTS]
        if all(found) and len(found[2]) <= _MAX_HEADER:
            return found[0], found[1], found[2]
    raise SignatureError("header_missing")
