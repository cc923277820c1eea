"""Policies: the versioned configuration that every decision names."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.domain.authority import Limit, Review
from chalicelib.domain.calendar import ALWAYS, Calendar
from chalicelib.domain.channel import Channel
from chalicelib.domain.clock import ClockName
from chalicelib.domain.ladder import USUAL, Ladder, Paging
from chalicelib.domain.rule import Rule
from chalicelib.domain.shift import Routing, Shift
from chalicelib.domain.warn import WARN_PERCENTS


@dataclass(frozen=True, slots=True)
class Handle:
    """One account of the brand on a channel.

    `id` is the name used in the API, alerts and `care.yaml` ("acme-help"); `account_id` the
    platform's own.
    """

    id: str
    channel: Channel
    account_id: str
    name: str
    team: str
    function: str = "care"
    calendar: str = ""
    secret: str = ""
    settings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Team:
    """People who answer for a handle.

    `lead`, `manager` and `on_call` are agent ids (the last also a paging endpoint's), whom the
    rungs of the team's `ladder` name; an empty ladder is the usual one.
    """

    id: str
    name: str = ""
    lead: str = ""
    manager: str = ""
    on_call: tuple[str, ...] = ()
    ladder: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A promise: `clock` within `seconds` of open time.

    Empty selectors match anything; the most specific wins.
    """

    clock: ClockName
    seconds: int
    team: str = ""
    channel: str = ""
    handle: str = ""
    public: bool | None = None
    priority: str = ""
    vip: bool | None = None

    @property
    def weight(self) -> int:
        """Return how many selectors are set, so that the most specific target can win."""
        named = (self.team, self.channel, self.handle, self.priority)
        asked = (self.public, self.vip)
        return sum(bool(part) for part in named) + sum(part is not None for part in asked)


@dataclass(frozen=True, slots=True)
class Survey:
    """The follow-up question.

    `reopen_at_most`: a score this low reopens the case and alerts the lead.

    `public`: also ask under a public post; otherwise the survey of a public conversation is waived.
    """

    enabled: bool = True
    text: str = (
        "Thanks for writing to us. How did we do? Answer with a number from 1 (poor) to 5 (great), "
        "and a few words if you like."
    )
    reopen_at_most: int = 2
    public: bool = False


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Somebody who gets alerts by SNS. Empty filters match anything."""

    topic: str  # warnings | breaches
    protocol: str  # sms | email
    endpoint: str
    team: str = ""
    handle: str = ""
    channel: str = ""
    clock: str = ""
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One of the company's own systems that is told what happens, by Standard Webhooks.

    `secret` names the secret with its `whsec_` keys. Empty filters match anything; `events` are
    entry kinds (CaseOpened or case.opened). `texts`: what people wrote is told too.
    """

    id: str
    url: str
    secret: str
    events: tuple[str, ...] = ()
    team: str = ""
    handle: str = ""
    channel: str = ""
    texts: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """Words that are looked for on a network where nobody named the brand.

    `handle` gives network, keys and team.
    """

    id: str
    handle: str
    words: str
    enabled: bool = False
    every_seconds: int = 900
    most: int = 20


@dataclass(frozen=True, slots=True)
class Privacy:
    """What happens when a public message holds personal data.

    `region` is the country (ISO 3166) whose way of writing telephone numbers is assumed. `hide`:
    hidden at once where the platform can. `invite`: the words of an automatic invitation to a
    private talk, empty for none. `allowed` is what our own public replies may contain all the
    same: the brand's own numbers and addresses.
    """

    detect: bool = True
    region: str = ""
    hide: bool = False
    invite: str = ""
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the whole configuration.

    `public_url` is where platforms reach us, without a slash at the end.
    """

    version: str
    brand: str = ""
    handles: tuple[Handle, ...] = ()
    teams: tuple[Team, ...] = ()
    targets: tuple[Target, ...] = ()
    calendars: dict[str, Calendar] = field(default_factory=dict)
    survey: Survey = field(default_factory=Survey)
    subscribers: tuple[Subscriber, ...] = ()
    warn_percents: tuple[int, ...] = WARN_PERCENTS
    follow_delay_seconds: int = 86_400
    reopen_window_seconds: int = 259_200
    public_url: str = ""
    endpoints: tuple[Endpoint, ...] = ()
    searches: tuple[Search, ...] = ()
    privacy: Privacy = field(default_factory=Privacy)
    ladders: tuple[Ladder, ...] = ()
    paging: Paging = field(default_factory=Paging)
    rules: tuple[Rule, ...] = ()
    limits: tuple[Limit, ...] = ()
    reviews: tuple[Review, ...] = ()
    shifts: tuple[Shift, ...] = ()
    routing: Routing = field(default_factory=Routing)

    def handle(self, handle_id: str) -> Handle | None:
        """Return the handle of that id, or None."""
        return next((handle for handle in self.handles if handle.id == handle_id), None)

    def handle_of(self, channel: Channel, account_id: str) -> Handle | None:
        """Return the handle that is this account on this channel.

        Or None for an account we do not run.
        """
        return next(
            (h for h in self.handles if h.channel is channel and h.account_id == account_id), None
        )

    def team(self, team_id: str) -> Team | None:
        """Return the team of that id, or None."""
        return next((team for team in self.teams if team.id == team_id), None)

    def ladder(self, team_id: str) -> Ladder:
        """Return the ladder that a team's pages climb; the usual one when it names none."""
        team = self.team(team_id)
        wanted = team.ladder if team else ""
        return next((ladder for ladder in self.ladders if ladder.id == wanted), USUAL)

    def calendar(self, name: str) -> Calendar:
        """Return the calendar of that name; an unknown or empty name is always open."""
        return self.calendars.get(name, ALWAYS)

    def target(  # noqa: PLR0913 - these are what a promise may depend on
        self,
        clock: ClockName,
        handle: Handle,
        *,
        public: bool,
        priority: str = "",
        vip: bool = False,
        team: str = "",
    ) -> Target | None:
        """Return the most specific target for a case of this handle (first of equals wins).

        `team` is who has the case, if not the handle's own. Or None: no such promise.
        """
        asked = {
            "team": team or handle.team,
            "channel": handle.channel.value,
            "handle": handle.id,
            "public": public,
            "priority": priority,
            "vip": vip,
        }
        matching = [t for t in self.targets if t.clock is clock and _matches(t, asked)]
        return max(matching, key=lambda target: target.weight, default=None)


def _matches(target: Target, asked: Mapping[str, object]) -> bool:
    return all(getattr(target, name) in ("", None, value) for name, value in asked.items())
