"""Whether the app password still opens the account."""

from chalicelib.channels.bluesky import api
from chalicelib.channels.contract import Secret
from chalicelib.channels.places import Places
from chalicelib.channels.questions import health_of
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import Health, HealthState, SendResult


def probe(handle: Handle, secret: Secret, places: Places) -> Health:
    """Ask whose session it is. Nothing can be mended: only a person can make another password."""
    account = api.account_of(handle, secret, places)
    if isinstance(account, SendResult):
        return Health(HealthState.BROKEN, account.error_text)
    told = api.ask(api.Call("com.atproto.server.getSession"), account)
    if isinstance(told, SendResult):
        return health_of(told)
    did = told.get("did")
    if did != handle.account_id:
        return Health(HealthState.BROKEN, f"the password is of {did}, not {handle.account_id}")
    if told.get("active") is False:
        return Health(HealthState.BROKEN, f"the account is {told.get('status') or 'not active'}")
    return Health(HealthState.WELL)
