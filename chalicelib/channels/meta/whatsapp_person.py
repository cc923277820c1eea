"""Who a WhatsApp item is about: by phone number (wa_id), by business-scoped id (BSUID), or both.

Since 2026 a customer may hide the phone number; then only the BSUID is there. Where one item
carries both, they are one person: the BSUID is the id, because it is what stays when the number is
hidden, and the number an alias.
"""

import re
from collections.abc import Mapping, Sequence

from chalicelib.channels import wire
from chalicelib.channels.contract import PayloadError
from chalicelib.domain.event import Person

_BSUID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}", re.ASCII)
_NAMES = (
    "from_user_id",
    "from",
    "to_user_id",
    "to",
    "recipient_participant_user_id",
    "recipient_participant_id",
    "recipient_user_id",
    "recipient_id",
)


def is_bsuid(value: str) -> bool:
    """Return whether an id is business-scoped (`US.1349...`) and not a phone number."""
    return _BSUID.fullmatch(value) is not None


def index(value: wire.Json) -> Mapping[str, object]:
    """Return the value's contacts by each of their ids, and the only one also by ""."""
    contacts = [contact for contact in wire.rows(value, "contacts") if isinstance(contact, dict)]
    found: dict[str, object] = {"": contacts[0]} if len(contacts) == 1 else {}
    for contact in contacts:
        for key in ("user_id", "wa_id"):
            if _loose(contact, key):
                found[_loose(contact, key)] = contact
    return found


def contacts_for(item: object, contacts: Mapping[str, object]) -> list[object]:
    """Return the contact an item names.

    An item that names nobody belongs to the only contact, if there is only one.

    Never a contact with other ids: statuses of one customer may stand beside messages of another.
    """
    named = [_loose(item, key) for key in _NAMES] if isinstance(item, dict) else []
    named = [name for name in named if name]
    return [contacts[name] for name in (named or [""]) if name in contacts][:1]


def of_item(item: wire.Json, contacts: Sequence[object], end: str) -> Person | None:
    """Return the customer at one end (`from`, `to`) of a message."""
    return _person(
        [wire.ident(item, f"{end}{part}") for part in ("_user_id", "", "_parent_user_id")], contacts
    )


def of_recipient(item: wire.Json, contacts: Sequence[object]) -> Person | None:
    """Return the customer a status is about: in a group the participant, not the group."""
    role = "recipient_participant" if wire.text(item, "recipient_type") == "group" else "recipient"
    return _person(
        [wire.ident(item, f"{role}{part}") for part in ("_user_id", "_id", "_parent_user_id")],
        contacts,
    )


def of_system(item: wire.Json) -> tuple[Person | None, tuple[str, ...]]:
    """Return whom a system message is about, by the ids known before, and the ids that are new."""
    system = wire.table(item, "system")
    new = [
        wire.ident(system, "user_id"),
        wire.ident(system, "wa_id") or wire.ident(system, "new_wa_id"),
    ]
    old = [
        wire.ident(system, "previous_user_id"),
        wire.ident(item, "from_user_id"),
        wire.ident(item, "from"),
    ]
    return _changed(old, new)


def of_update(item: wire.Json) -> tuple[Person | None, tuple[str, ...]]:
    """Return the same for an entry of `user_id_update`."""
    change = wire.table(item, "user_id")
    return _changed(
        [wire.ident(change, "previous"), wire.ident(item, "wa_id")], [wire.ident(change, "current")]
    )


def _changed(old: list[str], new: list[str]) -> tuple[Person | None, tuple[str, ...]]:
    fresh = tuple(dict.fromkeys(one for one in new if one))
    known = [one for one in old if one and one not in fresh]
    if (
        not known and len(fresh) > 1
    ):  # no id from before: the number tells who it was, the BSUID is new
        known, fresh = [fresh[-1]], fresh[:-1]
    return _person(known, ()), tuple(one for one in fresh if one not in known)


def _person(ids: list[str], contacts: Sequence[object]) -> Person | None:
    contact = wire.as_object(contacts[0], "contact") if contacts else {}
    profile = wire.table(contact, "profile")
    candidates = [
        *ids,
        *(wire.ident(contact, key) for key in ("user_id", "wa_id", "parent_user_id")),
    ]
    found = sorted(dict.fromkeys(one for one in candidates if one), key=_rank)
    if not found:
        return None
    return Person(
        found[0],
        name=wire.text(profile, "name"),
        username=wire.text(profile, "username"),
        aliases=tuple(found[1:]),
    )


def _rank(value: str) -> int:
    """Return the order of ids: a person's BSUID, the number, the enterprise's BSUID."""
    if not is_bsuid(value):
        return 1
    return 2 if ".ENT." in value else 0


def _loose(source: wire.Json, key: str) -> str:
    try:
        return wire.ident(source, key)
    except PayloadError:
        return ""
