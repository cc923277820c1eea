"""Whether the keys still open the channel."""

from collections.abc import Mapping

from chalicelib.channels.places import Places
from chalicelib.channels.youtube.api import Api
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import ErrorClass, Health, HealthState, SendResult

_BROKEN = (ErrorClass.CHANNEL, ErrorClass.CONTENT, ErrorClass.RECIPIENT)


def probe(handle: Handle, secret: Mapping[str, object], places: Places) -> Health:
    """Ask whose channel the refresh token is for (one unit of the quota)."""
    found = Api(secret, places).own("channels", {"part": "id", "mine": "true"})
    if isinstance(found, SendResult):
        return _failure(found)
    items = found.get("items")
    listed = items if isinstance(items, list) else []
    ids = [one.get("id") for one in listed if isinstance(one, dict)]
    if handle.account_id in ids:
        return Health(HealthState.WELL)
    problem = f"the refresh token is for another channel than {handle.account_id}"
    return Health(HealthState.BROKEN, problem)


def _failure(result: SendResult) -> Health:
    said = f"{result.error_code}: {result.error_text}".rstrip(": ")
    if result.error_code in ("invalid_grant", "no_token", "invalid_client"):
        return Health(HealthState.BROKEN, f"the refresh token does not work any more ({said})")
    state = HealthState.BROKEN if result.error_class in _BROKEN else HealthState.UNKNOWN
    return Health(state, f"Google says {said}")
