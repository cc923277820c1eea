"""Replies: a person's words reached the customer, or did not after all.

Which clocks that stops and sets running again is said here (docs/definitions.md, parts 1 and 2).
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain import cadence, promise
from chalicelib.domain.case import PAUSED, Case, Reply, Status, unanswered
from chalicelib.domain.clock import ClockName
from chalicelib.domain.entry import MACHINE, EntryKind, instants
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.promise import RESPONSES
from chalicelib.domain.resolve import reopen
from chalicelib.domain.unmeet import unmeet

KEPT_REPLIES = 20
TURN = timedelta(seconds=120)


def reply_sent(  # noqa: PLR0913 - when it was written and when it was accepted are both needed
    fold: Fold,
    terms: Terms,
    at: datetime,
    message_id: str,
    actor: str,
    *,
    written_at: datetime | None = None,
    unseen: Collection[datetime] = (),
) -> Fold:
    """Take in that the platform accepted a person's reply at `at`: the response clocks stop there.

    It answers what the customer had asked when it was written (None: at `at`), except the `unseen`
    that reached us only after that. Anything else stays unanswered and starts the next response.
    """
    case = fold.case
    if any(reply.message_id == message_id for reply in case.replies):
        return fold
    seen_until = min(written_at or at, at)
    answered = tuple(ask for ask in case.asks if ask <= seen_until and ask not in unseen)
    turn = _begins_turn(answered, at, case.replies[-1].at if case.replies else None)
    reply = Reply(message_id, at, seen_until, answered, turn)
    fold = _with(fold, reply).change(turns=case.turns + turn)
    known = instants(written_at=written_at)
    if unseen:
        known["unseen"] = " ".join(ask.isoformat() for ask in unseen)
    fold = fold.note(EntryKind.REPLY_SENT, at, actor, message_id=message_id, inputs=known)
    fold = promise.meet(_stop(fold, reply), ClockName.THANKS, at, message_id)
    fold = _stood(_owe(fold, terms), at)
    return cadence.replied(fold, terms, at, message_id)


def unseen(case: Case, written_at: datetime, seen: Collection[datetime]) -> tuple[datetime, ...]:
    """Return what the customer had asked before a reply was written, and its writer did not see."""
    return tuple(ask for ask in case.asks if ask <= written_at and ask not in seen)


def reply_failed(fold: Fold, terms: Terms, at: datetime, message_id: str, reason: str) -> Fold:
    """Take in that a reply did not reach the customer.

    The clocks it stopped run on as if it had never been sent; later replies stop them where they
    stand. A resolved case opens again when that leaves the customer without an answer.
    """
    fold = fold.note(EntryKind.REPLY_FAILED, at, message_id=message_id, reason=reason)
    lost = next((reply for reply in fold.case.replies if reply.message_id == message_id), None)
    asked = fold.case.asks if lost is None else lost.asks
    if lost is not None:
        fold = _taken_back(fold, lost, at, terms)
    if fold.case.open:
        return _stood(fold, at)
    if any(ask in fold.case.asks for ask in asked):
        return reopen(fold, terms, at, MACHINE, "the reply did not reach the customer")
    return promise.end(fold, at, "closed") if fold.case.status is Status.CLOSED else fold


def _taken_back(fold: Fold, lost: Reply, at: datetime, terms: Terms) -> Fold:
    standing = tuple(reply for reply in fold.case.replies if reply is not lost)
    fold = fold.change(replies=standing, turns=fold.case.turns - lost.turn)
    fold = unmeet(cadence.lost(fold, lost, at), lost.message_id, at)
    fold = cadence.spoken(fold, terms, lost, at)
    fold = fold.change(asks=unanswered(*lost.asks, *fold.case.asks))
    for reply in standing:
        if reply.at >= lost.at:
            fold = _answered_again(fold, reply, lost, terms)
    return _owe(fold, terms)


def _answered_again(fold: Fold, reply: Reply, lost: Reply, terms: Terms) -> Fold:
    """Let a later reply stop what it stops without the lost one, and answer what that had."""
    others = tuple(known for known in fold.case.replies if known is not reply)
    earlier = max((known.at for known in others if known.at <= reply.at), default=None)
    more = tuple(ask for ask in lost.asks if ask in fold.case.asks)
    asks = unanswered(*reply.asks, *more)
    turn = _begins_turn(asks, reply.at, earlier)
    fold = fold.change(replies=others, turns=fold.case.turns - reply.turn + turn)
    reply = replace(reply, asks=asks, turn=turn)
    fold = _with(fold, reply)
    stopped = any(clock.reason == reply.message_id for clock in fold.case.clocks)
    if asks and not stopped and not _promised(fold):
        fold = promise.begin(fold, ClockName.NEXT_RESPONSE, asks[0], terms)
    return _stop(fold, reply)


def _begins_turn(asks: tuple[datetime, ...], at: datetime, earlier: datetime | None) -> bool:
    return bool(asks) or earlier is None or at - earlier > TURN


def _with(fold: Fold, reply: Reply) -> Fold:
    replies = sorted((*fold.case.replies, reply), key=lambda known: known.at)
    left = tuple(ask for ask in fold.case.asks if ask not in reply.asks)
    return fold.change(replies=tuple(replies[-KEPT_REPLIES:]), asks=left)


def _stop(fold: Fold, reply: Reply) -> Fold:
    """Stop what was promised for the questions that a reply answers, and nothing else.

    The first response is given by a reply that answers anything.
    """
    for name in RESPONSES:
        clock = fold.case.clock(name)
        if clock is None or clock.started_at > reply.seen_until:
            continue
        first = name is ClockName.FIRST_RESPONSE and reply.asks
        if first or clock.started_at not in fold.case.asks:
            fold = promise.meet(fold, name, reply.at, reply.message_id)
    return promise.meet(fold, ClockName.FIRST_RESPONSE_HUMAN, reply.at, reply.message_id)


def _owe(fold: Fold, terms: Terms) -> Fold:
    """Promise an answer to what is still unanswered, unless one is promised already."""
    case = fold.case
    if _promised(fold) or not case.asks or not case.open:
        return fold
    return promise.begin(fold, ClockName.NEXT_RESPONSE, case.asks[0], terms)


def _promised(fold: Fold) -> bool:
    running = (clock for clock in fold.case.clocks if clock.outcome is None)
    return any(clock.name in RESPONSES for clock in running)


def _stood(fold: Fold, at: datetime) -> Fold:
    """Give an open case the status that its replies and its customer's questions make."""
    case = fold.case
    return fold if case.status in PAUSED or not case.open else fold.move(case.standing, at)
