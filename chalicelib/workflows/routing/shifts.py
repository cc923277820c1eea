"""Shifts: who is there now, who is planned to be, and when nobody is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain import shift
from chalicelib.domain.access import Actor
from chalicelib.domain.agent import Agent, Presence
from chalicelib.domain.policy import Policy
from chalicelib.domain.shift import Shift, Span
from chalicelib.workflows.ports import Parts

AHEAD = timedelta(hours=48)
"""How far ahead gaps are looked for."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A shift now. `closes_at` None: open for longer than is looked ahead; `opens_at` None: never.

    While it is open, `opens_at` is when it opens again, as far as is looked ahead.
    """

    shift: Shift
    open: bool
    closes_at: datetime | None
    opens_at: datetime | None


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is there for a team. `people` are on shift now; `present` are those of them who are.

    `gaps` are times ahead at which promises run and no shift is open; none without shifts.
    """

    team: str
    people: tuple[Agent, ...]
    present: int
    planned: tuple[Planned, ...]
    gaps: tuple[Span, ...]


def rosters(parts: Parts, actor: Actor) -> Sequence[Roster]:
    """Return who is there and who is planned, for each team that a person sees."""
    policy, agents, now = parts.policies.current(), parts.agents.all(), parts.now()
    return [_roster(policy, team.id, agents, now) for team in policy.teams if actor.sees(team.id)]


def _roster(policy: Policy, team: str, agents: Sequence[Agent], now: datetime) -> Roster:
    shifts = shift.of_team(policy.shifts, team)
    people = tuple(
        agent
        for agent in agents
        if team in agent.teams and shift.on_shift(shifts, team, agent.id, now)
    )
    return Roster(
        team,
        people,
        sum(agent.presence is Presence.PRESENT for agent in people),
        tuple(_planned(one, now) for one in shifts),
        _gaps(policy, team, shifts, now),
    )


def _planned(planned: Shift, now: datetime) -> Planned:
    ahead = now + AHEAD
    found = shift.spans([planned.hours], now, ahead)
    if not shift.is_open(planned.hours, now):
        opens_at = shift.next_opening(planned, now)
        return Planned(planned, open=False, closes_at=None, opens_at=opens_at)
    closes_at = found[0][1] if found[0][1] < ahead else None
    opens_at = found[1][0] if len(found) > 1 else None
    return Planned(planned, open=True, closes_at=closes_at, opens_at=opens_at)


def _gaps(policy: Policy, team: str, shifts: Sequence[Shift], now: datetime) -> tuple[Span, ...]:
    """Return when the promises of a team's handles run and no shift of it is open."""
    if not shifts:
        return ()
    promised = [policy.calendar(one.calendar) for one in policy.handles if one.team == team]
    covered = shift.spans([one.hours for one in shifts], now, now + AHEAD)
    return shift.gaps(shift.spans(promised, now, now + AHEAD), covered)
