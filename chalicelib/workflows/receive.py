"""Receive: a customer's message becomes a stored message and moves its case, in one transaction."""

from dataclasses import replace

from chalicelib.domain import instant, lifecycle, survey
from chalicelib.domain.case import Case, Status
from chalicelib.domain.channel import Channel
from chalicelib.domain.contact import Contact, Identity
from chalicelib.domain.conversation import Conversation, contact_id, inbound_id
from chalicelib.domain.event import ChannelEvent, Person
from chalicelib.domain.message import Direction, Message
from chalicelib.domain.promise import Fold, Terms
from chalicelib.workflows import place
from chalicelib.workflows.change import persist, settle, stamped, terms_of
from chalicelib.workflows.ports import Commit, DuplicateMessageError, Parts, Reference

ACCOUNT_SCOPED = frozenset({Channel.FACEBOOK_PAGE, Channel.MESSENGER, Channel.INSTAGRAM})
"""Channels whose customer ids mean something on one account of the brand only."""


def receive(parts: Parts, event: ChannelEvent) -> str:
    """Store a customer's message and what follows from it.

    Returns `stored`, `duplicate` or `completed` (a stub got its message).
    """
    return persist(lambda: _receive(parts, event))


def _receive(parts: Parts, event: ChannelEvent) -> str:
    where = place.home(event)
    conversation = parts.conversations.get(where)
    reference = place.refer(parts, event, event.message_id) if event.public else None
    if reference is not None and reference.message_id:
        return "duplicate"
    message = _message(event, where)
    if reference is not None and reference.deleted_at is not None:
        message = replace(message, deleted_at=reference.deleted_at)
    commit = _commit(parts, event, conversation, message)
    if event.public:
        kept = Reference(
            event.channel,
            event.account_id,
            event.message_id,
            where,
            message.id,
            rev=reference.rev if reference else 0,
        )
        commit = replace(commit, references=(kept,))
    try:
        parts.conversations.commit(commit)
    except DuplicateMessageError as duplicate:
        if not duplicate.existing.stub:
            return "duplicate"
        parts.conversations.commit(
            replace(commit, insert=(), update=(completed(commit.insert[0], duplicate.existing),))
        )
        return "completed"
    return "stored"


def completed(message: Message, stub: Message) -> Message:
    """Return the message with what arrived before it.

    Edits, a deletion, a hiding, reactions, a delivery.
    """
    return replace(
        message,
        edits=stub.edits,
        deleted_at=stub.deleted_at or message.deleted_at,
        hidden=stub.hidden,
        reactions=stub.reactions,
        delivery=stub.delivery,
        rev=stub.rev,
    )


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
    )


def _commit(
    parts: Parts, event: ChannelEvent, conversation: Conversation | None, message: Message
) -> Commit:
    contact: Contact | None = None
    identities: tuple[Identity, ...] = ()
    if conversation is None:
        contact, identities = meet(parts, event)
        conversation = begin(parts, event, contact, message.conversation_id)
    fold, terms, snapshot = _fold(parts, conversation, message)
    new = settle(conversation, fold, terms)
    newest = conversation.last_inbound_at is None or message.sent_at >= conversation.last_inbound_at
    new = replace(
        new,
        messages=conversation.messages + 1,
        last_message_at=max(message.sent_at, conversation.last_message_at or message.sent_at),
        last_inbound_at=max(message.sent_at, conversation.last_inbound_at or message.sent_at),
        last_inbound_id=message.platform_id if newest else conversation.last_inbound_id,
        contact_name=message.author_name or conversation.contact_name,
    )
    return Commit(
        conversation=new,
        insert=(replace(message, case_number=fold.case.number),),
        entries=stamped(fold, new),
        snapshot=snapshot,
        contact=contact,
        identities=identities,
    )


def _fold(
    parts: Parts, conversation: Conversation, message: Message
) -> tuple[Fold, Terms, Case | None]:
    """Return the case after the message, its terms, and the case it replaces, if it does."""
    case = conversation.case
    if case is None:
        return (*_open(parts, conversation, 1, message), None)
    terms = terms_of(parts, conversation, case)
    at = message.sent_at
    if case.open:
        return lifecycle.receive(Fold(case), terms, at, message.id), terms, None
    if case.resolved_at is None or at > lifecycle.closes_at(case, terms):
        done = (
            case
            if case.status is Status.CLOSED
            else lifecycle.close(Fold(case), message.received_at).case
        )
        return (*_open(parts, conversation, case.number + 1, message), done)
    return _after_resolve(case, terms, message), terms, None


def _after_resolve(case: Case, terms: Terms, message: Message) -> Fold:
    answer = survey.recognise(message.text)
    asked = case.follow_up.sent_at is not None and not case.follow_up.score
    if answer is not None and asked and case.status is Status.FOLLOW_UP:
        return lifecycle.answer_survey(
            Fold(case), terms, message.sent_at, message.id, score=answer.score, words=answer.words
        )
    if survey.is_thanks(message.text, len(message.attachments)):
        return lifecycle.thank(Fold(case), message.sent_at, message.id)
    return lifecycle.receive_after_resolve(Fold(case), terms, message.sent_at, message.id)


def _open(
    parts: Parts, conversation: Conversation, number: int, message: Message
) -> tuple[Fold, Terms]:
    policy = parts.policies.current()
    handle = policy.handle(conversation.handle) or policy.handle_of(
        conversation.channel, conversation.account_id
    )
    assert handle is not None  # ingest has set aside events of unknown accounts
    terms = Terms(policy, handle, conversation.public)
    fold = lifecycle.open_case(
        number, terms, sent_at=message.sent_at, queued_at=message.received_at, message_id=message.id
    )
    return fold, terms


def begin(parts: Parts, event: ChannelEvent, contact: Contact, where: str) -> Conversation:
    """Return a conversation that has not been stored yet."""
    handle = parts.policies.current().handle_of(event.channel, event.account_id)
    assert handle is not None
    return Conversation(
        id=where,
        channel=event.channel,
        handle=handle.id,
        account_id=event.account_id,
        public=event.public,
        contact_id=contact.id,
        contact_ref=event.contact.id if event.contact else "",
        created_at=event.received_at,
        contact_name=contact.name,
        post_id=event.post_id if event.public else "",
    )


def meet(parts: Parts, event: ChannelEvent) -> tuple[Contact, tuple[Identity, ...]]:
    """Return the contact of an event and its identities.

    A known one if any id of the payload is known, else a new one.
    """
    person = event.contact or Person(f"hidden:{event.message_id}")
    scope = scope_of(event)
    refs = (person.id, *person.aliases)
    known = next(
        (i for ref in refs if (i := parts.conversations.identity(event.channel, scope, ref))), None
    )
    owner = known.contact_id if known else contact_id(event.channel, scope, person.id)
    name = person.name or person.username
    evidence = "first message" if known is None else f"one payload carried it with {known.ref}"
    made = tuple(
        Identity(event.channel, scope, ref, owner, event.received_at, evidence, person.username)
        for ref in refs
    )
    return Contact(owner, name, event.received_at), made


def scope_of(event: ChannelEvent) -> str:
    """Return what the customer's id is unique in.

    The account on channels with account-scoped ids, else the channel.
    """
    return event.account_id if event.channel in ACCOUNT_SCOPED else ""


def link(parts: Parts, event: ChannelEvent) -> str:
    """Take in that a customer's id changed: the new id is the same contact."""
    if event.contact is None or not event.new_contact_id:
        return "noticed"
    scope = scope_of(event)
    known = parts.conversations.identity(event.channel, scope, event.contact.id)
    owner = known.contact_id if known else contact_id(event.channel, scope, event.contact.id)
    evidence = f"the platform changed it from {event.contact.id}"
    new = Identity(event.channel, scope, event.new_contact_id, owner, event.received_at, evidence)
    old = Identity(event.channel, scope, event.contact.id, owner, event.received_at)
    name = event.contact.name or event.contact.username
    parts.conversations.commit(
        Commit(contact=Contact(owner, name, event.received_at), identities=(old, new))
    )
    return "linked"
