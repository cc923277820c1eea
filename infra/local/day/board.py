"""The board: what is shown while the day goes on. Written by many threads, read by the screen."""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from time import monotonic

from infra.local.day.desk import Json

OPENS = datetime(2026, 3, 6, 8, tzinfo=UTC)
"""When the day of the story begins. Only for the eyes: what is measured is real time."""

MINUTES_A_SECOND = 10
KEPT = 400


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened: `kind` is in, out, agent, alert or note."""

    seconds: float
    kind: str
    channel: str
    text: str

    @property
    def time(self) -> str:
        """Return the time of day in the story."""
        return f"{OPENS + timedelta(minutes=self.seconds * MINUTES_A_SECOND):%H:%M}"


@dataclass(frozen=True, slots=True)
class OpenCase:
    """An open case with its nearest clock; `seconds_left` below zero: it has run out."""

    name: str
    channel: str
    status: str
    assignee: str
    clock: str
    seconds_left: int


class Board:
    """Everything that the screen shows."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._began = monotonic()
        self._lines: deque[Line] = deque(maxlen=KEPT)
        self._counts: Counter[tuple[str, str]] = Counter()
        self._cases: Sequence[OpenCase] = ()

    def begin(self) -> None:
        """Start the day's time."""
        self._began = monotonic()

    @property
    def seconds(self) -> float:
        """Return how long the day has been going on."""
        return monotonic() - self._began

    def note(self, kind: str, channel: str, text: str) -> None:
        """Write down what happened now."""
        with self._lock:
            self._lines.append(Line(self.seconds, kind, channel, " ".join(text.split())))
            self._counts[(kind, channel)] += 1

    def show_cases(self, cases: Sequence[OpenCase]) -> None:
        """Replace the list of open cases."""
        with self._lock:
            self._cases = tuple(cases)

    def lines(self) -> Sequence[Line]:
        """Return what happened, oldest first."""
        with self._lock:
            return tuple(self._lines)

    def counts(self) -> Mapping[tuple[str, str], int]:
        """Return how much happened, by (kind, channel)."""
        with self._lock:
            return dict(self._counts)

    def cases(self) -> Sequence[OpenCase]:
        """Return the open cases as they were last seen, nearest deadline first."""
        with self._lock:
            return self._cases


def open_case(row: Json) -> OpenCase:
    """Return what the board shows of one conversation of the API's list."""
    case = _object(row, "case")
    running = [clock for clock in _objects(case, "clocks") if clock.get("seconds_left") is not None]
    nearest = min(running, key=lambda clock: int(str(clock["seconds_left"])), default={})
    return OpenCase(
        name=str(row.get("contact_name") or "somebody"),
        channel=str(row.get("channel", "")),
        status=str(case.get("status", "")),
        assignee=str(case.get("assignee", "")),
        clock=str(nearest.get("name", "")),
        seconds_left=int(str(nearest.get("seconds_left", 0))),
    )


def _object(body: Json, name: str) -> Json:
    value = body.get(name)
    return value if isinstance(value, Mapping) else {}


def _objects(body: Json, name: str) -> Sequence[Json]:
    value = body.get(name)
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
