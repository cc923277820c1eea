"""Sessions: what an app password opens for an hour or two, kept as long as it lasts.

A service opens 300 a day for an account and a look is made every minute, so that each must not
begin one. They are kept in the memory of the process only.
"""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.channels import wire
from chalicelib.channels.contract import PayloadError

EARLY = timedelta(minutes=2)
"""How long before its end a session is no longer begun anything with."""

_UNTOLD = timedelta(minutes=15)  # the least that a service gives (its own documentation)


@dataclass(frozen=True, slots=True)
class Login:
    """What opens an account: where, who, and the app password."""

    url: str
    identifier: str
    password: str


@dataclass(frozen=True, slots=True)
class Session:
    """An open account: the token, whose it is, and until when."""

    token: str
    did: str
    ends_at: datetime


_OPEN: dict[Login, Session] = {}


def known(login: Login, now: datetime) -> Session | None:
    """Return the open session of a login, if it lasts."""
    found = _OPEN.get(login)
    return found if found is not None and now < found.ends_at - EARLY else None


def keep(login: Login, session: Session) -> None:
    """Remember a session."""
    _OPEN[login] = session


def forget(login: Login) -> None:
    """Forget a session that the service does not take any more."""
    _OPEN.pop(login, None)


def read(told: wire.Json, now: datetime) -> Session | None:
    """Return the session that an answer opens; None when it holds none."""
    token, did = told.get("accessJwt"), told.get("did")
    if not isinstance(token, str) or not isinstance(did, str) or not token.isascii() or not token:
        return None
    return Session(token, did, _ends_at(token) or now + _UNTOLD)


def _ends_at(token: str) -> datetime | None:
    """Return when a token ends, as it says itself. Nothing is trusted to it but that."""
    parts = token.split(".")
    try:
        body = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        seconds = wire.number(wire.as_object(json.loads(body), "token"), "exp")
        return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
    except (PayloadError, IndexError, ValueError, OverflowError, OSError):
        return None
