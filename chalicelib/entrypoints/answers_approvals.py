"""Answers about approvals: what waits for somebody who may, and what is promised."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from chalicelib.bootstrap import Parts
from chalicelib.domain.access import Actor
from chalicelib.domain.approval import allowed, whom
from chalicelib.domain.authority import Promised, written
from chalicelib.domain.case import Approval, Case
from chalicelib.domain.conversation import Conversation, spot
from chalicelib.entrypoints.bodies import PromiseBody
from chalicelib.workflows.answering.spot import room_at

if TYPE_CHECKING:
    from chalicelib.workflows.approving.authority import Need


class PromiseAnswer(msgspec.Struct):
    """What is promised. `amount` and `currency` are empty where the kind has none."""

    kind: str
    amount: str
    currency: str


class NeedAnswer(msgspec.Struct):
    """That approval is needed: why, and of which role at least (empty: nobody may give it)."""

    why: tuple[str, ...]
    role: str


class AuthorityAnswer(msgspec.Struct):
    """What you may promise alone, all in all in this case. `most` null: any amount.

    An empty `currency` is any.
    """

    kind: str
    most: str | None
    currency: str


class ApprovalAnswer(msgspec.Struct):
    """Something that waits for approval: a `reply`, an `invite` or a `resolve`.

    `message_id` names the held words (empty: none), `reason` a resolution's. `why` says what makes
    it wait, and `role` the lowest role that may approve it (empty: nobody may any more).
    `window_closes_at`: when the channel takes those words no more (null: no end).
    """

    id: str
    what: str
    by: str
    asked_at: datetime
    why: str
    role: str
    message_id: str
    reason: str
    promises: tuple[PromiseAnswer, ...]
    window_closes_at: datetime | None


def approvals(parts: Parts, found: Conversation, newest: Case) -> tuple[ApprovalAnswer, ...]:
    """Return what the API shows of what waits for approval in a conversation."""
    return tuple(approval(parts, found, newest, one) for one in newest.approvals)


def approval(parts: Parts, found: Conversation, newest: Case, one: Approval) -> ApprovalAnswer:
    """Return what the API shows of one thing that waits for approval."""
    role = whom(parts.policies.current(), newest, one)
    room = room_at(parts, spot(found, public=one.public)) if one.message_id else None
    return ApprovalAnswer(
        id=one.id,
        what=one.what,
        by=one.by,
        asked_at=one.asked_at,
        why=one.why,
        role=role.value if role else "",
        message_id=one.message_id,
        reason=one.text,
        promises=promises(one.promised),
        window_closes_at=room.closes_at if room else None,
    )


def needed(found: "Need") -> NeedAnswer:
    """Return what the API shows of a need for approval."""
    role = found.role.value if found.role else ""
    return NeedAnswer(why=tuple(reason.why for reason in found.reasons), role=role)


def authority(parts: Parts, actor: Actor, found: Conversation) -> tuple[AuthorityAnswer, ...]:
    """Return what somebody may promise alone in a conversation."""
    from chalicelib.workflows.approving.authority import person
    from chalicelib.workflows.change import team_of

    limits = allowed(parts.policies.current(), person(parts, actor), team_of(parts, found))
    return tuple(
        AuthorityAnswer(
            kind=one.kind.value,
            most=None if one.cents is None else written(one.cents),
            currency=one.currency,
        )
        for one in limits
    )


def limited(parts: Parts) -> tuple[str, ...]:
    """Return the kinds of promises that have limits at all."""
    return tuple(sorted({one.kind.value for one in parts.policies.current().limits}))


def promises(found: Iterable[Promised]) -> tuple[PromiseAnswer, ...]:
    """Return what the API shows of promises."""
    return tuple(
        PromiseAnswer(kind=one.kind.value, amount=one.amount, currency=one.currency)
        for one in found
    )


def promised(bodies: Iterable[PromiseBody]) -> tuple[Promised, ...]:
    """Return promises as they were sent. Raises RefusedError for one that makes no sense."""
    from chalicelib.workflows.approving.authority import promised_of

    return promised_of(tuple((one.kind.value, one.amount, one.currency) for one in bodies))
