"""What a platform tells us after it took a message of ours: echoes, statuses, receipts."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from infra.local.simulator import facebook, instagram, messenger, whatsapp
from infra.local.simulator.graph import Sent
from infra.local.simulator.happening import Happening
from infra.local.simulator.world import Accounts

Payload = dict[str, object]
Later = tuple[float, Payload]

ECHO, DELIVERED, READ = 0.05, 0.6, 1.2
"""Seconds after the message.

The echo is quick on purpose: it may arrive before the call has been answered.
"""


def aftermath(sent: Sent, accounts: Accounts) -> Sequence[Later]:
    """Return (seconds from now, webhook payload) of everything that follows, nearest first."""
    account = sent.received.account
    if account == accounts.standard:
        return ()
    if account == accounts.phone:
        steps = ((ECHO, "sent"), (DELIVERED, "delivered"), (READ, "read"))
        return tuple(
            (wait, whatsapp.status(_happening(sent, wait), accounts, state))
            for wait, state in steps
        )
    if account == accounts.instagram:
        return _instagram(sent, accounts)
    if sent.parent:
        return ((ECHO, facebook.own_comment(_happening(sent, 0))),)
    return (
        (ECHO, messenger.echo(_happening(sent, 0), accounts.app_id)),
        (DELIVERED, messenger.delivered(_happening(sent, DELIVERED))),
        (READ, messenger.read(_happening(sent, READ))),
    )


def _instagram(sent: Sent, accounts: Accounts) -> Sequence[Later]:
    if sent.parent:
        return ((ECHO, instagram.own_comment(_happening(sent, 0))),)
    return (
        (ECHO, messenger.echo(_happening(sent, 0), accounts.app_id, "instagram")),
        (READ, messenger.read(_happening(sent, READ), "instagram")),
    )


def _happening(sent: Sent, wait: float) -> Happening:
    one = sent.received
    return Happening(
        account=one.account,
        person=one.customer,
        at=_after(one.at, wait),
        id=one.platform_id,
        text=one.text,
        post=sent.post,
        parent=sent.parent,
        token=one.token,
    )


def _after(at: datetime, seconds: float) -> datetime:
    return at + timedelta(seconds=seconds)
