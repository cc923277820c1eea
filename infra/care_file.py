"""What care.yaml may say: its shape, before configuration.py makes a policy of it."""

from datetime import date

import msgspec

from chalicelib.domain.channel import Channel
from chalicelib.domain.clock import ClockName

Duration = int | str
"""Seconds, or a number with its unit: 90s, 5m, 1h, 3d."""


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mapping with known keys only: a misspelt one is an error, not a setting without effect."""


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


class TargetShape(Shape, frozen=True):
    """A promise, for all cases or for those that the selectors name."""

    clock: ClockName
    within: Duration
    team: str = ""
    channel: str = ""
    handle: str = ""
    public: bool | None = None
    priority: str = ""


class CalendarShape(Shape, frozen=True):
    """Opening hours.

    Frames are "09:00-17:30"; one that ends earlier than it begins ends on the next day.
    """

    zone: str = "UTC"
    always: bool = False
    week: dict[str, list[str]] = {}
    holidays: list[date] = []
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
    warn_percent: int = 75
    reopen_window: Duration = "72h"
