"""The X Activity API: one event a body, `data.event_type` says of which kind (protocols 2.3)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.channels import wire
from chalicelib.channels.contract import Ignored, PayloadError, Unreadable
from chalicelib.channels.x import activity_post, direct, prices, relations
from chalicelib.channels.x.told import (
    Found,
    Told,
    few,
    ident,
    objects_of,
    people_of,
    required,
    when,
)
from chalicelib.domain.event import ChannelEvent, EventKind

MAX_ELEMENTS = 10_000
_READ_LISTS = ("direct_message_mark_read_events", "direct_message_events")


@dataclass(frozen=True, slots=True)
class Activity:
    """One body: its `data`, the payload within, and what is told of the account."""

    data: wire.Json
    kind: str
    payload: wire.Json
    told: Told

    def alone(self, name: str, raw: object) -> bytes:
        """Return a body that holds this element of the payload's list alone."""
        shared = self.payload if few(self.payload.get("users")) else {}
        payload = {**shared, name: [raw]}
        return wire.canonical({"data": {**self.data, "payload": payload}}).encode("ascii")


def read(top: wire.Json, received_at: datetime, account_id: str) -> Found:
    """Return the events of a body.

    `account_id` is the handle's, for the kinds whose filter is empty. Raises PayloadError when it
    is no body of this API, or lacks what makes an event.
    """
    data = wire.table(top, "data")
    kind = wire.text(data, "event_type")
    if not kind:
        raise PayloadError("not_x")
    if kind not in _READERS:
        return [Ignored(f"x.{wire.word(kind)}")]
    payload = wire.table(data, "payload")
    return _READERS[kind](Activity(data, kind, payload, _told(data, kind, received_at, account_id)))


def _told(data: wire.Json, kind: str, received_at: datetime, account_id: str) -> Told:
    payload, includes = wire.table(data, "payload"), wire.table(data, "includes")
    account = (
        ident(wire.table(data, "filter"), "user_id")
        or (ident(payload, "user_id") if kind == "oauth.revoke" else "")
        or account_id
    )
    if not account:
        raise PayloadError("user_id_missing")
    listed, by_id = includes.get("users"), payload.get("users")
    users = [*(listed if isinstance(listed, list) else [])]
    users += by_id.values() if isinstance(by_id, dict) else []
    uuid = ident(data, "event_uuid") or wire.canonical(data)
    return Told(
        account,
        received_at,
        ("post" if kind in _POSTS else kind, uuid),
        people_of(users),
        objects_of(includes.get("tweets"), "id"),
        objects_of(includes.get("media"), "media_key"),
        prices.EVENTS.get(kind, 0),
    )


def _post(one: Activity) -> Found:
    return [activity_post.read(one.told, one.payload, one.kind)]


def _deleted(one: Activity) -> Found:
    """Return that one of the brand's own posts is gone: X tells of no others."""
    author = one.told.person(ident(one.payload, "author_id") or one.told.account_id)
    return [
        replace(
            one.told.event(EventKind.DELETE, when(one.payload), public=True),
            contact=None if author.id == one.told.account_id else author,
            author=author,
            message_id=required(one.payload, "id"),
        )
    ]


def _messages(one: Activity) -> Found:
    listed = wire.rows(one.payload, "direct_message_events")
    if not listed:
        raise PayloadError("direct_message_events_missing")
    if len(listed) > MAX_ELEMENTS:
        raise PayloadError("too_many")
    found: Found = []
    for raw in listed:
        try:
            message = wire.as_object(raw, "message")
            told = replace(one.told, key=(*one.told.key, ident(message, "id")))
            found.append(direct.created(told, message, wire.table(one.payload, "apps")))
        except PayloadError as error:
            found.append(Unreadable(error.reason, one.alone("direct_message_events", raw)))
    return _paid_once(found)


def _paid_once(found: Found) -> Found:
    """Count the price of a body with several messages once."""
    paid, rest = found[:1], found[1:]
    free = [replace(one, cost_micros=0) if isinstance(one, ChannelEvent) else one for one in rest]
    return [*paid, *free]


def _read(one: Activity) -> Found:
    listed = next((rows for name in _READ_LISTS if (rows := wire.rows(one.payload, name))), ())
    first = wire.as_object(listed[0], "read") if listed else one.payload
    return [direct.read(one.told, first)]


def _encrypted(one: Activity) -> Found:
    return [direct.encrypted(one.told, one.payload)]


def _related(one: Activity) -> Found:
    source, target = one.payload.get("source"), one.payload.get("target")
    return [relations.notice(one.told, relations.WORDS[one.kind], (source, target), one.payload)]


def _revoked(one: Activity) -> Found:
    return [relations.revoked(one.told, one.payload)]


_POSTS = frozenset({"post.create", "post.mention.create", "post.reply.create", "post.quote.create"})
_READERS: dict[str, Callable[[Activity], Found]] = {
    **dict.fromkeys(_POSTS, _post),
    "post.delete": _deleted,
    **dict.fromkeys(("dm.received", "dm.sent"), _messages),
    "dm.read": _read,
    **dict.fromkeys(("chat.received", "chat.sent"), _encrypted),
    **dict.fromkeys(relations.WORDS, _related),
    "oauth.revoke": _revoked,
}
