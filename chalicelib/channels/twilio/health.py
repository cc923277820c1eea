"""Is the number still connected? Asks Twilio for the account and for where the number posts to."""

from datetime import datetime
from urllib.parse import urldefrag

from chalicelib.channels import answers, transport, wire
from chalicelib.channels.contract import PayloadError, Secret
from chalicelib.channels.places import Places
from chalicelib.channels.twilio import api
from chalicelib.channels.twilio.sending import CALLBACK_RETRIES
from chalicelib.channels.twilio.times import of_rfc2822
from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import Health, HealthState, SendResult

REPAIR_SETTING = "auto_repair"
"""`no` leaves a number that posts elsewhere as it is; people are told all the same."""


class _FoundError(Exception):
    """Raised with what the probe found before it got to its end."""

    def __init__(self, health: Health) -> None:
        super().__init__(health.problem)
        self.health = health


def probe(handle: Handle, callback_url: str, secret: Secret, places: Places) -> Health:
    """Return how the connection is, and mend a number that posts elsewhere.

    Never raises for what Twilio or the network does.
    """
    account = api.account_of(secret)
    if account is None:
        return Health(HealthState.BROKEN, "the secret holds no account_sid or no auth_tokens")
    try:
        _check_account(account, places)
        if handle.channel is Channel.WHATSAPP:  # where a sender posts to, this API does not tell
            return Health(HealthState.WELL)
        return _number(handle, callback_url, account, places)
    except _FoundError as found:
        return found.health
    except PayloadError as error:
        return Health(HealthState.UNKNOWN, f"Twilio's answer could not be read: {error.reason}")


def _check_account(account: api.Account, places: Places) -> None:
    told = _read(api.get(account, ".json", {}, places))
    status = wire.text(told, "status")
    if status != "active":
        raise _FoundError(Health(HealthState.BROKEN, f"the Twilio account is {wire.word(status)}"))


def _number(handle: Handle, callback_url: str, account: api.Account, places: Places) -> Health:
    query = {"PhoneNumber": handle.account_id}
    told = _read(api.get(account, "/IncomingPhoneNumbers.json", query, places))
    found = [wire.as_object(row, "number") for row in wire.rows(told, "incoming_phone_numbers")]
    number = next((one for one in found if wire.text(one, "phone_number") == handle.account_id), {})
    if not number:
        return Health(HealthState.BROKEN, "the Twilio account has no such number")
    where = urldefrag(wire.text(number, "sms_url")).url
    if where == callback_url and wire.text(number, "sms_method") in ("POST", ""):
        return Health(HealthState.WELL)
    if handle.settings.get(REPAIR_SETTING, "yes") == "no":
        return Health(HealthState.BROKEN, "the number posts its messages elsewhere")
    form = {"SmsUrl": callback_url + CALLBACK_RETRIES, "SmsMethod": "POST"}
    _read(api.post(account, f"/IncomingPhoneNumbers/{_sid(number)}.json", form, places))
    return Health(
        HealthState.REPAIRED,
        "the number posted its messages elsewhere",
        missed_since=_changed_at(number),
    )


def _sid(number: wire.Json) -> str:
    sid = wire.ident(number, "sid")
    if not sid.isalnum():
        raise PayloadError("sid_odd")
    return sid


def _changed_at(number: wire.Json) -> datetime | None:
    """Return when the number was last changed: since then messages may have gone elsewhere."""
    return of_rfc2822(wire.text(number, "date_updated"))


def _read(answer: transport.Answer | SendResult) -> wire.Json:
    if isinstance(answer, SendResult):
        raise _FoundError(Health(HealthState.UNKNOWN, "Twilio did not answer"))
    if answer.status in (401, 403):
        problem = "Twilio does not take the account_sid with the first of auth_tokens"
        raise _FoundError(Health(HealthState.BROKEN, problem))
    if not answer.ok:
        raise _FoundError(Health(HealthState.UNKNOWN, f"Twilio answered {answer.status}"))
    return answers.told(answer)
