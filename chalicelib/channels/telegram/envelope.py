"""A body is one update, and an update holds one thing that happened.

Telegram sends nothing of a chat until the update before was taken: whatever cannot be read is set
aside, and never keeps its chat waiting (protocols part 3).
"""

from datetime import datetime

from chalicelib.channels import wire
from chalicelib.channels.contract import Ignored, Parsed, PayloadError, Unreadable
from chalicelib.channels.telegram import news, talk
from chalicelib.channels.telegram.update import Found, Reader, Update
from chalicelib.domain.event import ChannelEvent


def parse(body: bytes, received_at: datetime, account_id: str) -> Parsed:
    """Return what an update tells.

    Raises PayloadError when the body is no update at all: not JSON, or without `update_id`.
    """
    top = wire.as_object(wire.read(body), "body")
    if top.get("update_id") is None:
        raise PayloadError("update_id_missing")
    try:
        found = _read(top, received_at, account_id)
    except PayloadError as error:
        return Parsed(unreadable=(Unreadable(error.reason, body),))
    return Parsed(
        events=tuple(one for one in found if isinstance(one, ChannelEvent)),
        ignored=tuple(one.word for one in found if isinstance(one, Ignored)),
    )


def _read(top: wire.Json, received_at: datetime, account_id: str) -> Found:
    number = wire.ident(top, "update_id")
    kind = next((key for key in top if key in _READERS), "")
    if not kind:
        strange = sorted(key for key in top if key != "update_id")
        return [Ignored(f"telegram.{wire.word(strange[0] if strange else 'empty')}")]
    value = wire.table(top, kind)
    return _READERS[kind](Update(account_id, number, kind, value, received_at))


_READERS: dict[str, Reader] = {
    **dict.fromkeys(talk.KINDS, talk.read),
    "deleted_business_messages": talk.deleted,
    "callback_query": news.pressed,
    "message_reaction": news.reacted,
    "my_chat_member": news.membership,
    "business_connection": news.connected,
}
