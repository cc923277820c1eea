"""Passing: what time alone does to who has a case. Offers run out, and who left stays away."""

from datetime import datetime, timedelta

from chalicelib.domain import holding, nobody, routing
from chalicelib.domain.agent import Presence
from chalicelib.domain.case import PAUSED
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.outlook import Phase, phase
from chalicelib.workflows.ports import Parts


def passed(parts: Parts, fold: Fold, terms: Terms, now: datetime) -> Fold:
    """Do what is due at `now`, at its own instant each. Doing it twice changes nothing."""
    until = fold.case.offered_until
    if fold.case.open and until is not None and now >= until:
        fold = holding.expire(fold, until)
    fold = _requeued(parts, fold, now)
    due = nobody.moment(fold.case, terms.policy)
    if phase(fold.case) is Phase.OPEN and due is not None and now >= due:
        there = somebody(parts, fold.case.team)
        fold = nobody.look(fold, terms.policy, now, somebody=there)
    return fold


def somebody(parts: Parts, team: str) -> bool:
    """Return whether somebody of a team is present and on shift now."""
    shifts = parts.policies.current().shifts
    return routing.anybody(parts.agents.all(), team, shifts, parts.now())


def _requeued(parts: Parts, fold: Fold, now: datetime) -> Fold:
    """Put the case back when its agent is still away; let it stay when they are back.

    One that has been put aside stays with its agent until it is taken up again.
    """
    case = fold.case
    if case.requeue_at is None or now < case.requeue_at or case.status in PAUSED:
        return fold
    agent = parts.agents.get(case.assignee)
    if agent is None or agent.presence is not Presence.OFFLINE or agent.presence_at is None:
        return fold.change(requeue_at=None)
    away = parts.policies.current().routing.away_seconds
    at = agent.presence_at + timedelta(seconds=away)
    if at > now:
        return fold.change(requeue_at=at)  # was back for a moment, and left again
    since = max(case.requeue_at, case.status_since or case.requeue_at)
    gone = agent.presence_at.isoformat()
    return holding.let_go(fold, since, f"{agent.id} is offline since {gone}")
