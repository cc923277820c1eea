"""Crews: whom a rung of a ladder reaches, by which medium, as the people are now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.agent import Agent
from chalicelib.domain.alert import Severity
from chalicelib.domain.ladder import (
    ASSIGNEE,
    LEAD,
    MANAGER,
    ON_CALL,
    SUBSCRIBERS,
    Medium,
    Paging,
    PagingEndpoint,
    Rung,
)
from chalicelib.domain.policy import Team
from chalicelib.domain.quiet import quiet

LOUDER = (Severity.WARNING, Severity.BREACH, Severity.CRITICAL)
"""Severities from the quietest to the loudest."""

LIMITED = frozenset({Medium.EMAIL, Medium.SMS, Medium.TOPIC})
"""The media by which nobody is told twice within `Paging.person_seconds`.

The desk disturbs nobody, and paging systems fold by themselves.
"""


@dataclass(frozen=True, slots=True)
class Reach:
    """One person or system that can be told by one medium. `address`: where, empty for none.

    `hushed`: it is their quiet hours.
    """

    medium: Medium
    to: str
    address: str = ""
    hushed: bool = False


@dataclass(frozen=True, slots=True)
class Crew:
    """Who is who for the pages of a team: its people, the paging systems, and all agents by id."""

    team: Team
    agents: Mapping[str, Agent]
    paging: Paging

    def endpoint(self, endpoint_id: str) -> PagingEndpoint | None:
        """Return the paging system of that id, or None."""
        return next((one for one in self.paging.endpoints if one.id == endpoint_id), None)

    def address(self, medium: Medium, name: str) -> str:
        """Return where an agent is told by SMS or email; empty where that cannot be."""
        agent = self.agents.get(name)
        if agent is None:
            return ""
        if medium is Medium.SMS:
            return agent.phone
        return agent.email if medium is Medium.EMAIL and self.paging.email_from else ""


def reached(
    crew: Crew, rung: Rung, assignees: tuple[str, ...], severity: Severity, now: datetime
) -> tuple[Reach, ...]:
    """Return all that a rung reaches for a page of this severity, each once.

    What one medium cannot do for somebody is left out: a person without a telephone number or an
    address, a name that is nobody's any more, email where nothing may send it.
    """
    if rung.severities and severity not in rung.severities:
        return ()
    found: dict[tuple[Medium, str], Reach] = {}
    for name in _names(crew, rung, assignees):
        for medium in rung.by:
            one = _reach(crew, name, medium, severity, now)
            if one is not None:
                found.setdefault((medium, name), one)
    return tuple(found.values())


def _names(crew: Crew, rung: Rung, assignees: tuple[str, ...]) -> Iterator[str]:
    team = crew.team
    roles: dict[str, tuple[str, ...]] = {
        ASSIGNEE: assignees,
        LEAD: (team.lead,),
        MANAGER: (team.manager,),
        ON_CALL: team.on_call,
    }
    for name in rung.to:
        yield from roles.get(name, (name,))


def _reach(
    crew: Crew, name: str, medium: Medium, severity: Severity, now: datetime
) -> Reach | None:
    if medium is Medium.TOPIC:
        return Reach(medium, name) if name == SUBSCRIBERS else None
    if medium is Medium.WEBHOOK:
        return Reach(medium, name) if crew.endpoint(name) else None
    agent = crew.agents.get(name)
    if agent is None:
        return None
    if medium is Medium.IN_APP:
        return Reach(medium, name)
    address = crew.address(medium, name)
    if not address:
        return None
    loud = LOUDER.index(severity) >= LOUDER.index(crew.paging.quiet_below)
    hushed = medium is Medium.SMS and not loud and quiet(agent.quiet, agent.zone, now)
    return Reach(medium, name, address, hushed)
