"""Whether our app is still subscribed to an account, to everything it needs (protocols 1.1).

Meta unsubscribes an account after an hour of failing deliveries and says nothing. The way back is
the same call that connected the account first.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib.channels import wire
from chalicelib.channels.contract import PayloadError
from chalicelib.channels.instant import instant
from chalicelib.channels.meta import account, graph
from chalicelib.channels.places import Places
from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import (
    ErrorClass,
    Health,
    HealthState,
    SendResult,
    SendState,
)

_TALK = (
    "messages",
    "messaging_postbacks",
    "message_echoes",
    "message_deliveries",
    "message_reads",
    "message_reactions",
    "message_edits",
    "messaging_referrals",
    "messaging_optins",
)
FIELDS: Mapping[Channel, Sequence[str]] = {
    Channel.FACEBOOK_PAGE: ("feed", "mention", "ratings"),
    Channel.MESSENGER: _TALK,
    Channel.INSTAGRAM: (
        "comments",
        "live_comments",
        "mentions",
        "messages",
        "messaging_postbacks",
        "messaging_referral",
        "messaging_seen",
        "message_reactions",
        "message_edit",
    ),
}
"""What each channel needs; WhatsApp's are chosen in the app's console alone."""


def wanted(handle: Handle) -> Sequence[str]:
    """Return the fields an account must be subscribed to; the setting `fields` names others.

    An Instagram account hears of every field that the app's console lists once it is subscribed to
    one of them; behind a page, the page's own field for messages is that one (Instagram Platform,
    Setup Webhooks Subscriptions).
    """
    chosen = handle.settings.get("fields", "").replace(",", " ").split()
    if chosen:
        return chosen
    if handle.channel is Channel.INSTAGRAM:
        return ("comments", "messages") if account.by_instagram_login(handle) else ("messages",)
    return FIELDS.get(handle.channel, ())


def probe(handle: Handle, secret: Mapping[str, object], places: Places) -> Health:
    """Return how the account's subscription is, renewed where it was gone or lacked a field."""
    key = account.key(handle, secret, places)
    if key is None:
        return _broken(f"the secret holds no access token for account {handle.account_id}")
    asset = _asset(handle)
    if not asset:
        return _unasked(key, handle, places)
    found = graph.ask(graph.Call(key, f"{asset}/subscribed_apps", method="GET"), places)
    if isinstance(found, SendResult):
        return _failure(found)
    ours = _ours(found, str(secret.get("app_id", "")))
    missing = [name for name in wanted(handle) if name not in (ours or ())]
    if ours is not None and not missing:
        return Health(HealthState.WELL, expires_at=_expires(handle, secret))
    return _renew(graph.Call(key, f"{asset}/subscribed_apps"), handle, ours or (), places)


def _asset(handle: Handle) -> str:
    """Return what is subscribed: a page, an Instagram account, a WhatsApp business account."""
    if handle.channel is Channel.WHATSAPP:
        return handle.settings.get("waba_id", "")
    return account.node(handle)


def _unasked(key: account.Key, handle: Handle, places: Places) -> Health:
    """Say what of a WhatsApp number can be known without its business account: its token works."""
    call = graph.Call(key, handle.account_id, method="GET", query={"fields": "id"})
    found = graph.ask(call, places)
    if isinstance(found, SendResult):
        return _failure(found)
    problem = "settings lack waba_id, so the subscription cannot be looked at"
    return Health(HealthState.UNKNOWN, problem)


def _ours(found: wire.Json, app_id: str) -> Sequence[str] | None:
    """Return the fields our app has, or None when it is not subscribed.

    WhatsApp lists apps without fields, Instagram Login fields without an app.
    """
    try:
        for raw in wire.rows(found, "data"):
            row = wire.as_object(raw, "app")
            named = wire.ident(wire.table(row, "whatsapp_business_api_data") or row, "id")
            if not app_id or not named or named == app_id:
                return [str(name) for name in wire.rows(row, "subscribed_fields")]
    except PayloadError:
        return None
    return None


def _renew(call: graph.Call, handle: Handle, have: Sequence[str], places: Places) -> Health:
    """Subscribe again.

    With what was there already too: the list replaces the former one, and a page's list serves its
    wall and its Messenger.
    """
    fields = sorted({*have, *wanted(handle)})
    form = {"subscribed_fields": ",".join(fields)} if wanted(handle) else {}
    done = graph.change(graph.Call(call.key, call.edge, form=form), places)
    if done.state is SendState.ACCEPTED:
        lost = "was not subscribed" if not have else "lacked fields"
        return Health(HealthState.REPAIRED, f"the account {lost}; it is subscribed again")
    health = _failure(done)
    problem = f"the account is not subscribed to all it should be, and: {health.problem}"
    return Health(HealthState.BROKEN, problem)


def _failure(result: SendResult) -> Health:
    said = f"{result.error_code}: {result.error_text}".rstrip(": ")
    if result.error_code.partition("/")[0] in ("190", "102"):
        return _broken(f"the access token is no longer valid ({said})")
    if result.error_class in (ErrorClass.CHANNEL, ErrorClass.CONTENT, ErrorClass.RECIPIENT):
        return _broken(f"Meta refuses ({said})")
    return Health(HealthState.UNKNOWN, f"Meta could not be asked ({said})")


def _broken(problem: str) -> Health:
    return Health(HealthState.BROKEN, problem)


def _expires(handle: Handle, secret: Mapping[str, object]) -> datetime | None:
    expires = secret.get("expires")
    return instant(expires.get(handle.account_id)) if isinstance(expires, dict) else None
