"""Rules: what is done by itself when something happens, or has not happened for a time."""

from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.case import Status


class Trigger(StrEnum):
    """What an event rule waits for."""

    MESSAGE_RECEIVED = "message_received"
    STATUS_CHANGED = "status_changed"
    SCORE_RECEIVED = "score_received"


class Act(StrEnum):
    """What a rule may do."""

    ASSIGN = "assign"
    PRIORITY = "priority"
    LABEL = "label"
    UNLABEL = "unlabel"
    NOTE = "note"
    REPLY = "reply"
    NOTIFY = "notify"
    WEBHOOK = "webhook"
    SNOOZE = "snooze"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Condition:
    """What a case must be for a rule to fire. Empty fields match anything; all must match.

    `words`: one of them stands in the message that set the rule off (whole words, case ignored).
    `score_at_most` and `score_at_least` are about the survey's answer. `answered`: whether the
    customer is owed no answer.
    """

    team: str = ""
    channel: str = ""
    handle: str = ""
    public: bool | None = None
    vip: bool | None = None
    priority: str | None = None
    labels: tuple[str, ...] = ()
    without_labels: tuple[str, ...] = ()
    assigned: bool | None = None
    answered: bool | None = None
    words: tuple[str, ...] = ()
    score_at_most: int | None = None
    score_at_least: int | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do. `value` is what it needs.

    assign: an agent's id, or empty for whom routing picks. priority: the priority. label, unlabel:
    the label. note, reply: the text; `{name}` and `{handle}` are filled in. notify: who, as in a
    ladder's rung. webhook: an endpoint's id. snooze: seconds. close: the reason, after resolving.
    """

    act: Act
    value: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """When `on` happens, or a case was in `status` for `after_seconds`, and `when` holds: `do`.

    Exactly one of `on` and `status`. `to_status` narrows a status_changed trigger. A time rule
    fires once for each stretch in its status; `repeat_seconds` fires it again within one.
    """

    id: str
    do: tuple[Action, ...]
    on: Trigger | None = None
    to_status: Status | None = None
    status: Status | None = None
    after_seconds: int = 0
    repeat_seconds: int = 0
    when: Condition = field(default_factory=Condition)
    enabled: bool = True
