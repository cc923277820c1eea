"""Heard: what comes in about pages, before it could be taken for something of a customer's.

One of our own people answers a page by SMS, or a carrier tells what became of one.
"""

from chalicelib.domain.channel import Channel
from chalicelib.domain.event import ChannelEvent, EventKind
from chalicelib.domain.ladder import Paging
from chalicelib.workflows.ports import Parts


def heard(parts: Parts, event: ChannelEvent) -> str:
    """Take an event that is about a page; return what became of it, empty for any other event.

    Looks nothing up unless the event is of the number or the address that pages leave by.
    """
    policy = parts.policies.current()
    handle = policy.handle_of(event.channel, event.account_id)
    if not _ours(policy.paging, event, handle.id if handle else ""):
        return ""
    if event.kind is EventKind.RECEIPT:
        from chalicelib.workflows.ladder.receipt import receipt  # noqa: PLC0415  (seldom)

        return receipt(parts, event)
    if event.kind is EventKind.MESSAGE and event.channel is Channel.SMS:
        from chalicelib.workflows.ladder.answer import answer  # noqa: PLC0415  (seldom)

        return answer(parts, event)
    return ""


def _ours(paging: Paging, event: ChannelEvent, handle: str) -> bool:
    """Return whether an event is of what pages leave by."""
    if event.channel is Channel.EMAIL:
        return bool(paging.email_from) and event.account_id == paging.email_from.lower()
    return event.channel is Channel.SMS and handle != "" and handle == paging.sms_handle
