"""Messages of every kind of chat, their edits and, where Telegram tells, their deletion."""

import re
from dataclasses import dataclass, replace

from chalicelib.channels import wire
from chalicelib.channels.contract import Ignored, PayloadError
from chalicelib.channels.instant import instant
from chalicelib.channels.telegram import people, spot
from chalicelib.channels.telegram.content import Content, content_of, is_live_place, service_of
from chalicelib.channels.telegram.people import Speaker
from chalicelib.channels.telegram.spot import GUEST, Spot
from chalicelib.channels.telegram.update import Found, Update
from chalicelib.domain.event import ChannelEvent, EventKind

KINDS = (
    "message",
    "edited_message",
    "channel_post",
    "business_message",
    "edited_business_message",
    "guest_message",
)
_EDITS = ("edited_message", "edited_business_message")
_START = re.compile(r"/start(?:@\w+)?(?:\s+(?P<code>[A-Za-z0-9_-]{1,64}))?\s*", re.ASCII)
_LINKED = "-100"  # begins the id of a supergroup; its links leave it out


@dataclass(frozen=True, slots=True)
class Line:
    """One message, with who wrote it and where."""

    update: Update
    spot: Spot
    speaker: Speaker

    @property
    def message(self) -> wire.Json:
        """Return the message itself."""
        return self.update.value

    def event(self, kind: EventKind) -> ChannelEvent:
        """Return the event of a message without its words."""
        message, chat = self.message, wire.table(self.message, "chat")
        edited = instant(message.get("edit_date")) if kind is EventKind.EDIT else None
        public = people.is_open(message)
        return replace(
            self.update.event(kind),
            public=public,
            occurred_at=edited or instant(message.get("date")),
            contact=self.speaker.contact,
            author=self.speaker.author,
            message_id=self.spot.id,
            post_id=post_of(message) if public else "",
            parent_id=_answered(message, self.spot),
            app_id=self.speaker.app_id,
            automatic=self.speaker.automatic,
            permalink=_link(chat, self.spot) if people.is_public(chat) else "",
            title=wire.text(chat, "title"),
        )


def read(update: Update) -> Found:
    """Return the events of one message, or of a later text of it. Raises PayloadError."""
    message = update.value
    connection = wire.ident(message, "business_connection_id")
    if "business" in update.kind and not connection:
        raise PayloadError("business_connection_id_missing")
    where = spot.of_message(message, connection)
    line = Line(update, where, people.speaker_of(message, update.account_id, connection))
    content = content_of(message)
    if content is None:
        return _without_content(line)
    if update.kind in _EDITS:
        return _edited(line, content)
    return [_said(line, content)]


def deleted(update: Update) -> Found:
    """Return one deletion for each message that was taken out of a chat of a business account."""
    connection = wire.ident(update.value, "business_connection_id")
    chat = wire.table(update.value, "chat")
    contact = people.customer_of(chat, connection)
    if not connection or contact is None:
        raise PayloadError("business_connection_id_missing" if contact else "chat_missing")
    numbers = [wire.ident({"id": one}, "id") for one in wire.rows(update.value, "message_ids")]
    return [
        replace(
            update.event(EventKind.DELETE, number),
            contact=contact,
            message_id=Spot(wire.ident(chat, "id"), number, connection).id,
        )
        for number in numbers
        if number
    ]


def post_of(message: wire.Json) -> str:
    """Return what a public conversation is under: the group, and its topic where it has topics.

    Answers in a group without topics carry a thread number as well, another one for each message
    that was answered. It is left out: a customer's answer to our answer belongs to the same talk.
    """
    query = wire.ident(message, "guest_query_id")
    if query:
        return GUEST + query
    chat = wire.ident(wire.table(message, "chat"), "id")
    topic = wire.ident(message, "message_thread_id")
    return f"{chat}:{topic}" if topic and wire.flag(message, "is_topic_message") else chat


def _said(line: Line, content: Content) -> ChannelEvent:
    kind = EventKind.ECHO if line.speaker.from_brand else EventKind.MESSAGE
    guest = ("guest",) if line.update.kind == "guest_message" else ()
    said = replace(
        line.event(kind),
        text=content.text,
        attachments=content.attachments,
        subject=content.subject,
        flags=guest,
    )
    return _started(said) if content.subject == "text" else said


def _started(said: ChannelEvent) -> ChannelEvent:
    """Return the message, or the press of a chat's first button: `/start`, with a link's code.

    The code stays as the text: it may as well be a word that somebody wrote after the command.
    """
    found = _START.fullmatch(said.text)
    if found is None or said.public or said.kind is not EventKind.MESSAGE:
        return said
    code = found["code"] or ""
    if not code:
        return replace(said, kind=EventKind.NOTICE, detail="started", subject="start")
    return replace(said, text=code, ref=code, subject="start")


def _edited(line: Line, content: Content) -> Found:
    if is_live_place(line.message):
        return [Ignored("telegram.live_location")]
    return [replace(line.event(EventKind.EDIT), text=content.text, subject=content.subject)]


def _without_content(line: Line) -> Found:
    """Return what a message is that holds nothing we know.

    It tells that a chat changed, or it is of a kind that is newer than this code: to a person who
    wrote to the brand alone it is a message all the same.
    """
    message = line.message
    if wire.ident(message, "migrate_to_chat_id"):
        moved = line.event(EventKind.NOTICE)
        return [replace(moved, contact=None, detail="group_migrated", subject="service")]
    service = service_of(message)
    if service or people.is_open(message) or line.update.kind in _EDITS:
        return [Ignored(f"telegram.{wire.word(service or 'without_content')}")]
    return [_said(line, Content("unsupported"))]


def _answered(message: wire.Json, where: Spot) -> str:
    answered = wire.ident(wire.table(message, "reply_to_message"), "message_id")
    return replace(where, message=answered).id if answered else ""


def _link(chat: wire.Json, where: Spot) -> str:
    """Return where a member can open the message; only supergroups and channels have links."""
    name = wire.text(chat, "username")
    if name:
        return f"https://t.me/{name}/{where.message}"
    if where.chat.startswith(_LINKED):
        return f"https://t.me/c/{where.chat.removeprefix(_LINKED)}/{where.message}"
    return ""
