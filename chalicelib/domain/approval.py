"""Approval: what somebody may not say alone waits for somebody who may (docs/authority.md).

A limit lets people of its role, and of every role above, promise something without asking, in the
cases of its team. A kind of promise for which a policy has no limit at all is not limited. Limits
count per case: what was promised before in the same case is added, so that a large promise cannot
be made in small pieces. A public apology speaks in the brand's name; one in private is not limited.
A review lets nothing leave that no lead has read, whatever it promises.
"""

from dataclasses import dataclass

from chalicelib.domain.access import Actor
from chalicelib.domain.agent import Role
from chalicelib.domain.authority import MONEY, Limit, Promised, PromiseKind, Review, summed, written
from chalicelib.domain.case import Approval, Case
from chalicelib.domain.policy import Policy

ROLES = tuple(Role)
"""From the one that may least."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as far as authority goes. The role is the token's, `trainee` the agent row's."""

    actor: Actor
    trainee: bool = False

    @property
    def leads(self) -> bool:
        """Return whether this person may read others' words before they leave."""
        return self.actor.role is not Role.AGENT and not self.trainee


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to say: what it promises, where, and whether it has words to read."""

    handle: str
    public: bool
    promised: tuple[Promised, ...] = ()
    words: bool = True


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something needs approval. `promised` None: its words are to be read."""

    why: str
    promised: Promised | None = None


def needed(policy: Policy, case: Case, author: Person, wish: Wish) -> tuple[Reason, ...]:
    """Return why this may not leave without approval; nothing when its author may say it alone."""
    beyond = [
        Reason(_beyond(policy, case, author, total), total)
        for total in _totals(case, wish)
        if not may(policy, author, case.team, total, public=wish.public)
    ]
    read = (_read(one, author) for one in policy.reviews if _reads(one, case, author, wish))
    return (*beyond, *(Reason(why) for why in dict.fromkeys(read)))


def may(policy: Policy, person: Person, team: str, promised: Promised, *, public: bool) -> bool:
    """Return whether this person may promise this, all in all, in a case of that team."""
    if promised.kind is PromiseKind.APOLOGY and not public:
        return True
    limits = [limit for limit in policy.limits if limit.kind is promised.kind]
    return not limits or any(
        _is_for(limit, person, team) and _covers(limit, promised) for limit in limits
    )


def allowed(policy: Policy, person: Person, team: str) -> tuple[Limit, ...]:
    """Return the limits that this person has in the cases of a team, each kind's widest first."""
    mine = [limit for limit in policy.limits if _is_for(limit, person, team)]
    unbounded = [limit for limit in mine if limit.cents is None]
    bounded = sorted(
        (limit for limit in mine if limit.cents is not None),
        key=lambda limit: -(limit.cents or 0),
    )
    found: dict[tuple[PromiseKind, str], Limit] = {}
    for limit in (*unbounded, *bounded):
        if (limit.kind, "") not in found:
            found.setdefault((limit.kind, limit.currency), limit)
    return tuple(found.values())


def why_not(policy: Policy, person: Person, case: Case, approval: Approval) -> str:
    """Return why this person may not let it leave as it is, in a sentence; empty: they may."""
    if person.actor.id == approval.by:
        return "Nobody approves their own words."
    if not person.actor.sees(case.team):
        return "You are not of the case's team."
    if person.trainee:
        return "A trainee approves nothing."
    if approval.reviewed and not person.leads:
        return "A lead has to read this."
    wish = Wish(case.handle, approval.public, approval.promised)
    for total in _totals(case, wish):
        if not may(policy, person, case.team, total, public=approval.public):
            return f"{_beyond(policy, case, person, total)}."
    return ""


def may_approve(policy: Policy, person: Person, case: Case, approval: Approval) -> bool:
    """Return whether this person may let it leave as it is."""
    return not why_not(policy, person, case, approval)


def may_decline(policy: Policy, person: Person, case: Case, approval: Approval) -> bool:
    """Return whether this person may keep it back: who may approve it, and every lead of the team.

    Keeping something back promises nothing.
    """
    if may_approve(policy, person, case, approval):
        return True
    other = person.actor.id != approval.by and person.actor.sees(case.team)
    return other and person.leads


def whom(policy: Policy, case: Case, approval: Approval) -> Role | None:
    """Return the lowest role of the case's team that may let it leave, or None: nobody may."""
    for role in ROLES:
        stand_in = Person(Actor("", role, (case.team,)))
        if may_approve(policy, stand_in, case, approval):
            return role
    return None


def _totals(case: Case, wish: Wish) -> tuple[Promised, ...]:
    """Return what a wish promises, with what was promised of the same before in the case."""
    wanted = {(one.kind, one.currency) for one in wish.promised}
    before = (one for one in case.promised if (one.kind, one.currency) in wanted)
    return summed((*before, *wish.promised))


def _is_for(limit: Limit, person: Person, team: str) -> bool:
    reached = ROLES[: ROLES.index(person.actor.role) + 1]
    return limit.role in reached and limit.team in ("", team) and person.actor.sees(team)


def _covers(limit: Limit, promised: Promised) -> bool:
    if promised.kind not in MONEY:
        return True
    if limit.cents is None:
        return limit.currency in ("", promised.currency)
    return limit.currency == promised.currency and promised.cents <= limit.cents


def _beyond(policy: Policy, case: Case, person: Person, total: Promised) -> str:
    role = person.actor.role.value
    mine = [one for one in allowed(policy, person, case.team) if one.kind is total.kind]
    most = [one.cents for one in mine if one.cents is not None and one.currency == total.currency]
    before = any((one.kind, one.currency) == (total.kind, total.currency) for one in case.promised)
    said = f"{total.words} in this case" if before and total.kind in MONEY else total.words
    if most:
        return f"{said}: {role} up to {written(max(most))} {total.currency}"
    return f"{said}: {role} needs approval"


def _reads(review: Review, case: Case, author: Person, wish: Wish) -> bool:
    return (
        wish.words
        and review.handle in ("", wish.handle)
        and review.team in ("", case.team)
        and (author.trainee or not review.trainees)
        and (wish.public or not review.public)
    )


def _read(review: Review, author: Person) -> str:
    if review.trainees:
        return f"{author.actor.id} is a trainee: a lead reads this first"
    return f"a lead reads first what {review.handle or review.team or 'anybody'} says"
