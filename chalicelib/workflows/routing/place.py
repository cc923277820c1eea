"""Place: give or offer a case to the best agent who may have it, whoever else is choosing too."""

from chalicelib.domain import holding, lifecycle, routing
from chalicelib.domain.agent import Agent
from chalicelib.domain.case import Case
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import MACHINE
from chalicelib.domain.fold import Fold
from chalicelib.domain.policy import Policy
from chalicelib.domain.routing import Ranking, Wanted
from chalicelib.workflows import machine
from chalicelib.workflows.ports import BusyError, CapacityError, Parts

MOST_LOST = 10
"""How many agents may fill up while one case is placed, before it is tried again later."""

MOST_BUSY = 2
"""At how many agents the table may be too busy before it is tried again later."""


def place(
    parts: Parts, conversation: Conversation, case: Case, *, anew: bool = False
) -> tuple[Conversation | None, Ranking]:
    """Give the case to the best agent who may have it, or offer it.

    Returns the conversation as it is then, or None when nobody may have it, and why. Who was chosen
    may have filled up or left meanwhile: the table refuses, and everybody is looked at again. So of
    any number who choose at once each gets somebody with room. `anew`: those who let it pass are
    asked once more.

    Raises BusyError when that goes on for too long.
    """
    lost: list[str] = []
    busy = 0
    while True:
        ranking = ranked(parts, conversation, case, anew=anew)
        best = next((agent for agent in ranking.agents if agent.id not in lost), None)
        if best is None:
            return None, ranking
        try:
            return _claim(parts, conversation, case, best, ranking), ranking
        except CapacityError:
            lost.append(best.id)
            if len(lost) >= MOST_LOST:
                raise BusyError("everybody filled up while a case was placed") from None
        except BusyError:
            lost.append(best.id)
            busy += 1
            if busy >= MOST_BUSY:
                raise


def ranked(parts: Parts, conversation: Conversation, case: Case, *, anew: bool = False) -> Ranking:
    """Return who may have a case now, best first, and why the others may not."""
    policy = parts.policies.current()
    return routing.rank(
        parts.agents.all(),
        wanted(parts, policy, conversation, case, anew=anew),
        policy.shifts,
        parts.now(),
    )


def wanted(
    parts: Parts, policy: Policy, conversation: Conversation, case: Case, *, anew: bool = False
) -> Wanted:
    """Return what a case asks of an agent. Its weight is that of the policy it began under."""
    weights = parts.policies.get(case.policy_version).routing.weights
    return Wanted(
        case.team,
        holding.weight(case, conversation, weights),
        routing.needs(case, conversation.channel, policy.routing),
        case.preferred,
        () if anew else case.refused_by,
    )


def _claim(
    parts: Parts, conversation: Conversation, case: Case, best: Agent, ranking: Ranking
) -> Conversation:
    policy, now = parts.policies.current(), parts.now()
    why = {"inputs": ranking.inputs(best), "policy_version": policy.version}
    # When everybody is asked once more, nobody has let it pass in this round.
    fold = Fold(case).change(refused_by=tuple(ranking.wanted.passed))
    if policy.routing.offer_seconds:
        fold = holding.offer(fold, best.id, now, policy.routing.offer_seconds, **why)
    else:
        fold = lifecycle.assign(fold, best.id, now, MACHINE, **why)
    return machine.commit_fold(parts, conversation, fold, claim=True)
