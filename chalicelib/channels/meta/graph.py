"""The Graph API: one call, and what its answer says about the message."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from chalicelib.channels import answers, transport, verdicts, waits, wire
from chalicelib.channels.contract import PayloadError
from chalicelib.channels.meta import failures
from chalicelib.channels.meta.account import Key
from chalicelib.channels.meta.signature import appsecret_proof
from chalicelib.channels.places import Places
from chalicelib.workflows.networks import SendResult, SendState

_REGAIN = "estimated_time_to_regain_access"


@dataclass(frozen=True, slots=True)
class Call:
    """A call to an edge (`<id>/messages`). `form` is sent as a form, else `content` as JSON."""

    key: Key
    edge: str
    content: Mapping[str, object] | None = None
    form: Mapping[str, str] | None = None
    method: str = "POST"
    query: Mapping[str, str] = field(default_factory=dict)
    most_bytes: int = transport.MAX_ANSWER_BYTES


def send(call: Call, places: Places) -> SendResult:
    """Make the call once and say what became of the message.

    Never raises for what the platform or the network does.
    """
    answer = answers.attempt(_request(call, places))
    if isinstance(answer, SendResult):
        return answer
    return withheld(result_of(answer), call.key)


def change(call: Call, places: Places) -> SendResult:
    """Make a call that changes something and is answered `{"success": true}`."""
    answer = answers.attempt(_request(call, places))
    if isinstance(answer, SendResult):
        return answer
    if answer.ok and wire.flag(answers.told(answer), "success"):
        return SendResult(SendState.ACCEPTED)
    return withheld(result_of(answer), call.key)


def ask(call: Call, places: Places) -> wire.Json | SendResult:
    """Return what a call that only reads is told, or why there is no answer to read."""
    answer = answers.attempt(_request(call, places))
    if isinstance(answer, SendResult):
        return answer
    found = answers.told(answer)
    if answer.ok and found and not found.get("error"):
        return found
    return withheld(result_of(answer), call.key)


def withheld(result: SendResult, key: Key) -> SendResult:
    """Return the result without anything of our secret."""
    return answers.withheld(result, key.withheld)


def result_of(answer: transport.Answer) -> SendResult:
    """Return what an answer says about the message.

    Accepted is not sent: failures may still come as a status.
    """
    found = answers.told(answer)
    try:
        error = wire.table(found, "error")
        message_id = "" if error else _message_id(found)
    except PayloadError:
        error, message_id = {}, ""
    if error:
        return _refused(answer, error)
    if not answer.ok:
        verdict = failures.of_status(answer.status)
        return verdict.result(f"http_{answer.status}", "", _wait(answer, verdict))
    if not message_id:
        return answers.accepted("")
    return SendResult(SendState.ACCEPTED, platform_id=message_id, recipient=_recipient(found))


def _request(call: Call, places: Places) -> transport.Request:
    key, query = call.key, dict(call.query)
    if key.app_secret:
        query["appsecret_proof"] = appsecret_proof(key.app_secret, key.token)
    url = f"{key.base_url.rstrip('/')}/{places.graph_version}/{call.edge}"
    url += f"?{urlencode(query)}" if query else ""
    # the token travels in a header: URLs end up in logs
    headers, body = {"Authorization": f"Bearer {key.token}"}, b""
    if call.form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode(call.form).encode("ascii")
    elif call.content is not None:
        headers["Content-Type"] = "application/json"
        body = json.dumps(call.content).encode("ascii")
    return transport.Request(
        url,
        headers,
        body,
        places.connect_seconds,
        places.read_seconds,
        method=call.method,
        most_bytes=call.most_bytes,
    )


def _refused(answer: transport.Answer, error: wire.Json) -> SendResult:
    code, subcode = wire.number(error, "code"), wire.number(error, "error_subcode")
    verdict = failures.of_error(
        answer.status, code, subcode, transient=wire.flag(error, "is_transient")
    )
    shown = f"{code}/{subcode}" if subcode else str(code)
    said = [error.get(key) for key in ("error_user_msg", "message")]
    text = next((wire.clean(one) for one in said if isinstance(one, str) and one), "")
    return verdict.result(shown, text, _wait(answer, verdict))


def _wait(answer: transport.Answer, verdict: verdicts.Verdict) -> int:
    """Return the longest wait that the rule, Retry-After and the usage header (minutes) ask for."""
    found = [verdict.wait_seconds, waits.asked(answer)]
    try:
        usage = wire.as_object(
            wire.read(answer.headers.get("x-business-use-case-usage", "{}").encode()), "usage"
        )
        for account in usage:
            uses = [wire.as_object(use, "use") for use in wire.rows(usage, account)]
            found += [60 * wire.number(use, _REGAIN) for use in uses]
    except PayloadError:
        pass  # the header is a hint; a new shape of it must not turn a throttle into a failure
    return max(found)


def _recipient(found: wire.Json) -> str:
    """Return who got it: the answer to a private reply names the commenter's private id."""
    return answers.ident(found, "recipient_id")


def _message_id(found: wire.Json) -> str:
    """Return the id of the new message or comment: each of the networks names it differently."""
    messages = wire.rows(found, "messages")
    if messages:
        return wire.ident(wire.as_object(messages[0], "message"), "id")
    return wire.ident(found, "message_id") or wire.ident(found, "id")
