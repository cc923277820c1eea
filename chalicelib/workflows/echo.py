"""Echo: a message of the brand came back to us.

Ours, typed in the platform's own app, or another app's; never a case.
"""

from dataclasses import replace

from chalicelib.domain import delivery, instant, lifecycle
from chalicelib.domain.conversation import Conversation, conversation_id, fingerprint, inbound_id
from chalicelib.domain.event import ChannelEvent
from chalicelib.domain.message import Delivery, DeliveryState, Direction, Message, Origin
from chalicelib.domain.promise import Fold
from chalicelib.workflows import place, receive, sent
from chalicelib.workflows.change import persist, settle, stamped, terms_of
from chalicelib.workflows.ports import Commit, DuplicateMessageError, Parts, Reference

PAGE_INBOX_APPS = frozenset({"", "263902037430900"})
"""Application ids under which the platform's own inbox sends."""


def echo(parts: Parts, event: ChannelEvent) -> str:
    """Match an echo to the reply it is of, or import it.

    Returns `ours`, `imported`, `duplicate` or `own_post`.
    """
    return persist(lambda: _echo(parts, event))


def _echo(parts: Parts, event: ChannelEvent) -> str:
    known = place.refer(parts, event, event.message_id)
    if known is not None and known.message_id:
        return "duplicate"
    where = _where(parts, event)
    if not where:
        return "own_post"
    conversation = parts.conversations.get(where)
    ours = _ours(parts, event, where, conversation)
    if ours is not None:
        at, _ = instant.clamp(event.occurred_at, event.received_at)
        if (
            ours.delivery is not None
            and ours.delivery.state in delivery.REACHED
            and ours.platform_id
        ):
            return "duplicate"
        sent.accepted(parts, ours, at, platform_id=event.message_id, state=DeliveryState.SENT)
        return "ours"
    return _import(parts, event, where, conversation)


def _where(parts: Parts, event: ChannelEvent) -> str:
    """Return the conversation an echo belongs to.

    The customer's it was sent to, or that of the comment it answers.
    """
    if event.contact is not None:
        post = event.post_id if event.public else ""
        return conversation_id(event.channel, event.account_id, event.contact.id, post)
    parent = place.refer(parts, event, event.parent_id)
    return parent.conversation_id if parent else ""


def _ours(
    parts: Parts, event: ChannelEvent, where: str, conversation: Conversation | None
) -> Message | None:
    if event.reply_token:
        return parts.conversations.message(where, event.reply_token)
    wanted = fingerprint(event.text)
    pending = conversation.pending if conversation else ()
    match = next((p for p in pending if p.fingerprint == wanted), None)
    return parts.conversations.message(where, match.message_id) if match else None


def _import(
    parts: Parts, event: ChannelEvent, where: str, conversation: Conversation | None
) -> str:
    """Keep a message of the brand that we did not send.

    One a person typed answers the customer; another app's does not.
    """
    at, clamped = instant.clamp(event.occurred_at, event.received_at)
    human = event.app_id in PAGE_INBOX_APPS
    message = Message(
        id=inbound_id(event.channel, event.account_id, event.message_id),
        conversation_id=where,
        direction=Direction.OUTBOUND,
        public=event.public,
        sent_at=at,
        received_at=event.received_at,
        case_number=conversation.case.number if conversation and conversation.case else 0,
        platform_id=event.message_id,
        author_name=event.author.name if event.author else "",
        subject=event.subject,
        text=event.text,
        attachments=event.attachments,
        parent_id=event.parent_id,
        clamped=clamped,
        origin=Origin.NATIVE_APP if human else Origin.OTHER_APP,
        delivery=Delivery(DeliveryState.SENT, at),
    )
    try:
        parts.conversations.commit(_commit(parts, event, conversation, message))
    except DuplicateMessageError as duplicate:
        if not duplicate.existing.stub:
            return "duplicate"
        commit = _commit(parts, event, conversation, message)
        parts.conversations.commit(
            replace(commit, insert=(), update=(receive.completed(message, duplicate.existing),))
        )
    return "imported"


def _commit(
    parts: Parts, event: ChannelEvent, conversation: Conversation | None, message: Message
) -> Commit:
    known = place.refer(parts, event, event.message_id)
    rev = known.rev if known else 0
    kept = Reference(
        event.channel,
        event.account_id,
        event.message_id,
        message.conversation_id,
        message.id,
        rev=rev,
    )
    if conversation is None:
        contact, identities = receive.meet(parts, event)
        new = replace(
            receive.begin(parts, event, contact, message.conversation_id),
            messages=1,
            last_message_at=message.sent_at,
            version=1,
        )
        return Commit(
            conversation=new,
            insert=(message,),
            contact=contact,
            identities=identities,
            references=(kept,),
        )
    counted = {
        "messages": conversation.messages + 1,
        "last_message_at": max(message.sent_at, conversation.last_message_at or message.sent_at),
    }
    case = conversation.case
    if case is None or message.origin is not Origin.NATIVE_APP:
        new = replace(conversation, version=conversation.version + 1, **counted)  # type: ignore[arg-type]
        return Commit(conversation=new, insert=(message,), references=(kept,))
    terms = terms_of(parts, conversation, case)
    fold = lifecycle.reply_sent(Fold(case), terms, message.sent_at, message.id, "native_app")
    new = replace(settle(conversation, fold, terms), **counted)  # type: ignore[arg-type]
    return Commit(
        conversation=new, insert=(message,), entries=stamped(fold, new), references=(kept,)
    )
