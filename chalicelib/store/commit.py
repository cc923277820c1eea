"""Commit: the rows of one transaction, and what each refused condition means to the caller."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.domain.agent import Presence
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.message import Message
from chalicelib.store import contacts, keys, records
from chalicelib.store.codec import decode
from chalicelib.store.records import Values
from chalicelib.store.rows import Row
from chalicelib.store.table import Refusal, Refused, Write
from chalicelib.workflows.ports import (
    CapacityError,
    Commit,
    DuplicateMessageError,
    DuplicateRequestError,
    Load,
    Reference,
    Request,
    StaleError,
    StoreError,
)

REQUEST_LIFE = timedelta(days=7)
"""How long an idempotency key is remembered at least."""


def writes(commit: Commit, now: datetime) -> list[Write]:
    """Return the rows that a commit writes.

    Raises ValueError when the commit is not a whole one.
    """
    return [
        *_conversation(commit, now),
        *(_message(message) for message in commit.insert),
        *(_changed(message) for message in commit.update),
        *_contact(commit),
        *(_reference(reference) for reference in commit.references),
        *(_load(load) for load in merged(commit.load)),
    ]


def refusal(refused: Refused) -> StoreError:
    """Return the error that tells the caller of a refused write."""
    match refused.write.refusal, refused.found:
        case Refusal.REQUEST, Row() as found:
            return DuplicateRequestError(decode(found.body, Request))
        case Refusal.MESSAGE, Row() as found:
            return DuplicateMessageError(records.message_of(found))
        case Refusal.CAPACITY, _:
            return CapacityError(str(refused.write.values["sk"]))
        case Refusal.LOG, _:
            return StoreError(
                "this version has its log already: raise the version with every entry"
            )
        case _:
            return StaleError(str(refused.write.values["pk"]))


def merged(loads: Iterable[Load]) -> list[Load]:
    """Return at most one change per agent: a transaction may name a row once."""
    found: dict[str, Load] = {}
    for load in loads:
        before = found.get(load.agent_id)
        change = load.change + (before.change if before else 0)
        claim = load.claim or (before is not None and before.claim)
        found[load.agent_id] = Load(load.agent_id, change, load.at, claim)
    return [load for load in found.values() if load.change or load.claim]


def _conversation(commit: Commit, now: datetime) -> Iterator[Write]:
    conversation = commit.conversation
    if conversation is None:
        if commit.joining or commit.entries or commit.snapshot or commit.request:
            raise ValueError("what goes with a conversation needs one")
        return
    yield _head(conversation)
    if commit.joining:
        if commit.joining.id == conversation.id:
            raise ValueError("a conversation cannot join itself")
        yield _head(commit.joining)
    if commit.entries:
        yield Write(records.log(conversation, commit.entries), Refusal.LOG, Row.pk.does_not_exist())
    if commit.snapshot:
        yield Write(records.snapshot(conversation.id, commit.snapshot))
    if commit.request:
        values = records.request(conversation.id, commit.request, now + REQUEST_LIFE)
        yield Write(values, Refusal.REQUEST, Row.pk.does_not_exist())


def _head(conversation: Conversation) -> Write:
    return Write(records.head(conversation), Refusal.STALE, at_rev(conversation.rev))


def _message(message: Message) -> Write:
    return Write(records.message(message), Refusal.MESSAGE, Row.pk.does_not_exist())


def _changed(message: Message) -> Write:
    return Write(records.message(message), Refusal.STALE, at_rev(message.rev))


def _reference(reference: Reference) -> Write:
    return Write(records.reference(reference), Refusal.STALE, at_rev(reference.rev))


def _contact(commit: Commit) -> Iterator[Write]:
    if commit.contact:
        yield _remembered(_if_absent(contacts.contact(commit.contact)), vip=commit.vip)
    for identity in commit.identities:
        for values in contacts.identity(identity):
            yield _if_absent(values)


def _if_absent(values: Values) -> Write:
    # An update that keeps what is there: a refused condition would refuse the whole transaction.
    key = {name: values[name] for name in ("pk", "sk")}
    actions = tuple(
        getattr(Row, name).set(getattr(Row, name) | values[name]) for name in ("kind", "body")
    )
    return Write(key, actions=actions)


def _remembered(contact: Write, *, vip: bool | None) -> Write:
    """Return the write of a contact that also says whether it is a VIP's (None: as before)."""
    if vip is None:
        return contact
    said = Row.vip.set("yes") if vip else Row.vip.remove()
    return replace(contact, actions=(*contact.actions, said))


def _load(load: Load) -> Write:
    condition = Row.pk.exists()
    actions: list[Action] = [Row.load.add(load.change), Row.spare.add(-load.change)]
    if load.claim:
        condition = (Row.presence == Presence.PRESENT.value) & (Row.spare >= load.change)
        actions.append(Row.last_assigned_at.set(records.stamp(load.at)))
    key = {"pk": keys.AGENTS, "sk": keys.agent(load.agent_id)}
    return Write(key, Refusal.CAPACITY, condition, tuple(actions))


def at_rev(rev: int) -> Condition:
    """Return the condition that a row is as it was read (0: that there is none)."""
    return Row.rev == rev if rev else Row.pk.does_not_exist()
