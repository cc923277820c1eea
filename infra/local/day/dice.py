"""Dice: every choice and every platform id of a day, the same for the same seed."""

from random import Random

from chalicelib.domain.channel import Channel
from infra.local.day.lines import ASKS, FIRST, LAST

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
        question, answer = self._random.choice(ASKS)
        number = 4000 + self.number()
        return f"{question} ({number})", f"{answer} ({number})"

    def name(self) -> str:
        """Return a person's name."""
        return f"{self._random.choice(FIRST)} {self._random.choice(LAST)}"

    def ref(self, channel: Channel) -> str:
        """Return a new person's id as the platform writes it."""
        tail = f"{self.seed % 10**5:05d}{self.number():05d}"
        if channel is Channel.WHATSAPP:
            return f"49{tail}1"
        if channel is Channel.INSTAGRAM:
            return f"990{tail}"
        return f"forum-{tail}" if channel is Channel.WEBHOOK else f"700000{tail}"

    def hidden_ref(self) -> str:
        """Return the business-scoped id of a WhatsApp user who hides the phone number."""
        return f"US.13491{self.seed % 10**5:05d}{self.number():05d}"

    def direct_id(self, channel: Channel) -> str:
        """Return a new direct message's id."""
        tail = f"{self.seed:05d}{self.number():05d}"
        if channel is Channel.WHATSAPP:
            return f"wamid.IN{tail}="
        return f"forum-msg-{tail}" if channel is Channel.WEBHOOK else f"m_in{tail}"

    def post_id(self, channel: Channel, number: int = 0) -> str:
        """Return a post's id; without a number, a new post's."""
        tail = f"{self.seed % 10**5:05d}{number or self.number():05d}"
        return f"1817{tail}" if channel is Channel.INSTAGRAM else f"{self._page}_5{tail}"

    def comment_id(self, channel: Channel, post: str) -> str:
        """Return a new comment's id."""
        tail = f"{self.seed % 10**5:05d}{self.number():05d}"
        return (
            f"1791{tail}" if channel is Channel.INSTAGRAM else f"{post.rpartition('_')[2]}_9{tail}"
        )
