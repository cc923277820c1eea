"""What care.yaml may say: its shape, before configuration.py makes a policy of it."""

from datetime import date

from chalicelib.domain.channel import Channel
from chalicelib.domain.clock import ClockName
from chalicelib.domain.warn import WARN_PERCENTS
from infra.care_people import (
    LadderShape,
    LimitShape,
    PagingShape,
    ReviewShape,
    RoutingShape,
    RuleShape,
    ShiftShape,
)
from infra.shapes import Duration, Shape


class HandleShape(Shape, frozen=True):
    """One account of the brand."""

    id: str
    channel: Channel
    account_id: str
    name: str
    team: str
    function: str = "care"
    calendar: str = ""
    secret: str = ""
    settings: dict[str, str] = {}


class TeamShape(Shape, frozen=True):
    """People who answer."""

    id: str
    name: str = ""
    lead: str = ""
    manager: str = ""
    on_call: list[str] = []
    ladder: str = ""


class TargetShape(Shape, frozen=True):
    """A promise, for all cases or for those that the selectors name."""

    clock: ClockName
    within: Duration
    team: str = ""
    channel: str = ""
    handle: str = ""
    public: bool | None = None
    priority: str = ""
    vip: bool | None = None


class CalendarShape(Shape, frozen=True):
    """Opening hours.

    Frames are "09:00-17:30"; one that ends earlier than it begins ends on the next day. Closed are
    the `holidays`, the public holidays of `country` (and its `region`), and the whole days of the
    iCal `feeds`; special days win over all of them.
    """

    zone: str = "UTC"
    always: bool = False
    week: dict[str, list[str]] = {}
    holidays: list[date] = []
    country: str = ""
    region: str = ""
    feeds: list[str] = []
    special_days: dict[date, list[str]] = {}


class SurveyShape(Shape, frozen=True):
    """The follow-up question."""

    enabled: bool = True
    text: str = ""
    reopen_at_most: int = 2
    public: bool = False
    delay: Duration = "24h"


class SubscriberShape(Shape, frozen=True):
    """Somebody who gets alerts."""

    topic: str
    protocol: str
    endpoint: str
    team: str = ""
    handle: str = ""
    channel: str = ""
    clock: str = ""
    severity: str = ""


class EndpointShape(Shape, frozen=True):
    """One of the company's own systems that is told what happens."""

    id: str
    url: str
    secret: str = ""
    events: list[str] = []
    team: str = ""
    handle: str = ""
    channel: str = ""
    texts: bool = False


class SearchShape(Shape, frozen=True):
    """Words to look for where nobody named the brand. Off unless it says `enabled: true`."""

    id: str
    handle: str
    words: str
    enabled: bool = False
    every: Duration = "15m"
    most: int = 20


class PrivacyShape(Shape, frozen=True):
    """What happens when somebody writes personal data in public."""

    detect: bool = True
    region: str = ""
    hide: bool = False
    invite: str = ""
    allowed: list[str] = []


class CareShape(Shape, frozen=True):
    """The whole file."""

    brand: str
    handles: list[HandleShape]
    teams: list[TeamShape]
    targets: list[TargetShape]
    calendars: dict[str, CalendarShape] = {}
    survey: SurveyShape = SurveyShape()
    subscribers: list[SubscriberShape] = []
    public_url: str = ""
    endpoints: list[EndpointShape] = []
    searches: list[SearchShape] = []
    privacy: PrivacyShape = PrivacyShape()
    ladders: list[LadderShape] = []
    paging: PagingShape = PagingShape()
    rules: list[RuleShape] = []
    limits: list[LimitShape] = []
    reviews: list[ReviewShape] = []
    shifts: list[ShiftShape] = []
    routing: RoutingShape = RoutingShape()
    warn_percents: tuple[int, ...] = WARN_PERCENTS
    reopen_window: Duration = "72h"
