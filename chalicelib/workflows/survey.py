"""Survey.

Ask the customer how it was, if the channel still takes it, and wait for the answer until the case
closes.
"""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain import follow_up
from chalicelib.domain.case import Case
from chalicelib.domain.conversation import MOST_PENDING, Conversation, Pending, spot
from chalicelib.domain.fold import Fold
from chalicelib.domain.ident import digest, fingerprint
from chalicelib.domain.message import Delivery, DeliveryState, Direction, Message, Origin
from chalicelib.domain.outlook import Phase, phase
from chalicelib.domain.policy import Policy
from chalicelib.workflows import drift, machine
from chalicelib.workflows.answering.spot import can_at, opted_out_at, room_at
from chalicelib.workflows.change import CaseRef, persist, settle, stamped, terms_of
from chalicelib.workflows.ports import Commit, DuplicateMessageError, Parts
from chalicelib.workflows.rules import fire


def survey(parts: Parts, case: CaseRef, token: str, wait_seconds: int) -> None:
    """Send the survey once, or record why not.

    Then arm the machine for the end of the reopen window. It also comes here when a clock that
    goes on after resolving has something to record; the survey's own time is looked at apart.
    """
    persist(lambda: _ask(parts, case))
    machine.arm(parts, case, token, wait_seconds, phase=Phase.RESOLVED)


def _ask(parts: Parts, ref: CaseRef) -> None:
    conversation = machine.read(parts, ref)
    case = machine.current(conversation, ref)
    if case is None or phase(case) is not Phase.RESOLVED:
        return
    conversation = fire.rested(parts, conversation)
    case = conversation.case or case
    asked = case.follow_up
    if phase(case) is Phase.CLOSED or asked.message_id or asked.sent_at or asked.waived:
        return
    if case.follow_up_at is not None and parts.now() + machine.LEEWAY < case.follow_up_at:
        return
    reason = _waiver(parts, conversation, case)
    if reason:
        machine.commit_fold(parts, conversation, follow_up.waive(Fold(case), parts.now(), reason))
        parts.meter.count("FollowUpWaived", channel=conversation.channel.value)
        return
    _send(parts, conversation, case)


def _waiver(parts: Parts, conversation: Conversation, case: Case) -> str:
    """Return why no survey may be sent now, or nothing.

    The longer window is for words a person typed, not for this.
    """
    terms = terms_of(parts, conversation, case)
    if not terms.policy.survey.enabled:
        return "surveys are off"
    at = spot(conversation, public=conversation.latest_public)
    if at.public and not terms.policy.survey.public:
        return "the conversation is public"
    if opted_out_at(parts, conversation, at) is not None:
        return "the customer asked for no more messages"
    can, room = can_at(parts, at), room_at(parts, at)
    if not room.open or room.human_only:
        return "the channel's window is closed"
    return (
        ""
        if can.measure(terms.policy.survey.text) <= can.text_limit
        else "the survey is too long for the channel"
    )


def _send(parts: Parts, conversation: Conversation, case: Case) -> None:
    terms = terms_of(parts, conversation, case)
    message = _message(conversation, case, terms.policy, parts.now())
    fold = follow_up.survey_written(Fold(case), message.sent_at, message.id)
    new = settle(conversation, fold, terms)
    pending = (*new.pending, Pending(message.id, fingerprint(message.text)))
    new = replace(
        new,
        pending=pending[-MOST_PENDING:],
        messages=new.messages + 1,
        last_message_at=message.sent_at,
    )
    try:
        parts.conversations.commit(
            Commit(conversation=new, insert=(message,), entries=stamped(fold, new))
        )
        drift.took(parts, case.follow_up_at or message.sent_at, message.sent_at)
    except DuplicateMessageError:  # the step ran twice, and the other one was faster
        parts.meter.count("SurveyRepeated")


def _message(conversation: Conversation, case: Case, policy: Policy, now: datetime) -> Message:
    at = spot(conversation, public=conversation.latest_public)
    return Message(
        id=digest("survey", conversation.case_id, str(case.reopens)),
        conversation_id=conversation.id,
        direction=Direction.OUTBOUND,
        public=at.public,
        sent_at=now,
        received_at=now,
        case_number=case.number,
        author_name=policy.brand,
        text=policy.survey.text,
        parent_id=at.last_inbound_id if at.public else "",
        origin=Origin.SURVEY,
        delivery=Delivery(DeliveryState.QUEUED, now),
    )
