"""Whether Telegram still delivers to us, and setting the webhook anew where that helps."""

from datetime import timedelta

from chalicelib.channels import verdicts, wire
from chalicelib.channels.contract import PayloadError, Secret
from chalicelib.channels.instant import instant
from chalicelib.channels.places import Places
from chalicelib.channels.questions import health_of
from chalicelib.channels.telegram import api
from chalicelib.channels.telegram.signature import tokens_of
from chalicelib.channels.telegram.update import TOLD
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import Health, HealthState, SendResult

RECENT = timedelta(hours=2)
"""How old an error may be to count: two probes."""

_NOT_PROVEN = ("401", "403")


def probe(handle: Handle, callback_url: str, secret: Secret, places: Places) -> Health:
    """Ask for bot and webhook; set the webhook where it is not ours or not as we need it.

    While older tokens are listed it is set each time: Telegram does not say which token it holds.
    What Telegram could not deliver meanwhile it still holds for a day, and delivers then: nothing
    has to be fetched back.
    """
    key = api.key_of(secret)
    if isinstance(key, SendResult):
        return health_of(key)
    if not tokens_of(secret):
        return Health(HealthState.BROKEN, "the secret holds no secret_token: nothing can be proven")
    me = api.ask(api.Call("getMe", {}), key, places)
    if isinstance(me, SendResult):
        return health_of(me)
    wrong = _wrong_bot(me.table, handle)
    if wrong:
        return Health(HealthState.BROKEN, wrong)
    hook = api.ask(api.Call("getWebhookInfo", {}), key, places)
    if isinstance(hook, SendResult):
        return health_of(hook)
    return _mended(hook.table, callback_url, key, tokens_of(secret), places)


def set_webhook(url: str, secret_token: str) -> api.Call:
    """Return the call that lets Telegram deliver to `url` every kind of update that we read."""
    fields = {"url": url, "secret_token": secret_token, "allowed_updates": list(TOLD)}
    return api.Call("setWebhook", fields)


def _mended(
    hook: wire.Json, url: str, key: api.Key, tokens: tuple[str, ...], places: Places
) -> Health:
    try:
        told = frozenset(
            wire.ident({"kind": one}, "kind") for one in wire.rows(hook, "allowed_updates")
        )
        error = _recent_error(hook, places)
        set_to = wire.text(hook, "url")
    except PayloadError:
        told, error, set_to = frozenset(), "", ""
    problem = _problem(set_to == url, told == frozenset(TOLD), error)
    found = Health(HealthState.BROKEN, error) if error else Health(HealthState.WELL)
    if not problem and len(tokens) == 1:
        return found
    done = api.ask(set_webhook(url, tokens[0]), key, places)
    if isinstance(done, SendResult):
        said = problem or "the token is being replaced"
        return Health(HealthState.BROKEN, f"{said}; setting it failed: {done.error_text}")
    return Health(HealthState.REPAIRED, f"{problem}; it was set anew") if problem else found


def _problem(ours: bool, complete: bool, error: str) -> str:  # noqa: FBT001  (three findings)
    """Return what setting the webhook anew would mend."""
    if not ours:
        return "the webhook was not set to our address"
    if not complete:
        return "the webhook did not tell all kinds of updates"
    return error if any(code in error for code in _NOT_PROVEN) else ""


def _recent_error(hook: wire.Json, places: Places) -> str:
    """Return what Telegram says of its last failure, if it is recent and something waits."""
    waiting, failed_at = (
        wire.number(hook, "pending_update_count"),
        instant(hook.get("last_error_date")),
    )
    if not waiting or failed_at is None or failed_at < places.now() - RECENT:
        return ""
    said = wire.text(hook, "last_error_message")[: verdicts.MAX_TEXT]
    return f"Telegram could not deliver, {waiting} updates wait: {said}"


def _wrong_bot(me: wire.Json, handle: Handle) -> str:
    try:
        number, username = wire.ident(me, "id"), wire.text(me, "username")
    except PayloadError:
        number, username = "", ""
    if number != handle.account_id:
        return f"the token is of bot {number or 'nobody'}, and the handle of {handle.account_id}"
    named = handle.settings.get("username", username)
    if named.removeprefix("@").lower() == username.lower():
        return ""
    return f"the bot is called {username}, and the setting says {named}"
