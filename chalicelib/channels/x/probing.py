"""Is it still alive? The webhook, the account's token and its subscriptions (protocols 2.2, 2.3).

X switches a webhook off when its question (CRC) is answered wrongly once, or not at all for 28
hours, and says so nowhere but here. A subscription is one kind of event of one account.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.channels import answers, transport, wire
from chalicelib.channels.contract import Secret
from chalicelib.channels.places import Places
from chalicelib.channels.x import api
from chalicelib.channels.x.keys import Keys, keys_of
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import Health, HealthState, SendResult

NEEDED = (
    "post.mention.create",
    "post.reply.create",
    "post.quote.create",
    "post.create",
    "dm.received",
)
"""Without these, customers go unheard or our own answers unseen."""

WANTED = ("post.delete", "dm.sent", "dm.read", "chat.received")
"""Good to have: asked for, and not missed where X refuses."""

REPLAYED = timedelta(hours=24)
"""How far back X can send again what it could not deliver."""

_REFUSED = (401, 402, 403)


@dataclass(frozen=True, slots=True)
class _Asking:
    keys: Keys
    places: Places
    handle: Handle

    def get(self, path: str, *, by_app: bool = True) -> wire.Json | Health:
        """Return what X says, or the health that its silence or refusal means."""
        answer = api.ask(api.Call("GET", path, by_app=by_app), self.keys, self.places)
        if isinstance(answer, SendResult):
            return Health(HealthState.UNKNOWN, "X did not answer")
        if answer.ok:
            return answers.told(answer)
        whose = "app's bearer token" if by_app else "account's access token"
        if answer.status in _REFUSED:
            return Health(HealthState.BROKEN, f"X refuses the {whose} (HTTP {answer.status})")
        return Health(HealthState.UNKNOWN, f"X could not say (HTTP {answer.status})")

    def change(
        self, method: str, path: str, content: Mapping[str, object] | None, *, by_app: bool
    ) -> transport.Answer | SendResult:
        """Change something at X."""
        return api.ask(api.Call(method, path, content, by_app=by_app), self.keys, self.places)


def probe(handle: Handle, callback_url: str, secret: Secret, places: Places) -> Health:
    """Look after webhook, token and subscriptions, and mend what can be mended."""
    keys = keys_of(secret)
    missing = [name for name in ("bearer", "access_token") if not getattr(keys, name)]
    if missing:
        return Health(HealthState.BROKEN, f"the secret holds no {' and no '.join(missing)}")
    asking = _Asking(keys, places, handle)
    hook = _webhook(asking, callback_url)
    if isinstance(hook, Health):
        return hook
    revived = hook.get("valid") is not True
    if revived:
        failure = _revive(asking, api.word(hook, "id"))
        if failure:
            return failure
    health = _token(asking) or _subscriptions(asking, api.word(hook, "id"))
    if not revived or health.state is HealthState.BROKEN:
        return health
    since = places.now() - REPLAYED
    return Health(HealthState.REPAIRED, "X had switched the webhook off", missed_since=since)


def webhooks(keys: Keys, places: Places, handle: Handle) -> list[wire.Json] | Health:
    """Return the webhooks of the app, as X describes them."""
    told = _Asking(keys, places, handle).get("/2/webhooks")
    return told if isinstance(told, Health) else answers.parts(told, "data")


def _webhook(asking: _Asking, callback_url: str) -> wire.Json | Health:
    listed = webhooks(asking.keys, asking.places, asking.handle)
    if isinstance(listed, Health):
        return listed
    for hook in listed:
        if api.word(hook, "url") == callback_url:
            return hook
    problem = f"X knows no webhook {callback_url}: register it (POST /2/webhooks)"
    return Health(HealthState.BROKEN, problem)


def _revive(asking: _Asking, webhook_id: str) -> Health | None:
    """Have X ask its question again; return what is wrong if that did not help."""
    answer = asking.change("PUT", f"/2/webhooks/{webhook_id}", None, by_app=True)
    if not isinstance(answer, SendResult) and answer.ok:
        if answers.part(answers.told(answer), "data").get("valid") is True:
            return None
        listed = webhooks(asking.keys, asking.places, asking.handle)
        hooks = [] if isinstance(listed, Health) else listed
        if any(api.word(one, "id") == webhook_id and one.get("valid") is True for one in hooks):
            return None
    problem = "X has switched the webhook off, and its question is still not answered rightly"
    return Health(HealthState.BROKEN, problem)


def _token(asking: _Asking) -> Health | None:
    """Return what is wrong with the account's token, if anything is."""
    told = asking.get("/2/users/me", by_app=False)
    if isinstance(told, Health):
        return told
    account = api.word(answers.part(told, "data"), "id")
    if account != asking.handle.account_id:
        problem = f"the access token belongs to account {account or 'nobody'}, not to this one"
        return Health(HealthState.BROKEN, problem)
    return None


def _subscriptions(asking: _Asking, webhook_id: str) -> Health:
    told = asking.get("/2/activity/subscriptions")
    if isinstance(told, Health):
        return told
    ours = {
        api.word(one, "event_type"): one
        for one in answers.parts(told, "data")
        if api.word(answers.part(one, "filter"), "user_id") == asking.handle.account_id
    }
    mended: list[str] = []
    lost: list[str] = []
    for kind in (*NEEDED, *WANTED):
        if kind in ours and api.word(ours[kind], "webhook_id") == webhook_id:
            continue
        done = _subscribe(asking, webhook_id, kind, ours.get(kind))
        if kind in NEEDED:
            (mended if done else lost).append(kind)
    if lost:
        problem = f"X refuses the subscription to {', '.join(lost)}"
        return Health(HealthState.BROKEN, problem)
    if mended:
        return Health(HealthState.REPAIRED, f"subscribed again to {', '.join(mended)}")
    return Health(HealthState.WELL)


def _subscribe(asking: _Asking, webhook_id: str, kind: str, known: wire.Json | None) -> bool:
    """Subscribe, or lead a subscription that goes elsewhere to this webhook."""
    if known is not None:
        path = f"/2/activity/subscriptions/{api.word(known, 'subscription_id')}"
        answer = asking.change("PUT", path, {"webhook_id": webhook_id}, by_app=False)
    else:
        content = {
            "event_type": kind,
            "filter": {"user_id": asking.handle.account_id},
            "tag": asking.handle.id,
            "webhook_id": webhook_id,
        }
        answer = asking.change("POST", "/2/activity/subscriptions", content, by_app=False)
    return not isinstance(answer, SendResult) and answer.ok
