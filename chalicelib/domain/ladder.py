"""Ladders: who is told of a page, in which order, by which medium, and after how long."""

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.alert import Severity


class Medium(StrEnum):
    """How somebody is told."""

    IN_APP = "in_app"
    EMAIL = "email"
    SMS = "sms"
    WEBHOOK = "webhook"
    TOPIC = "topic"


ASSIGNEE = "assignee"
LEAD = "lead"
MANAGER = "manager"
ON_CALL = "on_call"
SUBSCRIBERS = "subscribers"
ROLES = frozenset({ASSIGNEE, LEAD, MANAGER, ON_CALL, SUBSCRIBERS})
"""Who a rung may name besides an agent's id or a paging endpoint's.

`assignee` are those who hold the page's cases, the others come from the team; `subscribers` are
those of the topics.
"""


@dataclass(frozen=True, slots=True)
class Rung:
    """One step up: `after_seconds` from when the page first left, tell `to` by each of `by`.

    `severities`: only pages of these (empty: of any). What one medium cannot do for somebody (a
    person without a telephone number) is left out; a rung that reaches nobody leads to the next.
    """

    after_seconds: int
    to: tuple[str, ...]
    by: tuple[Medium, ...]
    severities: tuple[Severity, ...] = ()


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs that a team's pages climb.

    A page gathers what happens for `gather_seconds` before it leaves, so that a storm is one page.
    An acknowledgement holds it for `freeze_seconds`; what is not settled then climbs on.
    """

    id: str
    rungs: tuple[Rung, ...]
    gather_seconds: int = 10
    freeze_seconds: int = 900


USUAL = Ladder(
    "usual",
    (
        Rung(0, (ASSIGNEE, LEAD), (Medium.IN_APP, Medium.EMAIL)),
        Rung(0, (SUBSCRIBERS,), (Medium.TOPIC,)),
        Rung(300, (LEAD,), (Medium.SMS,)),
        Rung(900, (MANAGER,), (Medium.SMS, Medium.EMAIL)),
        Rung(1800, (ON_CALL,), (Medium.SMS, Medium.WEBHOOK)),
    ),
)
"""The ladder of a team that names none (definitions, part 2)."""


class PagingKind(StrEnum):
    """Whose events a paging endpoint understands."""

    PAGERDUTY = "pagerduty"
    OPSGENIE = "opsgenie"
    STANDARD = "standard"


@dataclass(frozen=True, slots=True)
class PagingEndpoint:
    """A system that wakes people. `secret` names its key; `url` is for other regions and tests."""

    id: str
    kind: PagingKind
    secret: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Paging:
    """How people are paged, for the whole company.

    `sms_handle` is the handle (channel `sms`) that page texts leave by and are answered at; empty:
    SNS picks the number, and nobody can answer. `sms_budget_micros` is what texts to our own people
    may cost in a month, in millionths of a dollar (None: only counted), `sms_micros` what one is
    taken to cost. `email_from` is an address that SES may send from. Nobody is told twice by the
    same medium within `person_seconds`: what comes meanwhile is in the next telling. People whose
    quiet hours it is get no SMS below `quiet_below`.
    """

    sms_handle: str = ""
    sms_budget_micros: int | None = None
    sms_micros: int = 50_000
    email_from: str = ""
    person_seconds: int = 300
    quiet_below: Severity = Severity.CRITICAL
    endpoints: tuple[PagingEndpoint, ...] = ()
