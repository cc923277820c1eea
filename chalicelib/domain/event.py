"""Channel events: what a platform told us, in Hearback's words, before anything is decided."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.channel import Channel


class EventKind(StrEnum):
    """What happened on the platform."""

    MESSAGE = "message"  # words, a file, a press of a button, a rating: not by the brand
    ECHO = "echo"  # a message of the brand itself came back to us
    EDIT = "edit"
    DELETE = "delete"  # removed, unsent or revoked
    HIDE = "hide"
    UNHIDE = "unhide"
    REACTION = "reaction"
    RECEIPT = "receipt"  # sent, delivered, read or failed: about a message of ours
    IDENTITY = "identity"  # a customer's id on the platform changed
    NOTICE = "notice"  # opt-in, referral, hand-over, account news: counted, opens nothing


class ReceiptState(StrEnum):
    """How far an outbound message has come on the platform."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on a platform.

    `aliases` are further ids of the same person in the same payload (WhatsApp: BSUID and
    wa_id).
    """

    id: str
    name: str = ""
    username: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file or rich part of a message.

    `url` is the platform's own and may expire; `media_id` where there is no url. `key` is where our
    bucket keeps it once it has been fetched (`size` bytes), `refused` why it was not.
    `content_id` is what a mail's own HTML calls it.
    """

    kind: str
    url: str = ""
    media_id: str = ""
    mime_type: str = ""
    name: str = ""
    title: str = ""
    content_id: str = ""
    key: str = ""
    size: int = 0
    refused: str = ""


def kind_of(mime_type: str) -> str:
    """Return which kind of attachment a file of this type is: image, video, audio or document."""
    kind = mime_type.partition("/")[0]
    return kind if kind in ("image", "video", "audio") else "document"


@dataclass(frozen=True, slots=True)
class ChannelEvent:
    """One event of one platform, normalised.

    `key` is the platform's event key: equal for every delivery of the same event, different for
    different events.
    `contact` is the customer the event is about (never the brand); None where the platform does
    not say.
    `author` is who wrote it (the brand for an echo). `post_id` is the root post of a public
    conversation.
    `parent_id` is the message answered; `message_id` the platform id of the message this event
    is about.
    `occurred_at` is the platform's time (None where it gave none), `received_at` ours; both
    aware UTC, milliseconds.
    `reply_token` is our own message id that the platform handed back (metadata,
    biz_opaque_callback_data).
    `watermark_at` marks "all before this instant" on a receipt without message ids.
    `title` is a mail's subject or the name of the video or review; `quoted` what was cut from the
    text for display (an earlier mail, a signature). `automatic`: written by a machine (an
    out-of-office note), which opens and reopens nothing. `thread` is the conversation that a
    proved reply address names; `answers` are the platform ids that the message answers, the most
    telling first. `ref` is the code of an invitation that brought the customer here; `consent` is
    `stop` or `start` when the customer opts out of messages or in again. `flags` are machine words
    to show: summoned, dmarc_fail, encrypted, ... `cost_micros`: what the platform charges for
    telling us, in millionths of a dollar.
    """

    key: str
    kind: EventKind
    channel: Channel
    account_id: str
    public: bool
    received_at: datetime
    occurred_at: datetime | None = None
    contact: Person | None = None
    author: Person | None = None
    message_id: str = ""
    post_id: str = ""
    parent_id: str = ""
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    subject: str = ""  # the kind of thing: comment, post, rating, text, postback, sticker, ...
    reply_token: str = ""
    app_id: str = ""
    emoji: str = ""  # of a reaction; empty: taken back
    receipt: ReceiptState | None = None
    watermark_at: datetime | None = None
    error_code: str = ""
    error_text: str = ""
    edit_number: int = 0
    new_contact_id: str = ""  # of an IDENTITY event
    permalink: str = ""
    standby: bool = False  # another app holds the thread
    detail: str = ""  # short machine word for counting notices: referral, handover, ...
    title: str = ""
    quoted: str = ""
    automatic: bool = False
    thread: str = ""
    answers: tuple[str, ...] = ()
    ref: str = ""
    consent: str = ""
    flags: tuple[str, ...] = ()
    cost_micros: int = 0
