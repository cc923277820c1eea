"""What Meta still has of a stretch of time: conversations and comments, read by the Graph API.

What is found is put into the form of a webhook and read by the same reader, so that messages have
the same ids and contacts as if they had been delivered, and the table refuses what it has.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from chalicelib.channels.meta import account, history_talk, history_wall
from chalicelib.channels.meta.look import Look
from chalicelib.channels.places import Places
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import ChannelEvent
from chalicelib.workflows.networks import Missed, PollError


def fetch_back(
    missed: Missed, secret: Mapping[str, object], places: Places
) -> Iterable[Sequence[ChannelEvent]]:
    """Return what was said in a stretch of time, in pages, newest first. Raises PollError."""
    channel = missed.handle.channel
    if channel is Channel.WHATSAPP:
        return ()
    key = account.key(missed.handle, secret, places)
    if key is None:
        raise PollError("no_token", lasting=True)
    look = Look(missed, key, places)
    if channel is Channel.FACEBOOK_PAGE:
        return history_wall.of_page(look)
    if channel is Channel.MESSENGER:
        return history_talk.of_account(look)
    return _both(history_talk.of_account(look), history_wall.of_instagram(look))


def _both(
    first: Iterable[Sequence[ChannelEvent]], second: Iterable[Sequence[ChannelEvent]]
) -> Iterator[Sequence[ChannelEvent]]:
    yield from first
    yield from second
