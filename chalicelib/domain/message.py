"""Messages: inbound, outbound and notes, with everything that happened to them since."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.authority import Promised
from chalicelib.domain.event import Attachment


class Direction(StrEnum):
    """Who speaks to whom."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    NOTE = "note"


class DeliveryState(StrEnum):
    """How far a reply has come.

    `held`: it waits for somebody who may let it leave. `declined`: it was kept back for good.
    `unknown`: the platform never said whether it took it, and a person must look.
    """

    HELD = "held"
    DECLINED = "declined"
    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Origin(StrEnum):
    """Where an outbound message was written."""

    HEARBACK = "hearback"
    NATIVE_APP = "native_app"  # typed in the platform's own app
    OTHER_APP = "other_app"  # sent by another application on the same account
    SURVEY = "survey"


@dataclass(frozen=True, slots=True)
class Edit:
    """A later text of a message. The text before it stays in the message."""

    key: str
    text: str
    at: datetime
    number: int = 0  # the platform's own count of edits, where it counts


@dataclass(frozen=True, slots=True)
class Reaction:
    """One person's newest reaction to a message; `emoji` is empty when it was taken back."""

    by: str
    emoji: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of an outbound message."""

    state: DeliveryState
    at: datetime
    attempts: int = 0
    error_code: str = ""
    error_text: str = ""


@dataclass(frozen=True, slots=True)
class Approved:
    """Who let a held message leave. `draft`: its author's words, where they were changed."""

    by: str
    at: datetime
    draft: str = ""


@dataclass(frozen=True, slots=True)
class Moderation:
    """What the brand asked the platform to do with a customer's public item, and how far it is.

    `action`: hide, unhide or delete. `state` as of a reply: queued, sending, accepted, failed,
    unknown.
    """

    action: str
    state: DeliveryState
    by: str
    at: datetime
    rounds: int = 1
    attempts: int = 0
    error_code: str = ""
    error_text: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation.

    `id` is ours and derives from the platform's id for inbound (`inbound_id`) and from the
    idempotency key for outbound;
    it never changes. `text` is what was first said; `shown` is what to show now. `stub` marks a
    message of which only an edit, a deletion, a reaction or a receipt has arrived yet. `hidden_at`
    is when it was last hidden or shown again. `rounds` counts how often a person had it sent again;
    `rev` counts writes (0: not stored yet). `title` and `quoted` are as in the event; `answers` are
    the platform ids a mail answers. `personal` names the kinds of personal data found in a public
    message, never the data. `files` are the bucket's keys of what leaves with a reply, as
    attachments. `template` is a prepared message's name, language and parameters.
    `invites`: this reply asks the customer into a private talk. `promised` is what it promises.
    `seen` are the times of the customer's messages that whoever wrote this reply could see; None:
    all that were sent until then.
    """

    id: str
    conversation_id: str
    direction: Direction
    public: bool
    sent_at: datetime
    received_at: datetime
    case_number: int = 0
    platform_id: str = ""
    author_id: str = ""
    author_name: str = ""
    subject: str = ""
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    parent_id: str = ""
    clamped: bool = False
    stub: bool = False
    origin: Origin = Origin.HEARBACK
    edits: tuple[Edit, ...] = ()
    deleted_at: datetime | None = None
    hidden: bool = False
    hidden_at: datetime | None = None
    reactions: tuple[Reaction, ...] = ()
    delivery: Delivery | None = None
    permalink: str = ""
    rounds: int = 0
    rev: int = 0
    title: str = ""
    quoted: str = ""
    automatic: bool = False
    answers: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    moderation: Moderation | None = None
    template: tuple[str, ...] = ()
    invites: bool = False
    promised: tuple[Promised, ...] = ()
    approved: Approved | None = None
    seen: tuple[datetime, ...] | None = None

    @property
    def shown(self) -> str:
        """Return the text to show now: the newest edit, or nothing once deleted."""
        if self.deleted_at is not None:
            return ""
        return max(self.edits, key=_edit_order).text if self.edits else self.text


def _edit_order(edit: Edit) -> tuple[int, datetime, str]:
    return (edit.number, edit.at, edit.key)
