"""Acting: what rules do to a case when they fire.

Pure: notes and replies are only noted here, for workflows/rules to write. What keeps rules from
going on for ever is said in cuts.py.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain import cuts, firing, holding, lifecycle, quality, resolve, wait
from chalicelib.domain.case import Status
from chalicelib.domain.entry import MACHINE, Entry, EntryKind
from chalicelib.domain.firing import NOTHING, Due, Facts
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.redecide import redecide
from chalicelib.domain.rule import Act, Rule


@dataclass(frozen=True, slots=True)
class World:
    """What only the outside knows. The default is right for a replay.

    `last_moment` is the last at which a survey should leave, `on_its_way`: a reply is still to be
    sent. `agents` are those who may be given the case; None: nobody knows, so any. `history` is the
    case's whole log before this, oldest first; None: its clocks are left as they are.
    """

    last_moment: datetime | None = None
    on_its_way: bool = False
    agents: frozenset[str] | None = None
    history: tuple[Entry, ...] | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """In what an action is done: by which firing, at which instant, under which terms."""

    due: Due
    terms: Terms
    at: datetime
    world: World


NOWHERE = World()


def elapse(fold: Fold, terms: Terms, now: datetime, world: World = NOWHERE) -> Fold:
    """Fire the time rules whose instant has come, one after the other, each at its own instant.

    Each is judged on the case as those before it left it. Doing it twice changes nothing.
    """
    while ready := firing.due(fold.case, terms, now):
        fold = _fire(fold, Setting(ready[0], terms, ready[0].at, world))
    return fold


def react(  # noqa: PLR0913 - the event, its words and the world around it
    fold: Fold,
    entries: tuple[Entry, ...],
    terms: Terms,
    at: datetime,
    *,
    facts: Facts = NOTHING,
    world: World = NOWHERE,
) -> Fold:
    """Fire the event rules that the entries of one log row set off, as they stand in the file.

    Each is judged on the case as those before it left it. The caller sees to it that a row is
    reacted to once.
    """
    mine = tuple(entry for entry in entries if entry.case_number == fold.case.number)
    for rule in terms.policy.rules:
        found = firing.triggered(rule, mine, fold.case, terms, facts)
        if found is not None:
            fold = _fire(fold, Setting(found, terms, at, world))
    return fold


def _fire(fold: Fold, setting: Setting) -> Fold:
    due, at = setting.due, setting.at
    left_out = cuts.cut(fold, due, setting.terms, at)
    if left_out is not None:
        return left_out
    acting = _noted(replace(cuts.fires(fold, due, at), rule=due.rule.id, depth=due.depth), setting)
    now = max(at, acting.case.touched_at or at)
    for action in due.rule.do:
        acting = ACTIONS[action.act](acting, replace(setting, at=now), action.value)
    return replace(acting, rule=fold.rule, depth=fold.depth)


def _noted(fold: Fold, setting: Setting) -> Fold:
    rule = setting.due.rule
    done = ", ".join(f"{one.act.value} {one.value}".strip()[:80] for one in rule.do)
    hooks = " ".join(_values(rule, Act.WEBHOOK))
    told = {"webhook": hooks} if hooks else {}
    return fold.note(
        EntryKind.RULE_FIRED,
        setting.at,
        value=",".join(_values(rule, Act.NOTIFY)),
        policy_version=setting.terms.policy.version,
        inputs=setting.due.inputs | {"do": done} | told,
    )


def _values(rule: Rule, act: Act) -> list[str]:
    return [action.value for action in rule.do if action.act is act]


def _skipped(fold: Fold, setting: Setting, act: Act, why: str) -> Fold:
    return fold.note(EntryKind.RULE_SKIPPED, setting.at, reason=why, value=act.value)


def _assign(fold: Fold, setting: Setting, agent_id: str) -> Fold:
    case, world = fold.case, setting.world
    if not case.open:
        return _skipped(fold, setting, Act.ASSIGN, "the case is not open")
    if not agent_id:
        return _put_back(fold, setting)
    if world.agents is not None and agent_id not in world.agents:
        return _skipped(fold, setting, Act.ASSIGN, f"{agent_id} is not of the case's team")
    return fold if case.assignee == agent_id else _given(fold, agent_id, setting.at)


def _given(fold: Fold, agent_id: str, at: datetime) -> Fold:
    return lifecycle.assign(fold, agent_id, at, MACHINE)


def _put_back(fold: Fold, setting: Setting) -> Fold:
    """Let routing look for somebody, but not for the agent who had the case."""
    was = fold.case.assignee
    if not was:
        return fold
    fold = holding.let_go(fold, setting.at, f"rule {setting.due.rule.id}")
    return fold.change(preferred="", refused_by=(was,))


def _priority(fold: Fold, setting: Setting, value: str) -> Fold:
    """Change the priority as a person does, and decide the promises anew where the log is known."""
    if not fold.case.open:
        return _skipped(fold, setting, Act.PRIORITY, "the case is not open")
    after = quality.set_priority(fold, value, setting.at, MACHINE)
    history = setting.world.history
    if history is None or after.entries == fold.entries:
        return after
    return redecide(after, history, setting.terms, setting.at, MACHINE)


def _label(fold: Fold, setting: Setting, label: str) -> Fold:
    labels = quality.labels_after(fold.case.labels, (label,), ())
    if len(labels) > max(quality.MOST_LABELS, len(fold.case.labels)):
        return _skipped(fold, setting, Act.LABEL, f"there are {len(fold.case.labels)} already")
    return quality.set_labels(fold, labels, setting.at, MACHINE)


def _unlabel(fold: Fold, setting: Setting, label: str) -> Fold:
    labels = quality.labels_after(fold.case.labels, (), (label,))
    return quality.set_labels(fold, labels, setting.at, MACHINE)


def _note(fold: Fold, setting: Setting, text: str) -> Fold:
    return fold.note(EntryKind.NOTE_ADDED, setting.at, text=text)


def _reply(fold: Fold, setting: Setting, text: str) -> Fold:
    if setting.due.automatic:
        return _skipped(fold, setting, Act.REPLY, "a machine wrote the message")
    return fold.note(EntryKind.REPLY_WRITTEN, setting.at, text=text)


def _told(fold: Fold, setting: Setting, value: str) -> Fold:  # noqa: ARG001 - as every action
    """Leave it to the entry of the firing: people and systems are told of that."""
    return fold


def _snooze(fold: Fold, setting: Setting, seconds: str) -> Fold:
    if not fold.case.open:
        return _skipped(fold, setting, Act.SNOOZE, "the case is not open")
    until = setting.at + timedelta(seconds=int(seconds))
    return wait.snooze(fold, setting.terms, setting.at, MACHINE, until)


def _close(fold: Fold, setting: Setting, reason: str) -> Fold:
    """Resolve an open case; close a resolved one before its reopen window is over."""
    if fold.case.status is Status.CLOSED:
        return _skipped(fold, setting, Act.CLOSE, "the case is closed")
    if not fold.case.open:
        return lifecycle.close(fold, setting.at, reason)
    return resolve.resolve(
        fold,
        setting.terms,
        setting.at,
        MACHINE,
        reason=reason,
        last_moment=setting.world.last_moment,
        on_its_way=setting.world.on_its_way,
    )


ACTIONS: dict[Act, Callable[[Fold, Setting, str], Fold]] = {
    Act.ASSIGN: _assign,
    Act.PRIORITY: _priority,
    Act.LABEL: _label,
    Act.UNLABEL: _unlabel,
    Act.NOTE: _note,
    Act.REPLY: _reply,
    Act.NOTIFY: _told,
    Act.WEBHOOK: _told,
    Act.SNOOZE: _snooze,
    Act.CLOSE: _close,
}
