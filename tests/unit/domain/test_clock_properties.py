"""Clocks and calendars: the promises that hold for every calendar, pause and order of events."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain import clock as clocks
from chalicelib.domain import moment as moments
from chalicelib.domain.calendar import (
    ALWAYS,
    Calendar,
    Frame,
    add_working_time,
    working_time,
)
from chalicelib.domain.clock import Clock, ClockName, Outcome
from tests.unit.domain import oracle
from tests.unit.domain.oracle import Event, Log

MS = timedelta(milliseconds=1)
HOUR = timedelta(hours=1)
MAX_HOURS = 6
PERCENTS = (50, 75, 90)

# Each zone with an evening just before it changes its clocks, or skips midnight or a day.
PLACES = {
    "UTC": "2026-03-06",
    "Asia/Kolkata": "2026-03-06",
    "Asia/Kathmandu": "2026-12-30",
    "Europe/London": "2026-03-28",
    "Europe/Berlin": "2026-10-24",
    "America/New_York": "2026-10-31",
    "America/Havana": "2026-10-31",
    "America/Sao_Paulo": "2018-11-03",
    "America/Santiago": "2026-04-04",
    "Africa/Cairo": "2026-04-23",
    "Australia/Lord_Howe": "2026-04-04",
    "Pacific/Apia": "2011-12-29",
}

Histories = tuple[Calendar, int, datetime, list[Event]]

# A busy machine is no failure.
quick = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def day_of(zone: str, offset: int = 0) -> date:
    """Return the date before the zone's change, some days on."""
    return date.fromisoformat(PLACES[zone]) + timedelta(days=offset)


@st.composite
def frames(draw: st.DrawFn, least: int = 0) -> tuple[Frame, ...]:
    """Draw the frames of one day: an hour or more, on quarters of an hour; they may overlap."""
    found = []
    for _ in range(draw(st.integers(least, 3))):
        begin = draw(st.integers(0, 92))
        end = draw(st.integers(begin + 4, 96)) % 96
        found.append(Frame(time(begin // 4, begin % 4 * 15), time(end // 4, end % 4 * 15)))
    return tuple(found)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Draw a calendar that opens every week, with holidays, special days and overnight work."""
    zone = draw(st.sampled_from(sorted(PLACES)))
    if draw(st.integers(0, 3)) == 0:
        return replace(ALWAYS, zone=zone)
    days = st.integers(-1, 6).map(lambda offset: day_of(zone, offset))
    week = draw(st.dictionaries(st.integers(0, 6), frames(), max_size=7))
    week |= {draw(st.integers(0, 6)): draw(frames(least=1))}
    if draw(st.booleans()):  # a night shift: two frames that meet at midnight
        evening, morning = Frame(time(21, 30), time(0)), Frame(time(0), time(3, 30))
        week = dict.fromkeys(range(7), (evening, morning))
    return Calendar(
        zone,
        week,
        draw(st.frozensets(days, max_size=2)),
        draw(st.dictionaries(days, frames(), max_size=2)),
    )


@st.composite
def instants(draw: st.DrawFn, calendar: Calendar) -> datetime:
    """Draw an instant near the zone's clock change: on a quarter, or at any millisecond."""
    begin = datetime.combine(day_of(calendar.zone), time(), tzinfo=UTC)
    offset = draw(st.integers(-96, 288)) * timedelta(minutes=15)
    return begin + offset + draw(st.just(0) | st.integers(-1, 900_000)) * MS


lengths = st.integers(1, MAX_HOURS * 4).map(lambda n: n * timedelta(minutes=15)) | st.integers(
    1, MAX_HOURS * 3_600_000
).map(lambda n: n * MS)
targets = st.integers(1, MAX_HOURS * 4).map(lambda n: n * 900) | st.integers(15, MAX_HOURS * 3600)
steps = st.sampled_from([timedelta(), MS, HOUR, 4 * HOUR, 17 * HOUR]) | lengths

# Short against the targets, or long against the closed time of most calendars.
waits = st.integers(0, 90).map(lambda n: n * timedelta(minutes=1)) | steps | st.just(60 * HOUR)

KINDS = ("pause", "resume", "stop", "unstop", "reopen", "move_start", "wake")
# What mostly comes next, so that most events of a history do something.
NEXT = {
    "start": ("pause", "stop", "move_start"),
    "pause": ("resume", "resume", "stop", "move_start"),
    "resume": ("pause", "stop"),
    "stop": ("reopen", "unstop", "move_start"),
    "unstop": ("pause", "resume", "stop"),
    "reopen": ("pause", "stop"),
}


@st.composite
def histories(draw: st.DrawFn) -> Histories:
    """Draw a calendar, a target, a start, and events in the order in which they are learnt.

    Events happen one after the other; a start moves back from where it was; timers wake whenever.
    """
    calendar = draw(calendars())
    start = at = draw(instants(calendar))
    events: list[Event] = []
    state = "start"
    for _ in range(draw(st.integers(0, 9))):
        kind = draw(st.sampled_from((*(NEXT[state] * 3), *KINDS, "wake", "wake")))
        if kind == "move_start":
            events.append(Event(kind, start - draw(st.integers(0, 40)) * timedelta(minutes=6)))
        elif kind == "wake":
            events.append(Event(kind, at + draw(waits)))
        else:
            at += draw(waits)
            state = kind
            events.append(Event(kind, at))
    return calendar, draw(targets), start, events


def started(calendar: Calendar, seconds: int, start: datetime) -> Clock:
    """Return a running clock."""
    return clocks.start(
        ClockName.RESOLUTION,
        1,
        start,
        seconds,
        calendar,
        calendar_name="any",
        policy_version="1",
        warn_percents=PERCENTS,
    )


def woken(clock: Clock, now: datetime) -> Clock:
    """Return the clock as a timer leaves it that wakes at `now` and records what is due."""
    return moments.recorded(clock, now)


def folded(clock: Clock, events: list[Event], calendar: Calendar) -> Clock:
    """Return the clock after the events, one at a time."""
    for kind, at in events:
        if kind == "wake":
            clock = woken(clock, at)
        elif kind == "stop":
            clock = clocks.stop(clock, at)
        elif kind == "unstop":
            clock = clocks.unstop(clock)
        else:
            change = getattr(clocks, kind)
            clock = change(clock, at, calendar)
    return clock


def running(clock: Clock, events: list[Event], calendar: Calendar) -> Clock:
    """Return the clock after the events, and made to run again if they paused or ended it."""
    now = last(clock.started_at, events)
    clock = clocks.reopen(folded(clock, events, calendar), now, calendar)
    return clocks.resume(clock, now, calendar)


def last(start: datetime, events: list[Event]) -> datetime:
    """Return an instant after which nothing has happened."""
    return max([start, *(event.at for event in events)])


def told(events: list[Event]) -> list[Event]:
    """Return the events without the timers, which are no facts."""
    return [event for event in events if event.kind != "wake"]


class TestCalendars:
    @quick
    @given(st.data(), calendars(), st.integers(0, 400))
    def test_working_time_is_what_stepping_through_it_finds(
        self, data: st.DataObject, calendar: Calendar, quarters: int
    ) -> None:
        """Spans of open time add up to the open quarters, on every kind of day."""
        start = data.draw(instants(calendar))
        end = start + quarters * timedelta(minutes=15) + data.draw(steps)
        expected = oracle.working_time(calendar, start, end)
        assert working_time(calendar, start, end) == expected

    @quick
    @given(st.data(), calendars(), lengths)
    def test_adding_ends_at_the_first_instant_that_has_the_amount(
        self, data: st.DataObject, calendar: Calendar, amount: timedelta
    ) -> None:
        """The end has worked the amount, and a millisecond before it had not."""
        start = data.draw(instants(calendar))
        end = add_working_time(calendar, start, amount)
        assert working_time(calendar, start, end) == amount
        assert working_time(calendar, start, end - MS) < amount

    @quick
    @given(st.data(), calendars())
    def test_working_time_is_additive(self, data: st.DataObject, calendar: Calendar) -> None:
        """From a to c is from a to b and from b to c."""
        a, b, c = sorted(data.draw(instants(calendar)) for _ in range(3))
        parts = working_time(calendar, a, b) + working_time(calendar, b, c)
        assert working_time(calendar, a, c) == parts

    @quick
    @given(st.data(), calendars(), lengths, lengths)
    def test_amounts_add_up(
        self, data: st.DataObject, calendar: Calendar, first: timedelta, second: timedelta
    ) -> None:
        """Adding two amounts one after the other is adding their sum."""
        start = data.draw(instants(calendar))
        middle = add_working_time(calendar, start, first)
        end = add_working_time(calendar, middle, second)
        assert add_working_time(calendar, start, first + second) == end


class TestDeadlines:
    @settings(quick, max_examples=200)
    @given(histories())
    def test_replanning_gives_what_one_pass_over_the_log_gives(self, history: Histories) -> None:
        """After every event the deadline and the verdict are those of the whole log so far."""
        calendar, seconds, start, events = history
        clock = started(calendar, seconds, start)
        for count, event in enumerate(events, 1):
            clock = folded(clock, [event], calendar)
            log = Log.read(start, told(events[:count]))
            due = log.due(calendar, timedelta(seconds=seconds))
            assert clock.started_at == log.start
            assert due is None or clock.due_at == due
            for warn in clock.warns:
                share = timedelta(milliseconds=seconds * 1000 * warn.percent // 100)
                assert warn.at == (log.due(calendar, share) or warn.at)
            assert clock.stopped_at == log.stopped_at
            if log.stopped_at is not None:
                late = due is not None and log.stopped_at > due
                assert clock.outcome is (Outcome.BREACHED if late else Outcome.MET)
                assert clock.breached_at == (due if late else None)
            else:
                assert clock.outcome is None
                assert clock.breached_at in (None, due)

    @quick
    @given(histories(), st.data())
    def test_a_pause_of_no_length_changes_no_deadline(
        self, history: Histories, data: st.DataObject
    ) -> None:
        """Pausing and resuming at once, at any moment of the running stretch, plans the same."""
        calendar, seconds, start, events = history
        clock = running(started(calendar, seconds, start), events, calendar)
        at = clock.resumed_at + data.draw(steps)
        again = clocks.resume(clocks.pause(clock, at, calendar), at, calendar)
        assert (again.due_at, again.warns) == (clock.due_at, clock.warns)

    @quick
    @given(histories(), st.integers(1, 7200))
    def test_a_later_target_is_never_due_earlier(self, history: Histories, more: int) -> None:
        """Same start, same events, more time: due later, and not before it is warned of."""
        calendar, seconds, start, events = history
        short = folded(started(calendar, seconds, start), told(events), calendar)
        long = folded(started(calendar, seconds + more, start), told(events), calendar)
        assert short.due_at < long.due_at
        assert all(warn.at <= short.due_at for warn in short.warns)

    @quick
    @given(histories(), steps, st.integers(0, 99))
    def test_a_longer_pause_is_never_due_earlier(
        self, history: Histories, wait: timedelta, minutes: int
    ) -> None:
        """Resuming later never brings the deadline forward."""
        calendar, seconds, start, events = history
        clock = running(started(calendar, seconds, start), events, calendar)
        at = clock.resumed_at + wait
        paused = clocks.pause(clock, at, calendar)
        sooner = clocks.resume(paused, at, calendar)
        later = clocks.resume(paused, at + timedelta(minutes=minutes), calendar)
        assert clock.due_at == sooner.due_at <= later.due_at


class TestTimers:
    @quick
    @given(histories(), st.data())
    def test_a_replayed_timer_changes_nothing(
        self, history: Histories, data: st.DataObject
    ) -> None:
        """Waking again, at once or with every wake of the past doubled, is the same."""
        calendar, seconds, start, events = history
        doubled = [event for event in events for _ in range(1 + (event.kind == "wake"))]
        clock = folded(started(calendar, seconds, start), events, calendar)
        assert folded(started(calendar, seconds, start), doubled, calendar) == clock
        now = last(start, events) + data.draw(steps)
        assert woken(woken(clock, now), now) == woken(clock, now)
        assert moments.due_moments(woken(clock, now), now) == ((), False)

    @quick
    @given(histories(), st.data())
    def test_timers_change_no_deadline_and_no_verdict(
        self, history: Histories, data: st.DataObject
    ) -> None:
        """However often and late they wake: with them and without, the clock says the same."""
        calendar, seconds, start, events = history
        clock = started(calendar, seconds, start)
        with_timers = folded(clock, events, calendar)
        without = folded(clock, told(events), calendar)
        now = last(start, events) + data.draw(steps)
        ended = clocks.stop(with_timers, now), clocks.stop(without, now)
        assert replace(ended[0], warns=()) == replace(ended[1], warns=())

    @quick
    @given(histories())
    def test_the_next_moment_is_the_first_at_which_there_is_something_to_record(
        self, history: Histories
    ) -> None:
        """Waking then finds work, a millisecond earlier finds none: no wake is idle or missed."""
        calendar, seconds, start, events = history
        clock = folded(started(calendar, seconds, start), events, calendar)
        while (moment := moments.next_moment([clock])) is not None:
            assert any(moments.due_moments(clock, moment))
            assert moments.due_moments(clock, moment - MS) == ((), False)
            clock = woken(clock, moment)
        far = start + timedelta(days=3650)
        assert moments.due_moments(clock, far) == ((), False)

    @quick
    @given(st.data(), calendars(), targets, steps)
    def test_a_breach_recorded_late_is_at_due(
        self, data: st.DataObject, calendar: Calendar, seconds: int, delay: timedelta
    ) -> None:
        """The recorded time is the deadline to the millisecond, however late the timer."""
        start = data.draw(instants(calendar))
        clock = started(calendar, seconds, start)
        late = woken(clock, clock.due_at + MS + delay)
        due = Log.read(start, []).due(calendar, timedelta(seconds=seconds))
        assert (late.breached_at, late.warns) == (due, ())


class TestWarnings:
    @settings(quick, max_examples=200)
    @given(histories())
    def test_each_is_given_once_in_order_and_never_after_the_breach(
        self, history: Histories
    ) -> None:
        """However often and late timers wake, and whatever moves the deadline meanwhile."""
        calendar, seconds, start, events = history
        clock = started(calendar, seconds, start)
        given: list[int] = []
        for event in [*events, Event("wake", last(start, events) + 999 * HOUR)]:
            if event.kind == "wake":
                warns, breach = moments.due_moments(clock, event.at)
                assert all(warn.at <= min(event.at, clock.due_at) for warn in warns)
                given += [warn.percent for warn in warns]
                clock = moments.recorded(clock, event.at)
                assert not (breach and clock.warns)
            else:
                clock = folded(clock, [event], calendar)
        assert given == list(PERCENTS[: len(given)])
        assert [warn.percent for warn in clock.warns] == list(PERCENTS[len(given) :])


class TestStops:
    @quick
    @given(st.data(), calendars(), targets)
    def test_equality_is_met(self, data: st.DataObject, calendar: Calendar, seconds: int) -> None:
        """A stop at due is met, and a millisecond later is not."""
        clock = started(calendar, seconds, data.draw(instants(calendar)))
        assert moments.due_moments(clock, clock.due_at)[1] is False
        assert clocks.stop(clock, clock.due_at).outcome is Outcome.MET
        assert clocks.stop(clock, clock.due_at + MS).outcome is Outcome.BREACHED

    @quick
    @given(histories(), st.data())
    def test_a_stop_learnt_after_the_breach_was_recorded(
        self, history: Histories, data: st.DataObject
    ) -> None:
        """Not after due: the breach is withdrawn. After due: it stays, at due."""
        calendar, seconds, start, events = history
        clock = running(started(calendar, seconds, start), events, calendar)
        clock = woken(clock, clock.due_at + 99 * HOUR)
        early, late = clock.due_at - data.draw(steps), clock.due_at + MS + data.draw(steps)
        met = clocks.stop(clock, early)
        assert (met.outcome, met.breached_at) == (Outcome.MET, None)
        ended = clocks.stop(clock, late)
        assert (ended.outcome, ended.breached_at) == (Outcome.BREACHED, clock.due_at)
        assert clocks.stop(ended, early) == met

    @quick
    @given(histories(), st.data())
    def test_a_stop_taken_back_leaves_the_verdict_to_the_next(
        self, history: Histories, data: st.DataObject
    ) -> None:
        """A reply that failed counts as if never sent."""
        calendar, seconds, start, events = history
        clock = folded(started(calendar, seconds, start), events, calendar)
        clock = clocks.unstop(clock)
        first = max(clock.resumed_at, clock.paused_at or start) + data.draw(steps)
        second = first + data.draw(steps)
        again = clocks.stop(clocks.unstop(clocks.stop(clock, first)), second)
        assert again == clocks.stop(clock, second)
