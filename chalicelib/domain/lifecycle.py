"""The life of a case.

Pure functions from a case and what happened to the case after it, with the log's entries.

Every function takes and returns a `Fold`. Which clocks each event touches is said here and nowhere
else
(docs/definitions.md, part 2).
"""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain import promise
from chalicelib.domain.case import Case, FollowUp, Reply, Status
from chalicelib.domain.clock import ClockName, Outcome
from chalicelib.domain.entry import MACHINE, EntryKind
from chalicelib.domain.promise import Fold, Terms

KEPT_REPLIES = 20
KEPT_ASKS = 50
TURN_SECONDS = 120
WAITING = {Status.WAITING_CUSTOMER, Status.WAITING_THIRD_PARTY}
DONE = {Status.RESOLVED, Status.FOLLOW_UP, Status.CLOSED}


def open_case(
    number: int, terms: Terms, *, sent_at: datetime, queued_at: datetime, message_id: str
) -> Fold:
    """Begin a case with the customer's first message.

    The `assign` clock runs from when it reached us, the others from when it was sent.
    """
    case = Case(
        number=number,
        status=Status.NEW,
        handle=terms.handle.id,
        team=terms.handle.team,
        opened_at=sent_at,
        policy_version=terms.policy.version,
        asks=(sent_at,),
    )
    fold = Fold(case).note(EntryKind.CASE_OPENED, sent_at, message_id=message_id)
    fold = promise.begin(fold, ClockName.ASSIGN, queued_at, terms)
    fold = promise.begin(fold, ClockName.FIRST_RESPONSE, sent_at, terms)
    return promise.begin(fold, ClockName.RESOLUTION, sent_at, terms)


def receive(fold: Fold, terms: Terms, at: datetime, message_id: str) -> Fold:
    """Take in a further message of the customer on an open case.

    Waiting ends, and somebody owes an answer.

    A message sent before our last reply but seen only now counts from that reply, so that it is
    not taken as answered.
    """
    fold = fold.note(EntryKind.MESSAGE_RECEIVED, at, message_id=message_id)
    fold = end_pause(fold, terms, at, MACHINE, "customer wrote")
    if fold.case.replies and not fold.case.asks:
        at = max(at, fold.case.replies[-1].at)
    fold = fold.change(asks=tuple(sorted((*fold.case.asks, at)))[:KEPT_ASKS])
    return _owe(fold, terms, at)


def _owe(fold: Fold, terms: Terms, at: datetime) -> Fold:
    first = fold.case.clock(ClockName.FIRST_RESPONSE)
    if first is None or first.outcome is None:
        fold = fold.change(opened_at=min(fold.case.opened_at, at))
        fold = promise.begin_earlier(fold, ClockName.FIRST_RESPONSE, at, terms)
        return promise.begin_earlier(fold, ClockName.RESOLUTION, at, terms)
    fold = promise.begin_earlier(fold, ClockName.NEXT_RESPONSE, at, terms)
    return promise.begin(fold, ClockName.NEXT_RESPONSE, at, terms)


def assign(fold: Fold, agent_id: str, at: datetime, actor: str) -> Fold:
    """Give the case to an agent.

    An unassigned case becomes `assigned`; handing over keeps the status.
    """
    status = (
        Status.ASSIGNED if fold.case.status in (Status.NEW, Status.QUEUED) else fold.case.status
    )
    fold = fold.change(assignee=agent_id, assigned_at=at, status=status, queued_at=None)
    fold = fold.note(EntryKind.CASE_ASSIGNED, at, actor, agent_id=agent_id)
    return promise.meet(fold, ClockName.ASSIGN, at)


def queue(fold: Fold, at: datetime, reason: str) -> Fold:
    """Let the case wait for somebody: nobody of the team is present with room."""
    fold = fold.change(status=Status.QUEUED, queued_at=at)
    return fold.note(EntryKind.CASE_QUEUED, at, reason=reason)


def reply_sent(fold: Fold, terms: Terms, at: datetime, message_id: str, actor: str) -> Fold:
    """Take in that the platform accepted a person's reply at `at`: the response clocks stop there.

    Messages of the customer newer than `at` stay unanswered and start the next response.
    """
    case = fold.case
    if any(reply.message_id == message_id for reply in case.replies):
        return fold
    answered = tuple(ask for ask in case.asks if ask <= at)
    open_asks = tuple(ask for ask in case.asks if ask > at)
    last = case.replies[-1].at if case.replies else None
    new_turn = bool(answered) or last is None or at - last > timedelta(seconds=TURN_SECONDS)
    fold = fold.change(
        asks=open_asks,
        replies=(*case.replies, Reply(message_id, at, answered))[-KEPT_REPLIES:],
        turns=case.turns + new_turn,
    )
    if case.status in (Status.NEW, Status.QUEUED, Status.ASSIGNED):
        fold = fold.change(status=Status.RESPONDED, queued_at=None)
    fold = fold.note(EntryKind.REPLY_SENT, at, actor, message_id=message_id)
    fold = promise.meet(fold, ClockName.FIRST_RESPONSE, at, message_id)
    fold = promise.meet(fold, ClockName.NEXT_RESPONSE, at, message_id)
    return (
        promise.begin(fold, ClockName.NEXT_RESPONSE, open_asks[0], terms)
        if open_asks and case.open
        else fold
    )


def reply_failed(fold: Fold, terms: Terms, at: datetime, message_id: str, reason: str) -> Fold:
    """Take in that a reply did not reach the customer.

    The clocks it stopped run on as if it had never been sent.
    """
    fold = fold.note(EntryKind.REPLY_FAILED, at, message_id=message_id, reason=reason)
    lost = next((reply for reply in fold.case.replies if reply.message_id == message_id), None)
    if lost is None:
        return fold
    standing = tuple(reply for reply in fold.case.replies if reply is not lost)
    fold = promise.unmeet(fold.change(replies=standing), message_id, at, terms)
    fold = fold.change(asks=tuple(sorted((*lost.asks, *fold.case.asks)))[:KEPT_ASKS])
    for reply in standing:
        if reply.at >= lost.at:
            fold = fold.change(replies=tuple(r for r in fold.case.replies if r is not reply))
            fold = _answer_again(fold, reply, terms)
    if fold.case.asks and fold.case.status is Status.RESPONDED:
        fold = fold.change(status=Status.ASSIGNED if fold.case.assignee else Status.QUEUED)
    if fold.case.status in (Status.RESOLVED, Status.FOLLOW_UP) and lost.asks:
        return reopen(fold, terms, at, MACHINE, "the reply did not reach the customer")
    return fold


def _answer_again(fold: Fold, reply: Reply, terms: Terms) -> Fold:
    answered = tuple(ask for ask in fold.case.asks if ask <= reply.at)
    later = tuple(ask for ask in fold.case.asks if ask > reply.at)
    kept = replace(reply, asks=(*reply.asks, *(a for a in answered if a not in reply.asks)))
    fold = fold.change(
        asks=later, replies=tuple(sorted((*fold.case.replies, kept), key=lambda r: r.at))
    )
    fold = promise.meet(fold, ClockName.FIRST_RESPONSE, reply.at, reply.message_id)
    fold = promise.meet(fold, ClockName.NEXT_RESPONSE, reply.at, reply.message_id)
    return (
        promise.begin(fold, ClockName.NEXT_RESPONSE, later[0], terms)
        if later and fold.case.open
        else fold
    )


def wait(fold: Fold, terms: Terms, at: datetime, actor: str, *, on: Status, reason: str) -> Fold:
    """Wait for the customer or a third party.

    The resolution clock pauses, the response clocks do not.
    """
    fold = fold.change(
        status=on, waiting_reason=reason, previous_status=_resting(fold.case), snoozed_until=None
    )
    fold = fold.note(EntryKind.WAITING_STARTED, at, actor, reason=reason, text=on.value)
    return promise.pause(fold, ClockName.RESOLUTION, at, terms, on.value)


def snooze(fold: Fold, terms: Terms, at: datetime, actor: str, until: datetime) -> Fold:
    """Put the case aside until an instant. Pauses nothing: the customer is still waiting."""
    if fold.case.status in WAITING:
        fold = promise.resume(fold, ClockName.RESOLUTION, at, terms)
    fold = fold.change(
        status=Status.SNOOZED, snoozed_until=until, previous_status=_resting(fold.case)
    )
    return fold.note(EntryKind.CASE_SNOOZED, at, actor, until=until)


def end_pause(fold: Fold, terms: Terms, at: datetime, actor: str, reason: str) -> Fold:
    """End waiting or snoozing: back to the status before it. Nothing to do in any other status."""
    case = fold.case
    if case.status not in WAITING and case.status is not Status.SNOOZED:
        return fold
    kind = EntryKind.SNOOZE_ENDED if case.status is Status.SNOOZED else EntryKind.WAITING_ENDED
    fold = fold.change(
        status=_resting(case), waiting_reason="", snoozed_until=None, previous_status=None
    ).note(kind, at, actor, reason=reason)
    return promise.resume(fold, ClockName.RESOLUTION, at, terms)


def _resting(case: Case) -> Status:
    """Return the status to come back to when waiting or snoozing ends."""
    if case.status not in WAITING and case.status is not Status.SNOOZED:
        return case.status
    if not case.assignee:
        return Status.QUEUED
    return Status.RESPONDED if case.replies and not case.asks else Status.ASSIGNED


def resolve(
    fold: Fold,
    terms: Terms,
    at: datetime,
    actor: str,
    *,
    reason: str,
    last_moment: datetime | None = None,
) -> Fold:
    """Resolve the case.

    Response clocks still running end without a verdict; the follow-up's begins after its delay.

    The survey leaves after the policy's delay, or earlier at `last_moment`, the last at which
    its channel would still take it.
    """
    delayed = at + timedelta(seconds=terms.policy.follow_delay_seconds)
    leaves = delayed if last_moment is None or last_moment < at else min(delayed, last_moment)
    fold = fold.change(
        status=Status.RESOLVED,
        resolved_at=at,
        resolved_by=actor,
        resolution=reason,
        snoozed_until=None,
        waiting_reason="",
        previous_status=None,
        preferred=fold.case.assignee,
        follow_up_at=leaves,
    ).note(EntryKind.CASE_RESOLVED, at, actor, reason=reason)
    fold = promise.meet(fold, ClockName.RESOLUTION, at)
    for name in (ClockName.ASSIGN, ClockName.FIRST_RESPONSE, ClockName.NEXT_RESPONSE):
        fold = promise.cancel(fold, name, at, f"resolved: {reason}")
    return promise.begin(fold, ClockName.FOLLOW_UP, delayed, terms)


def closes_at(case: Case, terms: Terms) -> datetime:
    """Return when a resolved case closes: the end of its reopen window."""
    return (case.resolved_at or case.opened_at) + timedelta(
        seconds=terms.policy.reopen_window_seconds
    )


def reopen(fold: Fold, terms: Terms, at: datetime, actor: str, cause: str) -> Fold:
    """Open a resolved case again.

    It goes back to its agent if possible, and the gap since it was resolved is not counted.
    """
    case = fold.case
    generation = case.generation + (case.status is Status.CLOSED)
    fold = fold.change(
        status=Status.QUEUED,
        queued_at=None,
        assignee="",
        preferred=case.assignee or case.preferred,
        generation=generation,
        reopens=case.reopens + 1,
        resolved_at=None,
        resolved_by="",
        resolution="",
        closed_at=None,
        follow_up=FollowUp(),
        follow_up_at=None,
    ).note(EntryKind.CASE_REOPENED, at, actor, reason=cause)
    fold = promise.cancel(fold, ClockName.FOLLOW_UP, at, "reopened")
    fold = promise.reopen(fold, ClockName.RESOLUTION, at, terms)
    fold = promise.begin(fold, ClockName.ASSIGN, at, terms)
    return _owe_again(fold, terms, at)


def _owe_again(fold: Fold, terms: Terms, at: datetime) -> Fold:
    asks = fold.case.asks or (at,)
    fold = fold.change(asks=asks)
    first = fold.case.clock(ClockName.FIRST_RESPONSE)
    if first is not None and first.outcome is Outcome.CANCELLED:
        return promise.reopen(fold, ClockName.FIRST_RESPONSE, at, terms)
    if first is not None and first.outcome is None:
        return fold
    return promise.begin(fold, ClockName.NEXT_RESPONSE, max(asks[0], at), terms)


def receive_after_resolve(fold: Fold, terms: Terms, at: datetime, message_id: str) -> Fold:
    """Take in a message of the customer within the reopen window: the same case goes on."""
    fold = fold.note(EntryKind.MESSAGE_RECEIVED, at, message_id=message_id)
    at = max(at, fold.case.resolved_at or at)
    fold = fold.change(asks=tuple(sorted((*fold.case.asks, at)))[:KEPT_ASKS])
    return reopen(fold, terms, at, MACHINE, "the customer wrote again")


def thank(fold: Fold, at: datetime, message_id: str) -> Fold:
    """Take in a thank-you after resolving: it is kept, reopens nothing and starts no clock."""
    return fold.note(EntryKind.MESSAGE_RECEIVED, at, message_id=message_id, reason="thanks")


def survey_queued(fold: Fold, message_id: str) -> Fold:
    """Note which message is the survey, before it is sent."""
    return fold.change(follow_up=replace(fold.case.follow_up, message_id=message_id))


def follow_up_sent(fold: Fold, at: datetime, message_id: str) -> Fold:
    """Take in that the platform accepted the survey at `at`."""
    if fold.case.follow_up.sent_at is not None or fold.case.status is not Status.RESOLVED:
        return fold
    follow_up = replace(fold.case.follow_up, sent_at=at, message_id=message_id)
    fold = fold.change(status=Status.FOLLOW_UP, follow_up=follow_up)
    fold = fold.note(EntryKind.FOLLOW_UP_SENT, at, message_id=message_id)
    return promise.meet(fold, ClockName.FOLLOW_UP, at)


def waive(fold: Fold, at: datetime, reason: str) -> Fold:
    """Record that no survey is sent, and why."""
    if fold.case.follow_up.waived or fold.case.follow_up.sent_at is not None:
        return fold
    fold = fold.change(follow_up=replace(fold.case.follow_up, waived=reason))
    fold = fold.note(EntryKind.FOLLOW_UP_WAIVED, at, reason=reason)
    return promise.cancel(fold, ClockName.FOLLOW_UP, at, f"waived: {reason}")


def answer_survey(
    fold: Fold, terms: Terms, at: datetime, message_id: str, *, score: int, words: str
) -> Fold:
    """Record the customer's answer. A low score reopens the case."""
    follow_up = replace(fold.case.follow_up, score=score, words=words, answered_at=at)
    fold = fold.change(follow_up=follow_up)
    fold = fold.note(EntryKind.SURVEY_ANSWERED, at, message_id=message_id, score=score)
    if score > terms.policy.survey.reopen_at_most:
        return fold
    answered = fold.case.follow_up
    return reopen(fold, terms, at, MACHINE, f"survey score {score}").change(follow_up=answered)


def close(fold: Fold, at: datetime, reason: str = "reopen window over") -> Fold:
    """Close the case: what still runs ends without a verdict."""
    fold = tick_clocks(fold, at).change(status=Status.CLOSED, closed_at=at)
    for name in ClockName:
        fold = promise.cancel(fold, name, at, "closed")
    return fold.note(EntryKind.CASE_CLOSED, at, reason=reason)


def tick_clocks(fold: Fold, now: datetime) -> Fold:
    """Record the warnings and breaches that are due and not recorded yet."""
    return promise.tick(fold, now)


def tick(fold: Fold, terms: Terms, now: datetime) -> Fold:
    """Do what time alone brings about: warnings, breaches, the end of a snooze.

    Doing it twice changes nothing.
    """
    fold = promise.tick(fold, now)
    until = fold.case.snoozed_until
    if fold.case.status is Status.SNOOZED and until is not None and now >= until:
        fold = end_pause(fold, terms, until, MACHINE, "snooze over")
    return fold


def mark_stuck(fold: Fold, at: datetime, reason: str) -> Fold:
    """Mark that the machine of this case has failed and a person must look."""
    return fold.change(stuck=reason).note(EntryKind.CASE_STUCK, at, reason=reason)


def restart(fold: Fold, at: datetime, actor: str, reason: str) -> Fold:
    """Give the case a new execution, made from the truth in the table."""
    fold = fold.change(stuck="", generation=fold.case.generation + 1)
    return fold.note(EntryKind.CASE_RESTARTED, at, actor, reason=reason)
