"""Changes: read, decide, write in one transaction, and decide again when somebody was faster."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from chalicelib.domain import outlook
from chalicelib.domain.access import Actor
from chalicelib.domain.case import Case
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import Entry
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.ident import digest
from chalicelib.domain.message import Message
from chalicelib.domain.policy import Handle, Policy
from chalicelib.workflows.approving.ended import ended
from chalicelib.workflows.errors import (
    ConflictError,
    KeyReusedError,
    NotFoundError,
    NotNowError,
    RefusedError,
)
from chalicelib.workflows.ports import (
    BusyError,
    Commit,
    DuplicateMessageError,
    DuplicateRequestError,
    Parts,
    Request,
    StaleError,
)
from chalicelib.workflows.routing.load import loaded

T = TypeVar("T")

TRIES = 6


@dataclass(frozen=True, slots=True)
class CaseRef:
    """Which case, and which execution of its machine, a step works for."""

    conversation_id: str
    case_number: int
    generation: int


@dataclass(frozen=True, slots=True)
class Ask:
    """A change a person asks for.

    Who, where, based on which version, under which idempotency key.
    """

    actor: Actor
    conversation_id: str
    version: int
    key: str


@dataclass(frozen=True, slots=True)
class Done:
    """What a change led to. `repeated`: it had been made before under the same key."""

    conversation: Conversation
    message: Message | None = None
    repeated: bool = False


def persist(decide: Callable[[], T]) -> T:
    """Run `decide`, which reads, decides and commits.

    Again from the start whenever what it read has changed meanwhile.

    Raises BusyError after several tries, so that the queue or the caller tries later.
    """
    for _ in range(TRIES):
        try:
            return decide()
        except StaleError:
            continue
    raise BusyError("the conversation kept changing")


def terms_of(parts: Parts, conversation: Conversation, case: Case) -> Terms:
    """Return what the promises of this case are read from: the policy version it began under.

    A handle that the version does not know (it cannot, unless somebody edited the table) is
    stood in for by its bare facts.
    """
    policy = parts.policies.get(case.policy_version)
    handle = policy.handle(case.handle) or _bare_handle(conversation, case.handle, case.team)
    return Terms(policy, handle, conversation.public)


def handle_of(policy: Policy, conversation: Conversation) -> Handle:
    """Return the handle of a conversation in a policy, found by its account if it was renamed.

    One that the policy does not know any more is stood in for by its bare facts.
    """
    return (
        policy.handle(conversation.handle)
        or policy.handle_of(conversation.channel, conversation.account_id)
        or _bare_handle(conversation, conversation.handle, "")
    )


def _bare_handle(conversation: Conversation, handle_id: str, team: str) -> Handle:
    return Handle(
        id=handle_id,
        channel=conversation.channel,
        account_id=conversation.account_id,
        name=handle_id,
        team=team,
    )


def settle(old: Conversation, fold: Fold, terms: Terms) -> Conversation:
    """Return the conversation with its case moved on, one version later.

    The waiting machine's token is taken away when the case now belongs to another part of the
    machine or has to be looked at sooner than the machine would wake by itself; the table's stream
    sees that and wakes it.
    """
    new = replace(old, case=fold.case, version=old.version + 1)
    return (
        replace(new, token="", armed_for=None)
        if old.token and _must_wake(old, fold.case, terms)
        else new
    )


def _must_wake(old: Conversation, case: Case, terms: Terms) -> bool:
    before, armed_for = old.case, old.armed_for
    if (
        before is None
        or armed_for is None
        or (case.number, case.generation) != (before.number, before.generation)
        or outlook.phase(case) is not outlook.phase(before)
    ):
        return True
    moment = outlook.next_moment(case, terms)
    return moment is not None and moment < armed_for


def stamped(fold: Fold, conversation: Conversation) -> tuple[Entry, ...]:
    """Return the fold's entries with the version they make."""
    return tuple(replace(entry, version=conversation.version) for entry in fold.entries)


def read_for(parts: Parts, ask: Ask) -> Conversation:
    """Return the conversation a person wants to change.

    If there is one this person may see (else NotFoundError).
    """
    conversation = parts.conversations.get(ask.conversation_id)
    if conversation is None or not ask.actor.sees(team_of(parts, conversation)):
        raise NotFoundError("There is no such conversation.")
    return conversation


def team_of(parts: Parts, conversation: Conversation) -> str:
    """Return the team that answers for a conversation.

    Its case's, or its handle's when it has no case.
    """
    if conversation.case is not None:
        return conversation.case.team
    handle = parts.policies.current().handle(conversation.handle)
    return handle.team if handle else ""


def open_case(conversation: Conversation) -> Case:
    """Return the open case of a conversation. Raises NotNowError when there is none."""
    if conversation.case is None or not conversation.case.open:
        raise NotNowError("The case is not open.", code="not_open", instead=("reopen",))
    return conversation.case


Decide = Callable[[Conversation], tuple[Commit, Message | None]]


def carry_out(parts: Parts, ask: Ask, what: tuple[str, ...], decide: Decide) -> Done:
    """Carry out a person's change once, however often it is asked.

    `what` names the action and its content: the same key with another content raises
    KeyReusedError. A version that is no longer the newest raises ConflictError with the newer
    state, and what `decide` refuses is refused, unless this very change is what made it so.
    """
    request = Request(key=digest("request", ask.key), fingerprint=digest(ask.actor.id, *what))

    def once() -> Done:
        conversation = read_for(parts, ask)
        try:
            if conversation.version != ask.version:
                raise ConflictError(conversation)
            commit, message = decide(conversation)
        except RefusedError:
            earlier = parts.conversations.request(conversation.id, request.key)
            if earlier is None:
                raise
            return _repeat(parts, conversation, request, earlier)
        commit = ended(parts, conversation, loaded(parts, conversation, commit))
        return _commit_once(parts, ask, request, commit, message)

    return persist(once)


def _commit_once(
    parts: Parts, ask: Ask, request: Request, commit: Commit, message: Message | None
) -> Done:
    changed = commit.conversation
    if changed is None:
        raise ValueError("a person's change is a change of a conversation")
    asked = replace(request, message_id=message.id if message else "")
    try:
        parts.conversations.commit(replace(commit, request=asked))
    except DuplicateRequestError as duplicate:
        return _repeat(parts, read_for(parts, ask), request, duplicate.request)
    except DuplicateMessageError as duplicate:
        # The record of the request has expired; the message itself still tells what it was for.
        if message is None or duplicate.existing.text != message.text:
            raise _reused() from duplicate
        return Done(read_for(parts, ask), duplicate.existing, repeated=True)
    stored = replace(message, rev=message.rev + 1) if message else None
    return Done(replace(changed, rev=changed.rev + 1), stored)


def _repeat(parts: Parts, conversation: Conversation, request: Request, earlier: Request) -> Done:
    if earlier.fingerprint != request.fingerprint:
        raise _reused()
    message = (
        parts.conversations.message(conversation.id, earlier.message_id)
        if earlier.message_id
        else None
    )
    return Done(conversation, message, repeated=True)


def _reused() -> KeyReusedError:
    return KeyReusedError("This Idempotency-Key was used for another request.")
