"""Spots: where on Telegram something was said, and the ids that we make of it.

Telegram numbers messages within a chat, so that a message's platform id names its chat too:
`<chat>/<message>`. A bot that is connected to a business account speaks in that account's chats,
and only with the connection's id: there the platform id is `<connection>/<chat>/<message>` and the
customer's own id `<connection>/<chat>`, with the plain id as alias. So a reply finds its way by the
id of the customer alone, and the conversation goes on when the connection is made anew.
"""

import re
from dataclasses import dataclass

from chalicelib.channels import wire
from chalicelib.channels.contract import PayloadError

GUEST = "guest:"
"""Begins the post id of a chat that the bot is no member of: `guest:<query id>`."""

_NUMBER = re.compile(r"-?[0-9]{1,20}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Spot:
    """A chat, a message in it, and the business connection it was seen through, if any.

    `message` is empty for the chat itself, and where the id is none of a message (a pressed
    button).
    """

    chat: str
    message: str = ""
    connection: str = ""

    @property
    def id(self) -> str:
        """Return the platform id."""
        return "/".join(part for part in (self.connection, self.chat, self.message) if part)


def of_message(message: wire.Json, connection: str = "") -> Spot:
    """Return where a message is. Raises PayloadError when it does not say."""
    chat = wire.ident(wire.table(message, "chat"), "id")
    number = wire.ident(message, "message_id")
    if not chat or not number:
        raise PayloadError("chat_missing" if not chat else "message_id_missing")
    return Spot(chat, number, connection)


def read_message(platform_id: str) -> Spot | None:
    """Return the spot that a message's platform id names; None when it is no such id."""
    head, _, number = platform_id.rpartition("/")
    connection, _, chat = head.rpartition("/")
    if not _NUMBER.fullmatch(chat):
        return None
    return Spot(chat, number if _NUMBER.fullmatch(number) else "", connection)


def read_person(person_id: str) -> Spot | None:
    """Return the chat that a customer's id names; None when it is no such id."""
    connection, _, chat = person_id.rpartition("/")
    return Spot(chat, "", connection) if _NUMBER.fullmatch(chat) else None


def read_post(post_id: str) -> tuple[Spot | None, str]:
    """Return the chat and the topic that a public conversation's post id names."""
    chat, _, topic = post_id.partition(":")
    found = Spot(chat) if _NUMBER.fullmatch(chat) else None
    return found, topic if _NUMBER.fullmatch(topic) else ""
