"""Routing: which agent a case goes to, and which of several cases is first (definitions, part 4).

Who may have a case: of its team, declared present, on shift, with every skill it needs and room for
it. Of those the one who had it before, else the one with the greatest share of room; ties go to
whoever was given nothing for longest, then to the id. What somebody did in a day or a life never
counts: who comes back from leave is not flooded.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from chalicelib.domain import shift
from chalicelib.domain.agent import Agent, Presence
from chalicelib.domain.case import Case
from chalicelib.domain.channel import Channel
from chalicelib.domain.outlook import deadline
from chalicelib.domain.policy import Policy
from chalicelib.domain.shift import Routing, Shift

_NEVER = datetime.min.replace(tzinfo=UTC)
_ALWAYS = datetime.max.replace(tzinfo=UTC)


class WhyNot(StrEnum):
    """Why somebody of the team may not have a case now."""

    ABSENT = "not_present"
    OFF_SHIFT = "off_shift"
    SKILLS = "lacks_skills"
    ROOM = "no_room"
    PASSED = "let_it_pass"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a case asks of an agent. `passed`: who let it pass, and are not asked again."""

    team: str
    weight: int
    skills: frozenset[str] = frozenset()
    preferred: str = ""
    passed: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Ranking:
    """Who may have a case, best first, and how many of its team may not, by reason."""

    wanted: Wanted
    agents: tuple[Agent, ...]
    why_not: Mapping[WhyNot, int]

    @property
    def reason(self) -> str:
        """Return in a sentence why nobody may have it."""
        counted = ", ".join(f"{count} {why.value}" for why, count in self.why_not.items())
        return f"nobody may have it: {counted or 'the team has no agents'}".replace("_", " ")

    def inputs(self, chosen: Agent | None = None) -> dict[str, str]:
        """Return what was decided from, as the log keeps it."""
        found = {"candidates": str(len(self.agents)), "weight": str(self.wanted.weight)}
        if self.wanted.skills:
            found["needs"] = " ".join(sorted(self.wanted.skills))
        if chosen is not None:
            found["share_free"] = f"{share(chosen):.0%}"
            same = chosen.id == self.wanted.preferred
            found["because"] = "had it before" if same else "greatest share of room"
        return found | {why.value: str(count) for why, count in self.why_not.items()}


def needs(case: Case, channel: Channel, routing: Routing) -> frozenset[str]:
    """Return the skills that a case asks for."""
    return frozenset(
        need.skill
        for need in routing.needs
        if need.handle in ("", case.handle)
        and need.channel in ("", channel.value)
        and need.language in ("", case.language)
        and (not need.label or need.label in case.labels)
    )


def share(agent: Agent) -> float:
    """Return which share of what an agent can carry is free, 0 to 1."""
    return agent.spare / agent.capacity if agent.capacity else 0.0


def rank(agents: Iterable[Agent], wanted: Wanted, shifts: Iterable[Shift], at: datetime) -> Ranking:
    """Return who may have a case at an instant, best first, and why the others may not."""
    planned = shift.of_team(shifts, wanted.team)
    may, why_not = [], Counter[WhyNot]()
    for agent in agents:
        if wanted.team not in agent.teams:
            continue
        why = _why_not(agent, wanted, planned, at)
        if why is None:
            may.append(agent)
        else:
            why_not[why] += 1
    may.sort(key=lambda agent: _order(agent, wanted.preferred))
    return Ranking(wanted, tuple(may), {why: why_not[why] for why in WhyNot if why_not[why]})


def _why_not(
    agent: Agent, wanted: Wanted, planned: tuple[Shift, ...], at: datetime
) -> WhyNot | None:
    if agent.presence is not Presence.PRESENT:
        return WhyNot.ABSENT
    if not shift.on_shift(planned, wanted.team, agent.id, at):
        return WhyNot.OFF_SHIFT
    if not wanted.skills <= set(agent.skills):
        return WhyNot.SKILLS
    if agent.capacity - agent.load < wanted.weight:
        return WhyNot.ROOM
    return WhyNot.PASSED if agent.id in wanted.passed else None


def _order(agent: Agent, preferred: str) -> tuple[bool, float, datetime, str]:
    return (agent.id != preferred, -share(agent), agent.last_assigned_at or _NEVER, agent.id)


def anybody(agents: Iterable[Agent], team: str, shifts: Iterable[Shift], at: datetime) -> bool:
    """Return whether somebody of a team is present and on shift, with room or without."""
    planned = shift.of_team(shifts, team)
    return any(
        agent.presence is Presence.PRESENT and shift.on_shift(planned, team, agent.id, at)
        for agent in agents
        if team in agent.teams
    )


def slack(case: Case, policy: Policy, now: datetime) -> timedelta:
    """Return how long a case can wait: until its first deadline, less what handling it takes.

    Below zero: it is late whatever happens. Without a deadline it can wait for ever.
    """
    handling = [
        seconds for label, seconds in policy.routing.handling_by_label if label in case.labels
    ]
    expected = timedelta(seconds=max(handling, default=policy.routing.handling_seconds))
    return (deadline(case) or _ALWAYS) - now - expected


def turn(case: Case, policy: Policy, now: datetime) -> tuple[timedelta, datetime]:
    """Return what a team's waiting cases are ordered by.

    The smallest slack first, of equals the one whose customer has waited longest.
    """
    return slack(case, policy, now), case.unanswered_since or case.opened_at
