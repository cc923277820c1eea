"""One line of a WhatsApp change: a message, a status, an error or a change of ids."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.channels import wire
from chalicelib.channels.contract import PayloadError
from chalicelib.channels.instant import instant
from chalicelib.channels.meta import whatsapp_person
from chalicelib.channels.meta.element import Element
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import ChannelEvent, EventKind

LISTS = ("messages", "message_echoes", "statuses", "errors", "user_id_update")


def split(value: wire.Json) -> Sequence[wire.Json]:
    """Return a value for each message, status and so on, with the contact it names, no other."""
    inner = value.get("standby")
    flat: wire.Json = {**_without(value, "standby"), **inner} if isinstance(inner, dict) else value
    shared = _without(flat, *LISTS, "contacts")
    contacts = whatsapp_person.index(flat)
    parts = [
        {**shared, "contacts": whatsapp_person.contacts_for(item, contacts), key: [item]}
        for key in LISTS
        for item in wire.rows(flat, key)
    ]
    return parts or [value]


def _without(value: wire.Json, *keys: str) -> dict[str, object]:
    return {key: part for key, part in value.items() if key not in keys}


@dataclass(frozen=True, slots=True)
class Line:
    """One item of a value: a message, status, error or change of ids, and what it belongs to."""

    element: Element
    account_id: str
    brand: str
    contacts: Sequence[object]
    item: wire.Json

    def event(self, kind: EventKind, *key: str) -> ChannelEvent:
        """Return a bare private event; `key` is what makes it this one."""
        bare = self.element.event(kind, Channel.WHATSAPP, self.account_id, *key)
        return replace(
            bare,
            public=False,
            occurred_at=instant(self.item.get("timestamp")) or bare.occurred_at,
            post_id=wire.ident(self.item, "group_id"),
            standby=self.element.field == "standby",
        )


def first_error(item: wire.Json) -> tuple[str, str]:
    """Return code and words of the first error of a message or status, empty without one."""
    for raw in wire.rows(item, "errors"):
        error = wire.as_object(raw, "error")
        details = wire.text(wire.table(error, "error_data"), "details")
        return wire.ident(error, "code"), details or wire.text(error, "message") or wire.text(
            error, "title"
        )
    return "", ""


def required(value: str) -> str:
    """Return the id. Raises PayloadError when there is none."""
    if not value:
        raise PayloadError("id_missing")
    return value
