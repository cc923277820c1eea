"""The Graph API: one call, and what its answer says about the message."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from chalicelib.channels import answers, transport, wire
from chalicelib.channels.contract import PayloadError, Places
from chalicelib.channels.meta import failures
from chalicelib.channels.meta.signature import appsecret_proof
from chalicelib.workflows.networks import SendResult, SendState

MAX_ERROR_TEXT = 300
_REGAIN = "estimated_time_to_regain_access"


@dataclass(frozen=True, slots=True)
class Call:
    """A POST to an edge (`<id>/messages`). `form` is sent as a form, else `content` as JSON.

    `app_secret` adds the proof that we hold it; empty where it is not known which secret the host
    expects.
    """

    base_url: str
    edge: str
    token: str
    app_secret: str = ""
    content: Mapping[str, object] | None = None
    form: Mapping[str, str] | None = None


def send(call: Call, places: Places) -> SendResult:
    """Make the call once and say how it ended.

    Never raises for what the platform or the network does.
    """
    answer = answers.attempt(_request(call, places))
    if isinstance(answer, SendResult):
        return answer
    return answers.withheld(result_of(answer), (call.token, call.app_secret))


def result_of(answer: transport.Answer) -> SendResult:
    """Return what an answer says about the message.

    Accepted is not sent: failures may still come as a status.
    """
    try:
        told = wire.as_object(wire.read(answer.body), "answer")
        error = wire.table(told, "error")
        message_id = "" if error else _message_id(told)
    except PayloadError:
        error, message_id = {}, ""
    if error:
        return _refused(answer, error)
    if not answer.ok:
        verdict = failures.of_status(answer.status)
        return _result(verdict, f"http_{answer.status}", "", _wait(answer, verdict))
    if not message_id:
        return _result(failures.UNKNOWN, "no_id", "The answer holds no message id.", 0)
    return SendResult(SendState.ACCEPTED, platform_id=message_id)


def _request(call: Call, places: Places) -> transport.Request:
    url = f"{call.base_url.rstrip('/')}/{places.graph_version}/{call.edge}"
    if call.app_secret:
        url += "?" + urlencode({"appsecret_proof": appsecret_proof(call.app_secret, call.token)})
    # the token travels in a header: URLs end up in logs
    headers = {"Authorization": f"Bearer {call.token}", "Content-Type": "application/json"}
    body = json.dumps(call.content or {}).encode("ascii")
    if call.form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode(call.form).encode("ascii")
    return transport.Request(url, headers, body, places.connect_seconds, places.read_seconds)


def _refused(answer: transport.Answer, error: wire.Json) -> SendResult:
    code, subcode = wire.number(error, "code"), wire.number(error, "error_subcode")
    verdict = failures.of_error(
        answer.status, code, subcode, transient=wire.flag(error, "is_transient")
    )
    shown = f"{code}/{subcode}" if subcode else str(code)
    said = [error.get(key) for key in ("error_user_msg", "message")]
    text = next((wire.clean(one) for one in said if isinstance(one, str) and one), "")
    return _result(verdict, shown, text, _wait(answer, verdict))


def _result(verdict: failures.Verdict, code: str, text: str, wait: int) -> SendResult:
    return SendResult(
        verdict.state,
        error_class=verdict.error_class,
        error_code=code,
        error_text=text[:MAX_ERROR_TEXT],
        retry_after_seconds=wait,
    )


def _wait(answer: transport.Answer, verdict: failures.Verdict) -> int:
    """Return the longest wait that the rule, Retry-After and the usage header (minutes) ask for."""
    waits = [verdict.wait_seconds, wire.number(answer.headers, "retry-after")]
    try:
        usage = wire.as_object(
            wire.read(answer.headers.get("x-business-use-case-usage", "{}").encode()), "usage"
        )
        for account in usage:
            uses = [wire.as_object(use, "use") for use in wire.rows(usage, account)]
            waits += [60 * wire.number(use, _REGAIN) for use in uses]
    except PayloadError:
        pass  # the header is a hint; a new shape of it must not turn a throttle into a failure
    return max(waits)


def _message_id(told: wire.Json) -> str:
    """Return the id of the new message or comment: each of the networks names it differently."""
    messages = wire.rows(told, "messages")
    if messages:
        return wire.ident(wire.as_object(messages[0], "message"), "id")
    return wire.ident(told, "message_id") or wire.ident(told, "id")
