"""Histories: what happens to a company, as plain data that can be dropped piece by piece."""

from dataclasses import dataclass

Words = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong while a step is carried out and followed up.

    `at` counts from 0 what it can happen to (port calls, writes, stream records, timers) since the
    step began; `times` is how many in a row, `seconds` how long it lasts or delays.
    """

    kind: str
    at: int = 0
    times: int = 1
    seconds: int = 0
    meanwhile: "Step | None" = None

    def __str__(self) -> str:
        """Say it in words."""
        if self.meanwhile is not None:
            return f"{self.kind} write {self.at}: {self.meanwhile}"
        more = f" x{self.times}" if self.times > 1 else ""
        return f"{self.kind} at {self.at}{more}" + (f" for {self.seconds} s" * bool(self.seconds))


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that somebody does: `act` names it, `words` are what it needs."""

    act: str
    words: Words = ()
    faults: tuple[Fault, ...] = ()

    def __str__(self) -> str:
        """Say it in words."""
        said = " ".join(str(word) for word in (self.act, *self.words))
        return said + "".join(f"  [{fault}]" for fault in self.faults)


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who works in the simulated company."""

    name: str
    capacity: int = 800
    present: bool = True
    trainee: bool = False
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Company:
    """What a history's company promises and how it works; the defaults are the plainest company.

    `targets` are (clock, seconds) or (clock, seconds, selector, its value). `extras` are further
    parts of a policy by name: see company.py.
    """

    targets: tuple[tuple[str | int, ...], ...] = ()
    agents: tuple[Agent, ...] = ()
    hours: str = ""
    begins: str = "2026-11-02T09:00:00"
    warn_percents: tuple[int, ...] = (75,)
    survey: bool = True
    survey_public: bool = False
    follow_delay: int = 86_400
    reopen_window: int = 259_200
    extras: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """A seed, spelt out."""

    seed: int
    company: Company
    steps: tuple[Step, ...]

    @property
    def size(self) -> int:
        """Return how much there is to read: steps and faults."""
        return len(self.steps) + sum(len(step.faults) for step in self.steps)
