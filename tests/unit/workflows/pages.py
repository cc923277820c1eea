"""A company whose people can be paged, and the words that stories of pages are told with."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.agent import Agent, Presence
from chalicelib.domain.clock import ClockName
from chalicelib.domain.event import Person
from chalicelib.domain.ladder import Medium, Paging, PagingEndpoint, PagingKind
from chalicelib.domain.page import Page
from chalicelib.domain.policy import Policy, Target, Team
from chalicelib.workflows.ladder.acknowledge import acknowledge
from tests.fakes.pager import Told
from tests.unit.workflows.story import POLICY, Story

LOU, MAX = "+15550100", "+15550101"
PAGING = Paging(
    email_from="pages@acme.example.com",
    endpoints=(PagingEndpoint("pd", PagingKind.PAGERDUTY, "pagerduty"),),
)
PAGED = replace(
    POLICY,
    teams=(
        Team("care", "Customer Care", lead="lou", manager="max", on_call=("pd",)),
        Team("shop"),
    ),
    targets=(Target(ClockName.FIRST_RESPONSE, 3600),),
    warn_percents=(),
    paging=PAGING,
)


class Paged(Story):
    """One company for one test: ann answers, lou leads, max is the manager."""

    def __init__(self, policy: Policy = PAGED, **facts: object) -> None:
        super().__init__(policy)
        for name, phone in (("lou", LOU), ("max", MAX)):
            contact = {"email": f"{name}@example.com", "phone": phone}
            made = Agent(name, name.title(), teams=("care",), **(contact | facts))
            self.store.agents.save(made)
            self.store.agents.set_presence(name, Presence.AWAY, self.parts.now())

    def storm(self, count: int) -> None:
        """Let so many customers write at once; their promises run out together."""
        for number in range(count):
            self.writes(contact=Person(f"customer-{number}", "Some Customer"))

    def out(self, *media: Medium) -> list[Told]:
        """Return what left by these media, oldest first."""
        return [one for one in self.parts.pager.told if one.medium in media]

    def texts(self) -> list[str]:
        """Return who was told by SMS, oldest first."""
        return [one.to for one in self.out(Medium.SMS)]

    @property
    def pages(self) -> list[Page]:
        return sorted(self.store.page_rows.values(), key=lambda page: (page.opened_at, page.id))

    @property
    def page(self) -> Page:
        (only,) = self.pages
        return only

    def breaches(self, **ahead: float) -> None:
        """Let the promise of the newest messages run out, and then so much time pass."""
        self.loop.run(seconds=3600.5)
        self.loop.run(**(ahead or {"seconds": 11}))

    def takes(self, who: str = "lou") -> Page:
        page = acknowledge(self.parts, self.pages[-1].id, who)
        self.loop.rest()
        return page


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)
