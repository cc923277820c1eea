"""Clocks: the golden vectors of the definitions and each rule by an example."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from chalicelib.domain import clock as clocks
from chalicelib.domain import moment as moments
from chalicelib.domain.calendar import ALWAYS, Calendar, CalendarError, Frame
from chalicelib.domain.clock import Clock, ClockName, Outcome
from chalicelib.domain.warn import Warn

MS = timedelta(milliseconds=1)
MINUTE = 60
HOUR = 3600


def utc(text: str) -> datetime:
    """Return the instant of an ISO text without a zone."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def at(text: str) -> datetime:
    """Return a time of Monday 2 March 2026."""
    return utc(f"2026-03-02T{text}")


def weekdays(
    *frames: tuple[int, int], zone: str = "UTC", holidays: tuple[date, ...] = ()
) -> Calendar:
    """Return a Monday-to-Friday calendar of whole hours."""
    read = tuple(Frame(time(a), time(b)) for a, b in frames or ((9, 17),))
    return Calendar(zone, dict.fromkeys(range(5), read), frozenset(holidays))


def started(
    begin: datetime,
    seconds: int = HOUR,
    calendar: Calendar = ALWAYS,
    warn_percents: tuple[int, ...] = (75,),
) -> Clock:
    """Return a running clock."""
    return clocks.start(
        ClockName.RESOLUTION,
        1,
        begin,
        seconds,
        calendar,
        calendar_name="office",
        policy_version="7",
        warn_percents=warn_percents,
    )


def warned(clock: Clock) -> Clock:
    """Return the clock with its warnings recorded."""
    return replace(clock, warns=())


def breached(clock: Clock) -> Clock:
    """Return the clock with its breach recorded."""
    return replace(clock, breached_at=clock.due_at)


OFFICE = weekdays()
NIGHTS = Calendar(
    "Asia/Kolkata",
    dict.fromkeys(range(7), (Frame(time(22), time(0)), Frame(time(0), time(2)))),
)


class TestGoldenVectors:
    @pytest.mark.parametrize(
        ("calendar", "begin", "seconds", "due"),
        [
            pytest.param(ALWAYS, "2026-03-06T10:00:07", HOUR, "2026-03-06T11:00:07", id="1"),
            pytest.param(
                weekdays(zone="Europe/London"), "2026-03-06T16:30", HOUR, "2026-03-09T09:30", id="2"
            ),
            pytest.param(
                weekdays(zone="America/New_York"),
                "2026-03-06T21:30",
                HOUR,
                "2026-03-09T13:30",
                id="3",
            ),
            pytest.param(
                weekdays((9, 12), (13, 17)),
                "2026-03-02T11:45",
                30 * MINUTE,
                "2026-03-02T13:15",
                id="4",
            ),
            pytest.param(
                weekdays(holidays=(date(2026, 12, 25),)),
                "2026-12-24T16:45",
                HOUR,
                "2026-12-28T09:45",
                id="5",
            ),
            pytest.param(OFFICE, "2026-03-07T12:00", 15 * MINUTE, "2026-03-09T09:15", id="8"),
            pytest.param(
                Calendar("Europe/London", dict.fromkeys(range(7), (Frame(time(0), time(0)),))),
                "2026-03-29T00:30",
                2 * HOUR,
                "2026-03-29T02:30",
                id="9",
            ),
            pytest.param(OFFICE, "2026-03-02T16:00", HOUR, "2026-03-02T17:00", id="10"),
            pytest.param(NIGHTS, "2026-03-02T17:00", 3 * HOUR, "2026-03-02T20:00", id="11"),
        ],
    )
    def test_due(self, calendar: Calendar, begin: str, seconds: int, due: str) -> None:
        """The vectors without a pause."""
        assert started(utc(begin), seconds, calendar).due_at == utc(due)

    @pytest.mark.parametrize(
        ("calendar", "begin", "hours", "stretch", "due"),
        [
            pytest.param(
                ALWAYS,
                "2026-03-02T10:00",
                4,
                ("2026-03-02T11:00", "2026-03-03T11:00"),
                "2026-03-03T14:00",
                id="6",
            ),
            pytest.param(
                OFFICE,
                "2026-03-02T16:00",
                2,
                ("2026-03-02T16:30", "2026-03-02T20:00"),
                "2026-03-03T10:30",
                id="7",
            ),
        ],
    )
    def test_due_after_a_pause(
        self, calendar: Calendar, begin: str, hours: int, stretch: tuple[str, str], due: str
    ) -> None:
        """The vectors with a pause."""
        clock = started(utc(begin), hours * HOUR, calendar)
        clock = clocks.pause(clock, utc(stretch[0]), calendar)
        clock = clocks.resume(clock, utc(stretch[1]), calendar)
        assert clock.due_at == utc(due)


class TestStart:
    def test_says_all_it_began_under(self) -> None:
        """A clock carries the promise it was started with."""
        clock = started(at("10:00"))
        assert clock == Clock(
            name=ClockName.RESOLUTION,
            seq=1,
            started_at=at("10:00"),
            target_seconds=HOUR,
            policy_version="7",
            calendar="office",
            resumed_at=at("10:00"),
            due_at=at("11:00"),
            warns=(Warn(75, at("10:45")),),
        )

    def test_warns_at_half_three_quarters_and_nine_tenths(self) -> None:
        """For a dashboard, for who has the case and for the lead, unless the policy says else."""
        clock = clocks.start(
            ClockName.RESOLUTION, 1, at("10:00"), HOUR, ALWAYS, calendar_name="", policy_version=""
        )
        assert [(warn.percent, warn.at) for warn in clock.warns] == [
            (50, at("10:30")),
            (75, at("10:45")),
            (90, at("10:54")),
        ]

    def test_warnings_come_in_order_and_once_each(self) -> None:
        """However a policy names them."""
        clock = started(at("10:00"), warn_percents=(90, 50, 90))
        assert [warn.percent for warn in clock.warns] == [50, 90]

    def test_warns_after_a_share_of_working_time(self) -> None:
        """75 % of two hours from 16:00 is 90 minutes of work, half an hour of it tomorrow."""
        assert started(at("16:00"), 2 * HOUR, OFFICE).warn_at == utc("2026-03-03T09:30")

    def test_the_share_is_exact_to_the_millisecond(self) -> None:
        """33 % of 15.0 s is 4.95 s."""
        clock = started(at("10:00"), 15, warn_percents=(33,))
        assert clock.warn_at == at("10:00:04.950")

    def test_nothing_to_do_is_due_at_once(self) -> None:
        """A target of zero is due at the start, though it be closed then."""
        clock = started(at("08:00"), 0, OFFICE)
        assert (clock.due_at, clock.warn_at) == (at("08:00"), at("08:00"))

    def test_a_calendar_that_never_opens_is_an_error(self) -> None:
        """No deadline can be promised under it."""
        with pytest.raises(CalendarError):
            started(at("10:00"), HOUR, Calendar())


class TestPauseAndResume:
    def test_a_pause_keeps_what_was_used(self) -> None:
        """Half an hour used before the pause stays used."""
        clock = clocks.pause(started(at("16:00"), 2 * HOUR, OFFICE), at("16:30"), OFFICE)
        assert (clock.used_ms, clock.paused_at) == (30 * MINUTE * 1000, at("16:30"))
        assert clock.due_at == utc("2026-03-03T10:00")

    def test_pausing_twice_or_after_the_end_changes_nothing(self) -> None:
        """The first pause counts, and an ended clock does not pause."""
        paused = clocks.pause(started(at("10:00")), at("10:10"), ALWAYS)
        assert clocks.pause(paused, at("10:20"), ALWAYS) == paused
        ended = clocks.stop(started(at("10:00")), at("10:10"))
        assert clocks.pause(ended, at("10:20"), ALWAYS) == ended

    def test_resuming_what_runs_or_has_ended_changes_nothing(self) -> None:
        """There is nothing to resume."""
        running = started(at("10:00"))
        assert clocks.resume(running, at("10:20"), ALWAYS) == running
        ended = clocks.stop(clocks.pause(running, at("10:10"), ALWAYS), at("10:20"))
        assert clocks.resume(ended, at("10:30"), ALWAYS) == ended

    def test_a_deadline_that_passed_before_the_pause_stays(self) -> None:
        """A pause after due moves nothing: the promise had run out."""
        clock = breached(warned(started(at("10:00"))))
        clock = clocks.pause(clock, at("11:30"), ALWAYS)
        clock = clocks.resume(clock, at("15:00"), ALWAYS)
        moments = (clock.warns, clock.due_at, clock.breached_at)
        assert moments == ((), at("11:00"), at("11:00"))

    def test_a_pause_at_due_comes_too_late(self) -> None:
        """At due the whole target is used, so the deadline stays there."""
        clock = clocks.pause(started(at("10:00")), at("11:00"), ALWAYS)
        assert clocks.resume(clock, at("15:00"), ALWAYS).due_at == at("11:00")

    def test_a_warning_given_before_the_pause_stays(self) -> None:
        """The deadline moves, the warning was given at its own time."""
        clock = clocks.pause(warned(started(at("10:00"))), at("10:50"), ALWAYS)
        clock = clocks.resume(clock, at("12:00"), ALWAYS)
        assert (clock.warns, clock.due_at) == ((), at("12:10"))

    def test_a_pause_learnt_late_withdraws_what_it_prevented(self) -> None:
        """A breach was recorded, then a pause from before it is learnt. A warning stays given."""
        clock = breached(warned(started(at("10:00"))))
        clock = clocks.pause(clock, at("10:30"), ALWAYS)
        assert (clock.warns, clock.breached_at) == ((), None)
        assert clocks.resume(clock, at("12:00"), ALWAYS).due_at == at("12:30")

    def test_a_pause_older_than_the_running_stretch_counts_from_its_beginning(self) -> None:
        """Time that an earlier pause took out is not taken out twice."""
        clock = clocks.pause(started(at("10:00")), at("10:20"), ALWAYS)
        clock = clocks.resume(clock, at("12:00"), ALWAYS)
        clock = clocks.pause(clock, at("11:00"), ALWAYS)
        assert (clock.paused_at, clock.used_ms) == (at("12:00"), 20 * MINUTE * 1000)
        assert clocks.resume(clock, at("11:30"), ALWAYS).due_at == at("12:40")


class TestStop:
    def test_equality_is_met(self) -> None:
        """A stop at due is in time; a millisecond later is not."""
        clock = started(at("10:00"))
        met, late = clocks.stop(clock, at("11:00")), clocks.stop(clock, at("11:00") + MS)
        assert (met.outcome, met.stopped_at, met.breached_at) == (Outcome.MET, at("11:00"), None)
        assert (late.outcome, late.breached_at) == (Outcome.BREACHED, at("11:00"))

    def test_a_stop_in_time_that_is_learnt_late_withdraws_the_breach(self) -> None:
        """What counts is when the platform accepted the reply, not when we heard of it."""
        clock = clocks.stop(breached(started(at("10:00"))), at("10:59"))
        assert (clock.outcome, clock.breached_at) == (Outcome.MET, None)

    def test_of_two_stops_the_earlier_counts(self) -> None:
        """In whatever order they are learnt."""
        clock = started(at("10:00"))
        for first, second in (("10:30", "12:00"), ("12:00", "10:30")):
            ended = clocks.stop(clocks.stop(clock, at(first)), at(second))
            assert ended == clocks.stop(clock, at("10:30"))

    def test_a_stop_before_a_cancelling_takes_its_place(self) -> None:
        """The reply came first, so the promise was met, and no reason for cancelling stays."""
        cancelled = clocks.cancel(started(at("10:00")), at("10:30"), "no reply needed")
        ended = clocks.stop(cancelled, at("10:10"))
        assert (ended.outcome, ended.reason) == (Outcome.MET, "")
        assert clocks.stop(cancelled, at("10:40")) == cancelled

    def test_a_stop_while_paused_is_met(self) -> None:
        """However long the pause was."""
        clock = clocks.pause(started(at("10:00")), at("10:59"), ALWAYS)
        assert clocks.stop(clock, at("23:00")).outcome is Outcome.MET

    def test_a_stop_while_paused_after_due_is_breached(self) -> None:
        """The clock ran out before the pause."""
        clock = clocks.pause(started(at("10:00")), at("11:01"), ALWAYS)
        ended = clocks.stop(clock, at("23:00"))
        assert (ended.outcome, ended.breached_at) == (Outcome.BREACHED, at("11:00"))


class TestCancel:
    def test_ends_without_a_verdict(self) -> None:
        """A cancelled clock is neither met nor breached, and says why."""
        clock = clocks.cancel(started(at("10:00")), at("10:30"), "no reply needed")
        assert (clock.outcome, clock.reason) == (Outcome.CANCELLED, "no reply needed")
        assert (clock.stopped_at, clock.breached_at) == (at("10:30"), None)

    def test_what_ran_out_before_stays_breached(self) -> None:
        """Recorded or not yet recorded: a late timer does not change the verdict."""
        clock = started(at("10:00"))
        for before in (clock, breached(clock)):
            ended = clocks.cancel(before, at("12:00"), "spam")
            assert (ended.outcome, ended.breached_at) == (Outcome.BREACHED, at("11:00"))

    def test_an_ended_clock_cannot_be_cancelled(self) -> None:
        """It has its verdict."""
        ended = clocks.stop(started(at("10:00")), at("10:30"))
        assert clocks.cancel(ended, at("10:20"), "spam") == ended


class TestReopen:
    def test_the_gap_is_excluded(self) -> None:
        """Twenty minutes used, two hours resolved, forty minutes left."""
        clock = clocks.stop(started(at("10:00")), at("10:20"))
        clock = clocks.reopen(clock, at("12:20"), ALWAYS)
        assert (clock.due_at, clock.outcome, clock.stopped_at) == (at("13:00"), None, None)
        assert clock.warn_at == at("12:45")

    def test_a_breach_stays(self) -> None:
        """A resolution that came too late is not mended by another one."""
        clock = clocks.stop(started(at("10:00")), at("11:30"))
        clock = clocks.reopen(clock, at("15:00"), ALWAYS)
        assert (clock.breached_at, clock.due_at) == (at("11:00"), at("11:00"))
        assert clocks.stop(clock, at("15:01")).outcome is Outcome.BREACHED

    def test_what_ended_while_paused_runs(self) -> None:
        """Resolved while waiting for the customer, who writes again: our time runs again."""
        clock = clocks.pause(started(at("10:00")), at("10:20"), ALWAYS)
        clock = clocks.reopen(clocks.stop(clock, at("12:00")), at("14:00"), ALWAYS)
        assert (clock.paused_at, clock.due_at) == (None, at("14:40"))

    def test_a_stop_before_the_pause_it_was_learnt_in_counts(self) -> None:
        """What was used after the stop and before the pause is given back."""
        clock = clocks.pause(started(at("10:00")), at("10:50"), ALWAYS)
        clock = clocks.reopen(clocks.stop(clock, at("10:20")), at("14:00"), ALWAYS)
        assert clock.due_at == at("14:40")

    def test_a_warning_is_given_once_and_those_to_come_move(self) -> None:
        """Half was warned of before the stop; the rest is warned of when it comes to pass."""
        clock = started(at("10:00"), warn_percents=(50, 75))
        clock = clocks.stop(moments.recorded(clock, at("10:31")), at("10:40"))
        clock = clocks.reopen(clock, at("12:20"), ALWAYS)
        assert clock.warns == (Warn(75, at("12:25")),)

    def test_reopening_what_has_not_ended_changes_nothing(self) -> None:
        """There is no gap."""
        running = started(at("10:00"))
        assert clocks.reopen(running, at("10:20"), ALWAYS) == running

    def test_a_gap_is_never_negative(self) -> None:
        """Reopened before it stopped, it runs on from the stop."""
        clock = clocks.stop(started(at("10:00")), at("10:20"))
        assert clocks.reopen(clock, at("10:10"), ALWAYS).due_at == at("11:00")


class TestUnstop:
    @pytest.mark.parametrize("when", ["10:20", "11:00"])
    def test_gives_back_the_clock_as_it_was(self, when: str) -> None:
        """A stop in time that is taken back leaves no trace, paused or not."""
        running = started(at("10:00"))
        paused = clocks.pause(running, at("10:10"), ALWAYS)
        for clock in (running, paused):
            assert clocks.unstop(clocks.stop(clock, at(when))) == clock

    def test_keeps_a_breach(self) -> None:
        """The failed reply came after due: the deadline had passed with or without it."""
        clock = clocks.unstop(clocks.stop(started(at("10:00")), at("12:00")))
        assert clock == breached(started(at("10:00")))

    def test_a_withdrawn_breach_is_due_again(self) -> None:
        """A stop in time withdrew the breach; without the stop it is a breach."""
        clock = clocks.stop(breached(started(at("10:00"))), at("10:30"))
        clock = clocks.unstop(clock)
        assert moments.due_moments(clock, at("12:00")) == ((Warn(75, at("10:45")),), True)


class TestMoveStart:
    def test_begins_earlier(self) -> None:
        """An older message arrived late: the promise dates from it."""
        clock = clocks.move_start(started(at("16:00"), HOUR, OFFICE), at("09:30"), OFFICE)
        assert clock == started(at("09:30"), HOUR, OFFICE)

    def test_never_begins_later(self) -> None:
        """More messages do not restart a clock."""
        clock = started(at("10:00"))
        for later in ("10:00", "10:30"):
            assert clocks.move_start(clock, at(later), ALWAYS) == clock

    def test_records_move_along(self) -> None:
        """What had passed has passed earlier."""
        clock = clocks.move_start(breached(warned(started(at("10:00")))), at("09:30"), ALWAYS)
        assert (clock.warns, clock.breached_at) == ((), at("10:30"))
        clock = clocks.move_start(started(at("10:00")), at("09:30"), ALWAYS)
        assert clock.warns == (Warn(75, at("10:15")),)

    def test_a_stop_that_is_late_now_is_a_breach(self) -> None:
        """Reply at 10:40 to a message of 10:00 is in time; to one of 09:30 it is not."""
        clock = clocks.stop(started(at("10:00")), at("10:40"))
        moved = clocks.move_start(clock, at("09:30"), ALWAYS)
        assert (moved.outcome, moved.breached_at) == (Outcome.BREACHED, at("10:30"))
        still = clocks.move_start(clock, at("09:40"), ALWAYS)
        assert (still.outcome, still.stopped_at) == (Outcome.MET, at("10:40"))

    def test_a_cancelled_clock_keeps_its_reason(self) -> None:
        """It is still no verdict unless it had run out."""
        clock = clocks.cancel(started(at("10:00")), at("10:40"), "spam")
        moved = clocks.move_start(clock, at("09:50"), ALWAYS)
        assert (moved.outcome, moved.reason) == (Outcome.CANCELLED, "spam")

    def test_during_the_first_pause_more_has_been_used(self) -> None:
        """The first stretch is still known, so it can grow at its beginning."""
        clock = clocks.pause(started(at("10:00")), at("10:20"), ALWAYS)
        clock = clocks.move_start(clock, at("09:50"), ALWAYS)
        assert clocks.resume(clock, at("12:00"), ALWAYS).due_at == at("12:30")

    def test_after_a_pause_the_start_stays(self) -> None:
        """Earlier stretches are no longer known, and a deadline is never guessed."""
        clock = clocks.pause(started(at("10:00")), at("10:20"), ALWAYS)
        clock = clocks.resume(clock, at("12:00"), ALWAYS)
        assert clocks.move_start(clock, at("09:50"), ALWAYS) == clock


class TestMoments:
    @pytest.mark.parametrize(
        ("now", "expected"),
        [
            ("10:29:59.999", ([], False)),
            ("10:30", ([50], False)),
            ("10:44:59.999", ([50], False)),
            ("10:45", ([50, 75], False)),
            ("11:00", ([50, 75, 90], False)),
            ("11:00:00.001", ([50, 75, 90], True)),
        ],
    )
    def test_what_a_wake_up_records(self, now: str, expected: tuple[list[int], bool]) -> None:
        """All that came to pass, however late: each warning from its instant, breach after due."""
        clock = started(at("10:00"), warn_percents=(50, 75, 90))
        warns, breach = moments.due_moments(clock, at(now))
        assert ([warn.percent for warn in warns], breach) == expected
        assert [warn.at for warn in warns] == [warn.at for warn in clock.warns[: len(warns)]]
        after = moments.recorded(clock, at(now))
        assert after.warns == clock.warns[len(warns) :]
        assert after.breached_at == (at("11:00") if breach else None)

    def test_each_is_recorded_once(self) -> None:
        """A wake-up that comes twice finds nothing to do."""
        clock = warned(started(at("10:00")))
        assert moments.due_moments(clock, at("10:50")) == ((), False)
        assert moments.due_moments(breached(clock), at("12:00")) == ((), False)
        assert moments.due_moments(breached(started(at("10:00"))), at("12:00")) == ((), False)

    def test_an_ended_clock_has_none(self) -> None:
        """A late wake-up after the reply is harmless."""
        ended = clocks.stop(started(at("10:00")), at("10:30"))
        assert moments.due_moments(ended, at("12:00")) == ((), False)
        assert moments.next_moment([ended]) is None

    def test_a_paused_clock_owes_only_what_came_before_the_pause(self) -> None:
        """Nothing runs out during a pause, but a timer may be late for what ran out before it."""
        clock = started(at("10:00"))
        early = clocks.pause(clock, at("10:30"), ALWAYS)
        assert moments.due_moments(early, at("23:00")) == ((), False)
        assert moments.next_moment([early]) is None
        middle = clocks.pause(clock, at("10:50"), ALWAYS)
        assert moments.due_moments(middle, at("23:00")) == (middle.warns, False)
        assert moments.next_moment([middle]) == at("10:45")
        assert moments.next_moment([warned(middle)]) is None
        late = clocks.pause(clock, at("11:10"), ALWAYS)
        assert moments.due_moments(late, at("23:00")) == (late.warns, True)

    def test_next_is_the_warning_and_then_just_after_due(self) -> None:
        """At due the promise can still be kept, so a breach is looked for a millisecond later."""
        clock = started(at("10:00"))
        assert moments.next_moment([clock]) == at("10:45")
        assert moments.next_moment([warned(clock)]) == at("11:00") + MS
        assert moments.next_moment([breached(clock)]) is None

    def test_a_warning_after_due_is_never_waited_for(self) -> None:
        """With more than 100 % there is no warning, and the breach is not missed."""
        clock = started(at("10:00"), warn_percents=(200,))
        assert moments.next_moment([clock]) == at("11:00") + MS
        assert moments.due_moments(clock, at("13:00")) == ((), True)

    def test_the_nearest_of_many_counts(self) -> None:
        """Whichever clock it belongs to; no clock, no moment."""
        several = [started(at("10:20")), started(at("10:00")), started(at("10:10"))]
        assert moments.next_moment(several) == at("10:45")
        assert moments.next_moment([]) is None
