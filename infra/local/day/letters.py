"""Letters: what a customer does on any network, as it comes to us.

A webhook, a mail or an SMS to deliver; nothing where we look for ourselves.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.channel import Channel
from infra.local.day.render import render
from infra.local.day.story import Action, Does, Plan
from infra.local.simulator import mails
from infra.local.simulator.happening import Happening
from infra.local.simulator.networks import Networks
from infra.local.simulator.platforms import Platforms
from infra.local.simulator.post import Webhook

Letter = Callable[[Networks, Action, Happening], Webhook | None]

USUAL = {
    Channel.X: "acme-x",
    Channel.TELEGRAM: "acme-telegram",
    Channel.SMS: "acme-text",
    Channel.EMAIL: "acme-mail",
    Channel.YOUTUBE: "acme-youtube",
    Channel.MASTODON: "acme-mastodon",
    Channel.BLUESKY: "acme-bluesky",
    Channel.LINE: "acme-line",
}
"""The brand's handle on each of the networks beside Meta's."""


def letter(
    action: Action, plan: Plan, platforms: Platforms, at: datetime, token: str = ""
) -> Webhook | None:
    """Let an action happen at `at`; return what its network tells us.

    `token` is the code of the link that a customer follows.
    """
    write = _LETTERS.get(action.channel) if action.channel in USUAL or action.handle else None
    if write is None:
        return render(action, plan, platforms.world.accounts, at)
    customer = plan.by_ref()[action.customer]
    handle = action.handle or USUAL[action.channel]
    one = Happening(
        account=platforms.brand.account_of(handle),
        person=action.customer,
        at=at,
        id=action.id,
        name=customer.name,
        text=action.text,
        post=action.post,
        parent=action.parent,
        token=token,
        media=action.media,
    )
    return write(platforms.networks, action, one)


def _x(networks: Networks, action: Action, one: Happening) -> Webhook | None:
    handle = action.handle or USUAL[Channel.X]
    if not action.post:
        return networks.direct_on_x(one, handle)
    named = action.named and action.does is not Does.TALK
    return networks.on_x(one, handle, named=named)


def _telegram(networks: Networks, action: Action, one: Happening) -> Webhook:
    """Telegram numbers messages within a chat: our id names the chat first."""
    one = replace(one, id=action.id.rpartition("/")[2])
    start = action.does is Does.START
    return networks.start_on_telegram(one) if start else networks.on_telegram(one)


def _twilio(networks: Networks, _: Action, one: Happening) -> Webhook:
    return networks.by_twilio(one)


def _text(networks: Networks, _: Action, one: Happening) -> Webhook:
    return networks.by_text(one)


def _mail(networks: Networks, action: Action, one: Happening) -> Webhook:
    """A first mail goes to the brand's address, a later one to the reply address of ours alone."""
    if action.does is Does.AWAY:
        return networks.by_mail(one, mails.auto_reply(replace(one, parent="none@example.com")))
    replies = networks.reply_address(one.person)
    if not replies:
        return networks.by_mail(one, mails.message(one))
    said = replace(one, account=replies)
    return networks.by_mail(said, mails.quoting_reply(said, "What we wrote before."))


def _youtube(networks: Networks, _: Action, one: Happening) -> None:
    networks.on_youtube(one)


def _mastodon(networks: Networks, action: Action, one: Happening) -> None:
    networks.on_mastodon(replace(one, post="", parent=""), public=bool(action.post))


def _bluesky(networks: Networks, action: Action, one: Happening) -> None:
    """A private message's id names its talk first."""
    public = bool(action.post)
    number = one.id if public else one.id.rpartition("/")[2]
    networks.on_bluesky(replace(one, id=number), public=public)


def _line(networks: Networks, _: Action, one: Happening) -> Webhook:
    return networks.on_line(one)


_LETTERS: Mapping[Channel, Letter] = {
    Channel.X: _x,
    Channel.TELEGRAM: _telegram,
    Channel.WHATSAPP: _twilio,
    Channel.SMS: _text,
    Channel.EMAIL: _mail,
    Channel.YOUTUBE: _youtube,
    Channel.MASTODON: _mastodon,
    Channel.BLUESKY: _bluesky,
    Channel.LINE: _line,
}
