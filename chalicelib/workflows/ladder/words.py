"""Words: what a page says to each whom it tells."""

import logging
from dataclasses import replace

from chalicelib.domain import alert, paging
from chalicelib.domain.alert import Alert, AlertCase, Occasion
from chalicelib.domain.climbing import Standing
from chalicelib.domain.ladder import SUBSCRIBERS
from chalicelib.domain.page import Page, Telling
from chalicelib.domain.paging import Call
from chalicelib.workflows.ladder.calls import put_together
from chalicelib.workflows.ports import Parts

LISTED = 500
"""How many cases one alert lists: a message on a topic has 256 KB."""

log = logging.getLogger(__name__)


class Speech:
    """What a page says in one look. `standings` are the members that are not settled."""

    def __init__(self, parts: Parts, page: Page, standings: tuple[Standing, ...]) -> None:
        self.page = page
        self._parts = parts
        by_key = {one.member.key: one for one in standings}
        self._members = tuple(one.member for one in standings)
        self._worst = tuple(by_key[one.key] for one in paging.worst(self._members))
        self._policy = parts.policies.current()
        self._people = {agent.id: agent for agent in parts.agents.all()}

    def to(self, person: str) -> Call:
        """Return the page as told to an agent, a paging system or the subscribers."""
        agent, link = self._people.get(person), self._link(person)
        return put_together(self._parts, self.page, self._members, agent, link)

    def alert(self, telling: Telling) -> Alert:
        """Return the page as it goes to the topics, under the same key for the same telling."""
        worst = self._worst[0]
        occasion = self._occasion(worst)
        key = f"{self.page.id}-{telling.rung}-{telling.at.isoformat()}"
        what = paging.phrase(worst.member, occasion.now)
        severity = self.page.severity if len(self._members) > 1 else worst.member.severity
        made = alert.alone(occasion, key, severity, what)
        count = len(paging.cases(self._members))
        if len(self._members) > 1:
            call = self.to(SUBSCRIBERS)
            made = replace(
                made,
                sms=paging.text(call),
                subject=paging.subject(call),
                body=paging.body(call),
            )
        cases = tuple(_listed(one) for one in self._worst[:LISTED])
        return replace(made, count=count, page=self.page.id, cases=cases)

    def _link(self, person: str) -> str:
        """Return the link that acknowledges, or none: a page without one is better than no page."""
        try:
            return self._parts.links.link(self.page.id, person)
        except Exception:
            log.exception("No link could be made.")
            self._parts.meter.count("PageLinkMissing")
            return ""

    def _occasion(self, standing: Standing) -> Occasion:
        member, conversation = standing.member, standing.member.conversation_id
        handle = self._policy.handle(member.handle)
        return Occasion(
            handle=member.handle,
            handle_name=handle.name if handle else member.handle,
            channel=member.channel,
            team=self.page.team,
            clock=member.clock,
            case_id=f"{conversation}-{member.case_number}",
            assignee=standing.assignee,
            priority=standing.priority,
            link=f"{self._parts.desk_url.rstrip('/')}/c/{conversation}",
            now=self._parts.now(),
            due_at=member.due_at,
        )


def _listed(standing: Standing) -> AlertCase:
    member = standing.member
    return AlertCase(
        case_id=f"{member.conversation_id}-{member.case_number}",
        clock=member.clock,
        handle=member.handle,
        channel=member.channel,
        severity=member.severity,
        what=member.what.value,
        due_at=member.due_at,
    )
