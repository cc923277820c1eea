"""Assign.

Give a case to the agent who has most room, let it wait when nobody has, and drain the queue when
somebody does.
"""

from collections.abc import Iterable, Mapping
from functools import partial

from chalicelib.domain import lifecycle, outlook, routing
from chalicelib.domain.access import Actor
from chalicelib.domain.agent import CASE_WEIGHT
from chalicelib.domain.case import Case
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import MACHINE
from chalicelib.domain.fold import Fold
from chalicelib.domain.message import Message
from chalicelib.domain.outlook import Phase
from chalicelib.workflows import machine
from chalicelib.workflows.change import (
    Ask,
    CaseRef,
    Done,
    carry_out,
    open_case,
    persist,
    settle,
    stamped,
    terms_of,
)
from chalicelib.workflows.errors import NotFoundError, NotNowError
from chalicelib.workflows.ports import CapacityError, Commit, Load, Parts

DRAIN_AT_ONCE = 25


def assign(parts: Parts, case: CaseRef) -> Mapping[str, object]:
    """Find an agent for a case that has none.

    Doing it twice changes nothing. Returns the machine's outlook.
    """
    return persist(lambda: _assign(parts, case))


def _assign(parts: Parts, case: CaseRef) -> Mapping[str, object]:
    conversation = machine.read(parts, case)
    newest = machine.current(conversation, case)
    if newest is None or outlook.phase(newest) is not Phase.ASSIGN:
        return machine.look(parts, conversation, case)
    given = _give(parts, conversation, newest)
    if given is None:
        fold = lifecycle.queue(Fold(newest), parts.now(), "nobody of the team is present with room")
        queued = machine.commit_fold(parts, conversation, fold)
        parts.meter.count("CaseQueued", team=newest.team)
        # Who became present in between has looked into the queue when this case was not in it yet.
        given = _give(parts, queued, fold.case) or queued
    return machine.look(parts, given, case)


def _give(parts: Parts, conversation: Conversation, case: Case) -> Conversation | None:
    """Give an unassigned case to the best candidate still free; None when there is none."""
    for agent in routing.candidates(parts.agents.all(), case.team, case.preferred):
        now = parts.now()
        fold = lifecycle.assign(Fold(case), agent.id, now, MACHINE)
        claim = Load(agent.id, CASE_WEIGHT, now, claim=True)
        try:
            return machine.commit_fold(parts, conversation, fold, load=(claim,))
        except CapacityError:
            continue
    return None


def drain(parts: Parts, team: str) -> int:
    """Give waiting cases of a team to agents with room, nearest deadline first.

    Returns how many were given. Called whenever an agent becomes present or gets room. Candidates
    come from an index that lags; each is decided on the row itself.
    """
    given = 0
    while True:
        waiting = parts.views.queued(team, DRAIN_AT_ONCE)
        now_given = _drain_some(parts, [conversation.id for conversation in waiting])
        given += now_given
        if not waiting or now_given < len(waiting):
            return given


def _drain_some(parts: Parts, conversation_ids: Iterable[str]) -> int:
    given = 0
    for conversation_id in conversation_ids:
        outcome = persist(partial(_drain_one, parts, conversation_id))
        if outcome is None:
            break
        given += outcome
    return given


def _drain_one(parts: Parts, conversation_id: str) -> bool | None:
    """Return whether the case was given; None when nobody has room, so that others need no try."""
    conversation = parts.conversations.get(conversation_id)
    case = conversation.case if conversation else None
    if conversation is None or case is None or case.assignee or not case.open:
        return False
    return None if _give(parts, conversation, case) is None else True


def assign_to(parts: Parts, ask: Ask, agent_id: str) -> Done:
    """Give the case to a named agent of its team, whatever that agent carries already.

    A person decided it.

    Raises NotFoundError for an unknown agent, NotNowError when the agent is not of the team or
    the case is not open.
    """
    agent = parts.agents.get(agent_id)
    if agent is None:
        raise NotFoundError("There is no such agent.", code="no_such_agent")

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        case = open_case(conversation)
        if case.team not in agent.teams:
            raise NotNowError(
                "That agent is not of the team that answers for this handle.", code="not_of_team"
            )
        return _handed_over(parts, conversation, case, agent_id, ask.actor), None

    return carry_out(parts, ask, ("assign", agent_id), decide)


def take(parts: Parts, ask: Ask) -> Done:
    """Take the case oneself."""
    return assign_to(parts, ask, ask.actor.id)


def _handed_over(
    parts: Parts, conversation: Conversation, case: Case, agent_id: str, actor: Actor
) -> Commit:
    """Return the commit that gives an open case to an agent and moves the load with it."""
    now = parts.now()
    fold = lifecycle.assign(Fold(case), agent_id, now, actor.id)
    new = settle(conversation, fold, terms_of(parts, conversation, case))
    load: tuple[Load, ...] = ()
    if case.assignee != agent_id:
        load = (Load(agent_id, CASE_WEIGHT, now),)
        if case.assignee:
            load = (*load, Load(case.assignee, -CASE_WEIGHT, now))
    return Commit(conversation=new, entries=stamped(fold, new), load=load)
