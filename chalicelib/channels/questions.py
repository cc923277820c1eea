"""Questions to a platform that were not answered: what a probe and a look make of that."""

from chalicelib.workflows.networks import (
    ErrorClass,
    Health,
    HealthState,
    PollError,
    SendResult,
    SendState,
)

_LASTING = (ErrorClass.CHANNEL, ErrorClass.CONTENT, ErrorClass.RECIPIENT)


def health_of(result: SendResult) -> Health:
    """Return the health of a handle whose platform gave this instead of an answer.

    A platform that refuses what it should answer is broken for us; one that is not to be reached
    may be well.
    """
    state = HealthState.BROKEN if result.state is SendState.FAILED else HealthState.UNKNOWN
    return Health(state, f"{result.error_code}: {result.error_text}".rstrip(": "))


def poll_error(result: SendResult) -> PollError:
    """Return what ends a look at a platform that gave this instead of an answer."""
    return PollError(
        result.error_code,
        lasting=result.error_class in _LASTING,
        wait_seconds=result.retry_after_seconds,
    )
