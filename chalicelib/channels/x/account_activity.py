"""The Account Activity API: lists of events for one account, by kind (protocols 2.4).

X calls it deprecated; apps that were set up before 2026 still get it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from chalicelib.channels import wire
from chalicelib.channels.contract import Ignored, PayloadError, Unreadable
from chalicelib.channels.x import account_post, direct, relations
from chalicelib.channels.x.told import Found, Told, few, ident, people_of, required, when
from chalicelib.domain.event import ChannelEvent, EventKind, Person

MAX_ELEMENTS = 10_000


@dataclass(frozen=True, slots=True)
class Envelope:
    """One body: whose account it is about, and the people and apps its elements name."""

    top: wire.Json
    account_id: str
    received_at: datetime
    people: Mapping[str, Person] = field(default_factory=dict)

    def told(self, kind: str, *key: str) -> Told:
        """Return what an element of a list needs to become an event."""
        return Told(self.account_id, self.received_at, (kind, *key), self.people)

    def alone(self, kind: str, raw: object) -> bytes:
        """Return a body that holds this element alone."""
        shared = _SHARED if few(self.top.get("users")) else _SHARED[:1]
        kept = {name: self.top[name] for name in shared if name in self.top}
        return wire.canonical({**kept, kind: [raw]}).encode("ascii")


def speaks(top: wire.Json) -> bool:
    """Return whether a body is one of this API."""
    return "for_user_id" in top or "user_event" in top or any(kind in top for kind in _READERS)


def read(top: wire.Json, received_at: datetime, account_id: str) -> Found:
    """Return the events of a body. Raises PayloadError when nobody's account is named."""
    revoked = wire.table(wire.table(top, "user_event"), "revoke")
    account = ident(top, "for_user_id") or ident(wire.table(revoked, "source"), "user_id")
    account = account or account_id
    if not account:
        raise PayloadError("for_user_id_missing")
    users = top.get("users")
    people = people_of(users.values() if isinstance(users, dict) else ())
    envelope = Envelope(top, account, received_at, people)
    found: Found = []
    if revoked:
        told = envelope.told("user_event", ident(revoked, "date_time"))
        found.append(relations.revoked(told, revoked))
    for kind in top:
        if kind in _READERS:
            found += _listed(envelope, kind)
        elif kind not in (*_SHARED, "user_event"):
            found.append(Ignored(f"x.{wire.word(kind)}"))
    if len(found) > MAX_ELEMENTS:
        raise PayloadError("too_many")
    return found


def _listed(envelope: Envelope, kind: str) -> Found:
    found: Found = []
    for raw in wire.rows(envelope.top, kind):
        try:
            found.append(_READERS[kind](envelope, wire.as_object(raw, "element")))
        except PayloadError as error:
            found.append(Unreadable(error.reason, envelope.alone(kind, raw)))
    return found


def _post(envelope: Envelope, raw: wire.Json) -> ChannelEvent | Ignored:
    return account_post.read(envelope.told("post", required(raw, "id")), raw)


def _deleted(envelope: Envelope, raw: wire.Json) -> ChannelEvent:
    status = wire.table(raw, "status")
    post_id, author_id = required(status, "id"), ident(status, "user_id")
    told = envelope.told("post.delete", post_id)
    author = told.person(author_id or told.account_id)
    return replace(
        told.event(EventKind.DELETE, when(raw), public=True),
        contact=None if author.id == told.account_id else author,
        author=author,
        message_id=post_id,
    )


def _message(envelope: Envelope, raw: wire.Json) -> ChannelEvent | Ignored:
    apps = wire.table(envelope.top, "apps")
    return direct.created(envelope.told("dm", ident(raw, "id")), raw, apps)


def _read(envelope: Envelope, raw: wire.Json) -> ChannelEvent | Ignored:
    key = (ident(raw, "sender_id"), wire.text(raw, "created_timestamp"))
    return direct.read(envelope.told("dm.read", *key), raw)


def _related(envelope: Envelope, raw: wire.Json) -> ChannelEvent | Ignored:
    kind = wire.text(raw, "type")
    word = _RELATIONS.get(kind)
    if word is None:
        return Ignored(f"x.relation.{wire.word(kind)}")
    told = envelope.told("relation", wire.canonical(raw))
    return relations.notice(told, word, (raw.get("source"), raw.get("target")), raw)


def _uninteresting(kind: str) -> Callable[[Envelope, wire.Json], ChannelEvent | Ignored]:
    return lambda _envelope, _raw: Ignored(f"x.{kind}")


_SHARED = ("for_user_id", "users", "apps", "user_has_blocked", "is_blocked_by")
_RELATIONS = {name.partition(".")[2]: word for name, word in relations.WORDS.items()}
_READERS: dict[str, Callable[[Envelope, wire.Json], ChannelEvent | Ignored]] = {
    "tweet_create_events": _post,
    "tweet_delete_events": _deleted,
    "direct_message_events": _message,
    "direct_message_mark_read_events": _read,
    "follow_events": _related,
    "block_events": _related,
    "mute_events": _related,
    "favorite_events": _uninteresting("favorite"),
    "direct_message_indicate_typing_events": _uninteresting("dm.typing"),
}
