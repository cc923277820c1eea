"""Receiving: from a verified body to events on the queue; what cannot be read is kept whole.

A delivery counts as taken once each of its events is on the queue or in quarantine. When some are
and some are not, it is not taken: the platform sends all of it again, and what was queued before is
recognised by its key, by the queue for five minutes and by the table for ever. A 2xx there would
lose the rest.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from chalicelib.bootstrap import Parts
from chalicelib.channels.contract import Parsed, PayloadError, Unreadable, Verified
from chalicelib.channels.registry import room
from chalicelib.domain.event import ChannelEvent
from chalicelib.domain.home import home
from chalicelib.domain.ident import digest
from chalicelib.workflows.letter import Letter

LETTER_LIMIT = 200_000
"""Bytes. What is longer goes to the bucket and its key to the queue: SQS takes 256 KiB."""

MOST_KEPT = 50
"""How many odd elements of a delivery are kept one by one.

Of more than these the whole delivery is kept, once: ten thousand writes to the bucket would take
longer than the gateway waits, and the platform would send it all again, for days.
"""

WITHHELD = frozenset({"virus", "spam"})
"""Reasons that call for nobody: kept like the rest, and counted as MailWithheld."""

KEPT = "body"
LARGE = "large"
"""Where the bucket keeps bodies that could not be read, and events too long for the queue."""

log = logging.getLogger(__name__)


class NotTakenError(Exception):
    """Raised when not every event could be queued: the platform must send the delivery again."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request of a platform.

    `room` is the channel's room; `account_id` is set where the URL tells it.
    """

    room: str
    body: bytes
    account_id: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a delivery's elements."""

    queued: int
    ignored: int
    kept: int


class Pointer(msgspec.Struct, frozen=True):
    """What the queue carries instead of an event that is too long for it."""

    pointer: str


def receive(parts: Parts, delivery: Delivery, proven: Verified) -> Taken:
    """Queue every event of the delivery and keep what cannot be read.

    Raises NotTakenError, or what an outage raises.
    """
    now = parts.now()
    parsed = _parsed(delivery, proven, now)
    letters, odd = _letters(parts, parsed.events, delivery.body)
    unreadable = (*parsed.unreadable, *odd)
    kept = unreadable
    if len(unreadable) > MOST_KEPT:
        kept = (Unreadable("too_many_odd", delivery.body),)
    for element in kept:
        _keep(parts, delivery, element, now, proven)
    _send(parts, letters, delivery.room)
    if parsed.ignored:
        parts.meter.count("EventIgnored", len(parsed.ignored), room=delivery.room)
        log.info("Ignored: %s", ", ".join(sorted(set(parsed.ignored))[:20]))
    return Taken(len(letters), len(parsed.ignored), len(unreadable))


def queue(parts: Parts, events: Iterable[ChannelEvent], room_name: str) -> int:
    """Queue events that we went and got ourselves; return how many.

    One that no queue can hold is left out and counted. Raises NotTakenError, or what an outage
    raises.
    """
    letters, odd = _letters(parts, events, b"")
    if odd:
        parts.meter.count("Quarantined", reason=odd[0].reason, channel=room_name)
    _send(parts, letters, room_name)
    return len(letters)


def keep(parts: Parts, room_name: str, raw: bytes, account_id: str) -> None:
    """Keep a body that could not be read, whole, for a replay."""
    delivery = Delivery(room_name, raw, account_id)
    _keep(parts, delivery, Unreadable("odd", raw), parts.now(), Verified(raw))


def _send(parts: Parts, letters: Sequence[Letter], room_name: str) -> None:
    unsent = parts.inbox.send_many(letters)
    if unsent:
        parts.meter.count("EventNotQueued", len(unsent))
        raise NotTakenError(f"{len(unsent)} of {len(letters)} events could not be queued")
    parts.meter.count("EventQueued", len(letters), room=room_name)


def group_of(event: ChannelEvent) -> str:
    """Return the queue's group: what must be worked on in order.

    The conversation where the customer is known, else the message.
    """
    about = event.message_id or event.post_id or event.key
    return home(event) or digest("group", event.channel, event.account_id, about)


def written_event(event: ChannelEvent) -> bytes:
    """Return the event as the queue carries it: JSON, without the two characters SQS refuses."""
    text = msgspec.json.encode(event).decode("utf-8")
    return text.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff").encode("utf-8")


def read_event(parts: Parts, body: bytes) -> ChannelEvent:
    """Return the event of a queue's message, from the bucket if it only points there.

    Raises msgspec's errors for anything else.
    """
    if body.startswith(b'{"pointer":'):
        body, _ = parts.blobs.get(msgspec.json.decode(body, type=Pointer).pointer)
    return msgspec.json.decode(body, type=ChannelEvent)


def _parsed(delivery: Delivery, proven: Verified, now: datetime) -> Parsed:
    try:
        return room(delivery.room).parse(
            proven.body,
            now,
            account_id=delivery.account_id,
            event_id=proven.event_id,
            thread=proven.thread,
        )
    except PayloadError as error:
        return Parsed(unreadable=(Unreadable(error.reason, proven.body),))
    except Exception as error:
        # The parser's fault, not the platform's: the body is kept, instead of coming again for
        # days.
        log.exception("A parser failed.")
        return Parsed(unreadable=(Unreadable(f"parser_{type(error).__name__}", proven.body),))


def _letters(
    parts: Parts, events: Iterable[ChannelEvent], whole: bytes
) -> tuple[list[Letter], list[Unreadable]]:
    letters: list[Letter] = []
    odd: list[Unreadable] = []
    for event in events:
        try:
            letters.append(_letter(parts, event))
        except UnicodeEncodeError:  # half of a surrogate pair, which no queue and no table can hold
            odd.append(Unreadable("half_character", whole))
    return letters, odd[:1]


def _letter(parts: Parts, event: ChannelEvent) -> Letter:
    body = written_event(event)
    key = digest("event", event.channel, event.account_id, event.key)
    if len(body) > LETTER_LIMIT:
        pointer = f"{LARGE}/{event.received_at:%Y/%m/%d}/{key}.json"
        parts.blobs.put(pointer, body, {"channel": event.channel.value})
        body = msgspec.json.encode(Pointer(pointer))
    return Letter(body, group=group_of(event), key=key)


def _keep(
    parts: Parts, delivery: Delivery, element: Unreadable, now: datetime, proven: Verified
) -> None:
    name = digest("body", delivery.room, delivery.account_id, element.raw.hex())
    key = f"{KEPT}/{delivery.room}/{now:%Y/%m/%d}/{name}"
    facts = {
        "room": delivery.room,
        "reason": element.reason,
        "account": delivery.account_id,
        "received": now.isoformat(),
    }
    if proven.event_id:  # so that a replay has the key that the sender's own repeat has
        facts["event"] = proven.event_id
    if proven.thread:
        facts["thread"] = proven.thread
    parts.blobs.put(key, element.raw, facts)
    counted = "MailWithheld" if element.reason in WITHHELD else "Quarantined"
    parts.meter.count(counted, reason=element.reason, channel=delivery.room)
