"""Whatever rules there are and whatever happens: they end, and fire so often and no oftener."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import cuts, lifecycle
from chalicelib.domain.acting import elapse, react
from chalicelib.domain.case import Case, Status
from chalicelib.domain.entry import MACHINE, Entry, EntryKind
from chalicelib.domain.firing import DEEPEST, Facts, next_at
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.outlook import Phase, phase
from chalicelib.domain.reply import reply_sent
from chalicelib.domain.resolve import receive_after_resolve
from chalicelib.domain.rule import Act, Action, Condition, Rule, Trigger
from chalicelib.domain.wait import wait
from tests.unit.domain.terms import HANDLE, POLICY, at, opened

MOST_ROWS = 30
"""More rows than may follow from one thing that happens: each rule leads at most three deep."""

actions = st.one_of(
    st.builds(Action, st.just(Act.LABEL), st.sampled_from("ab")),
    st.builds(Action, st.just(Act.UNLABEL), st.sampled_from("ab")),
    st.builds(Action, st.just(Act.PRIORITY), st.sampled_from(["", "high"])),
    st.builds(Action, st.just(Act.ASSIGN), st.sampled_from(["", "bea"])),
    st.builds(Action, st.just(Act.SNOOZE), st.sampled_from(["15", "600"])),
    st.builds(Action, st.just(Act.CLOSE), st.just("over")),
    st.builds(Action, st.sampled_from([Act.NOTE, Act.REPLY, Act.NOTIFY]), st.just("x")),
)
conditions = st.builds(
    Condition,
    labels=st.sampled_from([(), ("a",)]),
    without_labels=st.sampled_from([(), ("b",)]),
    assigned=st.sampled_from([None, True, False]),
)
bare = st.builds(
    Rule, st.text("rst", min_size=3, max_size=6), st.lists(actions, min_size=1).map(tuple)
)
statuses = st.sampled_from([one for one in Status if one is not Status.CLOSED])


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    made = replace(draw(bare), when=draw(conditions))
    if draw(st.booleans()):
        repeat = draw(st.sampled_from([0, 15, 900]))
        after = draw(st.sampled_from([15, 60, 1800]))
        return replace(made, status=draw(statuses), after_seconds=after, repeat_seconds=repeat)
    to = draw(st.none() | statuses)
    trigger = draw(st.sampled_from([Trigger.MESSAGE_RECEIVED, Trigger.STATUS_CHANGED]))
    return replace(made, on=trigger, to_status=to if trigger is Trigger.STATUS_CHANGED else None)


happenings = st.lists(
    st.tuples(st.sampled_from(["ask", "reply", "wait"]), st.integers(1, 3000)), max_size=6
)


@dataclass
class Played:
    """A case under rules, with its log."""

    terms: Terms
    case: Case
    log: list[Entry]
    version: int = 0

    def takes(self, fold: Fold, now: datetime) -> None:
        """Keep what happened, and let rules and the machine do all that follows from it."""
        rows = [self._kept(fold)]
        for _ in range(MOST_ROWS):
            if not rows:
                return
            row = rows.pop(0)
            after = react(Fold(self.case), row, self.terms, now, facts=Facts("x"))
            rows += [self._kept(after)] if after.entries else []
            self.case = after.case
            if phase(self.case) is Phase.ASSIGN and not rows:
                rows.append(self._kept(lifecycle.assign(Fold(self.case), "ann", now, MACHINE)))
        raise AssertionError("it does not end")

    def _kept(self, fold: Fold) -> tuple[Entry, ...]:
        self.version += 1
        row = tuple(replace(one, version=self.version) for one in fold.entries)
        self.case = fold.case
        self.log += row
        return row

    def passes(self, until: datetime) -> None:
        """Let time pass, looking whenever something is due."""
        for _ in range(1000):
            moment = self.moment()
            if moment is None or moment > until:
                return
            now = max(moment, self.log[-1].at)
            ticked = elapse if self.case.status is Status.RESOLVED else lifecycle.tick
            before = self.case
            fold = ticked(Fold(before), self.terms, now)
            assert fold.case != before
            assert ticked(Fold(fold.case), self.terms, now).entries == ()
            self.takes(fold, now)
        raise AssertionError("it never rests")

    def moment(self) -> datetime | None:
        wakes = [next_at(self.case, self.terms)]
        wakes += [self.case.snoozed_until] if self.case.status is Status.SNOOZED else []
        return min((one for one in wakes if one is not None), default=None)

    def happens(self, what: str, now: datetime) -> None:
        fold, name = Fold(self.case), f"{what}-{now}"
        if not self.case.open:
            if self.case.status is not Status.CLOSED:
                self.takes(receive_after_resolve(fold, self.terms, now, name), now)
        elif what == "ask":
            self.takes(lifecycle.receive(fold, self.terms, now, name), now)
        elif what == "reply":
            self.takes(reply_sent(fold, self.terms, now, name, "ann"), now)
        else:
            on = Status.WAITING_CUSTOMER
            self.takes(wait(fold, self.terms, now, "ann", on=on, reason="x"), now)

    def fired(self) -> list[Entry]:
        return [one for one in self.log if one.kind is EntryKind.RULE_FIRED]


def played(found: tuple[Rule, ...], happened: list[tuple[str, int]]) -> Played:
    named = tuple(replace(one, id=f"{one.id}{number}") for number, one in enumerate(found))
    terms = Terms(replace(POLICY, rules=named, targets=()), HANDLE, public=False)
    first = opened()
    story = Played(terms, first.case, [])
    story.takes(Fold(first.case, first.entries), at(0))
    now = at(0)
    for what, later in happened:
        now += timedelta(seconds=later)
        story.passes(now)
        story.happens(what, now)
    story.passes(now + timedelta(hours=6))
    return story


@given(st.lists(rules(), max_size=4).map(tuple), happenings)
def test_every_history_ends_and_rules_fire_twenty_times_an_hour_at_most(found, happened):
    fired = [one.at for one in played(found, happened).fired()]
    for first in fired:
        within = [one for one in fired if timedelta(0) <= one - first < cuts.HOUR]
        assert len(within) <= cuts.MOST


@given(st.lists(rules(), max_size=4).map(tuple), happenings)
def test_no_rule_acts_deeper_than_three_and_every_entry_of_one_names_it(found, happened):
    story = played(found, happened)
    depths = {one.depth for one in story.log if one.kind is not EntryKind.RULE_CUT}
    assert max(depths) <= DEEPEST
    for entry in story.fired():
        mine = [one for one in story.log if (one.version, one.rule) == (entry.version, entry.rule)]
        assert all(1 <= one.depth <= DEEPEST for one in mine)


def test_two_rules_that_undo_each_other_end_though_nothing_stops_them():
    snooze = Rule("a", (Action(Act.SNOOZE, "15"),), status=Status.ASSIGNED, after_seconds=15)
    story = played((snooze,), [])
    assert [one.depth for one in story.fired()] == [1, 2, 3]
    assert [one.reason for one in story.log if one.kind is EntryKind.RULE_CUT] == [cuts.LOOP]
    labels = (
        Rule("a", (Action(Act.ASSIGN, "bea"),), on=Trigger.STATUS_CHANGED),
        Rule("b", (Action(Act.ASSIGN, ""),), on=Trigger.STATUS_CHANGED),
    )
    assert len(played(labels, []).fired()) <= cuts.MOST
