"""Limits: whether words and files may leave on one side of a conversation, and why not.

One list of checks, so that what an agent is shown while typing is what the reply is told.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain import upload, window
from chalicelib.domain.authority import Promised
from chalicelib.domain.channel import Capabilities, Invite
from chalicelib.domain.conversation import Conversation, Spot, spot
from chalicelib.domain.event import Attachment
from chalicelib.domain.ident import inbound_id
from chalicelib.workflows.answering.spot import can_at, opted_out_at
from chalicelib.workflows.approving.authority import words_of
from chalicelib.workflows.errors import NotNowError, RefusedError
from chalicelib.workflows.intake import personal
from chalicelib.workflows.ports import Parts


@dataclass(frozen=True, slots=True)
class Draft:
    """What shall leave. `side`: public, private, or empty for where the customer last wrote.

    `files` are keys of uploads; `template` a prepared message's name, language and parameters.
    `tail` is what is added to the words without having been written by a person (a link).
    `promised` is what the words promise.
    """

    text: str
    side: str = ""
    files: tuple[str, ...] = ()
    template: tuple[str, ...] = ()
    tail: str = ""
    promised: tuple[Promised, ...] = ()

    @property
    def whole(self) -> str:
        """Return the text that the customer gets."""
        if self.template and not self.text.strip():
            return f"Template {self.template[0]}"
        return f"{self.text} {self.tail}" if self.tail else self.text

    @property
    def words(self) -> tuple[str, ...]:
        """Return all of it, so that two drafts can be told apart."""
        plain = (self.text, self.side, "files", *self.files, "template", *self.template)
        return (*plain, *words_of(self.promised))


@dataclass(frozen=True, slots=True)
class Trial:
    """A draft on one side of a conversation, to be checked."""

    parts: Parts
    conversation: Conversation
    at: Spot
    can: Capabilities
    draft: Draft


def check(
    parts: Parts, conversation: Conversation, at: Spot, draft: Draft, *, stored: bool = False
) -> None:
    """Raise why a draft may not leave: RefusedError, or NotNowError with what may be done.

    `stored`: it is a message already, whose files were checked then; it may have nothing else.
    """
    trial = Trial(parts, conversation, at, can_at(parts, at), draft)
    for one in CHECKS:
        if not (stored and one is _words):
            one(trial)


def refusals(
    parts: Parts, conversation: Conversation, at: Spot, draft: Draft
) -> tuple[RefusedError, ...]:
    """Return every reason why a draft may not leave, the one that a reply would give first."""
    trial = Trial(parts, conversation, at, can_at(parts, at), draft)
    found = []
    for one in CHECKS:
        try:
            one(trial)
        except RefusedError as refused:
            found.append(refused)
    return tuple(found)


def attached(
    parts: Parts, conversation: Conversation, files: tuple[str, ...]
) -> tuple[Attachment, ...]:
    """Return the files of a draft. Raises RefusedError for one not uploaded for this talk."""
    return tuple(_attached(parts, conversation, key) for key in files)


def _attached(parts: Parts, conversation: Conversation, key: str) -> Attachment:
    unknown = RefusedError("There is no such file here.", code="unknown_file")
    if not key.startswith(upload.prefix(conversation.id)):
        raise unknown
    try:
        return upload.attachment(key, parts.media.size(key))
    except LookupError as error:
        raise unknown from error


def invite_until(parts: Parts, conversation: Conversation, item_id: str) -> datetime | None:
    """Return until when the writer of a public item can be invited by it; None: there is no end."""
    can = can_at(parts, spot(conversation, public=True))
    if can.invite_seconds is None:
        return None
    message_id = inbound_id(conversation.channel, conversation.account_id, item_id)
    item = parts.conversations.message(conversation.id, message_id)
    written_at = item.sent_at if item else conversation.created_at
    return written_at + timedelta(seconds=can.invite_seconds)


def check_invite_time(parts: Parts, conversation: Conversation, item_id: str) -> None:
    """Raise NotNowError when it is too late to invite the writer of a public item by it."""
    until = invite_until(parts, conversation, item_id)
    if until is not None and parts.now() >= until:
        raise NotNowError(
            "It is too late to invite the customer by this message.",
            code="invite_closed",
            instead=("answer in public",),
        )


def check_wish(parts: Parts, conversation: Conversation, at: Spot) -> None:
    """Raise NotNowError when the customer asked for no more messages on this side."""
    if opted_out_at(parts, conversation, at) is not None:
        raise NotNowError(
            "The customer asked for no more messages here.",
            code="opted_out",
            instead=("wait until the customer allows messages again", "use another channel"),
        )


def _words(trial: Trial) -> None:
    draft = trial.draft
    if not (draft.text.strip() or draft.files or draft.template):
        raise RefusedError("A reply needs words.", code="empty")


def _joined(trial: Trial) -> None:
    """Keep an answer from going where nobody looks: the customer's words stand in public."""
    private = trial.conversation
    alone = not private.joined or (private.case is not None and private.case.open)
    public = None if alone else trial.parts.conversations.get(private.joined)
    if public is not None and public.case is not None and public.case.open:
        raise NotNowError(
            "This talk belongs to the case of a public conversation now.",
            code="joined_elsewhere",
            instead=(f"answer in conversation {public.id}",),
        )


def check_length(can: Capabilities, text: str) -> None:
    """Raise NotNowError when a text is too long for its channel."""
    length = can.measure(text)
    if length > can.text_limit:
        unit = can.text_unit.value
        raise NotNowError(
            f"The text has {length} {unit}; this channel takes {can.text_limit}.",
            code="too_long",
            instead=("shorten it", "send it in parts"),
        )


def _length(trial: Trial) -> None:
    check_length(trial.can, trial.draft.whole)


def _wish(trial: Trial) -> None:
    check_wish(trial.parts, trial.conversation, trial.at)


def _summons(trial: Trial) -> None:
    at = trial.at
    if not (at.public and trial.can.summoned_only) or "summoned" in at.flags:
        return
    invites = trial.can.invite in (Invite.PRIVATE_REPLY, Invite.DIRECT_MESSAGE)
    private = ("invite the customer to a private talk",) if invites else ()
    raise NotNowError(
        "This network lets a brand answer only where the customer named it.",
        code="not_summoned",
        instead=(*private, "answer another message, which names the brand"),
    )


def _window(trial: Trial) -> None:
    if trial.draft.template:
        return
    room = window.room(trial.can, trial.at.last_inbound_at, trial.parts.now())
    if room.open:
        return
    prepared = ("send a template",) if trial.can.templates else ()
    raise NotNowError(
        "This channel's window for replies is closed.",
        code="window_closed",
        instead=(*((room.instead,) if room.instead else ()), *prepared),
    )


def _template(trial: Trial) -> None:
    if trial.draft.template and not trial.can.templates:
        raise NotNowError("This channel has no templates.", code="no_templates")


def _files(trial: Trial) -> None:
    draft, can = trial.draft, trial.can
    if len(draft.files) > can.files:
        raise NotNowError(
            f"One message takes {can.files} files here.",
            code="too_many_files",
            instead=("send them one by one",) if can.files else ("send a link to it",),
        )
    for file in attached(trial.parts, trial.conversation, draft.files):
        if file.kind not in can.file_kinds:
            raise NotNowError(f"This channel takes no {file.kind}.", code="file_kind")
        if file.size > can.file_bytes:
            raise NotNowError(
                f"The file has {file.size} bytes; this channel takes {can.file_bytes}.",
                code="file_too_large",
            )


def _personal(trial: Trial) -> None:
    if trial.at.public:
        personal.refuse(trial.parts, trial.conversation, trial.draft.text)


CHECKS: tuple[Callable[[Trial], None], ...] = (
    _words,
    _joined,
    _length,
    _wish,
    _summons,
    _window,
    _template,
    _files,
    _personal,
)
