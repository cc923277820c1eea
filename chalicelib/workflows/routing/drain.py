"""Drain: what waits in a team's queue goes to those who may have it, the least slack first."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from chalicelib.domain import nobody, routing
from chalicelib.domain.case import Case, Status
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.fold import Fold
from chalicelib.domain.routing import Ranking, Wanted, WhyNot
from chalicelib.workflows import machine
from chalicelib.workflows.change import persist
from chalicelib.workflows.ports import Parts
from chalicelib.workflows.routing import alone
from chalicelib.workflows.routing.place import place, wanted


@dataclass(frozen=True, slots=True)
class Hopeless:
    """What was asked of everybody in vain during one draining: who asks as much need not ask."""

    asked: list[Wanted] = field(default_factory=list)

    def note(self, ranking: Ranking) -> None:
        """Keep what a case asked for, unless others may have it who only let this one pass."""
        if WhyNot.PASSED not in ranking.why_not:
            self.asked.append(ranking.wanted)

    def holds(self, more: Wanted) -> bool:
        """Return whether no less was asked for in vain."""
        return any(one.weight <= more.weight and one.skills <= more.skills for one in self.asked)


def drain(parts: Parts, team: str, *, anew: bool = False) -> int:
    """Give waiting cases of a team to agents who may have them; return how many found somebody.

    Called whenever an agent becomes present or gets room. The list of what waits comes by pages of
    the nearest deadlines, and lags; each case is decided on the row itself. It ends when nobody has
    room. `anew`: those who let a case pass are asked once more.
    """
    given, hopeless = 0, Hopeless()
    for rows in alone.pages(parts, team):
        if not _room(parts, team):
            break
        for row in _in_turn(parts, rows):
            given += persist(partial(_one, parts, row, hopeless, anew=anew))
    return given


def _in_turn(parts: Parts, rows: Sequence[Conversation]) -> Sequence[Conversation]:
    policy, now = parts.policies.current(), parts.now()
    turns = [(routing.turn(row.case, policy, now), row) for row in rows if row.case is not None]
    return [row for _, row in sorted(turns, key=lambda pair: pair[0])]


def _one(parts: Parts, row: Conversation, hopeless: Hopeless, *, anew: bool) -> bool:
    """Find somebody for one case. One that asks for what nobody has is not even read again."""
    known = row.case
    if known is not None and known.nobody_since is None:
        policy = parts.policies.current()
        if hopeless.holds(wanted(parts, policy, row, known, anew=anew)):
            return False
    conversation = parts.conversations.get(row.id)
    case = conversation.case if conversation else None
    if conversation is None or case is None or not _waits(case):
        return False
    given, ranking = place(parts, conversation, case, anew=anew)
    if given is None:
        hopeless.note(ranking)
        machine.commit_fold(parts, conversation, nobody.came(Fold(case)))
    return given is not None


def _waits(case: Case) -> bool:
    return case.status is Status.QUEUED and nobody.waits(case)


def _room(parts: Parts, team: str) -> bool:
    """Return whether somebody of a team who is there could take the lightest of cases."""
    policy = parts.policies.current()
    weights = policy.routing.weights
    least = min(weights.public, weights.private, weights.email, weights.waiting)
    ranking = routing.rank(parts.agents.all(), Wanted(team, least), policy.shifts, parts.now())
    return bool(ranking.agents)
