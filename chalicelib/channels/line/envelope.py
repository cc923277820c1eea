"""A body is a list of events, of one person or of many, in no sure order."""

from datetime import datetime

from chalicelib.channels import wire
from chalicelib.channels.contract import Ignored, Parsed, PayloadError, Unreadable
from chalicelib.channels.line import news, talk
from chalicelib.channels.line.element import Element, Found, Reader
from chalicelib.domain.event import ChannelEvent


def parse(body: bytes, received_at: datetime, account_id: str) -> Parsed:
    """Return what a body tells; an empty one is LINE's question whether we are there.

    Raises PayloadError when it is no body of LINE at all: not JSON, or without `events`.
    """
    top = wire.as_object(wire.read(body), "body")
    if "events" not in top:
        raise PayloadError("events_missing")
    destination = wire.ident(top, "destination")
    events: list[ChannelEvent] = []
    ignored: list[str] = []
    unreadable: list[Unreadable] = []
    for raw in wire.rows(top, "events"):
        try:
            found = _read(raw, received_at, account_id or destination)
        except PayloadError as error:
            alone = wire.canonical({"destination": destination, "events": [raw]})
            unreadable.append(Unreadable(error.reason, alone.encode("ascii")))
            continue
        if isinstance(found, ChannelEvent):
            events.append(found)
        else:
            ignored.append(found.word)
    return Parsed(tuple(events), tuple(ignored), tuple(unreadable))


def _read(raw: object, received_at: datetime, account_id: str) -> Found:
    value = wire.as_object(raw, "event")
    kind = wire.text(value, "type")
    reader = _READERS.get(kind)
    if reader is None:
        return Ignored(f"line.{wire.word(kind)}")
    return reader(Element(account_id, value, received_at))


_READERS: dict[str, Reader] = {
    "message": talk.said,
    "unsend": talk.unsent,
    "postback": talk.pressed,
    "follow": news.followed,
    **dict.fromkeys(news.KINDS, news.told),
    **dict.fromkeys(news.ACCOUNT_KINDS, news.account),
}
