"""Assign.

Find an agent for a case, or let it wait when nobody may have it. People give cases to each other.
"""

from collections.abc import Mapping

from chalicelib.domain import lifecycle, nobody, outlook
from chalicelib.domain.conversation import Conversation
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
from chalicelib.workflows.ports import Commit, Parts
from chalicelib.workflows.routing.passing import somebody
from chalicelib.workflows.routing.place import place


def assign(parts: Parts, case: CaseRef) -> Mapping[str, object]:
    """Find an agent for a case that has none.

    Doing it twice changes nothing. Returns the machine's outlook.
    """

    def once() -> Mapping[str, object]:
        conversation = machine.read(parts, case)
        if machine.current(conversation, case) is not None:
            conversation = find(parts, conversation)
        return machine.look(parts, conversation, case)

    return persist(once)


def find(parts: Parts, conversation: Conversation) -> Conversation:
    """Give the case of a conversation to somebody, or let it wait; return it as it is then.

    Nothing for a case that nobody is looked for. Raises StaleError: read again, decide again.
    """
    case = conversation.case
    if case is None or outlook.phase(case) is not Phase.ASSIGN:
        return conversation
    given, ranking = place(parts, conversation, case)
    if given is not None:
        return given
    now, terms = parts.now(), terms_of(parts, conversation, case)
    version = parts.policies.current().version
    why = {"inputs": ranking.inputs(), "policy_version": version}
    fold = lifecycle.queue(Fold(case), now, ranking.reason, **why)
    there = somebody(parts, case.team)
    fold = nobody.look(fold, terms.policy, now, somebody=there)
    queued = machine.commit_fold(parts, conversation, fold)
    parts.meter.count("CaseQueued", team=case.team)
    # Who became present in between has looked into the queue when this case was not in it yet.
    return place(parts, queued, fold.case)[0] or queued


def assign_to(parts: Parts, ask: Ask, agent_id: str) -> Done:
    """Give the case to a named agent of its team, whatever that agent carries already.

    A person decided it, so it is neither offered nor asked whether there is room.

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
        fold = lifecycle.assign(Fold(case), agent_id, parts.now(), ask.actor.id)
        new = settle(conversation, fold, terms_of(parts, conversation, case))
        return Commit(conversation=new, entries=stamped(fold, new)), None

    return carry_out(parts, ask, ("assign", agent_id), decide)


def take(parts: Parts, ask: Ask) -> Done:
    """Take the case oneself. An offer of it to somebody else is over."""
    return assign_to(parts, ask, ask.actor.id)
