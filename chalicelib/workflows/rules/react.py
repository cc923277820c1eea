"""React: event rules for what a new log row tells of."""

from collections.abc import Collection
from contextlib import suppress
from functools import partial

from chalicelib.domain import firing
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import Entry
from chalicelib.domain.firing import Facts
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.ident import digest
from chalicelib.workflows.change import persist, terms_of
from chalicelib.workflows.ports import DuplicateRequestError, Parts, Request


def react(
    parts: Parts,
    conversation_id: str,
    version: int,
    kinds: Collection[str],
    policy_version: str = "",
) -> int:
    """Fire the rules that one log row sets off; return how many entries that made.

    `kinds` are those of the row's entries, `policy_version` that of its case (empty: not known). A
    policy without a rule for them costs nothing. A row is reacted to once, however often it is
    told: what is done and the record of it are one transaction.
    """
    if policy_version and not firing.wakes(parts.policies.get(policy_version), kinds):
        return 0
    return persist(partial(_react, parts, conversation_id, version, kinds))


def _react(parts: Parts, conversation_id: str, version: int, kinds: Collection[str]) -> int:
    conversation = parts.conversations.get(conversation_id)
    if conversation is None or conversation.case is None:
        return 0
    terms = terms_of(parts, conversation, conversation.case)
    row = None
    if firing.wakes(terms.policy, kinds):
        row = parts.conversations.log(conversation_id, version)
    return _fire(parts, conversation, terms, row.entries) if row else 0


def _fire(
    parts: Parts, conversation: Conversation, terms: Terms, entries: tuple[Entry, ...]
) -> int:
    """Fire what the entries of a row set off.

    Whether they do is judged on the case as it is now, which may have gone on.
    """
    from chalicelib.domain import acting  # noqa: PLC0415 - most rows set nothing off
    from chalicelib.workflows.rules import fire  # noqa: PLC0415

    case = fire.case_of(conversation)
    known = _facts(parts, conversation, entries)
    now = parts.now()
    fold = fire.decided(
        parts,
        conversation,
        terms,
        lambda world: acting.react(Fold(case), entries, terms, now, facts=known, world=world),
    )
    key = digest("reaction", str(entries[0].version))
    if fold.case == case or parts.conversations.request(conversation.id, key) is not None:
        return 0
    with suppress(DuplicateRequestError):  # the stream told it twice at once
        fire.commit(parts, conversation, fold, terms, Request(key, ""))
        return len(fold.entries)
    return 0


def _facts(parts: Parts, conversation: Conversation, entries: tuple[Entry, ...]) -> Facts:
    """Return what the event rules of a row may ask of its message and its score."""
    received = [one for one in entries if one.kind in firing.RECEIVED and one.message_id]
    score = max((one.score for one in entries if one.kind in firing.SCORED), default=0)
    if not received:
        return Facts(score=score)
    message = parts.conversations.message(conversation.id, received[-1].message_id)
    if message is None:
        return Facts(score=score)
    return Facts(f"{message.title} {message.shown}".strip(), score, message.automatic)
