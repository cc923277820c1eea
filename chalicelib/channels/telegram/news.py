"""What happens around messages: pressed buttons, reactions, and news of who can be reached."""

from dataclasses import replace

from chalicelib.channels import wire
from chalicelib.channels.contract import Ignored, PayloadError
from chalicelib.channels.instant import instant
from chalicelib.channels.telegram import people, spot
from chalicelib.channels.telegram.spot import Spot
from chalicelib.channels.telegram.talk import post_of
from chalicelib.channels.telegram.update import Found, Update
from chalicelib.domain.event import Attachment, EventKind, Person

_GONE = ("kicked", "left")
_HERE = ("member", "administrator", "creator", "restricted")


def pressed(update: Update) -> Found:
    """Return the press of a button below a message: what the button says counts as said.

    A press has an id of its own, and no time. The message may be too old for Telegram to show; of
    one that was written by way of the bot (inline) not even the chat is known: then it is private.
    """
    press = update.value
    message, user = wire.table(press, "message"), wire.table(press, "from")
    number, author = wire.ident(press, "id"), people.person_of(user)
    if not number or author is None:
        raise PayloadError("id_missing" if author else "from_missing")
    connection = wire.ident(message, "business_connection_id")
    chat = wire.table(message, "chat")
    public = bool(chat) and people.is_public(chat)
    data = wire.text(press, "data") or wire.text(press, "game_short_name")
    label = _label(message, data) or data
    where = Spot(wire.ident(chat, "id") or author.id, f"button-{number}", connection)
    return [
        replace(
            update.event(EventKind.MESSAGE),
            public=public,
            contact=author if public else people.customer_of(user, connection),
            author=author,
            message_id=where.id,
            post_id=post_of(message) if public else "",
            parent_id=spot.of_message(message, connection).id if message else "",
            text=label,
            attachments=(Attachment("button", title=label, name=data),),
            subject="button",
        )
    ]


def reacted(update: Update) -> Found:
    """Return a person's reaction to a message; an empty one takes it back."""
    value = update.value
    where = spot.of_message(value)
    by = people.person_of(wire.table(value, "user")) or people.person_of(
        wire.table(value, "actor_chat")
    )
    public = people.is_public(wire.table(value, "chat"))
    rows = [wire.as_object(one, "reaction") for one in wire.rows(value, "new_reaction")]
    return [
        replace(
            update.event(EventKind.REACTION),
            public=public,
            occurred_at=instant(value.get("date")),
            contact=by,
            author=by,
            message_id=where.id,
            post_id=post_of(value) if public else "",
            emoji=" ".join(_emoji(one) for one in rows),
        )
    ]


def membership(update: Update) -> Found:
    """Return whether a customer blocked the bot, or a group took it in or put it out."""
    value = update.value
    chat = wire.table(value, "chat")
    status = wire.text(wire.table(value, "new_chat_member"), "status")
    if status not in (*_GONE, *_HERE):
        return [Ignored(f"telegram.my_chat_member_{wire.word(status)}")]
    public = people.is_public(chat)
    words = ("removed_from_group", "added_to_group") if public else ("blocked", "unblocked")
    notice = replace(
        update.event(EventKind.NOTICE),
        public=public,
        occurred_at=instant(value.get("date")),
        contact=None if public else people.person_of(chat),
        author=people.person_of(wire.table(value, "from")),
        post_id=wire.ident(chat, "id") if public else "",
        detail=words[status in _HERE],
    )
    return [notice]


def connected(update: Update) -> Found:
    """Return that a business account connected our bot, changed what it may do, or cut it off."""
    value = update.value
    owner: Person | None = people.person_of(wire.table(value, "user"))
    notice = replace(
        update.event(EventKind.NOTICE),
        occurred_at=instant(value.get("date")),
        author=owner,
        detail="business_on" if wire.flag(value, "is_enabled") else "business_off",
    )
    return [notice]


def _label(message: wire.Json, data: str) -> str:
    """Return what the pressed button says, where its message is still shown to us."""
    for row in wire.rows(wire.table(message, "reply_markup"), "inline_keyboard"):
        for raw in row if isinstance(row, list) else ():
            button = wire.as_object(raw, "button")
            if data and wire.text(button, "callback_data") == data:
                return wire.text(button, "text")
    return ""


def _emoji(reaction: wire.Json) -> str:
    """Return the emoji, or the kind of a reaction that has none (an own picture, a paid star)."""
    return wire.text(reaction, "emoji") or wire.word(wire.text(reaction, "type"))
