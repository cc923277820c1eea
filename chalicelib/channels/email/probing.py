"""Whether SES would send for an address: the identity, the account, and our own reply keys."""

from chalicelib.channels.contract import Secret
from chalicelib.channels.email.reply_address import ID_LENGTH, keys_of, plain, reply_address
from chalicelib.channels.places import Places
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import (
    AwsRefusedError,
    Health,
    HealthState,
    NoAnswerError,
    NotSentError,
)

_NOT_ALLOWED = ("AccessDenied", "AccessDeniedException")


def probe(handle: Handle, secret: Secret, places: Places) -> Health:
    """Return what hinders sending or answering; UNKNOWN when SES could not be asked."""
    account, keys = plain(handle.account_id), keys_of(secret.get("reply_keys"))
    if not keys:
        return Health(HealthState.BROKEN, f"the secret of {handle.id} holds no reply_keys")
    if reply_address(account, "a" * ID_LENGTH, keys) == account:
        problem = f"{account} is too long for reply addresses: 21 characters before the @ at most"
        return Health(HealthState.BROKEN, problem)
    if places.mailer is None:
        return Health(HealthState.UNKNOWN, "no mail service is set up")
    try:
        problem = places.mailer().probe(account)
    except AwsRefusedError as error:
        state = HealthState.BROKEN if error.code in _NOT_ALLOWED else HealthState.UNKNOWN
        return Health(state, f"SES could not be asked: {error.code}")
    except (NotSentError, NoAnswerError) as error:
        return Health(HealthState.UNKNOWN, f"SES could not be asked: {type(error).__name__}")
    return Health(HealthState.BROKEN, problem) if problem else Health(HealthState.WELL)
