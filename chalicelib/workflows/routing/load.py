"""Load: what agents carry changes in the same transaction as what they hold.

Nobody says how: it is worked out from the case before and after, so that an agent's load is always
the sum of what the agent holds.
"""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.case import Case
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.holding import held, weight
from chalicelib.workflows.ports import Commit, Load, Parts


def loaded(parts: Parts, before: Conversation, commit: Commit, *, claim: bool = False) -> Commit:
    """Return the commit with the weight that its case has now, and the loads that follow.

    `before` is the conversation as it was read. `claim`: whom the case goes to must be present and
    have room for it (CapacityError); otherwise a person decided, or the customer did by writing.
    """
    after = commit.conversation
    if after is None or after.case is None:
        return commit
    case = after.case
    if case.open:
        weights = parts.policies.get(case.policy_version).routing.weights
        case = replace(case, weight=weight(case, after, weights))
    load = moved(before.case, case, parts.now(), claim=claim)
    return replace(commit, conversation=replace(after, case=case), load=load)


def moved(
    before: Case | None, after: Case | None, at: datetime, *, claim: bool = False
) -> tuple[Load, ...]:
    """Return how loads change when a case goes on from one state to another."""
    was, now = held(before), held(after)
    if was == now:
        return ()
    freed = (Load(was.agent_id, -was.weight, at),) if was.agent_id else ()
    taken = (Load(now.agent_id, now.weight, at, claim),) if now.agent_id else ()
    return (*freed, *taken)
