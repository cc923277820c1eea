"""Which room serves which handle. A room is imported when it is first asked for."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

from chalicelib.channels.contract import UnknownChannelError
from chalicelib.domain.channel import Channel

if TYPE_CHECKING:
    from chalicelib.channels.contract import Room
    from chalicelib.domain.policy import Handle

ROOMS = {
    "meta": "chalicelib.channels.meta.room:MetaRoom",
    "standard": "chalicelib.channels.standard.room:StandardRoom",
    "x": "chalicelib.channels.x.room:XRoom",
    "telegram": "chalicelib.channels.telegram.room:TelegramRoom",
    "twilio": "chalicelib.channels.twilio.room:TwilioRoom",
    "sms": "chalicelib.channels.sms.room:SmsRoom",
    "email": "chalicelib.channels.email.room:EmailRoom",
    "youtube": "chalicelib.channels.youtube.room:YoutubeRoom",
    "mastodon": "chalicelib.channels.mastodon.room:MastodonRoom",
    "bluesky": "chalicelib.channels.bluesky.room:BlueskyRoom",
    "line": "chalicelib.channels.line.room:LineRoom",
}
"""Every room by the name it has in the webhooks' paths, and where it is."""

_USUAL = {
    Channel.FACEBOOK_PAGE: "meta",
    Channel.MESSENGER: "meta",
    Channel.INSTAGRAM: "meta",
    Channel.WHATSAPP: "meta",
    Channel.WEBHOOK: "standard",
    Channel.X: "x",
    Channel.TELEGRAM: "telegram",
    Channel.SMS: "sms",
    Channel.EMAIL: "email",
    Channel.YOUTUBE: "youtube",
    Channel.MASTODON: "mastodon",
    Channel.BLUESKY: "bluesky",
    Channel.LINE: "line",
}

_PROVIDERS = {
    (Channel.SMS, "twilio"): "twilio",
    (Channel.WHATSAPP, "twilio"): "twilio",
}
"""Rooms that serve a channel only where the handle's setting `provider` says so."""


def room_name(handle: Handle) -> str:
    """Return the name of the room that serves a handle.

    Raises UnknownChannelError when none does.
    """
    provider = handle.settings.get("provider", "")
    name = _PROVIDERS.get((handle.channel, provider)) if provider else _USUAL.get(handle.channel)
    if name is None:
        by = f" by {provider}" if provider else ""
        raise UnknownChannelError(f"no room serves {handle.channel}{by}")
    return name


def room_of(handle: Handle) -> Room:
    """Return the room that serves a handle. Raises UnknownChannelError when none does."""
    return room(room_name(handle))


@cache
def room(name: str) -> Room:
    """Return the room of that name. Raises UnknownChannelError for another name.

    Imported here so that a webhook of one network does not pay for the others.
    """
    place = ROOMS.get(name)
    if place is None:
        raise UnknownChannelError(f"there is no room {name}")
    module, _, made = place.partition(":")
    return cast("Room", getattr(import_module(module), made)())
