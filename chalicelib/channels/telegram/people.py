"""Who speaks in a chat of Telegram: a customer, the brand, or nobody that is named."""

from dataclasses import dataclass

from chalicelib.channels import wire
from chalicelib.channels.contract import PayloadError
from chalicelib.channels.telegram.spot import Spot
from chalicelib.domain.event import Person


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who said something.

    `contact` is the customer even when the brand speaks; None when it is not said. `app_id` is the
    bot that spoke in the brand's name, where it was another than ours. `automatic`: a machine
    spoke.
    """

    contact: Person | None
    author: Person | None
    from_brand: bool = False
    app_id: str = ""
    automatic: bool = False


def person_of(user: wire.Json) -> Person | None:
    """Return a user, a private chat, a group or a channel as a person; None when there is none."""
    number = wire.ident(user, "id")
    if not number:
        return None
    parts = (wire.text(user, "first_name"), wire.text(user, "last_name"))
    name = " ".join(part for part in parts if part) or wire.text(user, "title")
    return Person(number, name, wire.text(user, "username"))


def customer_of(chat: wire.Json, connection: str) -> Person | None:
    """Return the customer that a private chat is with (see spot.py for the ids)."""
    found = person_of(chat)
    if found is None or not connection:
        return found
    there = Spot(found.id, connection=connection).id
    return Person(there, found.name, found.username, aliases=(found.id,))


def is_public(chat: wire.Json) -> bool:
    """Return whether others read along: everywhere but in a chat of two."""
    return wire.text(chat, "type") != "private"


def is_open(message: wire.Json) -> bool:
    """Return whether a message was read by others too.

    So is a question to a bot that is a guest in a chat of two: they both read it.
    """
    return is_public(wire.table(message, "chat")) or bool(wire.ident(message, "guest_query_id"))


def speaker_of(message: wire.Json, account_id: str, connection: str) -> Speaker:
    """Return who wrote a message. Raises PayloadError when a private one is nobody's."""
    chat, user = wire.table(message, "chat"), wire.table(message, "from")
    if is_open(message):
        return _in_public(message, chat, user, account_id)
    contact = customer_of(chat, connection)
    if contact is None:
        raise PayloadError("chat_missing")
    number = wire.ident(user, "id")
    if connection:
        return _in_business(message, contact, wire.ident(chat, "id"), number)
    if number and number == account_id:
        return Speaker(contact, Person(account_id), from_brand=True)
    named = person_of(user) or contact
    return Speaker(contact, named, automatic=wire.flag(user, "is_bot"))


def _in_business(message: wire.Json, contact: Person, chat: str, writer: str) -> Speaker:
    """Return who wrote in a chat of a business account: its owner is the brand."""
    if not writer or writer == chat:
        return Speaker(contact, contact, automatic=False)
    bot = wire.ident(wire.table(message, "sender_business_bot"), "id")
    offline = wire.flag(message, "is_from_offline")  # an away note, or a planned message
    return Speaker(contact, Person(writer), from_brand=True, app_id=bot, automatic=offline)


def _in_public(message: wire.Json, chat: wire.Json, user: wire.Json, account_id: str) -> Speaker:
    """Return who wrote in a group or a channel.

    `sender_chat` stands for the writer where there is one: `from` is then a made-up user. The
    group itself is one of its administrators without a name, and the channel that a group belongs
    to is the brand's: both are recognised as far as the message shows it.
    """
    sender = wire.table(message, "sender_chat")
    if sender:
        by = person_of(sender)
        own = by is None or by.id == wire.ident(chat, "id") or _is_house(message, by.id)
        return Speaker(None if own else by, by, from_brand=own)
    by = person_of(user)
    if by is not None and by.id == account_id:
        return Speaker(None, by, from_brand=True)
    if by is None and wire.text(chat, "type") == "channel":
        return Speaker(None, person_of(chat), from_brand=True)
    return Speaker(by, by, automatic=wire.flag(user, "is_bot"))


def _is_house(message: wire.Json, sender: str) -> bool:
    """Return whether the sender is the channel whose comments the group holds."""
    if wire.flag(message, "is_automatic_forward"):
        return True
    answered = wire.table(message, "reply_to_message")
    root = wire.ident(wire.table(answered, "sender_chat"), "id")
    return wire.flag(answered, "is_automatic_forward") and root == sender
