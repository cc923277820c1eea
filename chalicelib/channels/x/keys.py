"""The keys of a handle's secret, and how they prove a call to X.

    {"consumer_secrets": ["..."], "access_token": "...", "bearer": "...",
     "consumer_key": "...", "access_token_secret": "..."}

With the last two the account's token is one of OAuth 1.0a, which does not expire, and each call is
signed (RFC 5849, HMAC-SHA1). Without them it is an OAuth 2.0 token, which X lets expire after two
hours, so that something must renew it.
"""

import base64
import hashlib
import hmac
import secrets as chance
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from chalicelib.channels.contract import Secret
from chalicelib.channels.x.signature import secrets_of


@dataclass(frozen=True, slots=True)
class Keys:
    """What proves a call. `bearer` is the app's own; the others are the account's.

    `all` is everything that the secret holds, none of which may be shown.
    """

    access_token: str = ""
    token_secret: str = ""
    consumer_key: str = ""
    consumer_secret: str = ""
    bearer: str = ""
    all: tuple[str, ...] = ()

    def account(
        self, method: str, url: str, query: Mapping[str, str], now: datetime
    ) -> dict[str, str]:
        """Return the header that speaks for the account. Bodies in JSON are not signed."""
        if not (self.token_secret and self.consumer_key):
            return {"Authorization": f"Bearer {self.access_token}"}
        stamp, nonce = str(int(now.timestamp())), chance.token_hex(16)
        return {"Authorization": self.oauth(method, url, query, stamp, nonce)}

    def oauth(self, method: str, url: str, query: Mapping[str, str], stamp: str, nonce: str) -> str:
        """Return an Authorization header of OAuth 1.0a."""
        proof = {
            "oauth_consumer_key": self.consumer_key,
            "oauth_nonce": nonce,
            "oauth_signature_method": "HMAC-SHA1",
            "oauth_timestamp": stamp,
            "oauth_token": self.access_token,
            "oauth_version": "1.0",
        }
        pairs = sorted((_safe(name), _safe(value)) for name, value in {**proof, **query}.items())
        listed = "&".join(f"{name}={value}" for name, value in pairs)
        base = "&".join((method, _safe(url), _safe(listed))).encode("ascii")
        key = f"{_safe(self.consumer_secret)}&{_safe(self.token_secret)}".encode("ascii")
        signed = base64.b64encode(hmac.new(key, base, hashlib.sha1).digest()).decode("ascii")
        said = {**proof, "oauth_signature": signed}
        return "OAuth " + ", ".join(f'{name}="{_safe(said[name])}"' for name in sorted(said))


def keys_of(secret: Secret) -> Keys:
    """Return the keys of a secret; what it lacks is empty."""
    signing = secrets_of(secret.get("consumer_secrets"))
    return Keys(
        access_token=_text(secret, "access_token"),
        token_secret=_text(secret, "access_token_secret"),
        consumer_key=_text(secret, "consumer_key"),
        consumer_secret=signing[0] if signing else "",
        bearer=_text(secret, "bearer"),
        all=tuple(_held(secret)),
    )


def _held(secret: Secret) -> Iterator[str]:
    """Yield every text of a secret, the longest first: one may begin another."""
    listed = (one if isinstance(one, list | tuple) else (one,) for one in secret.values())
    found = {text for one in listed for text in one if isinstance(text, str)}
    yield from sorted(found, key=len, reverse=True)


def _text(secret: Secret, name: str) -> str:
    """Return a key, or nothing where it is none that can stand in a header."""
    found = secret.get(name)
    usable = isinstance(found, str) and found.isascii() and found.isprintable()
    return str(found).strip() if usable else ""


def _safe(value: str) -> str:
    return quote(value, safe="-._~")
