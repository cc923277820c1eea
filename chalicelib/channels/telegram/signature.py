"""Proof that Telegram sent a request: the secret token that we gave it with setWebhook."""

import hmac
from collections.abc import Mapping

from chalicelib.channels.contract import Secret, SignatureError, Verified

_HEADER = "x-telegram-bot-api-secret-token"


def verify(body: bytes, headers: Mapping[str, str], secret: Secret) -> Verified:
    """Compare `X-Telegram-Bot-Api-Secret-Token` with each of our tokens, in constant time.

    It is a shared token and no signature of the body (protocols part 3). Several tokens, because
    they are rotated: `secret_token` is the one in use, `secret_tokens` lists older ones. Raises
    SignatureError (401) whatever the header holds.
    """
    tokens = tokens_of(secret)
    if not tokens:
        raise SignatureError("no_secret")
    given = [str(value) for name, value in headers.items() if name.lower() == _HEADER]
    if len(given) != 1 or not given[0]:
        raise SignatureError("signature_missing")
    offered = given[0].encode("utf-8", "surrogatepass")
    fits = [hmac.compare_digest(offered, token.encode("utf-8")) for token in tokens]
    if not any(fits):
        raise SignatureError("signature_wrong")
    return Verified(body=body, secret_index=fits.index(True))


def tokens_of(secret: Secret) -> tuple[str, ...]:
    """Return every token that a delivery may carry, the one in use first; never an empty one."""
    older = secret.get("secret_tokens")
    listed = [secret.get("secret_token"), *(older if isinstance(older, list | tuple) else ())]
    return tuple(one for one in listed if isinstance(one, str) and one)
