"""Survey.

Ask the customer how it was, if the channel still takes it, and wait for the answer until the case
closes.
"""

from dataclasses import replace

from chalicelib.domain import lifecycle, window
from chalicelib.domain.conversation import Conversation, Pending, digest, fingerprint
from chalicelib.domain.message import Delivery, DeliveryState, Direction, Message, Origin
from chalicelib.domain.outlook import Phase, phase
from chalicelib.domain.promise import Fold
from chalicelib.workflows import machine
from chalicelib.workflows.change import CaseRef, persist, settle, stamped, terms_of
from chalicelib.workflows.ports import Commit, DuplicateMessageError, Parts


def survey(parts: Parts, case: CaseRef, token: str, wait_seconds: int) -> None:
    """Send the survey once, or record why not.

    Then arm the machine for the end of the reopen window.
    """
    persist(lambda: _ask(parts, case))
    machine.arm(parts, case, token, wait_seconds, phase=Phase.RESOLVED)


def _ask(parts: Parts, ref: CaseRef) -> None:
    conversation = machine.read(parts, ref)
    case = machine.current(conversation, ref)
    if case is None or phase(case) is not Phase.RESOLVED:
        return
    if case.follow_up.message_id or case.follow_up.sent_at or case.follow_up.waived:
        return
    reason = waiver(parts, conversation)
    if reason:
        machine.commit_fold(parts, conversation, lifecycle.waive(Fold(case), parts.now(), reason))
        parts.meter.count("FollowUpWaived", channel=conversation.channel.value)
        return
    _send(parts, conversation)


def waiver(parts: Parts, conversation: Conversation) -> str:
    """Return why no survey may be sent now, or nothing.

    The longer window is for words a person typed, not for this.
    """
    assert conversation.case is not None
    terms = terms_of(parts, conversation, conversation.case)
    if not terms.policy.survey.enabled:
        return "surveys are off"
    if conversation.public and not terms.policy.survey.public:
        return "the conversation is public"
    can = parts.sender.capabilities(conversation.channel, public=conversation.public)
    room = window.room(can, conversation.last_inbound_at, parts.now())
    if not room.open or room.human_only:
        return "the channel's window is closed"
    return (
        ""
        if can.measure(terms.policy.survey.text) <= can.text_limit
        else "the survey is too long for the channel"
    )


def _send(parts: Parts, conversation: Conversation) -> None:
    case = conversation.case
    assert case is not None
    terms = terms_of(parts, conversation, case)
    now = parts.now()
    message = Message(
        id=digest("survey", conversation.case_id, str(case.reopens)),
        conversation_id=conversation.id,
        direction=Direction.OUTBOUND,
        public=conversation.public,
        sent_at=now,
        received_at=now,
        case_number=case.number,
        author_name=terms.policy.brand,
        text=terms.policy.survey.text,
        origin=Origin.SURVEY,
        delivery=Delivery(DeliveryState.QUEUED, now),
    )
    fold = lifecycle.survey_queued(Fold(case), message.id)
    new = settle(conversation, fold, terms)
    new = replace(
        new,
        pending=(*new.pending, Pending(message.id, fingerprint(message.text))),
        messages=new.messages + 1,
        last_message_at=now,
    )
    try:
        parts.conversations.commit(
            Commit(conversation=new, insert=(message,), entries=stamped(fold, new))
        )
    except DuplicateMessageError:
        parts.meter.count("SurveyRepeated")
