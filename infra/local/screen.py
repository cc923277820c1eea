"""The screen: the day as it goes on, in a live table; in plain lines where there is no terminal."""

from collections.abc import Sequence
from threading import Event, Thread
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from chalicelib.domain.budget import MICROS
from chalicelib.domain.channel import Channel
from infra.local.day.board import Board, Line, OpenCase
from infra.local.day.summary import Summary

COLOURS = {"in": "cyan", "out": "green", "agent": "blue", "alert": "bold red", "note": "dim"}
SIGNS = {"in": "->", "out": "<-", "agent": "  ", "alert": "!!", "note": "  "}
CHANNELS = tuple(channel.value for channel in Channel)
LINES, CASES, ALERTS = 14, 10, 6
SOON = 5
MOST_NOTICES = 30
"""How many SMS and emails are shown word for word: a slow machine breaks many promises."""
PERIOD_SECONDS = 0.25


class Screen:
    """Shows a board while it is entered. Use as a context manager."""

    def __init__(self, board: Board, console: Console) -> None:
        self._board, self._console = board, console
        self._stop = Event()
        self._thread = Thread(target=self._run, name="screen", daemon=True)

    def __enter__(self) -> Self:
        """Begin to show."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Show the last state and stop."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        if self._console.is_terminal:
            self._live()
        else:
            self._plain()

    def _live(self) -> None:
        with Live(
            picture(self._board), console=self._console, auto_refresh=False, transient=True
        ) as live:
            while not self._stop.wait(PERIOD_SECONDS):
                live.update(picture(self._board), refresh=True)

    def _plain(self) -> None:
        shown = 0
        going_on = True
        while going_on:
            going_on = not self._stop.wait(PERIOD_SECONDS)
            lines = self._board.lines()
            for line in lines[shown:]:
                self._console.print(plain(line), markup=False, highlight=False, soft_wrap=True)
            shown = len(lines)


def plain(line: Line) -> str:
    """Return one happening as a line of text."""
    return f"{line.time} {SIGNS[line.kind]} {line.channel:<13} {line.text}"


def picture(board: Board) -> RenderableType:
    """Return the whole picture of this moment."""
    lines = board.lines()
    alerts = [line for line in lines if line.kind == "alert"][-ALERTS:]
    others = [line for line in lines if line.kind != "alert"][-LINES:]
    now = Line(board.seconds, "note", "", "").time
    top = Table.grid(expand=True, padding=(0, 1))
    top.add_column(ratio=2)
    top.add_column(ratio=3)
    top.add_row(_counts(board), _cases(board.cases()))
    return Group(
        Text(f"Acme's day, {now}   (ten minutes a second)", style="bold"),
        top,
        Panel(_lines(others), title="what happens", title_align="left", border_style="dim"),
        Panel(_lines(alerts), title="alerts", title_align="left", border_style="red"),
    )


def _counts(board: Board) -> Table:
    counts = board.counts()
    table = Table(title="messages", title_justify="left", expand=True)
    table.add_column("channel")
    table.add_column("in", justify="right", style="cyan")
    table.add_column("out", justify="right", style="green")
    for channel in CHANNELS:
        table.add_row(
            channel, str(counts.get(("in", channel), 0)), str(counts.get(("out", channel), 0))
        )
    return table


def _cases(cases: Sequence[OpenCase]) -> Table:
    table = Table(title=f"open cases: {len(cases)}", title_justify="left", expand=True)
    for name in ("customer", "status", "agent", "clock", "left"):
        table.add_column(name, no_wrap=True, justify="right" if name == "left" else "left")
    for case in cases[:CASES]:
        late = "bold red" if case.seconds_left < 0 else "yellow" if case.seconds_left < SOON else ""
        left = Text(f"{case.seconds_left} s", style=late)
        table.add_row(case.name, case.status, case.assignee, case.clock, left)
    return table


def _lines(lines: Sequence[Line]) -> Text:
    text = Text(no_wrap=True, overflow="ellipsis")
    for line in lines:
        text.append(plain(line) + "\n", style=COLOURS[line.kind])
    return text


def show_summary(summary: Summary, console: Console) -> None:
    """Print the figures of the day."""
    console.rule("the day in figures", align="left")
    for table in (_messages(summary), _statuses(summary), _clocks(summary)):
        console.print(table)
    _notices(summary, console)
    _beside(summary, console)
    console.print(
        f"Webhooks delivered: {summary.webhooks} (and {summary.taken_again} second attempts). "
        f"Our calls that platforms refused: {summary.refused}.\n"
        f"AWS: {summary.invocations} Lambda requests; {summary.executions} executions of the state "
        f"machine with {summary.transitions} state transitions.",
        highlight=False,
    )
    style = "bold green" if summary.well else "bold red"
    console.print(
        f"lost = {summary.lost}   duplicated = {summary.duplicated}   wrong = {summary.wrong}",
        style=style,
        highlight=False,
    )


def _beside(summary: Summary, console: Console) -> None:
    """Print what happened beside questions and answers."""
    spent = ", ".join(f"{handle} ${micros / MICROS:.3f}" for handle, micros in summary.spent)
    states = ", ".join(f"{count} {state}" for state, count in summary.connections)
    console.print(
        f"Personal data in public: {summary.exposed} messages, {summary.hidden} hidden. "
        f"Cases that moved from public to private: {summary.moved}. "
        f"Pages: {summary.pages}, {summary.taken} acknowledged.\n"
        f"Files fetched: {summary.files_in}; sent: {summary.files_out}. "
        f"Events that the company's own system took: {summary.hooks} "
        f"(and {summary.hooks_repeated} attempts that it did not).\n"
        f"Spent: {spent or 'nothing'}. Connections: {states or 'not asked'}.",
        highlight=False,
    )


def _messages(summary: Summary) -> Table:
    table = Table(
        "channel",
        "messages in",
        "messages out",
        title="messages in the table",
        title_justify="left",
    )
    for channel, arrived, left in summary.channels:
        table.add_row(channel, str(arrived), str(left))
    table.add_row(
        "all",
        str(sum(row[1] for row in summary.channels)),
        str(sum(row[2] for row in summary.channels)),
    )
    return table


def _statuses(summary: Summary) -> Table:
    table = Table("status", "cases", title="cases", title_justify="left")
    for status, count in summary.cases:
        table.add_row(status, str(count))
    for score, count in summary.scores:
        table.add_row(f"survey answered with {score}", str(count), style="dim")
    return table


def _clocks(summary: Summary) -> Table:
    table = Table("clock", "met", "breached", "no verdict", title="clocks", title_justify="left")
    for name, met, breached, neither in summary.clocks:
        table.add_row(name, str(met), str(breached), str(neither))
    return table


def _notices(summary: Summary, console: Console) -> None:
    console.print(f"What ops received: {len(summary.notices)} messages", highlight=False)
    for one in summary.notices[:MOST_NOTICES]:
        head = f"{one.protocol.upper()} to {one.endpoint}"
        text = one.text if one.protocol == "sms" else f"{one.subject}\n{one.text}"
        console.print(
            Panel(
                Text(text),
                title=head,
                title_align="left",
                border_style="red" if one.topic == "breaches" else "yellow",
                width=100,
            )
        )
    if len(summary.notices) > MOST_NOTICES:
        console.print(f"... and {len(summary.notices) - MOST_NOTICES} more", highlight=False)
