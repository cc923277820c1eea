"""Drawing: a seed becomes a company, what is done in it, and what goes wrong."""

from collections.abc import Callable
from random import Random

from tests.simulation.actions import PLACES, TEXTS
from tests.simulation.company import company
from tests.simulation.history import Company, Fault, History, Step

PASSES = (1, 14, 61, 130, 130, 610, 610, 1900, 1900, 3600, 7300, 7300, 20_000, 90_000)
"""Seconds. An unanswered page is told again and again, so that long times cost most."""

PEOPLE = ("ann", "ben", "cid")

Draw = Callable[[Random, Company], Step]


def history(seed: int) -> History:
    """Return the history of a seed: the same on every machine."""
    rng = Random(f"hearback {seed}")
    made = company(rng)
    most = rng.choices((4, 8, 12, 25), (30, 45, 20, 5))[0]
    steps = [Step("writes", _words(rng), faults(rng))]
    steps += [step(rng, made) for _ in range(rng.randint(2, most))]
    return History(seed, made, tuple(steps))


def step(rng: Random, made: Company) -> Step:
    """Return a random step with what goes wrong in it."""
    names, weights = tuple(STEPS), tuple(weight for weight, _ in STEPS.values())
    name = rng.choices(names, weights)[0]
    words = STEPS[name][1](rng)
    return Step(name, words, faults(rng, made))


def faults(rng: Random, made: Company | None = None) -> tuple[Fault, ...]:
    """Return what goes wrong in a step: in most nothing."""
    if rng.random() < 0.6:
        return ()
    return tuple(fault(rng, made) for _ in range(rng.choice((1, 1, 2))))


def fault(rng: Random, made: Company | None) -> Fault:
    """Return a random fault."""
    kind = rng.choice(tuple(FAULTS))
    found = FAULTS[kind](rng)
    if kind != "meanwhile":
        return found
    names = ("writes", "replies", "takes", "resolves", "declares", "waits")
    name = rng.choice(names)
    return Fault(kind, found.at, meanwhile=Step(name, STEPS[name][1](rng)))


FAULTS: dict[str, Callable[[Random], Fault]] = {
    "dies": lambda r: Fault("dies", r.randrange(40), r.choice((1, 1, 2, 12))),
    "dies after sending": lambda r: Fault("dies after sending"),
    "outage": lambda r: Fault("outage", r.randrange(40), r.choice((1, 3))),
    "throttled": lambda r: Fault("throttled", r.randrange(6), r.choice((1, 2, 8))),
    "timed out": lambda r: Fault("timed out", r.randrange(6), r.choice((1, 2))),
    "stale": lambda r: Fault("stale", r.randrange(6), r.choice((1, 3, 7))),
    "repeated": lambda r: Fault("repeated", r.randrange(5), 1, r.choice((0, 5, 45, 900))),
    "delayed": lambda r: Fault("delayed", r.randrange(5), r.choice((1, 3)), r.choice((1, 20, 90))),
    "late timer": lambda r: Fault("late timer", 0, 1, r.choice((3, 60, 100))),
    "early timer": lambda r: Fault("early timer", 0, 1, r.choice((1, 4))),
    "views lag": lambda r: Fault("views lag", 0, 1, r.choice((5, 10))),
    "asked twice": lambda r: Fault("asked twice"),
    "meanwhile": lambda r: Fault("meanwhile", r.randrange(4)),
}


def _words(rng: Random) -> tuple[str | int, ...]:
    text = rng.choices(TEXTS, (10, 2, 1, 1, 3, 1))[0]
    late = rng.choice((0, 0, 0, 0, 0, 2, 2, 70, 70, 1000)) if rng.random() < 0.98 else 90_000
    again = rng.choice((-1, -1, -1, 0, 3, 400))
    return rng.choice((0, 0, 0, 1, 2, 3)) % (len(PLACES) + 1), text, late, again


def _who(rng: Random) -> str:
    return rng.choice(("ann", "ann", "ben", "cid"))


STEPS: dict[str, tuple[int, Callable[[Random], tuple[str | int, ...]]]] = {
    "writes": (8, _words),
    "edits": (1, lambda r: (r.randrange(9), r.choice((0, 50)))),
    "deletes": (1, lambda r: (r.randrange(9), r.choice((0, 50)))),
    "told again": (1, lambda r: (r.randrange(9),)),
    "receipt": (2, lambda r: (r.randrange(9), r.choice(("delivered", "read", "failed", "failed")))),
    "native": (1, lambda r: (r.randrange(4),)),
    "platform": (1, lambda r: (r.choice(("retry", "unknown", "failed")),)),
    "replies": (9, lambda r: (_who(r), r.randrange(9))),
    "notes": (1, lambda r: (_who(r), r.randrange(9))),
    "resends": (1, lambda r: (_who(r), r.randrange(9))),
    "waits": (3, lambda r: (_who(r), r.randrange(9), r.choice(("customer", "third_party")))),
    "snoozes": (2, lambda r: (_who(r), r.randrange(9), r.choice((60, 600, 7200)))),
    "resumes": (2, lambda r: (_who(r), r.randrange(9))),
    "resolves": (5, lambda r: (_who(r), r.randrange(9))),
    "reopens": (2, lambda r: (_who(r), r.randrange(9))),
    "takes": (2, lambda r: (_who(r), r.randrange(9))),
    "hands over": (2, lambda r: (_who(r), r.randrange(9), _who(r))),
    "restarts": (1, lambda r: (_who(r), r.randrange(9))),
    "declares": (3, lambda r: (_who(r), r.choice(("present", "present", "away", "offline")))),
    "prioritises": (2, lambda r: (_who(r), r.randrange(9), r.choice(("high", "high", "")))),
    "marks": (1, lambda r: (_who(r), r.randrange(9), r.randrange(2))),
    "labels": (1, lambda r: (_who(r), r.randrange(9))),
    "waives": (1, lambda r: (_who(r), r.randrange(9))),
    "accepts": (3, lambda r: (_who(r), r.randrange(9))),
    "declines": (1, lambda r: (_who(r), r.randrange(9))),
    "approves": (2, lambda r: (r.randrange(9),)),
    "refuses": (1, lambda r: (r.randrange(9),)),
    "acknowledges": (2, lambda r: (r.choice(("lou", "mia", "ann")), r.randrange(9))),
    "vanishes": (1, lambda r: (r.randrange(9),)),
    "passes until due": (3, lambda r: (r.randrange(3),)),
    "passes": (14, lambda r: (r.choice(PASSES),)),
}
"""Every step by name: how often, and what it needs."""
