"""Fire: what rules did to a case is written in one transaction, their notes and replies included.

What people and systems are told, and what leaves, follows from that row by the table's stream.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from chalicelib.domain import acting, lifecycle, promise
from chalicelib.domain.acting import NOWHERE, World
from chalicelib.domain.case import Case, Status
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import Entry, EntryKind
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.rule import Act, Rule
from chalicelib.workflows.approving.ended import ended
from chalicelib.workflows.change import settle, stamped, terms_of
from chalicelib.workflows.ports import Commit, Parts, Request
from chalicelib.workflows.routing.load import loaded
from chalicelib.workflows.rules import say


def decided(
    parts: Parts, conversation: Conversation, terms: Terms, decide: Callable[[World], Fold]
) -> Fold:
    """Return what `decide` makes of a case.

    It is asked once more where a rule fires that has to know of the world outside the case; most
    looks fire none, and read nothing for it.
    """
    fold = decide(NOWHERE)
    if not terms.policy.rules:
        return fold
    names = {entry.rule for entry in fold.entries if entry.kind is EntryKind.RULE_FIRED}
    rules = [rule for rule in terms.policy.rules if rule.id in names]
    world = _world(parts, conversation, fold.case, rules)
    return fold if world == NOWHERE else decide(world)


def ticked(parts: Parts, conversation: Conversation, terms: Terms, now: datetime) -> Fold:
    """Return the conversation's open case after what time alone brings about."""
    case = case_of(conversation)
    return decided(
        parts, conversation, terms, lambda world: lifecycle.tick(Fold(case), terms, now, world)
    )


def rested(parts: Parts, conversation: Conversation) -> Conversation:
    """Write what time alone brings about for a resolved case; return the conversation as stored.

    Rules fire, and what still runs after resolving is recorded like before.
    """
    case, now = case_of(conversation), parts.now()
    terms = terms_of(parts, conversation, case)

    def decide(world: World) -> Fold:
        fold = promise.tick(Fold(case), now)
        return acting.elapse(fold, terms, now, world)

    fold = decided(parts, conversation, terms, decide)
    return commit(parts, conversation, fold, terms)


def case_of(conversation: Conversation) -> Case:
    """Return the case of a conversation that has one. Raises ValueError otherwise."""
    if conversation.case is None:
        raise ValueError("a conversation without a case has no rules")
    return conversation.case


def commit(
    parts: Parts,
    conversation: Conversation,
    fold: Fold,
    terms: Terms,
    request: Request | None = None,
) -> Conversation:
    """Write a fold in which rules may have acted; return the conversation as stored.

    Raises StaleError when the conversation changed meanwhile, DuplicateRequestError when `request`
    was carried out before.
    """
    if fold.case == conversation.case and not fold.entries:
        return conversation
    awaited, fold, messages = say.written(parts, conversation, fold, terms)
    new = settle(awaited, fold, terms)
    new = new if fold.entries else replace(new, version=conversation.version)
    over = fold.case.status is Status.CLOSED and not _closed(conversation)
    made = Commit(
        conversation=new,
        insert=messages,
        entries=stamped(fold, new),
        snapshot=fold.case if over else None,
        request=request,
    )
    made = ended(parts, conversation, loaded(parts, conversation, made))
    parts.conversations.commit(made)
    _count(parts, fold.entries)
    return replace(made.conversation or new, rev=new.rev + 1)


def _world(parts: Parts, conversation: Conversation, case: Case, rules: list[Rule]) -> World:
    """Return what these rules have to know to act."""
    acts = {action.act for rule in rules for action in rule.do}
    world = NOWHERE
    if Act.CLOSE in acts:
        from chalicelib.workflows import resolve  # noqa: PLC0415 - few rules resolve

        world = replace(
            world,
            last_moment=resolve.last_moment(parts, conversation),
            on_its_way=resolve.on_its_way(parts, conversation),
        )
    open_now = case_of(conversation).open
    if Act.ASSIGN in acts and open_now:
        team = frozenset(agent.id for agent in parts.agents.all() if case.team in agent.teams)
        world = replace(world, agents=team)
    if Act.PRIORITY in acts and open_now:
        from chalicelib.workflows.history.log import entries  # noqa: PLC0415 - as few decide anew

        world = replace(world, history=entries(parts, conversation.id, case.number))
    return world


def _closed(conversation: Conversation) -> bool:
    return conversation.case is not None and conversation.case.status is Status.CLOSED


def _count(parts: Parts, entries: tuple[Entry, ...]) -> None:
    for entry in entries:
        if entry.kind is EntryKind.RULE_FIRED:
            parts.meter.count("RuleFired", rule=entry.rule)
        elif entry.kind is EntryKind.RULE_CUT:
            parts.meter.count("RuleCut", rule=entry.rule)
        elif entry.kind is EntryKind.RULE_SKIPPED:
            parts.meter.count("RuleSkipped", rule=entry.rule)
