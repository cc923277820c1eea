"""One event of LINE: where it happened, and the bare event that is made of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.channels import wire
from chalicelib.channels.contract import Ignored, PayloadError
from chalicelib.channels.instant import instant
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import ChannelEvent, EventKind, Person
from chalicelib.domain.ident import digest

Found = ChannelEvent | Ignored

_CHATS = {"group": "groupId", "room": "roomId"}
"""Kinds of chat with others in it, and where each keeps its id. Rooms are the older form of groups.
"""


@dataclass(frozen=True, slots=True)
class Source:
    """Where something happened. `chat` is the group or room; empty in a chat of two.

    In a group LINE names only people who agreed to it: `person` is None for the others.
    """

    chat: str
    person: Person | None


@dataclass(frozen=True, slots=True)
class Element:
    """One event as LINE sends it, and the account that it was sent to."""

    account_id: str
    value: wire.Json
    received_at: datetime

    @property
    def id(self) -> str:
        """Return LINE's id of the event: the same at every delivery. Raises PayloadError."""
        found = wire.ident(self.value, "webhookEventId")
        if not found:
            raise PayloadError("webhook_event_id_missing")
        return found

    def event(self, kind: EventKind) -> ChannelEvent:
        """Return a bare event: who, where and when. Raises PayloadError."""
        source = source_of(self.value)
        bare = ChannelEvent(
            key=digest("event", Channel.LINE, self.account_id, self.id),
            kind=kind,
            channel=Channel.LINE,
            account_id=self.account_id,
            public=bool(source.chat),
            received_at=self.received_at,
        )
        return replace(
            bare,
            occurred_at=instant(self.value.get("timestamp")),
            contact=source.person,
            author=source.person,
            post_id=source.chat,
            standby=self.value.get("mode") == "standby",
        )


Reader = Callable[[Element], Found]


def source_of(value: wire.Json) -> Source:
    """Return where an event happened. Raises PayloadError when it does not say."""
    source = wire.table(value, "source")
    kind = wire.text(source, "type")
    number = wire.ident(source, "userId")
    person = Person(number) if number else None
    if kind == "user":
        if person is None:
            raise PayloadError("user_id_missing")
        return Source("", person)
    chat = wire.ident(source, _CHATS[kind]) if kind in _CHATS else ""
    if not chat:
        raise PayloadError("chat_missing" if kind in _CHATS else "source_unknown")
    return Source(chat, person)
