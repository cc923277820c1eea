"""Whether the token still opens the account."""

from chalicelib.channels import answers
from chalicelib.channels.contract import Secret
from chalicelib.channels.mastodon import api
from chalicelib.channels.places import Places
from chalicelib.channels.questions import health_of
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import Health, HealthState, SendResult


def probe(handle: Handle, secret: Secret, places: Places) -> Health:
    """Ask whose token it is. Nothing can be mended: only a person can get another one."""
    instance = api.instance_of(handle, secret, places)
    if isinstance(instance, SendResult):
        return Health(HealthState.BROKEN, instance.error_text)
    told = api.ask(api.Call("/api/v1/accounts/verify_credentials"), instance)
    if isinstance(told, SendResult):
        return health_of(told)
    number = answers.ident(told.table, "id")
    if number != handle.account_id:
        text = f"the token is of account {number or 'nobody'}, the handle of {handle.account_id}"
        return Health(HealthState.BROKEN, text)
    return Health(HealthState.WELL)
