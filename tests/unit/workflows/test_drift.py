"""How late a timer fired is kept with what it brought about, and decides nothing."""

from datetime import UTC, datetime, timedelta

from chalicelib.domain.case import Case, Status
from chalicelib.domain.entry import Entry, EntryKind
from chalicelib.domain.fold import Fold
from chalicelib.workflows import drift
from tests.fakes.outside import FakeMeter

ARMED = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
NOW = ARMED + timedelta(seconds=3, milliseconds=250)


class Parts:
    def __init__(self):
        self.meter = FakeMeter()


def entry(at):
    return Entry(EntryKind.DEADLINE_BREACHED, at, 1)


def fold(*instants):
    case = Case(1, Status.NEW, "acme", "care", ARMED, "v1")
    return Fold(case, tuple(entry(at) for at in instants))


def test_what_came_due_from_the_armed_instant_on_has_the_time_it_really_fired():
    later = ARMED + timedelta(seconds=1)
    found = drift.stamped(fold(ARMED, later), ARMED, NOW)
    assert [one.fired_at for one in found.entries] == [NOW, NOW]
    assert [one.at for one in found.entries] == [ARMED, later]


def test_what_was_learnt_late_is_no_timer_s_fault():
    found = drift.stamped(fold(ARMED - timedelta(hours=1), NOW + timedelta(hours=1)), ARMED, NOW)
    assert [one.fired_at for one in found.entries] == [None, None]


def test_a_case_that_was_woken_by_a_change_had_no_timer():
    found = drift.stamped(fold(ARMED), None, NOW)
    assert [one.fired_at for one in found.entries] == [None]


def test_each_timer_is_measured_once_in_milliseconds():
    parts = Parts()
    drift.measure(parts, drift.stamped(fold(ARMED, ARMED - timedelta(hours=1)), ARMED, NOW))
    assert parts.meter.times == [("TimerDrift", 3250)]


def test_a_clock_that_runs_ahead_of_ours_is_no_drift():
    parts = Parts()
    drift.took(parts, NOW, ARMED)
    assert parts.meter.times == [("TimerDrift", 0)]


def test_the_same_event_is_the_same_however_late_it_fired():
    assert drift.stamped(fold(ARMED), ARMED, NOW) == fold(ARMED)
