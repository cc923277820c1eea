"""Ingest.

Take one channel event from the inbox into the table, once, whatever order and however often it
comes.
"""

from collections.abc import Callable

from chalicelib.domain.event import ChannelEvent, EventKind
from chalicelib.workflows.intake import amend, echo, meet, receipt, receive
from chalicelib.workflows.intake.quarantine import set_aside
from chalicelib.workflows.ladder.heard import heard
from chalicelib.workflows.ports import Parts

Handler = Callable[[Parts, ChannelEvent], str]

HANDLERS: dict[EventKind, Handler] = {
    EventKind.MESSAGE: receive.receive,
    EventKind.ECHO: echo.echo,
    EventKind.EDIT: amend.edit,
    EventKind.DELETE: amend.delete,
    EventKind.HIDE: amend.hide,
    EventKind.UNHIDE: amend.hide,
    EventKind.REACTION: amend.react,
    EventKind.RECEIPT: receipt.receipt,
    EventKind.IDENTITY: meet.link,
    EventKind.NOTICE: meet.arrive,
}


def ingest(parts: Parts, event: ChannelEvent) -> str:
    """Take in one event; return a word for what became of it, which is also counted.

    What is about a page goes to the page. An event of an account that no handle names is kept
    whole in quarantine, to be replayed once the account is configured.
    Raises RetryLaterError or BusyError when the queue shall deliver it again.
    """
    outcome = heard(parts, event) or _taken(parts, event)
    parts.meter.count("EventIngested", channel=event.channel.value, outcome=outcome)
    return outcome


def _taken(parts: Parts, event: ChannelEvent) -> str:
    if parts.policies.current().handle_of(event.channel, event.account_id) is None:
        set_aside(parts, event, "unknown_handle")
        return "unknown_handle"
    handler = HANDLERS.get(event.kind)
    return handler(parts, event) if handler else "noticed"
