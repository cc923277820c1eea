"""Proof that X sent a request, and our own proof when X asks for it (protocols 2.2).

Both are HMAC-SHA256 in base64 with a secret of the app. That is the API secret key (consumer
secret) or, for an app that has only that, the OAuth 2.0 client secret, which X then uses under a
header of its own (https://docs.x.com/x-api/webhooks/introduction, read 2026-11-22).
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping

from chalicelib.channels.contract import SignatureError, Verified

_HEADERS = ("x-twitter-webhooks-signature", "x-twitter-webhooks-signature-oauth2")
_FORM = re.compile(r"sha256=([A-Za-z0-9+/]{43}=)", re.ASCII)
_TOKEN = re.compile(r"[A-Za-z0-9+/=_.~-]{1,256}", re.ASCII)
"""What X may ask us to sign: an opaque token, and nothing that could be a body.

The answer to the question is the very signature of a body with these bytes, and anybody may ask:
without this a stranger could have a forged delivery signed by us.
"""


def secrets_of(listed: object) -> tuple[str, ...]:
    """Return the usable ones of the app's secrets: an empty one would let anybody sign."""
    found = listed if isinstance(listed, list | tuple) else ()
    return tuple(one for one in found if isinstance(one, str) and one)


def handshake(query: Mapping[str, str], secrets: tuple[str, ...]) -> str:
    """Return the JSON that answers X's question (CRC): the token signed with the first secret.

    The question is a GET without a signature. Raises SignatureError (403): X takes a 4xx for
    a passing fault, while a wrong answer in a 2xx would switch the webhook off at once.
    """
    token = str(query.get("crc_token") or "")
    if not secrets:
        raise SignatureError("no_secret", status=403)
    if not _TOKEN.fullmatch(token):
        raise SignatureError(
            "crc_token_missing" if not token else "crc_token_malformed", status=403
        )
    return json.dumps({"response_token": "sha256=" + sign(secrets[0], token.encode("ascii"))})


def verify(body: bytes, headers: Mapping[str, str], secrets: tuple[str, ...]) -> Verified:
    """Check the raw bytes against each secret: several, because secrets are rotated.

    An app that moves from one kind of secret to the other gets both headers, and one that fits is
    enough. A body that could be the token of a question is none of X's. Raises SignatureError (401)
    whatever the headers hold.
    """
    if not secrets:
        raise SignatureError("no_secret")
    given = [str(value) for name, value in headers.items() if name.lower() in _HEADERS and value]
    if not given:
        raise SignatureError("signature_missing")
    found = [form[1].encode("ascii") for one in given if (form := _FORM.fullmatch(one))]
    if not found:
        raise SignatureError("signature_malformed")
    for index, secret in enumerate(secrets):
        right = sign(secret, body).encode("ascii")
        fits = [hmac.compare_digest(right, one) for one in found]
        if any(fits):
            if _TOKEN.fullmatch(body.decode("latin-1")):
                raise SignatureError("body_is_token")
            return Verified(body=body, secret_index=index)
    raise SignatureError("signature_wrong")


def sign(secret: str, message: bytes) -> str:
    """Return the signature of a message, in base64."""
    key = secret.encode("utf-8", "surrogatepass")
    return base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode("ascii")
