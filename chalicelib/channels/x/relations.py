"""What happens between people and the brand besides words: blocks, mutes, follows, consent."""

from dataclasses import replace

from chalicelib.channels import wire
from chalicelib.channels.x.told import Told, person_of, when
from chalicelib.domain.event import ChannelEvent, EventKind, Person

WORDS = {
    "follow.follow": "followed",
    "follow.unfollow": "unfollowed",
    "block.block": "blocked",
    "block.unblock": "unblocked",
    "mute.mute": "muted",
    "mute.unmute": "unmuted",
}
"""The X Activity API's kinds, and the words they are counted by."""

REVOKED = "revoked"
"""The brand took our access away: nothing arrives or leaves any more."""


def notice(told: Told, word: str, pair: tuple[object, object], timed: wire.Json) -> ChannelEvent:
    """Return that somebody did something to the brand, or the brand to somebody.

    `pair` is who did it and to whom. Who is not named stays unknown.
    """
    people = [person for raw in pair if (person := person_of(raw)) is not None]
    others = [person for person in people if person.id != told.account_id]
    author: Person | None = person_of(pair[0])
    return replace(
        told.event(EventKind.NOTICE, when(timed)),
        contact=others[0] if len(others) == 1 else None,
        author=author,
        detail=word,
    )


def revoked(told: Told, timed: wire.Json) -> ChannelEvent:
    """Return that the account's owner took our access away."""
    return replace(told.event(EventKind.NOTICE, when(timed)), detail=REVOKED)
