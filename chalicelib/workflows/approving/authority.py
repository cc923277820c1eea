"""Authority at work: what a person may say alone in a conversation, and who else may let it leave.

What is in force now decides, whatever policy the case's promises are read from: authority is given
to people, not to cases.
"""

from dataclasses import dataclass

from chalicelib.domain import approving
from chalicelib.domain.access import Actor
from chalicelib.domain.agent import Role
from chalicelib.domain.approval import Person, Reason, Wish, needed, whom
from chalicelib.domain.authority import Promised, PromiseKind, promise, summed
from chalicelib.domain.case import Approval, Case, Status
from chalicelib.domain.conversation import Conversation, Spot
from chalicelib.domain.entry import MACHINE
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.ident import digest
from chalicelib.workflows.change import Ask, team_of
from chalicelib.workflows.errors import NotNowError, RefusedError
from chalicelib.workflows.ports import Parts

MOST_PROMISES = 10
"""How much one reply may promise."""

MOST_SUMS = 40
"""How many kinds and currencies may be promised in one case."""

LONGEST_WHY = 500


@dataclass(frozen=True, slots=True)
class Need:
    """That a wish needs approval, and why.

    `role` is the lowest that may give it (None: nobody may), `policy_version` what said so.
    """

    author: Person
    wish: Wish
    reasons: tuple[Reason, ...]
    role: Role | None
    policy_version: str

    @property
    def why(self) -> str:
        """Return all reasons as one text."""
        return "; ".join(reason.why for reason in self.reasons)[:LONGEST_WHY]

    @property
    def reviewed(self) -> bool:
        """Return whether its words have to be read, whatever it promises."""
        return any(reason.promised is None for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What shall wait: its id and kind, the words that are held back, a resolution's reason."""

    id: str
    what: str
    message_id: str = ""
    text: str = ""


def person(parts: Parts, actor: Actor) -> Person:
    """Return somebody as far as authority goes."""
    agent = parts.agents.get(actor.id)
    return Person(actor, trainee=agent is not None and agent.trainee)


def wish_at(at: Spot, promised: tuple[Promised, ...] = ()) -> Wish:
    """Return the wish to say something on one side of a conversation."""
    return Wish(at.handle, at.public, promised)


def need(parts: Parts, conversation: Conversation, actor: Actor, wish: Wish) -> Need | None:
    """Return why a wish needs approval, or None: its author may say it alone.

    What the machine says in the policy's own words needs none. Raises RefusedError for more
    promises than a case can hold.
    """
    case = conversation.case or _no_case(parts, conversation)
    check_sums(case, wish.promised)
    policy = parts.policies.current()
    asked_for = policy.reviews or (policy.limits and wish.promised)
    if actor.id == MACHINE or not asked_for:
        return None
    author = person(parts, actor)
    reasons = needed(policy, case, author, wish)
    if not reasons:
        return None
    found = Need(author, wish, reasons, None, policy.version)
    role = whom(policy, case, _approval(parts, found, Waiting("", "")))
    return Need(author, wish, reasons, role, policy.version)


def check_sums(case: Case, what: tuple[Promised, ...]) -> None:
    """Raise RefusedError when a case would hold more promises than it can."""
    if len(summed((*case.promised, *what))) > MOST_SUMS:
        raise RefusedError("Too much is promised in this case.", code="bad_promise")


def check(conversation: Conversation, found: Need) -> None:
    """Raise why a wish that needs approval cannot wait for it.

    RefusedError when nobody may give it, NotNowError when there is no open case to wait in, or too
    much waits already.
    """
    if found.role is None:
        raise RefusedError(
            f"Nobody may promise this: {found.why}.",
            code="beyond_authority",
            instead=("promise less",),
        )
    if conversation.case is None or not conversation.case.open:
        raise NotNowError(
            f"This needs approval, and the case is not open: {found.why}.",
            code="not_open",
            instead=("reopen",),
        )
    if len(conversation.case.approvals) >= approving.MOST_WAITING:
        raise NotNowError(
            f"{approving.MOST_WAITING} approvals wait in this case.",
            code="too_many_approvals",
            instead=("wait for the decisions", "withdraw one"),
        )


def waiting(ask: Ask, what: str, message_id: str = "", text: str = "") -> Waiting:
    """Return what a request lets wait, under an id that is the same at each repeat."""
    approval_id = digest("approval", ask.conversation_id, ask.actor.id, ask.key)
    return Waiting(approval_id, what, message_id, text)


def asked(parts: Parts, fold: Fold, terms: Terms, found: Need, what: Waiting) -> Fold:
    """Return the fold in which something waits, with all that this was decided from."""
    approval = _approval(parts, found, what)
    inputs = told(approval) | {"role": found.author.actor.role.value}
    inputs |= {"needs": found.role.value} if found.role else {}
    inputs |= {"trainee": "yes"} if found.author.trainee else {}
    return approving.ask(fold, terms, approval, inputs=inputs, policy_version=found.policy_version)


def promised(
    parts: Parts, fold: Fold, what: tuple[Promised, ...]
) -> tuple[Fold, dict[str, object]]:
    """Return the case in which this is promised, and what the log's entry tells of that."""
    if not what:
        return fold, {}
    fold = fold.change(promised=summed((*fold.case.promised, *what)))
    version = parts.policies.current().version
    return fold, {"inputs": {"promised": listed(what)}, "policy_version": version}


def told(approval: Approval) -> dict[str, str]:
    """Return what an entry of the log knows of an approval."""
    facts = {"approval": approval.id, "what": approval.what, "promised": listed(approval.promised)}
    facts |= {"reviewed": "yes"} if approval.reviewed else {}
    facts |= {"public": "yes"} if approval.public else {}
    return {name: value for name, value in facts.items() if value}


def promised_of(wanted: tuple[tuple[str, str, str], ...]) -> tuple[Promised, ...]:
    """Return promises as people write them: kind, amount, currency.

    Those of one kind and currency are one sum. Raises RefusedError for one that makes no sense.
    """
    if len(wanted) > MOST_PROMISES:
        raise RefusedError(f"At most {MOST_PROMISES} promises at once.", code="bad_promise")
    try:
        return summed(promise(PromiseKind(kind), *money) for kind, *money in wanted)
    except ValueError as error:
        raise RefusedError(f"Not a promise: {error}.", code="bad_promise") from error


def listed(what: tuple[Promised, ...]) -> str:
    """Return promises in words: "refund 25.00 EUR, apology"."""
    return ", ".join(one.words for one in what)


def words_of(what: tuple[Promised, ...]) -> tuple[str, ...]:
    """Return promises as words, so that two requests can be told apart."""
    return ("promises", listed(what)) if what else ()


def _approval(parts: Parts, found: Need, what: Waiting) -> Approval:
    return Approval(
        id=what.id,
        what=what.what,
        by=found.author.actor.id,
        asked_at=parts.now(),
        why=found.why,
        message_id=what.message_id,
        text=what.text,
        promised=found.wish.promised,
        reviewed=found.reviewed,
        public=found.wish.public,
    )


def _no_case(parts: Parts, conversation: Conversation) -> Case:
    """Return what stands for the case of a conversation without one: its handle's team."""
    team = team_of(parts, conversation)
    return Case(0, Status.NEW, conversation.handle, team, conversation.created_at, "")
