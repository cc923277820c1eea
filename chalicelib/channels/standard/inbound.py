"""The generic inbound payload, read strictly: its sender, unlike a platform, can mend it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.channels import wire
from chalicelib.channels.contract import Parsed, PayloadError
from chalicelib.channels.instant import instant
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import Attachment, ChannelEvent, EventKind, Person, ReceiptState
from chalicelib.domain.ident import digest

MAX_TEXT = 32_768
MAX_ATTACHMENTS = 20


@dataclass(frozen=True, slots=True)
class Notice:
    """A body and what came with it: the handle's account and the delivery's id.

    `content` stands for the id when a kept body is parsed again without what came with it.
    """

    account_id: str
    event_id: str
    received_at: datetime
    occurred_at: datetime
    data: wire.Json
    content: str

    def event(self, kind: EventKind) -> ChannelEvent:
        """Return a bare event.

        The same `webhook-id` is the same event, whatever time a retry carries.
        """
        contact = _contact(self.data)
        return ChannelEvent(
            key=digest("event", Channel.WEBHOOK, self.account_id, self.event_id or self.content),
            kind=kind,
            channel=Channel.WEBHOOK,
            account_id=self.account_id,
            public=_yes(self.data, "public"),
            received_at=self.received_at,
            occurred_at=self.occurred_at,
            contact=contact,
            author=contact,
            message_id=_required(self.data, "id"),
            post_id=wire.ident(self.data, "thread"),
        )


def parse(body: bytes, received_at: datetime, *, account_id: str, event_id: str) -> Parsed:
    """Return the one event of a body, or its type when it is not one of ours.

    Raises PayloadError.
    """
    top = wire.as_object(wire.read(body), "body")
    kind = _required(top, "type")
    occurred_at = instant(top.get("timestamp"))
    if occurred_at is None:
        raise PayloadError("timestamp_missing")
    reader = _TYPES.get(kind)
    if reader is None:
        return Parsed(ignored=(f"standard.{wire.word(kind)}",))
    notice = Notice(
        account_id, event_id, received_at, occurred_at, wire.table(top, "data"), wire.canonical(top)
    )
    return Parsed(events=(reader(notice),))


def _created(notice: Notice) -> ChannelEvent:
    data = notice.data
    own = _yes(data, "from_brand")
    bare = notice.event(EventKind.ECHO if own else EventKind.MESSAGE)
    if bare.contact is None:
        raise PayloadError("contact_missing")
    text, attachments = _text(data), _attachments(data)
    if not text and not attachments:
        raise PayloadError("message_empty")
    return replace(
        bare,
        author=Person(notice.account_id) if own else bare.contact,
        text=text,
        attachments=attachments,
        subject="text" if text else attachments[0].kind,
        parent_id=wire.ident(data, "in_reply_to"),
        permalink=wire.text(data, "permalink"),
        reply_token=wire.ident(data, "token") if own else "",
        title=wire.text(data, "title"),
        ref=wire.ident(data, "ref"),
    )


def _edited(notice: Notice) -> ChannelEvent:
    if not isinstance(notice.data.get("text"), str):
        raise PayloadError("text_missing")
    number = wire.number(notice.data, "number")
    return replace(notice.event(EventKind.EDIT), text=_text(notice.data), edit_number=number)


def _deleted(notice: Notice) -> ChannelEvent:
    return notice.event(EventKind.DELETE)


def _receipt(notice: Notice) -> ChannelEvent:
    state = wire.text(notice.data, "state")
    if state not in tuple(ReceiptState):
        raise PayloadError("state_unknown")
    error = wire.table(notice.data, "error")
    return replace(
        notice.event(EventKind.RECEIPT),
        receipt=ReceiptState(state),
        reply_token=wire.ident(notice.data, "token"),
        error_code=wire.text(error, "code"),
        error_text=wire.text(error, "text"),
    )


def _contact(data: wire.Json) -> Person | None:
    given = wire.table(data, "contact")
    if not given:
        return None
    return Person(
        _required(given, "id"), name=wire.text(given, "name"), username=wire.text(given, "username")
    )


def _text(data: wire.Json) -> str:
    found = wire.text(data, "text")
    if len(found) > MAX_TEXT:
        raise PayloadError("text_too_long")
    return found


def _attachments(data: wire.Json) -> tuple[Attachment, ...]:
    listed = wire.rows(data, "attachments")
    if len(listed) > MAX_ATTACHMENTS:
        raise PayloadError("attachments_too_many")
    return tuple(_attachment(wire.as_object(raw, "attachment")) for raw in listed)


def _attachment(raw: wire.Json) -> Attachment:
    return Attachment(
        _required(raw, "kind"),
        url=_required_text(raw, "url"),
        mime_type=wire.text(raw, "mime_type"),
        name=wire.text(raw, "name"),
    )


def _required(source: wire.Json, key: str) -> str:
    found = wire.ident(source, key)
    if not found:
        raise PayloadError(f"{key}_missing")
    return found


def _required_text(source: wire.Json, key: str) -> str:
    found = wire.text(source, key)
    if not found:
        raise PayloadError(f"{key}_missing")
    return found


def _yes(source: wire.Json, key: str) -> bool:
    value = source.get(key, False)
    if not isinstance(value, bool):
        raise PayloadError(f"{key}_not_boolean")
    return value


_TYPES: dict[str, Callable[[Notice], ChannelEvent]] = {
    "message.created": _created,
    "message.edited": _edited,
    "message.deleted": _deleted,
    "message.receipt": _receipt,
}
