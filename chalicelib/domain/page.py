"""Pages: what people are told together, until one of them acknowledges it or it is settled."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.alert import Severity
from chalicelib.domain.ladder import Medium


class PageState(StrEnum):
    """Where a page stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    OVER = "over"


class What(StrEnum):
    """What a member is: it says when the member is settled."""

    WARNING = "warning"
    BREACH = "breach"
    STUCK = "stuck"
    LOW_SCORE = "low_score"
    EXPOSURE = "exposure"
    NOBODY = "nobody"
    NOTICE = "notice"


QUIET_KINDS = frozenset({What.WARNING, What.EXPOSURE})
"""What goes on a team's page of warnings. A rule's notice goes on one for whom it is; all else goes
on the team's page of breaches.
"""

ASSIGNEE_PERCENT = 75
"""From how much of a promise used up people are told; warnings before that are for dashboards."""

LEAD_PERCENT = 90
"""From how much of a promise used up the lead is told too."""

WARNINGS = "warning"
BREACHES = "breach"
NOTICES = "notice"

FULL = 1000
"""With how many members told of a page takes no more."""


class TellingState(StrEnum):
    """What became of a telling.

    `sending`: claimed, and nobody knows yet. `folded`: told a moment ago by the same medium;
    `delayed`: the carrier could not be reached. Both are told again at `until`.
    """

    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    FOLDED = "folded"
    DELAYED = "delayed"
    QUIET = "quiet"
    OVER_BUDGET = "over_budget"


@dataclass(frozen=True, slots=True)
class Member:
    """One thing that a page tells of: a clock that warned or ran out, a stuck case, a low score.

    `key` is that of its alert and makes it unique. `said` is what happened, in words; empty for a
    clock, whose words follow from `due_at`. `percent` is that of a warning (0: of none). Holds no
    word of the customer's.
    """

    key: str
    conversation_id: str
    case_number: int
    clock: str
    severity: Severity
    handle: str
    channel: str
    due_at: datetime
    said: str
    seq: int = 0
    what: What = What.BREACH
    percent: int = 0


@dataclass(frozen=True, slots=True)
class Telling:
    """One telling of a page: rung, medium, to whom, when, and what became of it.

    `to` is an agent's id, a paging endpoint's, or `subscribers`. `state` is a TellingState, `ref`
    the carrier's id. `until` is when a folded or delayed one is told again.
    """

    rung: int
    medium: Medium
    to: str
    at: datetime
    state: str
    ref: str = ""
    reason: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a team. `queue` is the team and the kind of page (`care/breach`).

    `id` is short, so that it fits into an SMS. It first leaves at `leaves_at`; `rung` is the next
    to be climbed, `climbs_at` when; after the last the last is told again at `repeats_at`, so far
    `repeats` times. `count` is how many members it had when it was last told, `known` are short
    digests of those it has told of; `news_at` is when it tells of those that joined since.
    `informed` is the newest action that paging systems were told. `generation` counts its
    executions; `token` and `armed_for` belong to the waiting machine. `rev` counts writes (0: not
    stored yet).
    """

    id: str
    queue: str
    team: str
    ladder: str
    policy_version: str
    severity: Severity
    opened_at: datetime
    leaves_at: datetime
    state: PageState = PageState.OPEN
    rung: int = 0
    climbs_at: datetime | None = None
    count: int = 0
    told: tuple[Telling, ...] = ()
    acknowledged_by: str = ""
    acknowledged_at: datetime | None = None
    frozen_until: datetime | None = None
    over_at: datetime | None = None
    over_because: str = ""
    token: str = ""
    armed_for: datetime | None = None
    rev: int = 0
    known: tuple[str, ...] = ()
    news_at: datetime | None = None
    repeats_at: datetime | None = None
    repeats: int = 0
    informed: str = ""
    generation: int = 1

    @property
    def warns(self) -> bool:
        """Return whether it is over once it is told: warnings, and what rules tell."""
        return self.kind != BREACHES

    @property
    def kind(self) -> str:
        """Return what it is of: `warning`, `breach` or `notice`."""
        return self.queue.removeprefix(f"{self.team}/").partition("/")[0]

    @property
    def joinable(self) -> bool:
        """Return whether new members join it.

        It is open and not full, and where it is over once it is told, was told no part yet.
        """
        return self.state is PageState.OPEN and self.count < FULL and not (self.warns and self.rung)


def queue(team: str, what: What, to: str = "") -> str:
    """Return the queue that a member of a team belongs to. `to`: whom a rule's notice is for."""
    if what is What.NOTICE:
        return f"{team}/{NOTICES}/{to}"
    return f"{team}/{WARNINGS if what in QUIET_KINDS else BREACHES}"
