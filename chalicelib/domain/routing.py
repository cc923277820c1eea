"""Routing: which agent a case goes to."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from chalicelib.domain.agent import CASE_WEIGHT, Agent, Presence

_NEVER = datetime.min.replace(tzinfo=UTC)


def candidates(agents: Iterable[Agent], team: str, preferred: str = "") -> Sequence[Agent]:
    """Return who may get a case of `team`, best first.

    Eligible: present, of the team, with room for one case. The preferred agent (who had the
    case before) comes first; then the
    greatest share of spare capacity; ties go to the longest since the last assignment, then to
    the id.
    """
    eligible = [
        agent
        for agent in agents
        if agent.presence is Presence.PRESENT and team in agent.teams and agent.spare >= CASE_WEIGHT
    ]
    return sorted(eligible, key=lambda agent: _order(agent, preferred))


def _order(agent: Agent, preferred: str) -> tuple[bool, float, datetime, str]:
    share = agent.spare / agent.capacity
    return (agent.id != preferred, -share, agent.last_assigned_at or _NEVER, agent.id)
