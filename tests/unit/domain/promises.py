"""Terms under which every promise there is is made, always open, with round targets."""

from dataclasses import replace

from chalicelib.domain.clock import Clock, ClockName, Outcome
from chalicelib.domain.entry import Entry, EntryKind
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.lifecycle import open_case
from chalicelib.domain.policy import Target
from tests.unit.domain.terms import HANDLE, POLICY, at

WORK = {
    ClockName.FIRST_RESPONSE_HUMAN: 900,
    ClockName.UPDATE: 28_800,
    ClockName.OWN: 14_400,
    ClockName.APPROVE: 900,
    ClockName.THANKS: 14_400,
    ClockName.EXPOSE: 900,
}
EVERY = replace(
    POLICY,
    targets=(*POLICY.targets, *(Target(name, seconds) for name, seconds in WORK.items())),
    warn_percents=(50, 75, 90),
)
PROMISES = Terms(EVERY, HANDLE, public=False)


def begun(seconds: float = 0, terms: Terms = PROMISES, **facts: object) -> Fold:
    """Return a case that has just begun with a message sent then, and every promise it can have."""
    moment = at(seconds)
    return open_case(1, terms, sent_at=moment, received_at=moment, message_id="m-0", **facts)


def clock(fold: Fold, name: ClockName) -> Clock:
    """Return the running clock of that name, or else the newest."""
    found = fold.case.clock(name)
    assert found is not None
    return found


def ended(fold: Fold, name: ClockName) -> tuple[Outcome | None, str]:
    """Return how the clock of that name ended and why."""
    found = clock(fold, name)
    return found.outcome, found.reason


def told(fold: Fold, kind: EntryKind, name: ClockName | None = None) -> list[Entry]:
    """Return the entries of a kind, of one clock if it is named."""
    return [e for e in fold.entries if e.kind is kind and name in (None, e.clock)]
