"""Twilio's API 2010-04-01: one call, with the account's keys, at its own host or the one we use."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from chalicelib.channels import answers, transport
from chalicelib.channels.contract import Secret
from chalicelib.channels.places import Places
from chalicelib.workflows.networks import SendResult

HOST = "https://api.twilio.com"
VERSION = "2010-04-01"
MOST_BYTES = 2_000_000
"""Of an answer: a page of a hundred long messages stays below it."""

Fields = Mapping[str, str | Sequence[str]]
"""A form or a query; a list is a parameter that is repeated."""


@dataclass(frozen=True, slots=True)
class Account:
    """One Twilio account and its keys. `token` is the first: the one in use."""

    sid: str
    token: str
    service: str = ""

    @property
    def authorization(self) -> str:
        """Return the header's value: Basic, as Twilio wants it."""
        pair = f"{self.sid}:{self.token}".encode()
        return "Basic " + base64.b64encode(pair).decode("ascii")


def account_of(secret: Secret) -> Account | None:
    """Return the account of a secret; None when the id or the token is missing."""
    listed = tokens_of(secret)
    sid, service = secret.get("account_sid"), secret.get("messaging_service_sid")
    if not listed or not isinstance(sid, str) or not sid:
        return None
    return Account(sid, listed[0], service if isinstance(service, str) else "")


def tokens_of(secret: Secret) -> tuple[str, ...]:
    """Return the auth tokens, the one in use first."""
    listed = secret.get("auth_tokens")
    if not isinstance(listed, list | tuple):
        return ()
    return tuple(token for token in listed if isinstance(token, str) and token)


def post(
    account: Account, path: str, form: Fields, places: Places
) -> transport.Answer | SendResult:
    """Post a form to a resource of the account (`Messages.json`), once."""
    body = urlencode(form, doseq=True).encode("ascii")
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return _call(account, _url(account, path, places), places, kind, body)


def get(
    account: Account, path: str, query: Fields, places: Places
) -> transport.Answer | SendResult:
    """Read a resource of the account, once."""
    url = _url(account, path, places)
    return _call(account, url + ("?" + urlencode(query, doseq=True) if query else ""), places)


def onward(account: Account, uri: str, places: Places) -> transport.Answer | SendResult | None:
    """Read the page that an answer names; None when it is none of this account's."""
    own = f"/{VERSION}/Accounts/{account.sid}/"
    if not uri.startswith(own) or ".." in uri or "\\" in uri:
        return None
    return _call(account, places.place("twilio", HOST) + uri, places)


def own_url(url: str, places: Places) -> str:
    """Return the address of a file at Twilio as we call it; empty when it is not at Twilio.

    The keys may go there and nowhere else.
    """
    base = places.place("twilio", HOST)
    try:
        asked, ours, usual = urlsplit(url), urlsplit(base), urlsplit(HOST)
    except ValueError:
        return ""
    if (asked.scheme, asked.netloc) not in {
        (ours.scheme, ours.netloc),
        (usual.scheme, usual.netloc),
    }:
        return ""
    return base + asked.path + (f"?{asked.query}" if asked.query else "")


def _url(account: Account, path: str, places: Places) -> str:
    base = places.place("twilio", HOST)
    return f"{base}/{VERSION}/Accounts/{quote(account.sid, safe='')}{path}"


def _call(
    account: Account,
    url: str,
    places: Places,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> transport.Answer | SendResult:
    return answers.attempt(
        transport.Request(
            url,
            {"Authorization": account.authorization, **(headers or {})},
            body,
            places.connect_seconds,
            places.read_seconds,
            method="POST" if headers else "GET",
            most_bytes=MOST_BYTES,
        )
    )
