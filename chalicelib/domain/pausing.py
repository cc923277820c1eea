"""Pausing: which promises do not run while a case is put aside (docs/definitions.md, part 2)."""

from chalicelib.domain.case import Case, Status
from chalicelib.domain.clock import ClockName

WAITING = frozenset({Status.WAITING_CUSTOMER, Status.WAITING_THIRD_PARTY})

PAUSES = {
    ClockName.RESOLUTION: WAITING,
    ClockName.OWN: WAITING,
    ClockName.UPDATE: frozenset({Status.WAITING_CUSTOMER}),
}
"""The statuses in which a promise does not run. A promise that is not named here always runs."""

ASKED = "the customer asked for it"
"""Why a case is snoozed when the customer wished it: `waiting_reason` of a snoozed case."""


def paused_clocks(case: Case) -> frozenset[ClockName]:
    """Return the promises that do not run while the case stands as it does.

    A snooze by an agent pauses nothing: the customer is still waiting. One that the customer asked
    for pauses the resolution.
    """
    if case.status is Status.SNOOZED and case.waiting_reason == ASKED:
        return frozenset({ClockName.RESOLUTION})
    return frozenset(name for name, statuses in PAUSES.items() if case.status in statuses)
