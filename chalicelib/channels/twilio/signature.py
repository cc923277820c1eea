"""Twilio's signature (protocols 4.1).

`X-Twilio-Signature` is the base64 of an HMAC-SHA1, keyed with the account's auth token, over the
address that Twilio called and all parameters of the form. The address is ours as it is stored,
never what the request says of itself. Nothing of the time is signed: a repeat is recognised by its
MessageSid.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import SplitResult, parse_qs, urlsplit, urlunsplit

from chalicelib.channels.contract import SignatureError, Verified

HEADER = "x-twilio-signature"
BODY_HASH = "bodySHA256"
"""The query parameter that holds the hash of a body that is no form."""

REPLY = "message"
"""The query parameter of our own callbacks: which message of ours a status is about."""

MAX_FIELDS = 1_000
MAX_FORM = 262_144
"""Bytes: a text of 4,096 characters takes 50,000 at most. Forms are read before they are proved, so
that a stranger's may not cost much.
"""

_PORTS = {"https": 443, "http": 80}

Form = Mapping[str, Sequence[str]]


def verify(body: bytes, headers: Mapping[str, str], url: str, tokens: Iterable[object]) -> Verified:
    """Check a request: by any of the auth tokens, with the address's port or without.

    The event id of a status that we asked for is `message=<our message id>`: that query is part of
    what is signed. Raises SignatureError whatever the headers and the body hold.
    """
    keys = [token.encode() for token in tokens if isinstance(token, str) and token]
    if not keys:
        raise SignatureError("no_secret")
    given = next((str(value) for name, value in headers.items() if name.lower() == HEADER), "")
    if not given:
        raise SignatureError("header_missing")
    parts = _parts(url)
    query = parse_qs(parts.query, keep_blank_values=True)
    form = _hashed(body, query[BODY_HASH][0]) if BODY_HASH in query else fields(body)
    for index, key in enumerate(keys):
        right = [signature(key, one, form).encode("ascii") for one in _addresses(parts)]
        fits = [hmac.compare_digest(one, given.encode("utf-8", "replace")) for one in right]
        if any(fits):
            ours = query.get(REPLY, [""])[0]
            return Verified(body, f"{REPLY}={ours}" if ours else "", index)
    raise SignatureError("signature_wrong", status=403)


def signature(key: bytes, url: str, form: Form) -> str:
    """Return what Twilio signs with: each distinct value of each parameter, sorted, blanks too."""
    signed = url + "".join(
        name + value for name in sorted(form) for value in sorted(set(form[name]))
    )
    message = signed.encode("utf-8", "surrogateescape")
    return base64.b64encode(hmac.new(key, message, hashlib.sha1).digest()).decode("ascii")


def fields(body: bytes) -> dict[str, list[str]]:
    """Return the form's parameters, blank ones too. Raises SignatureError when it is no form."""
    if len(body) > MAX_FORM:
        raise SignatureError("form_too_large")
    try:
        return parse_qs(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="surrogateescape",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise SignatureError("not_form") from None


def _hashed(body: bytes, expected: str) -> Form:
    """Return no parameters: of a body that is no form, the address signs the hash."""
    found = hashlib.sha256(body).hexdigest().encode("ascii")
    if not hmac.compare_digest(found, expected.lower().encode("utf-8", "replace")):
        raise SignatureError("body_changed", status=403)
    return {}


def _parts(url: str) -> SplitResult:
    """Return our address in parts. It may be unset or wrong in care.yaml."""
    try:
        parts = urlsplit(url)
        if parts.hostname and (parts.port or parts.scheme in _PORTS):
            return parts
    except ValueError:
        pass
    raise SignatureError("no_url")


def _addresses(parts: SplitResult) -> tuple[str, str]:
    """Return the address without and with its port: Twilio's servers have done both."""
    user, at, place = parts.netloc.rpartition("@")
    bare = place.removesuffix(f":{parts.port}") if parts.port else place
    port = parts.port or _PORTS[parts.scheme]
    without = parts._replace(netloc=user + at + bare, fragment="")
    return urlunsplit(without), urlunsplit(without._replace(netloc=f"{user}{at}{bare}:{port}"))
