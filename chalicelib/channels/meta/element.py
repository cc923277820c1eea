"""One element of a body: a change or a messaging item, with what its envelope says about it."""

import json
from dataclasses import dataclass
from datetime import datetime

from chalicelib.channels import wire
from chalicelib.channels.contract import Ignored
from chalicelib.channels.instant import instant
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import ChannelEvent, EventKind
from chalicelib.domain.ident import digest

Found = list[ChannelEvent | Ignored]
TALK = ("messaging", "standby")


@dataclass(frozen=True, slots=True)
class Element:
    """A change or a messaging item of one entry.

    `place` is the entry's list it stood in: `changes`, `messaging` or `standby`.
    `field` is the change's field, or the place again.

    `network` is the body's `object`. An entry that holds none of the lists is one element without
    field. `entry_id` is the asset (page, Instagram account, WhatsApp business account), never an
    event; `time` is as it came.
    """

    network: str
    entry_id: str
    time: object
    field: str
    value: object
    received_at: datetime
    place: str = "changes"

    @property
    def at(self) -> datetime | None:
        """Return the entry's time."""
        return instant(self.time)

    @property
    def body(self) -> wire.Json:
        """Return the value as an object. Raises PayloadError when it is none."""
        return wire.as_object(self.value, "value")

    @property
    def fingerprint(self) -> str:
        """Return what is equal for every delivery of a change: the feed has no event ids."""
        return digest(
            self.entry_id, wire.canonical(self.time), self.field, wire.canonical(self.value)
        )

    def event(self, kind: EventKind, channel: Channel, account_id: str, *key: str) -> ChannelEvent:
        """Return a bare public event; `key` tells it from all others of the account."""
        return ChannelEvent(
            key=digest("event", channel, account_id, kind, *key),
            kind=kind,
            channel=channel,
            account_id=account_id,
            public=True,
            received_at=self.received_at,
            occurred_at=self.at,
        )

    def whole(self) -> bytes:
        """Return a body with this element alone, to be parsed again by a mended parser."""
        item = self.value if self.place in TALK else {"field": self.field, "value": self.value}
        return enclosed(self.network, {"id": self.entry_id, "time": self.time, self.place: [item]})


def enclosed(name: str, entry: object) -> bytes:
    """Return a body of that object with one entry."""
    return json.dumps({"object": name, "entry": [entry]}).encode("ascii")
