"""Entries: the case's log. What happened, in past tense, once each, never changed."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.clock import ClockName

MACHINE = "hearback"
"""The actor of what no person did."""


class EntryKind(StrEnum):
    """What can happen to a case."""

    CASE_OPENED = "CaseOpened"
    MESSAGE_RECEIVED = "MessageReceived"
    MESSAGE_EDITED = "MessageEdited"
    MESSAGE_DELETED = "MessageDeleted"
    NOTE_ADDED = "NoteAdded"
    CASE_QUEUED = "CaseQueued"
    CASE_ASSIGNED = "CaseAssigned"
    CASE_UNASSIGNED = "CaseUnassigned"
    REPLY_WRITTEN = "ReplyWritten"
    REPLY_SENT = "ReplySent"
    REPLY_FAILED = "ReplyFailed"
    REPLY_RETRIED = "ReplyRetried"
    WAITING_STARTED = "WaitingStarted"
    WAITING_ENDED = "WaitingEnded"
    CASE_SNOOZED = "CaseSnoozed"
    SNOOZE_ENDED = "SnoozeEnded"
    CASE_RESOLVED = "CaseResolved"
    CASE_REOPENED = "CaseReopened"
    SURVEY_WRITTEN = "SurveyWritten"
    FOLLOW_UP_SENT = "FollowUpSent"
    FOLLOW_UP_WAIVED = "FollowUpWaived"
    SURVEY_ANSWERED = "SurveyAnswered"
    CASE_CLOSED = "CaseClosed"
    CLOCK_STARTED = "ClockStarted"
    CLOCK_PAUSED = "ClockPaused"
    CLOCK_RESUMED = "ClockResumed"
    CLOCK_MET = "ClockMet"
    CLOCK_CANCELLED = "ClockCancelled"
    CLOCK_REOPENED = "ClockReopened"
    DEADLINE_WARNED = "DeadlineWarned"
    DEADLINE_BREACHED = "DeadlineBreached"
    BREACH_WITHDRAWN = "BreachWithdrawn"
    CASE_STUCK = "CaseStuck"
    CASE_RESTARTED = "CaseRestarted"
    PERSONAL_DATA_FOUND = "PersonalDataFound"
    MESSAGE_HIDDEN = "MessageHidden"
    MESSAGE_SHOWN = "MessageShown"
    MODERATION_FAILED = "ModerationFailed"
    CUSTOMER_INVITED = "CustomerInvited"
    TALK_JOINED = "TalkJoined"
    CUSTOMER_OPTED_OUT = "CustomerOptedOut"
    CUSTOMER_OPTED_IN = "CustomerOptedIn"
    CASE_OFFERED = "CaseOffered"
    OFFER_DECLINED = "OfferDeclined"
    OFFER_EXPIRED = "OfferExpired"
    TEAM_CHANGED = "TeamChanged"
    PRIORITY_CHANGED = "PriorityChanged"
    VIP_CHANGED = "VipChanged"
    LABELS_CHANGED = "LabelsChanged"
    LANGUAGE_CHANGED = "LanguageChanged"
    CASE_REDECIDED = "CaseRedecided"
    CLOCK_SUPERSEDED = "ClockSuperseded"
    ANSWER_WAIVED = "AnswerWaived"
    HANDED_OVER = "HandedOver"
    PRAISE_FOUND = "PraiseFound"
    THANKS_GIVEN = "ThanksGiven"
    RULE_FIRED = "RuleFired"
    RULE_CUT = "RuleCut"
    RULE_SKIPPED = "RuleSkipped"
    APPROVAL_ASKED = "ApprovalAsked"
    APPROVAL_GIVEN = "ApprovalGiven"
    APPROVAL_DECLINED = "ApprovalDeclined"
    NOBODY_ON_SHIFT = "NobodyOnShift"


ANNOUNCED = frozenset(
    {
        EntryKind.DEADLINE_WARNED,
        EntryKind.DEADLINE_BREACHED,
        EntryKind.CASE_STUCK,
        EntryKind.SURVEY_ANSWERED,
        EntryKind.PERSONAL_DATA_FOUND,
        EntryKind.RULE_FIRED,
        EntryKind.NOBODY_ON_SHIFT,
    }
)
"""What people may have to be told of."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to a case.

    `at` is when it happened (for a breach the deadline itself), `actor` an agent id or MACHINE.
    `version` is the version of the conversation that this entry made, set when it is committed; it
    orders the log. `percent` is that of a warning, `value` what something was changed to, `rule`
    the id of the rule that did it and `depth` how many rules led to it. `inputs` are the facts a
    decision was made from, in plain words; `policy_version` the policy it was made by. `status` is
    the case's after it, where it changed that. `fired_at`: a timer brought it about, and that is
    when it really fired; nothing is decided by it.
    """

    kind: EntryKind
    at: datetime
    case_number: int
    actor: str = MACHINE
    clock: ClockName | None = None
    seq: int = 0
    message_id: str = ""
    agent_id: str = ""
    reason: str = ""
    text: str = ""
    score: int = 0
    until: datetime | None = None
    version: int = 0
    percent: int = 0
    value: str = ""
    rule: str = ""
    depth: int = 0
    policy_version: str = ""
    inputs: dict[str, str] = field(default_factory=dict)
    status: str = ""
    fired_at: datetime | None = field(default=None, compare=False)


def instants(**at: datetime | None) -> dict[str, str]:
    """Return the inputs of a decision that are instants, as ISO 8601; None is left out."""
    return {name: moment.isoformat() for name, moment in at.items() if moment is not None}
