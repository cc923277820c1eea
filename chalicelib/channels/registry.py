"""Which room serves which channel. A room is imported when it is first asked for."""

from functools import cache

from chalicelib.channels.contract import Room, UnknownChannelError
from chalicelib.domain.channel import Channel

_ROOMS = {
    Channel.FACEBOOK_PAGE: "meta",
    Channel.MESSENGER: "meta",
    Channel.INSTAGRAM: "meta",
    Channel.WHATSAPP: "meta",
    Channel.WEBHOOK: "standard",
}


def room_of(channel: Channel) -> Room:
    """Return the room that serves a channel. Raises UnknownChannelError when none does."""
    name = _ROOMS.get(channel)
    if name is None:
        raise UnknownChannelError(f"no room serves {channel}")
    return room(name)


@cache
def room(name: str) -> Room:
    """Return the room `meta` or `standard`. Raises UnknownChannelError for another name.

    The imports stand here so that a webhook of one network does not pay for the others.
    """
    if name == "meta":
        from chalicelib.channels.meta.room import MetaRoom  # noqa: PLC0415

        return MetaRoom()
    if name == "standard":
        from chalicelib.channels.standard.room import StandardRoom  # noqa: PLC0415

        return StandardRoom()
    raise UnknownChannelError(f"there is no room {name}")
