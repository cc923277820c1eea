"""What X told us of one account, and what is needed to make events of it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.channels import wire
from chalicelib.channels.contract import Ignored, PayloadError, Unreadable
from chalicelib.channels.instant import instant
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import ChannelEvent, EventKind, Person
from chalicelib.domain.ident import digest

Found = list[ChannelEvent | Ignored | Unreadable]

MOST_COPIED = 20

_EXACT = 2**53
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_OLD_TIME = re.compile(
    r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d) (\d\d:\d\d:\d\d) \+0000 (\d{4})", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Told:
    """What came with an element: whose account it is, and who and what it speaks of.

    `key` is what makes the event's key besides the account; `cost_micros` what it costs.
    """

    account_id: str
    received_at: datetime
    key: tuple[str, ...]
    people: Mapping[str, Person] = field(default_factory=dict)
    posts: Mapping[str, wire.Json] = field(default_factory=dict)
    media: Mapping[str, wire.Json] = field(default_factory=dict)
    cost_micros: int = 0

    def event(self, kind: EventKind, at: datetime | None, *, public: bool = False) -> ChannelEvent:
        """Return a bare event."""
        return ChannelEvent(
            key=digest("event", Channel.X, self.account_id, *self.key),
            kind=kind,
            channel=Channel.X,
            account_id=self.account_id,
            public=public,
            received_at=self.received_at,
            occurred_at=at,
            cost_micros=self.cost_micros,
        )

    def person(self, known_id: str) -> Person:
        """Return somebody by id, with the name where the body tells it."""
        return self.people.get(known_id) or Person(known_id)


def ident(source: wire.Json, name: str) -> str:
    """Return an id as text, from its `*_str` twin where there is one.

    X's numbers have lost their last digits above 2^53 in what wrote them, so such a number alone is
    refused.
    """
    twin = wire.ident(source, f"{name}_str")
    if twin:
        return twin
    value = source.get(name)
    if isinstance(value, int) and not -_EXACT <= value <= _EXACT:
        raise PayloadError(f"{name}_rounded")
    return wire.ident(source, name)


def required(source: wire.Json, name: str) -> str:
    """Return an id that must be there."""
    found = ident(source, name)
    if not found:
        raise PayloadError(f"{name}_missing")
    return found


def when(source: wire.Json) -> datetime | None:
    """Return when something happened: each surface names and writes it in its own way."""
    for name in ("timestamp_ms", "created_timestamp", "created_at_msec", "created_at", "date_time"):
        value = source.get(name)
        old = _OLD_TIME.fullmatch(value) if isinstance(value, str) else None
        if old and old[1] in _MONTHS:
            value = f"{old[4]}-{_MONTHS.index(old[1]) + 1:02}-{old[2]}T{old[3]}Z"
        found = instant(value)
        if found is not None:
            return found
    return None


def person_of(raw: object) -> Person | None:
    """Return a person as X describes one, bare or wrapped in `data`; None when it is none.

    The name is a courtesy: a description that cannot be read must not cost the message.
    """
    inner = raw.get("data", raw) if isinstance(raw, dict) else None
    if not isinstance(inner, dict):
        return None
    try:
        known_id = ident(inner, "id")
        username = wire.text(inner, "username") or wire.text(inner, "screen_name")
        return Person(known_id, wire.text(inner, "name"), username) if known_id else None
    except PayloadError:
        return None


def people_of(raws: Iterable[object]) -> dict[str, Person]:
    """Return the people of a body by id."""
    found = (person_of(raw) for raw in raws)
    return {person.id: person for person in found if person is not None}


def objects_of(value: object, name: str) -> dict[str, wire.Json]:
    """Return the objects of a list by the id that `name` holds; what has none is left out."""
    listed = value if isinstance(value, list) else []
    found = [one for one in listed if isinstance(one, dict) and isinstance(one.get(name), str)]
    return {one[name]: one for one in found}


def few(users: object) -> bool:
    """Return whether a body's people may be copied into each element of it that is kept.

    X names the two of a talk. With very many, what is kept would be many times the body.
    """
    return not isinstance(users, dict | list) or len(users) <= MOST_COPIED
