"""Rule checks: whether rules make sense before they are published, in words for who wrote them."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from chalicelib.domain import quality
from chalicelib.domain.case import OPEN, Status
from chalicelib.domain.ladder import ROLES
from chalicelib.domain.policy import Policy
from chalicelib.domain.rule import Act, Action, Condition, Rule, Trigger

SHORTEST = 15
"""Seconds. No promise is shorter, and no rule need be quicker."""

SHORTEST_NAGGING = 3600
"""Seconds between the replies of a repeated rule: nobody wants to be asked oftener."""

LONGEST_SNOOZE = 90 * 86_400
LONGEST_TEXT = 10_000
SCORES = range(1, 6)
FIELDS = frozenset({"name", "handle"})
OPEN_ONLY = frozenset({Act.ASSIGN, Act.PRIORITY, Act.SNOOZE})
"""What only an open case can have done to it."""

NOBODYS = frozenset({Status.NEW, Status.QUEUED})
SOMEBODYS = frozenset({Status.ASSIGNED, Status.RESPONDED})
_FIELD = re.compile(r"\{([^{}]*)\}")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]*")


def problems(rules: Sequence[Rule], policy: Policy) -> list[str]:
    """Return all that is wrong with rules, each in a sentence, with the rule's name; or nothing.

    Teams, handles and endpoints are looked up in the policy. Agents are not in it: their ids are
    not checked.
    """
    counted = Counter(rule.id for rule in rules)
    found = [
        f"rule {name}: there are several of that name" for name in counted if counted[name] > 1
    ]
    for rule in rules:
        for problem in (*_start(rule), *_when(rule, policy), *_do(rule, policy)):
            found.append(f"rule {rule.id or '(without a name)'}: {problem}")  # noqa: PERF401
    return found


def _start(rule: Rule) -> Iterator[str]:
    if not _WORD.fullmatch(rule.id):
        yield "its id must be a word of letters, digits, dots, dashes and underscores"
    if (rule.on is None) is (rule.status is None):
        yield "say either `on` or `status`"
    if rule.to_status is not None and rule.on is not Trigger.STATUS_CHANGED:
        yield "`to_status` goes with `on: status_changed`"
    yield from _event(rule) if rule.status is None else _time(rule)


def _event(rule: Rule) -> Iterator[str]:
    if rule.after_seconds or rule.repeat_seconds:
        yield "`after` and `repeat` go with `status`"


def _time(rule: Rule) -> Iterator[str]:
    if rule.status is Status.CLOSED:
        yield "a closed case is not looked at any more"
    if rule.after_seconds < SHORTEST:
        yield f"`after` must be {SHORTEST} seconds or more"
    if rule.repeat_seconds and rule.repeat_seconds < SHORTEST:
        yield f"`repeat` must be {SHORTEST} seconds or more"
    replies = any(action.act is Act.REPLY for action in rule.do)
    if replies and 0 < rule.repeat_seconds < SHORTEST_NAGGING:
        yield f"a reply may be repeated after {SHORTEST_NAGGING} seconds or more"


def _when(rule: Rule, policy: Policy) -> Iterator[str]:
    when = rule.when
    if when.team and policy.team(when.team) is None:
        yield f"there is no team {when.team}"
    if when.handle and policy.handle(when.handle) is None:
        yield f"there is no handle {when.handle}"
    channels = {handle.channel.value for handle in policy.handles}
    if when.channel and when.channel not in channels:
        yield f"no handle is on the channel {when.channel}"
    if when.words and rule.on is not Trigger.MESSAGE_RECEIVED:
        yield "`words` are looked for in messages alone: it can never fire"
    if not all(word.strip() for word in when.words):
        yield "one of its `words` is empty"
    yield from _labels((*when.labels, *when.without_labels))
    yield from _word(when.priority or "")
    yield from _scores(rule)
    yield from _never(rule, when)


def _scores(rule: Rule) -> Iterator[str]:
    most, least = rule.when.score_at_most, rule.when.score_at_least
    named = [score for score in (most, least) if score is not None]
    if named and rule.on is not Trigger.SCORE_RECEIVED:
        yield "a score comes with `on: score_received` alone: it can never fire"
    if any(score not in SCORES for score in named):
        yield "a score is a number from 1 to 5"
    if most is not None and least is not None and most < least:
        yield "no score is at most so low and at least so high: it can never fire"


def _never(rule: Rule, when: Condition) -> Iterator[str]:
    both = sorted(set(when.labels) & set(when.without_labels))
    if both:
        yield f"no case has the label {both[0]} and has it not: it can never fire"
    unassigned = rule.status in SOMEBODYS and when.assigned is False
    if unassigned or (rule.status in NOBODYS and when.assigned):
        yield f"whether somebody has a case that is {rule.status} is no question: it can never fire"
    if rule.status is Status.RESPONDED and when.answered is False:
        yield "a case that is responded is answered: it can never fire"


def _do(rule: Rule, policy: Policy) -> Iterator[str]:
    if not rule.do:
        yield "it does nothing: say what in `do`"
    for action in rule.do:
        yield from CHECKS[action.act](action, policy)
        if action.act in OPEN_ONLY and rule.status is not None and rule.status not in OPEN:
            yield f"`{action.act}` is for open cases, and one that is {rule.status} is not open"


def _nothing(action: Action, policy: Policy) -> Iterator[str]:  # noqa: ARG001 - as every check
    yield from ()


def _label(action: Action, policy: Policy) -> Iterator[str]:  # noqa: ARG001 - as every check
    yield from _labels((action.value,))


def _labels(labels: Iterable[str]) -> Iterator[str]:
    for label in labels:
        kept = quality.label_of(label)
        if kept is None:
            yield f"a label has 1 to {quality.LONGEST_LABEL} characters and no comma"
        elif kept != label:
            yield f"write the label {label} as it is kept: {kept}"


def _priority(action: Action, policy: Policy) -> Iterator[str]:  # noqa: ARG001 - as every check
    yield from _word(action.value)


def _word(priority: str) -> Iterator[str]:
    if quality.priority_of(priority) != priority:
        yield f"the priority {priority} is no word in small letters"


def _text(action: Action, policy: Policy) -> Iterator[str]:  # noqa: ARG001 - as every check
    if not action.value.strip() or len(action.value) > LONGEST_TEXT:
        yield f"`{action.act}` needs between 1 and {LONGEST_TEXT} characters"
    for name in _FIELD.findall(action.value):
        if name not in FIELDS:
            yield f"`{{{name}}}` cannot be filled in: write {{name}} or {{handle}}"


def _notify(action: Action, policy: Policy) -> Iterator[str]:
    pagers = {endpoint.id for endpoint in policy.paging.endpoints}
    if action.value not in ROLES | pagers and not _WORD.fullmatch(action.value):
        yield f"`notify` tells one of {', '.join(sorted(ROLES))}, a paging endpoint or an agent"


def _webhook(action: Action, policy: Policy) -> Iterator[str]:
    if action.value not in {endpoint.id for endpoint in policy.endpoints}:
        yield f"there is no endpoint {action.value or '(without a name)'}"


def _snooze(action: Action, policy: Policy) -> Iterator[str]:  # noqa: ARG001 - as every check
    seconds = int(action.value) if action.value.isdecimal() else 0
    if not SHORTEST <= seconds <= LONGEST_SNOOZE:
        yield f"`snooze` takes between {SHORTEST} seconds and 90 days"


def _close(action: Action, policy: Policy) -> Iterator[str]:  # noqa: ARG001 - as every check
    if not action.value.strip():
        yield "`close` needs a reason"


CHECKS: dict[Act, Callable[[Action, Policy], Iterator[str]]] = {
    Act.ASSIGN: _nothing,
    Act.PRIORITY: _priority,
    Act.LABEL: _label,
    Act.UNLABEL: _label,
    Act.NOTE: _text,
    Act.REPLY: _text,
    Act.NOTIFY: _notify,
    Act.WEBHOOK: _webhook,
    Act.SNOOZE: _snooze,
    Act.CLOSE: _close,
}
