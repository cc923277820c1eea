"""Rendering: from the plan to the wire, for Meta's platforms and the generic one.

One action of the plan as the webhook its platform would send, at the instant it happens. The other
networks are in `letters`.
"""

from collections.abc import Mapping
from datetime import datetime

from chalicelib.domain.channel import Channel
from infra.local.day.story import Action, Does, Plan
from infra.local.simulator import facebook, instagram, messenger, standard, whatsapp
from infra.local.simulator.happening import Happening
from infra.local.simulator.post import Door, Webhook
from infra.local.simulator.signing import wire
from infra.local.simulator.world import Accounts

Payload = dict[str, object]


def render(action: Action, plan: Plan, accounts: Accounts, at: datetime) -> Webhook:
    """Return the webhook of an action that happens at `at`."""
    name = f"{action.channel} {action.does}"
    if action.channel is Channel.WEBHOOK:
        body = wire(standard.message(happening(action, plan, accounts, at)))
        return Webhook(name, Door.STANDARD, body, event_id=f"evt-{action.id}")
    if action.does is Does.UNREADABLE:
        return Webhook(name, Door.META, b'{"object":"page","entry":[{"id":"' + action.id.encode())
    body = wire(payload(happening(action, plan, accounts, at), action, accounts))
    door = Door.INSTAGRAM if action.channel is Channel.INSTAGRAM else Door.META
    return Webhook(name, door, body, forged=action.does is Does.FORGED)


def happening(action: Action, plan: Plan, accounts: Accounts, at: datetime) -> Happening:
    """Return what happened, as the payload builders take it."""
    customer = plan.by_ref().get(action.customer)
    return Happening(
        account=account_of(action.channel, accounts),
        person=action.customer,
        at=at,
        id=action.id,
        name=customer.name if customer else "",
        text=action.text,
        post=action.post,
        parent=action.parent,
        media=action.media,
    )


def account_of(channel: Channel, accounts: Accounts) -> str:
    """Return the brand's account on a channel."""
    by_channel: Mapping[Channel, str] = {
        Channel.INSTAGRAM: accounts.instagram,
        Channel.WHATSAPP: accounts.phone,
        Channel.WEBHOOK: accounts.standard,
    }
    return by_channel.get(channel, accounts.page)


def payload(one: Happening, action: Action, accounts: Accounts) -> Payload:
    """Return the body of a Meta webhook, before it is written down."""
    if action.does in (Does.UNKNOWN, Does.FORGED):
        return facebook.unknown(one.account, one.seconds)
    if action.channel is Channel.FACEBOOK_PAGE:
        return _page(one, action)
    if action.channel is Channel.WHATSAPP:
        return whatsapp.message(one, accounts)
    if action.channel is Channel.INSTAGRAM and action.post:
        return instagram.comment(one)
    return _direct(one, action)


def _page(one: Happening, action: Action) -> Payload:
    if action.does is Does.BRAND_POST:
        return facebook.brand_post(one)
    if action.id == action.post:
        return facebook.visitor_post(one)
    return facebook.comment(
        one, {Does.EDIT: "edited", Does.REMOVE: "remove"}.get(action.does, "add")
    )


def _direct(one: Happening, action: Action) -> Payload:
    kind = "instagram" if action.channel is Channel.INSTAGRAM else "page"
    if action.does is Does.REMOVE:
        return messenger.unsent(one, kind)
    if action.does is Does.EDIT:
        return messenger.edited(one)
    if action.does is Does.NATIVE_REPLY:
        return messenger.echo(one, kind=kind)
    return messenger.message(one, kind)
