"""Answers about messages: what a message shows now, what it showed before, and how far it came."""

from datetime import datetime

from chalicelib.domain.event import Attachment
from chalicelib.domain.message import (
    Approved,
    Delivery,
    Direction,
    Message,
    Moderation,
    Origin,
    Reaction,
)
from chalicelib.entrypoints.answers import Answer
from chalicelib.entrypoints.answers_approvals import PromiseAnswer, promises


class EarlierAnswer(Answer):
    """A text that the message showed, from `at` until the next one."""

    text: str
    at: datetime


class AroundAnswer(Answer):
    """What stands around a message's text.

    `title` is a mail's subject or the name of a video or review; `quoted` what was cut from a mail
    for display. `automatic`: a machine wrote it.
    """

    title: str
    quoted: str
    automatic: bool


class SaidAnswer(Answer):
    """What a message of ours promises, and who let it leave where that needed approval.

    `approved` holds as `draft` what its author had written, where that was changed.
    """

    promised: tuple[PromiseAnswer, ...]
    approved: Approved | None


class MessageAnswer(Answer):
    """One message.

    `text` is what to show now; `earlier` the texts before it. A deleted message shows none of them.
    `personal` names the kinds of personal data that a public message shows. `invites`: asks the
    customer into a private talk.
    """

    id: str
    direction: Direction
    public: bool
    case_number: int
    sent_at: datetime
    received_at: datetime
    author_id: str
    author_name: str
    subject: str
    text: str
    earlier: tuple[EarlierAnswer, ...]
    deleted_at: datetime | None
    hidden: bool
    incomplete: bool
    attachments: tuple[Attachment, ...]
    reactions: tuple[Reaction, ...]
    parent_id: str
    origin: Origin
    delivery: Delivery | None
    permalink: str
    around: AroundAnswer
    flags: tuple[str, ...]
    personal: tuple[str, ...]
    moderation: Moderation | None
    template: tuple[str, ...]
    invites: bool
    authority: SaidAnswer


def message(found: Message) -> MessageAnswer:
    """Return what the API shows of a message. What its author deleted is not shown any more."""
    return MessageAnswer(
        id=found.id,
        direction=found.direction,
        public=found.public,
        case_number=found.case_number,
        sent_at=found.sent_at,
        received_at=found.received_at,
        author_id=found.author_id,
        author_name=found.author_name,
        subject=found.subject,
        text=found.shown,
        earlier=_earlier(found),
        deleted_at=found.deleted_at,
        hidden=found.hidden,
        incomplete=found.stub,
        attachments=found.attachments if found.deleted_at is None else (),
        reactions=tuple(one for one in found.reactions if one.emoji),
        parent_id=found.parent_id,
        origin=found.origin,
        delivery=found.delivery,
        permalink=found.permalink,
        around=_around(found),
        flags=found.flags,
        personal=found.personal,
        moderation=found.moderation,
        template=found.template,
        invites=found.invites,
        authority=SaidAnswer(promised=promises(found.promised), approved=found.approved),
    )


def _around(found: Message) -> AroundAnswer:
    quoted = found.quoted if found.deleted_at is None else ""
    return AroundAnswer(title=found.title, quoted=quoted, automatic=found.automatic)


def _earlier(found: Message) -> tuple[EarlierAnswer, ...]:
    if not found.edits or found.deleted_at is not None:
        return ()
    first = EarlierAnswer(text=found.text, at=found.sent_at)
    edits = [
        EarlierAnswer(text=edit.text, at=edit.at)
        for edit in found.edits
        if edit.text != found.shown
    ]
    return (first, *edits)
