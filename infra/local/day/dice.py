"""Dice: every choice and every platform id of a day, the same for the same seed."""

from random import Random

from chalicelib.domain.channel import Channel
from infra.local.day.lines import ASKS, EXPOSED, FIRST, LAST

BRAND_POST = 1
"""The number of the brand's own post of the day, under which most comments stand."""


class Dice:
    """One day's choices.

    Ids carry the seed, so that days of different seeds never meet in one table.
    """

    def __init__(self, seed: int, page: str) -> None:
        self.seed = seed
        self._random = Random(seed)  # noqa: S311 - the same day for the same seed, nothing secret
        self._page = page
        self._number = 0

    def number(self) -> int:
        """Return the next number of this day."""
        self._number += 1
        return self._number

    def between(self, first: float, last: float) -> float:
        """Return an instant of the day, in seconds to the hundredth."""
        return round(self._random.uniform(first, last), 2)

    def ask(self) -> tuple[str, str]:
        """Return a question and its answer.

        Each with a number of its own, so that no two are equal.
        """
        return self._numbered(self._random.choice(ASKS))

    def exposing(self) -> tuple[str, str]:
        """Return a question with personal data in it, and its answer."""
        return self._numbered(self._random.choice(EXPOSED))

    def _numbered(self, words: tuple[str, str]) -> tuple[str, str]:
        question, answer = words
        number = 4000 + self.number()
        return f"{question} ({number})", f"{answer} ({number})"

    def name(self) -> str:
        """Return a person's name."""
        return f"{self._random.choice(FIRST)} {self._random.choice(LAST)}"

    def ref(self, channel: Channel, handle: str = "") -> str:
        """Return a new person's id as the platform writes it, and the table keeps it."""
        tail = self._tail()
        if channel is Channel.WHATSAPP:
            return f"+4915{tail}" if handle else f"49{tail}1"
        if channel is Channel.MASTODON:
            return f"ana{tail}@{PEER}"
        if channel is Channel.EMAIL:
            return f"ana.{tail}@example.net"
        return _PERSONS.get(channel, "700000{}").format(tail)

    def hidden_ref(self) -> str:
        """Return the business-scoped id of a WhatsApp user who hides the phone number."""
        return f"US.13491{self._tail()}"

    def direct_id(self, channel: Channel, ref: str = "", handle: str = "") -> str:
        """Return a new direct message's id. `ref` is who writes it, where that is part of it."""
        tail = self._tail()
        if channel is Channel.WHATSAPP:
            return f"SM{tail:0>32}" if handle else f"wamid.IN{tail}="
        if channel is Channel.TELEGRAM:
            return f"{ref}/{int(tail)}"
        if channel is Channel.BLUESKY:
            return f"talk-{ref.removeprefix('did:plc:')}/m9{tail}"
        return _DIRECT.get(channel, "m_in{}").format(tail)

    def post_id(self, channel: Channel, number: int = 0) -> str:
        """Return a post's id; without a number, a new post's."""
        tail = self._tail(number)
        if channel is Channel.FACEBOOK_PAGE:
            return f"{self._page}_5{tail}"
        return _POSTS[channel].format(tail)

    def comment_id(self, channel: Channel, post: str, ref: str = "") -> str:
        """Return a new comment's id."""
        tail = self._tail()
        if channel is Channel.FACEBOOK_PAGE:
            return f"{post.rpartition('_')[2]}_9{tail}"
        if channel is Channel.TELEGRAM:
            return f"{post}/{int(tail)}"
        if channel is Channel.BLUESKY:
            return f"at://{ref}/app.bsky.feed.post/{tail}"
        return _COMMENTS[channel].format(tail)

    def _tail(self, number: int = 0) -> str:
        return f"{self.seed % 10**5:05d}{number or self.number():05d}"


PEER = "toot.example"
"""The instance that people on Mastodon are at home on."""

_PERSONS = {
    Channel.INSTAGRAM: "990{}",
    Channel.WEBHOOK: "forum-{}",
    Channel.X: "16500000{}",
    Channel.TELEGRAM: "71{}",
    Channel.SMS: "+4917{}",
    Channel.YOUTUBE: "UCviewer{}",
    Channel.BLUESKY: "did:plc:ana{}",
    Channel.LINE: "U{:0>32}",
}
_DIRECT = {
    Channel.WEBHOOK: "forum-msg-{}",
    Channel.X: "195000000{}",
    Channel.SMS: "5a3e0000-0000-4000-8000-00{}",
    Channel.EMAIL: "mail.{}@example.net",
    Channel.MASTODON: "11290000{}",
    Channel.LINE: "5400{}",
}
_POSTS = {
    Channel.INSTAGRAM: "1817{}",
    Channel.X: "194000000{}",
    Channel.TELEGRAM: "-1004{}",
    Channel.YOUTUBE: "vid{}",
    Channel.LINE: "C{:0>32}",
}
_COMMENTS = {
    Channel.INSTAGRAM: "1791{}",
    Channel.X: "195000000{}",
    Channel.YOUTUBE: "Ugz{}",
    Channel.LINE: "5400{}",
    Channel.MASTODON: "11290000{}",
}
