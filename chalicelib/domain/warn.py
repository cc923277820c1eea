"""Warnings: when people are told that a promise is running out."""

from dataclasses import dataclass
from datetime import datetime

WARN_PERCENTS = (50, 75, 90)
"""How much of a promise is used up when people are warned, unless the policy says otherwise.

At the first for a dashboard, at the second for who has the case, at the third for the lead
(docs/definitions.md, part 2).
"""


@dataclass(frozen=True, slots=True)
class Warn:
    """A warning to come: at `at`, `percent` of the target is used up."""

    percent: int
    at: datetime
