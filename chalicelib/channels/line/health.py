"""Whether LINE still delivers to us and takes our replies; setting the webhook where that helps."""

from dataclasses import dataclass
from http import HTTPStatus

from chalicelib.channels import answers, transport, wire
from chalicelib.channels.contract import PayloadError, Secret
from chalicelib.channels.line import api, failures
from chalicelib.channels.line.signature import secrets_of
from chalicelib.channels.places import Places
from chalicelib.channels.questions import health_of
from chalicelib.channels.verdicts import MAX_TEXT
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import Health, HealthState, SendResult

_HOOK = "/v2/bot/channel/webhook/endpoint"
_TEST = "/v2/bot/channel/webhook/test"
_QUOTA = "/v2/bot/message/quota"
_UNPROVEN = "the secret holds no channel_secret: nothing can be proven"
_OFF = "the webhook is switched off: switch on `Use webhook` in LINE's console, on Messaging API"
_SPENT = "the month's {limit} messages are used up: nothing leaves until a larger plan or the 1st"


@dataclass(frozen=True, slots=True)
class _Line:
    """What every question needs."""

    key: api.Key
    places: Places

    def ask(self, call: api.Call) -> wire.Json | Health:
        """Return the answer's object, or the health that a missing one stands for."""
        answer = api.ask(call, self.key, self.places)
        if isinstance(answer, SendResult):
            return health_of(answer)
        if not answer.ok:
            return self.refused(answer)
        return answers.told(answer)

    def refused(self, answer: transport.Answer) -> Health:
        return health_of(answers.withheld(failures.of_answer(answer), self.key.hidden))


def probe(handle: Handle, callback_url: str, secret: Secret, places: Places) -> Health:
    """Ask for account, webhook and quota; set the webhook's address where it is not ours.

    LINE tells no history, so that nothing can be fetched back: what it repeats by itself comes.
    """
    key = api.key_of(secret)
    if isinstance(key, SendResult):
        return health_of(key)
    if not secrets_of(secret):
        return Health(HealthState.BROKEN, _UNPROVEN)
    line = _Line(key, places)
    me = line.ask(api.Call("GET", "/v2/bot/info"))
    if isinstance(me, Health):
        return me
    wrong = _wrong_account(me, handle)
    if wrong:
        return Health(HealthState.BROKEN, wrong)
    hook = _hook(line)
    return hook if isinstance(hook, Health) else _mended(line, hook, callback_url)


def _hook(line: _Line) -> wire.Json | Health:
    """Return the webhook as LINE knows it: an empty object where none was ever set."""
    answer = api.ask(api.Call("GET", _HOOK), line.key, line.places)
    if isinstance(answer, SendResult):
        return health_of(answer)
    if answer.status == HTTPStatus.NOT_FOUND:
        return {}
    return answers.told(answer) if answer.ok else line.refused(answer)


def _mended(line: _Line, hook: wire.Json, url: str) -> Health:
    if hook.get("endpoint") == url:
        return _tried(line) if hook.get("active") is True else Health(HealthState.BROKEN, _OFF)
    done = line.ask(api.Call("PUT", _HOOK, {"endpoint": url}))
    problem = "the webhook was not set to our address"
    if isinstance(done, Health):
        return Health(HealthState.BROKEN, f"{problem}; setting it failed: {done.problem}")
    if hook.get("active") is False:
        return Health(HealthState.BROKEN, _OFF)
    return Health(HealthState.REPAIRED, f"{problem}; it was set anew")


def _tried(line: _Line) -> Health:
    """Let LINE try the webhook: it delivers a signed, empty body and says what it was answered."""
    told = line.ask(api.Call("POST", _TEST, {}))
    if isinstance(told, Health):
        return told
    if told.get("success") is False:
        status = told.get("statusCode")
        said = f"{status} {told.get('reason')}"[:MAX_TEXT]
        hint = ": is the channel_secret right?" if status == HTTPStatus.UNAUTHORIZED else ""
        return Health(HealthState.BROKEN, f"LINE cannot deliver, it was answered {said}{hint}")
    return _quota(line)


def _quota(line: _Line) -> Health:
    """Return whether messages are left. A plan that LINE does not tell of counts as enough."""
    limit = line.ask(api.Call("GET", _QUOTA))
    used = line.ask(api.Call("GET", f"{_QUOTA}/consumption"))
    if isinstance(limit, Health) or isinstance(used, Health):
        return Health(HealthState.WELL)
    most, spent = limit.get("value"), used.get("totalUsage")
    if isinstance(most, int) and isinstance(spent, int) and spent >= most:
        return Health(HealthState.BROKEN, _SPENT.format(limit=most))
    return Health(HealthState.WELL)


def _wrong_account(me: wire.Json, handle: Handle) -> str:
    try:
        number, name = wire.ident(me, "userId"), wire.text(me, "basicId")
        premium = wire.text(me, "premiumId")
    except PayloadError:
        number, name, premium = "", "", ""
    if number != handle.account_id:
        return f"the token is of {number or 'nobody'}, and the handle of {handle.account_id}"
    named = handle.settings.get("username", "").lstrip("@")
    known = {one.lstrip("@") for one in (name, premium) if one}
    return (
        f"the account is called {name}, and the setting says {named}"
        if (named and known and named not in known)
        else ""
    )
