"""What X charges, in millionths of a dollar (pay-per-use; enterprise contracts have their own).

Sources, read 2026-11-22: https://docs.x.com/x-api/activity/event-pricing for events,
https://docs.x.com/x-api/getting-started/pricing and X's changelog of 2026-04-16 for the rest.
X changes its prices with little notice: the developer console shows the ones that count, and this
table is the one place to change.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.workflows.networks import Outgoing

EVENTS = {
    "post.create": 5_000,
    "post.mention.create": 5_000,
    "post.reply.create": 5_000,
    "post.quote.create": 5_000,
    "post.repost.create": 5_000,
    "follow.follow": 10_000,
    "follow.unfollow": 10_000,
    "chat.received": 10_000,
    "dm.received": 10_000,
}
"""What telling us costs, by event. What is missing is free, or its price is not published (the
older API, blocks, mutes, what the brand itself sends)."""

SUMMONED_REPLY = 10_000
POST = 15_000
POST_WITH_LINK = 200_000
DIRECT_MESSAGE = 15_000
POST_READ = 5_000
USER_READ = 10_000
"""Searches bring posts and their writers; whether X charges for the writers too is not said, so
they are counted: a budget should stop too early rather than too late."""

_LINK = re.compile(
    r"https?://|(?<![\w@$#.-])www\.\w|(?<![\w@$#.])(?:[a-z0-9-]+\.)+"
    r"(?:com|org|net|io|co|de|uk|eu|info|app|dev|shop|me|fr|es|it|nl|ch|at|us|ca|br|in|jp|ly|gg)\b",
    re.IGNORECASE,
)


def price(outgoing: Outgoing) -> int:
    """Return what sending costs.

    A handle whose setting `access` is `enterprise` may answer unsummoned, at the higher price.
    """
    if outgoing.invite or not outgoing.public:
        return DIRECT_MESSAGE
    if _LINK.search(outgoing.text):
        return POST_WITH_LINK
    return POST if outgoing.handle.settings.get("access") == "enterprise" else SUMMONED_REPLY


def of_search(posts: int, writers: int) -> int:
    """Return what a search costs that brings so many posts and writers."""
    return posts * POST_READ + writers * USER_READ
