"""Signatures as the platforms make them, from the standard library alone."""

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import sha256

TOLERANCE_SECONDS = 300
_ESCAPES = {"/": "\\/", "<": "\\u003C", "%": "\\u0025", "@": "\\u0040"}


def wire(payload: object) -> bytes:
    """Return JSON as Meta writes it: ASCII only, with `/`, `<`, `%` and `@` escaped as well."""
    text = json.dumps(payload, ensure_ascii=True, separators=(",", ":"))
    for plain, escaped in _ESCAPES.items():
        text = text.replace(
            plain, escaped
        )  # these stand only inside strings, never in JSON's own marks
    return text.encode("ascii")


def meta_headers(body: bytes, app_secret: str) -> dict[str, str]:
    """Return the headers of a Meta webhook over exactly these bytes."""
    digest = hmac.new(app_secret.encode(), body, sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "X-Hub-Signature-256": f"sha256={digest}",
        "User-Agent": "facebookexternalua",
    }


def app_proof(app_secret: str, token: str) -> str:
    """Return the `appsecret_proof` that belongs to an access token."""
    return hmac.new(app_secret.encode(), token.encode(), sha256).hexdigest()


def standard_headers(event_id: str, timestamp: int, body: bytes, secret: str) -> dict[str, str]:
    """Return the headers of a Standard Webhooks delivery; `timestamp` in unix seconds."""
    return {
        "Content-Type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": _standard_signature(event_id, str(timestamp), body, secret),
    }


def standard_verified(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> bool:
    """Return whether a delivery is signed with `secret`, within five minutes of `now`."""
    lower = {name.lower(): value for name, value in headers.items()}
    event_id, timestamp = lower.get("webhook-id", ""), lower.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    expected = _standard_signature(event_id, timestamp, body, secret).encode()
    offered = lower.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(expected, one.encode()) for one in offered)


def _standard_signature(event_id: str, timestamp: str, body: bytes, secret: str) -> str:
    text = secret.removeprefix("whsec_")
    key = b64decode(text + "=" * (-len(text) % 4))
    signed = b".".join((event_id.encode(), timestamp.encode(), body))
    return "v1," + b64encode(hmac.new(key, signed, sha256).digest()).decode()
