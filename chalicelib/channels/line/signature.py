"""Proof that LINE sent a request: the body signed with the channel secret."""

import hmac
from base64 import b64encode
from collections.abc import Mapping

from chalicelib.channels.contract import Secret, SignatureError, Verified

_HEADER = "x-line-signature"


def verify(body: bytes, headers: Mapping[str, str], secret: Secret) -> Verified:
    """Check `X-Line-Signature`: base64 of the HMAC-SHA256 over the raw bytes.

    The time is not signed (https://developers.line.biz/en/docs/messaging-api/receiving-messages/).
    Several secrets, because they are rotated: `channel_secret` is the one in use,
    `channel_secrets` lists others. Raises SignatureError (401) whatever the header holds.
    """
    secrets = secrets_of(secret)
    if not secrets:
        raise SignatureError("no_secret")
    given = [str(value) for name, value in headers.items() if name.lower() == _HEADER]
    if len(given) != 1 or not given[0]:
        raise SignatureError("signature_missing")
    offered = given[0].encode("utf-8", "surrogatepass")
    fits = [hmac.compare_digest(offered, _signed(body, one)) for one in secrets]
    if not any(fits):
        raise SignatureError("signature_wrong")
    return Verified(body=body, secret_index=fits.index(True))


def secrets_of(secret: Secret) -> tuple[str, ...]:
    """Return every secret that may sign, the one in use first; never an empty one."""
    others = secret.get("channel_secrets")
    listed = [secret.get("channel_secret"), *(others if isinstance(others, list | tuple) else ())]
    return tuple(one for one in listed if isinstance(one, str) and one)


def _signed(body: bytes, secret: str) -> bytes:
    return b64encode(hmac.digest(secret.encode("utf-8", "surrogatepass"), body, "sha256"))
