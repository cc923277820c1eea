"""Leave: an agent went offline. Their cases go back into the queue unless they return soon."""

from datetime import datetime, timedelta
from functools import partial

from chalicelib.domain import holding
from chalicelib.domain.agent import Agent, Presence
from chalicelib.domain.fold import Fold
from chalicelib.workflows import machine
from chalicelib.workflows.change import persist
from chalicelib.workflows.ports import Parts, Query

AT_ONCE = 100


def left(parts: Parts, agent_id: str) -> int:
    """Note on each case of an agent who is offline when it goes back; return how many changed.

    What is offered to them goes to the next at once. A case that a person gave to somebody who was
    offline stays there. Doing it twice changes nothing.
    """
    agent = parts.agents.get(agent_id)
    if agent is None or agent.presence is not Presence.OFFLINE or agent.presence_at is None:
        return 0
    away = parts.policies.current().routing.away_seconds
    at = agent.presence_at + timedelta(seconds=away)
    changed, cursor = 0, ""
    while True:
        page = parts.views.open_cases(Query(assignee=agent_id, limit=AT_ONCE, cursor=cursor))
        for row in page.rows:
            changed += persist(partial(_left, parts, row.id, agent, at))
        if not page.cursor:
            return changed
        cursor = page.cursor


def _left(parts: Parts, conversation_id: str, agent: Agent, at: datetime) -> bool:
    """Change one case. The list it comes from lags; the row itself decides."""
    conversation = parts.conversations.get(conversation_id)
    case = conversation.case if conversation else None
    if conversation is None or case is None or holding.held(case).agent_id != agent.id:
        return False
    fold = Fold(case)
    if case.offered_to:
        fold = holding.expire(fold, parts.now(), f"{agent.id} went offline")
    elif case.requeue_at != at and not _given_since(agent, case.assigned_at):
        fold = fold.change(requeue_at=at)
    return machine.commit_fold(parts, conversation, fold) is not conversation


def _given_since(agent: Agent, assigned_at: datetime | None) -> bool:
    gone = agent.presence_at
    return gone is not None and assigned_at is not None and assigned_at > gone
