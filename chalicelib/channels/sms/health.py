"""Is the number still connected? Asks AWS for it."""

from chalicelib.channels.places import Places
from chalicelib.channels.sms.sending import ORIGIN_SETTING
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import (
    AwsRefusedError,
    Health,
    HealthState,
    NoAnswerError,
    NotSentError,
)


def probe(handle: Handle, places: Places) -> Health:
    """Return whether the number is active and two-way.

    Never raises for what AWS or the network does.
    """
    if places.texter is None:
        return Health(HealthState.UNKNOWN, "nothing is set up to ask AWS")
    try:
        problem = places.texter().probe(handle.settings.get(ORIGIN_SETTING) or handle.account_id)
    except AwsRefusedError as error:
        return Health(HealthState.UNKNOWN, f"AWS refused to say: {error.code}")
    except (NotSentError, NoAnswerError):
        return Health(HealthState.UNKNOWN, "AWS did not answer")
    return Health(HealthState.BROKEN, problem) if problem else Health(HealthState.WELL)
