"""Receive: a customer's message becomes a stored message and moves its case, in one transaction."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain import follow_up, instant, lifecycle, resolve, survey
from chalicelib.domain.case import Case, Status
from chalicelib.domain.channel import THREADED
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.event import ChannelEvent, Person
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.ident import inbound_id
from chalicelib.domain.message import Direction, Message
from chalicelib.workflows.change import handle_of, persist, settle, stamped, terms_of
from chalicelib.workflows.intake import apart, early, exposure, meet, pair, personal, place
from chalicelib.workflows.intake.exposure import Change
from chalicelib.workflows.intake.place import Home
from chalicelib.workflows.ports import Commit, DuplicateMessageError, Parts, Reference
from chalicelib.workflows.routing.load import loaded

KEPT_ANSWERS = 20
"""How many of the messages that a mail answers are kept, the most telling first."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A case after a message. `snapshot`: the case as it ended, where it ended."""

    fold: Fold
    terms: Terms
    snapshot: Case | None = None


def receive(parts: Parts, event: ChannelEvent) -> str:
    """Store a customer's message and what follows from it.

    Returns `stored`, `duplicate` or `completed` (a stub got its message).
    """
    return persist(lambda: _receive(parts, event))


def _receive(parts: Parts, event: ChannelEvent) -> str:
    referred = event.public or event.channel in THREADED
    reference = place.refer(parts, event, event.message_id) if referred else None
    if reference is not None and reference.message_id:
        return "duplicate"
    at_home = place.locate(parts, event)
    message = _message(event, at_home.conversation_id)
    if reference is not None and reference.deleted_at is not None:
        message = replace(message, deleted_at=reference.deleted_at)
    elsewhere = parts.conversations.message(at_home.twin, message.id) if at_home.twin else None
    if elsewhere is not None and not elsewhere.stub:
        return "duplicate"
    message = early.completed(message, elsewhere) if elsewhere else message
    seen = early.foreseen(parts, message, reference)
    commit = _commit(parts, event, at_home, message, seen)
    if referred and event.message_id:
        known = reference or Reference(event.channel, event.account_id, event.message_id)
        there = replace(known, conversation_id=message.conversation_id, message_id=message.id)
        commit = replace(commit, references=(there,))
    return store(parts, commit)


def store(parts: Parts, commit: Commit) -> str:
    """Write a commit that inserts one message, unless the message is there.

    Returns `stored`, `completed` (what was there was a stub, which the message has completed) or
    `duplicate`. Raises StaleError like every commit.
    """
    try:
        parts.conversations.commit(commit)
    except DuplicateMessageError as duplicate:
        stub = duplicate.existing
        if not stub.stub:
            return "duplicate"
        whole = replace(early.completed(commit.insert[0], stub), rev=stub.rev)
        parts.conversations.commit(replace(commit, insert=(), update=(whole,)))
        return "completed"
    return "stored"


def _message(event: ChannelEvent, where: str) -> Message:
    sent_at, clamped = instant.clamp(event.occurred_at, event.received_at)
    author = event.author or event.contact or Person("")
    return Message(
        id=inbound_id(event.channel, event.account_id, event.message_id or event.key),
        conversation_id=where,
        direction=Direction.INBOUND,
        public=event.public,
        sent_at=sent_at,
        received_at=event.received_at,
        platform_id=event.message_id,
        author_id=author.id,
        author_name=author.name or author.username,
        subject=event.subject,
        text=event.text,
        attachments=event.attachments,
        parent_id=event.parent_id,
        clamped=clamped,
        permalink=event.permalink,
        title=event.title,
        quoted=event.quoted,
        automatic=event.automatic,
        answers=event.answers[:KEPT_ANSWERS],
        flags=event.flags,
    )


def _commit(
    parts: Parts, event: ChannelEvent, at_home: Home, message: Message, seen: Message
) -> Commit:
    """Return the commit that stores a message; `seen` is what it will be shown as."""
    met = meet.meet(parts, event, at_home)
    if apart.is_apart(event):
        return apart.kept(parts, event, at_home, met, message)
    before = met.conversation
    stranger = not before.rev and not at_home.known
    moved = _moved(parts, before, message, stranger=stranger)
    if event.public:
        moved, message = _looked_at(parts, before, moved, message, seen)
    fold = met.welcome(moved.fold, message.sent_at, message.id)
    new = replace(
        settle(before, fold, moved.terms),
        messages=before.messages + 1,
        last_message_at=max(message.sent_at, before.last_message_at or message.sent_at),
    )
    ended = moved.snapshot is not None and moved.snapshot.number == fold.case.number
    commit = Commit(
        conversation=_heard(new, message, at_home),
        joining=met.joining,
        insert=(replace(message, case_number=fold.case.number),),
        entries=stamped(fold, new),
        snapshot=fold.case if ended else moved.snapshot,
        contact=met.contact,
        identities=met.identities,
    )
    return loaded(parts, before, commit)


def _looked_at(
    parts: Parts, conversation: Conversation, moved: Moved, message: Message, seen: Message
) -> tuple[Moved, Message]:
    """Return a case and its public message with what the message shows of personal data.

    One that was hidden before it reached us is marked, and exposes nothing.
    """
    policy = parts.policies.current()
    found = personal.look(parts, seen, handle_of(policy, conversation))
    at, shown = message.received_at, replace(seen, personal=found)
    fold = exposure.followed(moved.fold, moved.terms, Change(message, shown, at, at))
    return replace(moved, fold=fold), replace(message, personal=found)


def _heard(new: Conversation, message: Message, at_home: Home) -> Conversation:
    """Return the conversation with when, on which side and by which message it was last heard of.

    Somebody else in the customer's thread is not the customer, but is who a reply answers.
    """
    if at_home.sided:
        side = pair.side_of(new)
        at, known = _newest(message, side.last_inbound_at, side.last_inbound_id)
        side = replace(side, last_inbound_at=at, last_inbound_id=known)
        return replace(new, side=side, contact_name=new.contact_name or message.author_name)
    at, known = _newest(message, new.last_inbound_at, new.last_inbound_id)
    flags = message.flags if at == message.sent_at else new.last_inbound_flags
    name = new.contact_name if at_home.foreign else message.author_name or new.contact_name
    return replace(
        new,
        last_inbound_at=at,
        last_inbound_id=known,
        last_inbound_flags=flags,
        contact_name=name,
    )


def _newest(message: Message, last_at: datetime | None, last_id: str) -> tuple[datetime, str]:
    if last_at is not None and message.sent_at < last_at:
        return last_at, last_id
    return message.sent_at, message.platform_id or last_id


def _moved(parts: Parts, conversation: Conversation, message: Message, *, stranger: bool) -> Moved:
    """Return what a message does to the newest case, or the case that it begins."""
    case = conversation.case
    if case is None:
        vip = not stranger and meet.is_vip(parts, conversation)
        return _open(parts, conversation, 1, message, vip=vip)
    terms = terms_of(parts, conversation, case)
    if case.open:
        at, known_at = message.sent_at, message.received_at
        goes_on = lifecycle.receive(Fold(case), terms, at, message.id, received_at=known_at)
        return Moved(goes_on, terms)
    fold = _after_resolve(Fold(case), terms, message)
    if fold is not None:
        return Moved(fold, terms, fold.case if fold.case.status is Status.CLOSED else None)
    return _next(parts, conversation, case, message)


def _after_resolve(fold: Fold, terms: Terms, message: Message) -> Fold | None:
    """Return the resolved case after a message, or None when it is too late to belong to it.

    A bare score and a thank-you belong to it however late they come.
    """
    at = message.sent_at
    late = at > resolve.closes_at(fold.case, terms)
    answer = survey.recognise(message.text) if follow_up.asked(fold) else None
    if answer is not None and not (late and answer.words):
        fold = follow_up.answer_survey(
            fold, terms, at, message.id, score=answer.score, words=answer.words
        )
        if fold.case.open or not answer.asks:
            return fold
    elif survey.is_thanks(message.text, len(message.attachments)):
        return resolve.thank(fold, at, message.id)
    elif late:
        return None
    return resolve.receive_after_resolve(fold, terms, at, message.id, queued_at=message.received_at)


def _next(parts: Parts, conversation: Conversation, case: Case, message: Message) -> Moved:
    """Begin the next case of a conversation; the one before ends here if it has not yet.

    The customer goes to who had the case before, if possible.
    """
    vip = meet.is_vip(parts, conversation)
    moved = _open(parts, conversation, case.number + 1, message, vip=vip)
    moved = replace(moved, fold=moved.fold.change(preferred=case.assignee or case.preferred))
    if case.status is Status.CLOSED:
        return moved
    ended = lifecycle.close(Fold(case), message.received_at)
    fold = replace(moved.fold, entries=(*ended.entries, *moved.fold.entries))
    return Moved(fold, moved.terms, ended.case)


def _open(
    parts: Parts, conversation: Conversation, number: int, message: Message, *, vip: bool
) -> Moved:
    policy = parts.policies.current()
    terms = Terms(policy, handle_of(policy, conversation), conversation.public)
    fold = lifecycle.open_case(
        number,
        terms,
        sent_at=message.sent_at,
        received_at=message.received_at,
        message_id=message.id,
        vip=vip,
    )
    return Moved(fold, terms)
