"""The screen: what is shown while the day goes on, and the figures at its end."""

from io import StringIO

from rich.console import Console

from chalicelib.domain.channel import Channel
from infra.local.day.audit import audit
from infra.local.day.board import Board, Line, OpenCase, open_case
from infra.local.day.plan import plan
from infra.local.day.summary import summarise
from infra.local.screen import Screen, picture, plain, show_summary
from tests.unit.local import honest

PLAN = plan()


def shown(thing, **settings):
    text = StringIO()
    Console(file=text, width=140, **settings).print(thing)
    return text.getvalue()


def test_a_line_tells_the_time_of_the_story():
    assert plain(Line(6, "in", "messenger", "Ana: Hello")) == "09:00 -> messenger     Ana: Hello"


def test_the_picture_has_counts_cases_and_alerts():
    board = Board()
    board.note("in", "whatsapp", "Ana:\n Hello")
    board.note("alert", "sms", "+15550100: HEARBACK BREACH")
    late = OpenCase("Ana", "whatsapp", "assigned", "ben", "first_response", -7)
    board.show_cases([late])
    text = shown(picture(board))
    assert "Ana: Hello" in text
    assert "HEARBACK BREACH" in text
    assert "-7 s" in text
    assert "open cases: 1" in text


def test_an_open_case_shows_its_nearest_running_clock():
    clocks = [
        {"name": "resolution", "seconds_left": 50},
        {"name": "first_response", "seconds_left": 9},
        {"name": "assign", "seconds_left": None},
    ]
    row = {
        "contact_name": "Ana",
        "channel": "messenger",
        "case": {"status": "assigned", "assignee": "ben", "clocks": clocks},
    }
    assert open_case(row) == OpenCase("Ana", "messenger", "assigned", "ben", "first_response", 9)


def test_without_a_terminal_every_line_is_printed_once():
    board, text = Board(), StringIO()
    with Screen(board, Console(file=text, width=140)):
        for number in range(30):
            board.note("in", "messenger", f"number [{number}]")
    lines = text.getvalue().splitlines()
    assert [f"number [{number}]" in line for number, line in enumerate(lines)] == [True] * 30


def test_in_a_terminal_the_table_is_live_and_goes_away():
    board, text = Board(), StringIO()
    console = Console(file=text, width=140, force_terminal=True)
    with Screen(board, console):
        board.note("in", "messenger", "Ana: Hello")
    assert "what happens" in text.getvalue()


def test_the_summary_has_every_figure_and_the_very_words_of_the_alerts():
    facts = honest.facts(PLAN)
    text = StringIO()
    show_summary(summarise(facts, audit(PLAN, facts)), Console(file=text, width=140))
    told = text.getvalue()
    assert "lost = 0   duplicated = 0   wrong = 0" in told
    assert "HEARBACK BREACH: Acme: first_response" in told
    assert "EMAIL to ops" in told
    assert "400 state transitions" in told
    assert "survey answered with 5" in told
    assert "Personal data in public: 1 messages, 1 hidden." in told
    assert "Cases that moved from public to private: 3." in told
    assert "Spent: acme-x $0.135. Connections: 1 repaired, 1 well." in told


def test_every_channel_is_counted_while_the_day_goes_on():
    text = shown(picture(Board()), height=60)
    for channel in Channel:
        assert f" {channel.value} " in text
