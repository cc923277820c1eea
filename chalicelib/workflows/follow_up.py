"""Follow up.

Let the machine of a resolved case wait until the survey leaves, unless the case is opened again.
"""

from chalicelib.domain.outlook import Phase
from chalicelib.workflows import machine
from chalicelib.workflows.change import CaseRef
from chalicelib.workflows.ports import Parts


def follow_up(parts: Parts, case: CaseRef, token: str, wait_seconds: int) -> None:
    """Arm the machine for the instant the survey leaves."""
    machine.arm(parts, case, token, wait_seconds, phase=Phase.RESOLVED)
