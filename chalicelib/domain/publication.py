"""Publications: which version of the policy was in force from when on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

KEPT = 200
"""How many publications are remembered: the newest."""


@dataclass(frozen=True, slots=True)
class Publication:
    """A version made current: from when, by whom (as far as that is known), and why."""

    version: str
    at: datetime
    by: str = ""
    because: str = ""


def before(history: Sequence[Publication]) -> Publication | None:
    """Return the newest publication of another version than the current one, or None.

    `history` is newest first. Going back twice goes back to where one was: going back is a
    publication like any other.
    """
    return next((one for one in history if one.version != history[0].version), None)
