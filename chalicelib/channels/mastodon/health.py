"""Whether the token still opens the account."""

from chalicelib.channels import wire
from chalicelib.channels.contract import PayloadError, Secret
from chalicelib.channels.mastodon import api
from chalicelib.channels.places import Places
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import Health, HealthState, SendResult, SendState


def probe(handle: Handle, secret: Secret, places: Places) -> Health:
    """Ask whose token it is. Nothing can be mended: only a person can get another one."""
    instance = api.instance_of(handle, secret, places)
    if isinstance(instance, SendResult):
        return Health(HealthState.BROKEN, instance.error_text)
    told = api.ask(api.Call("/api/v1/accounts/verify_credentials"), instance)
    if isinstance(told, SendResult):
        broken = told.state is SendState.FAILED
        state = HealthState.BROKEN if broken else HealthState.UNKNOWN
        return Health(state, f"{told.error_code}: {told.error_text}")
    try:
        number = wire.ident(told.table, "id")
    except PayloadError:
        number = ""
    if number != handle.account_id:
        text = f"the token is of account {number or 'nobody'}, the handle of {handle.account_id}"
        return Health(HealthState.BROKEN, text)
    return Health(HealthState.WELL)
