"""Meta's envelope: object, entries, changes and messaging items, taken apart without a loss."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from chalicelib.channels import wire
from chalicelib.channels.contract import Ignored, Parsed, PayloadError, Unreadable
from chalicelib.channels.meta import facebook_page, instagram, messenger, whatsapp, whatsapp_line
from chalicelib.channels.meta.element import TALK, Element, Found, enclosed
from chalicelib.domain.event import ChannelEvent

MAX_ELEMENTS = 10_000  # Meta sends at most 1,000 updates a body
_TEST_ENTRY = "0"  # the dashboard's test button


def parse(body: bytes, received_at: datetime) -> Parsed:
    """Return the events of a body of any of Meta's networks, whatever mixture of accounts it holds.

    Raises PayloadError when the body as a whole is none of Meta's. One odd element is reported as
    unreadable and does not cost the others.
    """
    payload = wire.read(body)
    documents = payload if isinstance(payload, list) else [payload]
    if not documents:
        raise PayloadError("empty")
    events: list[ChannelEvent] = []
    ignored: list[str] = []
    unreadable: list[Unreadable] = []
    for count, element in enumerate(_elements(documents, received_at)):
        if count >= MAX_ELEMENTS:
            raise PayloadError("too_many")
        for found in _read(element):
            if isinstance(found, ChannelEvent):
                events.append(found)
            elif isinstance(found, Unreadable):
                unreadable.append(found)
            else:
                ignored.append(found.word)
    return Parsed(tuple(events), tuple(ignored), tuple(unreadable))


def _elements(documents: list[object], received_at: datetime) -> Iterator[Element | Unreadable]:
    for document in documents:
        top = wire.as_object(document, "body")
        name = wire.text(top, "object")
        if not name or not isinstance(top.get("entry"), list):
            raise PayloadError("not_meta")
        for entry in wire.rows(top, "entry"):
            try:
                yield from _of_entry(name, wire.as_object(entry, "entry"), received_at)
            except PayloadError as error:
                yield Unreadable(error.reason, enclosed(name, entry))


def _of_entry(name: str, entry: wire.Json, received_at: datetime) -> Iterator[Element | Unreadable]:
    """Yield the parts of an entry; one with neither changes nor messaging is one empty element."""
    empty = Element(name, wire.ident(entry, "id"), entry.get("time"), "", None, received_at)
    parts = [key for key in (*TALK, "changes") if entry.get(key)]
    if "field" in entry:  # some of Instagram's samples put the change directly into the entry
        yield from _of_change(empty, entry)
    elif not parts:
        yield empty
    for key in parts:
        alone = {"id": empty.entry_id, "time": empty.time, key: entry[key]}
        try:
            items = wire.rows(entry, key)
        except PayloadError as error:
            yield Unreadable(error.reason, enclosed(name, alone))
            continue
        for item in items:
            yield from (
                _of_change(empty, item)
                if key == "changes"
                else [replace(empty, place=key, field=key, value=item)]
            )


def _of_change(empty: Element, raw: object) -> Iterator[Element | Unreadable]:
    """Yield a change; one of WhatsApp holds many messages or statuses, and each is an element."""
    try:
        change = wire.as_object(raw, "change")
        whole = replace(empty, field=wire.text(change, "field"), value=change.get("value"))
        if whole.network == whatsapp.OBJECT and isinstance(whole.value, dict):
            yield from [replace(whole, value=part) for part in whatsapp_line.split(whole.value)]
        else:
            yield whole
    except PayloadError as error:
        entry = {"id": empty.entry_id, "time": empty.time, "changes": [raw]}
        yield Unreadable(error.reason, enclosed(empty.network, entry))


def _read(element: Element | Unreadable) -> list[ChannelEvent | Ignored | Unreadable]:
    if isinstance(element, Unreadable):
        return [element]
    try:
        return [*_dispatch(element)]
    except PayloadError as error:
        return [Unreadable(error.reason, element.whole())]


def _dispatch(element: Element) -> Found:
    if element.entry_id == _TEST_ENTRY:
        return [Ignored("test_event")]
    if not element.field:
        return [Ignored("empty_entry")]
    reader = _READERS.get(element.network)
    if reader is None:
        return [Ignored(f"object.{wire.word(element.network)}")]
    if element.value is None:
        return [Ignored(f"no_value.{wire.word(element.field)}")]
    return reader(element)


def _page(element: Element) -> Found:
    return messenger.read(element) if messenger.speaks(element) else facebook_page.read(element)


_READERS: dict[str, Callable[[Element], Found]] = {
    "page": _page,
    "instagram": instagram.read,
    whatsapp.OBJECT: whatsapp.read,
}
