"""Assign.

Give a case to the agent who has most room, let it wait when nobody has, and drain the queue when
somebody does.
"""

from collections.abc import Mapping
from dataclasses import replace

from chalicelib.domain import lifecycle, outlook, routing
from chalicelib.domain.access import Actor
from chalicelib.domain.agent import CASE_WEIGHT
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import MACHINE
from chalicelib.domain.message import Message
from chalicelib.domain.outlook import Phase
from chalicelib.domain.promise import Fold
from chalicelib.workflows import machine
from chalicelib.workflows.change import (
    Ask,
    CaseRef,
    Done,
    carry_out,
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

    def once() -> Mapping[str, object]:
        conversation = machine.read(parts, case)
        newest = machine.current(conversation, case)
        if newest is None or outlook.phase(newest) is not Phase.ASSIGN:
            return machine.look(parts, conversation, case)
        given = _give(parts, conversation)
        if given is None:
            fold = lifecycle.queue(
                Fold(newest), parts.now(), "nobody of the team is present with room"
            )
            given = machine.commit_fold(parts, conversation, fold)
            parts.meter.count("CaseQueued", team=newest.team)
        return machine.look(parts, given, case)

    return persist(once)


def _give(parts: Parts, conversation: Conversation) -> Conversation | None:
    """Give an unassigned case to the best candidate still free; None when there is none."""
    case = conversation.case
    if case is None:
        return None
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

    Returns how many were given.

    Called whenever an agent becomes present or gets room. Candidates come from an index that
    lags; each is decided on the row itself.
    """
    given = 0
    for candidate in parts.views.queued(team, DRAIN_AT_ONCE):

        def once(conversation_id: str = candidate.id) -> bool | None:
            conversation = parts.conversations.get(conversation_id)
            if (
                conversation is None
                or conversation.case is None
                or conversation.case.assignee
                or not conversation.case.open
            ):
                return None
            return _give(parts, conversation) is not None

        outcome = persist(once)
        if outcome is False:
            break
        given += outcome is True
    return given


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
        case = conversation.case
        if case is None or not case.open:
            raise NotNowError(
                "Only an open case can be assigned.", code="not_open", instead=("reopen",)
            )
        if case.team not in agent.teams:
            raise NotNowError(
                "That agent is not of the team that answers for this handle.", code="not_of_team"
            )
        return handed_over(parts, conversation, agent_id, ask.actor), None

    return carry_out(parts, ask, ("assign", agent_id), decide)


def take(parts: Parts, ask: Ask) -> Done:
    """Take the case oneself."""
    return assign_to(parts, ask, ask.actor.id)


def handed_over(parts: Parts, conversation: Conversation, agent_id: str, actor: Actor) -> Commit:
    """Return the commit that gives an open case to an agent and moves the load with it."""
    case = conversation.case
    assert case is not None
    now = parts.now()
    fold = lifecycle.assign(Fold(case), agent_id, now, actor.id)
    new = settle(conversation, fold, terms_of(parts, conversation, case))
    load = [] if case.assignee == agent_id else [Load(agent_id, CASE_WEIGHT, now)]
    if case.assignee and case.assignee != agent_id:
        load.append(Load(case.assignee, -CASE_WEIGHT, now))
    return Commit(conversation=replace(new), entries=stamped(fold, new), load=tuple(load))
