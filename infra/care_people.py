"""What care.yaml may say of people and time: ladders, paging, rules, authority, shifts, routing."""

from chalicelib.domain.alert import Severity
from chalicelib.domain.authority import PromiseKind
from chalicelib.domain.case import Status
from chalicelib.domain.ladder import Medium, PagingKind
from chalicelib.domain.rule import Act, Trigger
from infra.shapes import Duration, Shape


class RungShape(Shape, frozen=True):
    """One step of a ladder."""

    to: list[str]
    by: list[Medium]
    after: Duration = 0
    severities: list[Severity] = []


class LadderShape(Shape, frozen=True):
    """Who is told of a team's pages, in which order."""

    id: str
    rungs: list[RungShape]
    gather: Duration = "10s"
    freeze: Duration = "15m"


class PagingEndpointShape(Shape, frozen=True):
    """A system that wakes people."""

    id: str
    kind: PagingKind
    secret: str = ""
    url: str = ""


class PagingShape(Shape, frozen=True):
    """How people are paged."""

    sms_handle: str = ""
    sms_budget_usd: str = ""
    sms_price_usd: str = "0.05"
    email_from: str = ""
    person: Duration = "5m"
    quiet_below: Severity = Severity.CRITICAL
    endpoints: list[PagingEndpointShape] = []


class ConditionShape(Shape, frozen=True):
    """What a case must be for a rule to fire."""

    team: str = ""
    channel: str = ""
    handle: str = ""
    public: bool | None = None
    vip: bool | None = None
    priority: str | None = None
    labels: list[str] = []
    without_labels: list[str] = []
    assigned: bool | None = None
    answered: bool | None = None
    words: list[str] = []
    score_at_most: int | None = None
    score_at_least: int | None = None


class RuleShape(Shape, frozen=True):
    """When something happens, or has lasted for a time: do something.

    Each step of `do` is one action with its value: `label: silent`, `snooze: 2h`, `assign:`.
    """

    id: str
    do: list[dict[Act, str | int | None]]
    on: Trigger | None = None
    to_status: Status | None = None
    status: Status | None = None
    after: Duration = 0
    repeat: Duration = 0
    when: ConditionShape = ConditionShape()
    enabled: bool = True


class LimitShape(Shape, frozen=True):
    """What a role may promise without asking. `most` is an amount like "50.00"."""

    kind: PromiseKind
    role: str
    team: str = ""
    most: str | None = None
    currency: str = ""


class ReviewShape(Shape, frozen=True):
    """Whose replies are read before they leave."""

    handle: str = ""
    team: str = ""
    trainees: bool = True
    public: bool = False


class ShiftShape(Shape, frozen=True):
    """Who is planned to work while a calendar is open."""

    id: str
    team: str
    calendar: str
    agents: list[str] = []


class WeightsShape(Shape, frozen=True):
    """What a case takes of an agent's capacity, in hundredths of a case."""

    public: int = 100
    private: int = 70
    email: int = 50
    waiting: int = 10


class NeedShape(Shape, frozen=True):
    """Which skill a case asks for."""

    skill: str
    handle: str = ""
    channel: str = ""
    label: str = ""
    language: str = ""


class RoutingShape(Shape, frozen=True):
    """How cases find people."""

    offer: Duration = 0
    away: Duration = "3m"
    handling: Duration = "5m"
    handling_by_label: dict[str, Duration] = {}
    nobody: Duration = "15m"
    weights: WeightsShape = WeightsShape()
    needs: list[NeedShape] = []
