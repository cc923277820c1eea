"""Apart: what is kept of a customer without being a request.

A machine's mail (an out-of-office note), or the word by which the customer stops our messages or
allows them again. It opens, answers and moves no case and starts no clock.
"""

from dataclasses import replace

from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import Entry, EntryKind
from chalicelib.domain.event import ChannelEvent
from chalicelib.domain.fold import Fold
from chalicelib.domain.message import Message
from chalicelib.workflows.change import settle, stamped, terms_of
from chalicelib.workflows.intake.meet import Met
from chalicelib.workflows.intake.place import Home
from chalicelib.workflows.ports import Commit, Parts

STOP, START = "stop", "start"


def is_apart(event: ChannelEvent) -> bool:
    """Return whether an event is kept without being a request."""
    return event.automatic or event.consent in (STOP, START)


def kept(parts: Parts, event: ChannelEvent, at_home: Home, met: Met, message: Message) -> Commit:
    """Return the commit that keeps such a message, and what the customer wishes from now on."""
    before = met.conversation
    new = replace(before, version=before.version + 1)
    entries: tuple[Entry, ...] = ()
    if before.case is not None:
        message = replace(message, case_number=before.case.number)
        fold = _noted(met.welcome(Fold(before.case), message.sent_at, message.id), event, message)
        new = settle(before, fold, terms_of(parts, before, before.case))
        entries = stamped(fold, new)
    new = replace(
        new,
        messages=before.messages + 1,
        last_message_at=max(message.sent_at, before.last_message_at or message.sent_at),
        contact_name=before.contact_name or message.author_name,
    )
    private = met.joining or at_home.private
    if private is not None and event.consent:
        private = _wished(private, event, message)
    elif not at_home.foreign and event.consent:
        new = _wished(new, event, message)
    return Commit(
        conversation=new,
        joining=private if event.consent else met.joining,
        insert=(message,),
        entries=entries,
        contact=met.contact,
        identities=met.identities,
    )


def _noted(fold: Fold, event: ChannelEvent, message: Message) -> Fold:
    at, told = message.sent_at, EntryKind.MESSAGE_RECEIVED
    if event.consent == STOP:
        return fold.note(EntryKind.CUSTOMER_OPTED_OUT, at, message_id=message.id)
    if event.consent == START:
        return fold.note(EntryKind.CUSTOMER_OPTED_IN, at, message_id=message.id)
    return fold.note(told, at, message_id=message.id, reason="automatic")


def _wished(conversation: Conversation, event: ChannelEvent, message: Message) -> Conversation:
    """Return the conversation with the customer's wish. The newest word counts."""
    known = conversation.opted_out_at
    if known is not None and message.sent_at < known:
        return conversation
    if event.consent == STOP:
        return replace(conversation, opted_out_at=message.sent_at)
    return replace(conversation, opted_out_at=None)
