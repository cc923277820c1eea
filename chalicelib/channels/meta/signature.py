"""Proof that Meta sent a request: signature and handshake; and our own proof to Meta."""

import hashlib
import hmac
import re
from collections.abc import Mapping

from chalicelib.channels.contract import SignatureError, Verified

_HEADER = "x-hub-signature-256"
_FORM = re.compile(r"sha256=([0-9a-f]{64})", re.ASCII)
_CHALLENGE = re.compile(r"[\x21-\x7e]{1,512}", re.ASCII)


def verify(body: bytes, headers: Mapping[str, str], secrets: tuple[str, ...]) -> Verified:
    r"""Check `X-Hub-Signature-256` over the raw bytes against each app secret.

    Several secrets, because an app with Instagram Login has a second one and because secrets are
    rotated. The body must be what arrived: Meta signs escaped text (`\u00e9`), so anything
    re-encoded no longer fits. Raises SignatureError (401) whatever the header holds.
    """
    if not secrets:
        raise SignatureError("no_secret")
    found = _FORM.fullmatch(_header(headers))
    if found is None:
        raise SignatureError("signature_missing" if not _header(headers) else "signature_malformed")
    given = found[1].encode("ascii")
    fits = [hmac.compare_digest(given, _digest(secret, body).encode("ascii")) for secret in secrets]
    if not any(fits):
        raise SignatureError("signature_wrong")
    return Verified(body=body, secret_index=fits.index(True))


def handshake(query: Mapping[str, str] | None, verify_token: str) -> str:
    """Return the challenge to answer as text/plain when Meta (re)configures the callback.

    The handshake is a GET without a signature. Raises SignatureError (403) unless mode and token
    are right.
    """
    asked = query or {}
    token = str(asked.get("hub.verify_token", "")).encode("utf-8", "surrogatepass")
    same = hmac.compare_digest(token, verify_token.encode("utf-8", "surrogatepass"))
    challenge = str(asked.get("hub.challenge", ""))
    if not verify_token or not same or asked.get("hub.mode") != "subscribe":
        raise SignatureError("handshake_refused", status=403)
    if not _CHALLENGE.fullmatch(challenge):
        raise SignatureError("challenge_malformed", status=403)
    return challenge


def appsecret_proof(secret: str, token: str, at: int | None = None) -> str:
    """Return the proof that we hold the app's secret, to send beside an access token.

    With `at` (Unix seconds) it is the timed form, valid for five minutes, which needs
    `appsecret_time` beside it.
    """
    return _digest(secret, (token if at is None else f"{token}|{at}").encode("utf-8"))


def _digest(secret: str, message: bytes) -> str:
    return hmac.new(secret.encode("utf-8"), message, hashlib.sha256).hexdigest()


def _header(headers: Mapping[str, str]) -> str:
    found = [value for name, value in headers.items() if name.lower() == _HEADER]
    return str(found[0]) if len(found) == 1 and found[0] else ""
