"""Terms to decide under: always open, round targets."""

from datetime import UTC, datetime, timedelta

from chalicelib.domain.channel import Channel
from chalicelib.domain.clock import ClockName
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.lifecycle import open_case
from chalicelib.domain.policy import Handle, Policy, Target

HANDLE = Handle("acme-dm", Channel.MESSENGER, "100", "Acme", "care")
POLICY = Policy(
    "v1",
    handles=(HANDLE,),
    warn_percents=(75,),
    targets=(
        Target(ClockName.ASSIGN, 300),
        Target(ClockName.FIRST_RESPONSE, 3600),
        Target(ClockName.NEXT_RESPONSE, 1800),
        Target(ClockName.RESOLUTION, 86_400),
        Target(ClockName.FOLLOW_UP, 86_400),
    ),
)
TERMS = Terms(POLICY, HANDLE, public=False)
BEGINNING = datetime(2026, 11, 2, 9, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return BEGINNING + timedelta(seconds=seconds)


def opened(seconds: float = 0) -> Fold:
    """Return a case that has just begun with a message sent then."""
    return open_case(1, TERMS, sent_at=at(seconds), received_at=at(seconds), message_id="m-0")
