"""Echo: a message of the brand came back to us.

Ours, typed in the platform's own app, or another app's; never a case.
"""

from dataclasses import replace

from chalicelib.domain import delivery, instant, invitation
from chalicelib.domain.event import ChannelEvent
from chalicelib.domain.fold import Fold
from chalicelib.domain.ident import fingerprint, inbound_id
from chalicelib.domain.message import Delivery, DeliveryState, Direction, Message, Origin
from chalicelib.domain.reply import reply_sent
from chalicelib.workflows.answering import sent
from chalicelib.workflows.change import persist, settle, stamped, terms_of
from chalicelib.workflows.intake import meet, place, receive
from chalicelib.workflows.intake.place import Home
from chalicelib.workflows.ports import Commit, Parts, Reference
from chalicelib.workflows.routing.load import loaded

INBOX_APPS = frozenset({"", "263902037430900", "1217981644879628"})
"""Application ids under which the platforms' own inboxes send: none, Facebook's, Instagram's."""


def echo(parts: Parts, event: ChannelEvent) -> str:
    """Match an echo to the reply it is of, or import it.

    Returns `ours`, `imported`, `duplicate` or `own_post`.
    """
    return persist(lambda: _echo(parts, event))


def _echo(parts: Parts, event: ChannelEvent) -> str:
    known = place.refer(parts, event, event.message_id)
    if known is not None and known.message_id:
        return "duplicate"
    at_home = _home(parts, event)
    if at_home is None:
        return "own_post"
    ours = _ours(parts, event, at_home)
    if ours is not None:
        return _settled(parts, event, ours)
    message = _message(event, at_home, known)
    commit = _commit(parts, event, at_home, message)
    if event.message_id:
        reference = known or Reference(event.channel, event.account_id, event.message_id)
        there = replace(reference, conversation_id=message.conversation_id, message_id=message.id)
        commit = replace(commit, references=(there,))
    return "duplicate" if receive.store(parts, commit) == "duplicate" else "imported"


def _home(parts: Parts, event: ChannelEvent) -> Home | None:
    """Return the conversation an echo belongs to.

    The customer's it was sent to, or that of the comment it answers.
    """
    if event.contact is not None:
        return place.locate(parts, event)
    parent = place.refer(parts, event, event.parent_id)
    if parent is None or not parent.conversation_id:
        return None
    return Home(parent.conversation_id, parts.conversations.get(parent.conversation_id))


def _ours(parts: Parts, event: ChannelEvent, at_home: Home) -> Message | None:
    """Return the reply of ours that this is, by its token or else by its words.

    By its words only among the replies that were tried and have no platform id yet.
    """
    where = at_home.conversation_id
    if event.reply_token:
        return parts.conversations.message(where, event.reply_token) or _invitation(parts, event)
    wanted = fingerprint(event.text)
    for pending in at_home.conversation.pending if at_home.conversation else ():
        if pending.fingerprint == wanted:
            message = parts.conversations.message(where, pending.message_id)
            if message is not None and message.delivery and message.delivery.attempts:
                return message
    return None


def _invitation(parts: Parts, event: ChannelEvent) -> Message | None:
    """Return the invitation that this is: it left a public conversation for a private place."""
    token = event.reply_token
    kept = place.refer(parts, event, invitation.named(token))
    return parts.conversations.message(kept.conversation_id, token) if kept else None


def _settled(parts: Parts, event: ChannelEvent, ours: Message) -> str:
    now = ours.delivery
    if now is None or (now.state in delivery.REACHED and ours.platform_id):
        return "duplicate"
    if now.state is DeliveryState.FAILED and not ours.platform_id:
        # The platform reported an error and sent it all the same: nobody knew, and now we do.
        ours = replace(ours, delivery=replace(now, state=DeliveryState.UNKNOWN))
    at, _ = instant.clamp(event.occurred_at, event.received_at)
    who = event.contact.id if event.contact and not event.public else ""
    sent.accepted(
        parts, ours, at, platform_id=event.message_id, state=DeliveryState.SENT, recipient=who
    )
    return "ours"


def _message(event: ChannelEvent, at_home: Home, known: Reference | None) -> Message:
    at, clamped = instant.clamp(event.occurred_at, event.received_at)
    case = at_home.conversation.case if at_home.conversation else None
    return Message(
        id=inbound_id(event.channel, event.account_id, event.message_id or event.key),
        conversation_id=at_home.conversation_id,
        direction=Direction.OUTBOUND,
        public=event.public,
        sent_at=at,
        received_at=event.received_at,
        case_number=case.number if case else 0,
        platform_id=event.message_id,
        author_name=event.author.name if event.author else "",
        subject=event.subject,
        text=event.text,
        attachments=event.attachments,
        parent_id=event.parent_id,
        clamped=clamped,
        origin=Origin.NATIVE_APP if event.app_id in INBOX_APPS else Origin.OTHER_APP,
        deleted_at=known.deleted_at if known else None,
        title=event.title,
        quoted=event.quoted,
        delivery=Delivery(DeliveryState.SENT, at),
    )


def _commit(parts: Parts, event: ChannelEvent, at_home: Home, message: Message) -> Commit:
    """Return the commit that keeps a message of the brand that we did not send.

    One that a person typed answers the customer; another app's does not.
    """
    met = meet.meet(parts, event, at_home)
    before = met.conversation
    fold, new = None, replace(before, version=before.version + 1)
    if before.case is not None and message.origin is Origin.NATIVE_APP:
        terms = terms_of(parts, before, before.case)
        fold = reply_sent(Fold(before.case), terms, message.sent_at, message.id, "native_app")
        new = settle(before, fold, terms)
    new = replace(
        new,
        messages=before.messages + 1,
        last_message_at=max(message.sent_at, before.last_message_at or message.sent_at),
    )
    commit = Commit(
        conversation=new,
        joining=met.joining,
        insert=(message,),
        entries=stamped(fold, new) if fold else (),
        contact=met.contact,
        identities=met.identities,
    )
    return loaded(parts, before, commit)
