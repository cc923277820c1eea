"""Home: the conversation that an event belongs to by its own facts, without looking anything up."""

from chalicelib.domain.event import ChannelEvent, EventKind
from chalicelib.domain.ident import conversation_id


def home(event: ChannelEvent) -> str:
    """Return the conversation of an event whose customer is known, else nothing.

    An item whose author the platform hides is a conversation of its own, so that it too is
    answered.
    """
    if event.contact is not None:
        return conversation_of(event, event.contact.id)
    if event.kind is EventKind.MESSAGE:
        return conversation_of(event, f"hidden:{event.message_id or event.key}")
    return ""


def conversation_of(event: ChannelEvent, ref: str) -> str:
    """Return the conversation of that customer in the place of an event."""
    return conversation_id(event.channel, event.account_id, ref, event.post_id)
