"""Replies by an official account: pushed, because a reply token is dead before an agent has read.

https://developers.line.biz/en/docs/messaging-api/retrying-api-request/: with a retry key LINE takes
a message once within 24 hours, however often it is sent.
"""

import re
from http import HTTPStatus
from uuid import UUID, uuid5

from chalicelib.channels import answers, transport, verdicts, wire
from chalicelib.channels.contract import PayloadError, Secret
from chalicelib.channels.line import api, failures
from chalicelib.channels.places import Places
from chalicelib.workflows.networks import ErrorClass, Outgoing, SendResult, SendState

_KEYS = UUID("3c1f6a52-7d0e-5b46-9a55-0d5d7c2f4e81")
"""The namespace of our retry keys: any UUID will do, as long as it never changes."""

_WHERE = re.compile(r"[UCR][0-9a-f]{32}", re.ASCII)


def send(outgoing: Outgoing, secret: Secret, places: Places) -> SendResult:
    """Send one text.

    The same message has the same retry key at every attempt, so an attempt without an answer is
    made again. Never raises.
    """
    key = api.key_of(secret)
    if isinstance(key, SendResult):
        return key
    where = outgoing.post_id if outgoing.public else outgoing.recipient
    if not _WHERE.fullmatch(where):
        text = "There is no user or group of LINE to write to."
        return answers.refused(ErrorClass.RECIPIENT, "no_chat", text)
    if outgoing.files:
        return verdicts.cannot("file")
    answer = api.ask(_push(outgoing, where), key, places)
    if isinstance(answer, SendResult):
        return answers.again(answer)
    if answer.ok or answer.status == HTTPStatus.CONFLICT:
        return _accepted(answer)
    return answers.withheld(failures.of_answer(answer), key.hidden)


def retry_key(outgoing: Outgoing) -> str:
    """Return the UUID under which LINE recognises a message of ours."""
    return str(uuid5(_KEYS, f"{outgoing.handle.id}/{outgoing.token}"))


def _push(outgoing: Outgoing, where: str) -> api.Call:
    fields = {"to": where, "messages": [{"type": "text", "text": outgoing.text}]}
    headers = {"X-Line-Retry-Key": retry_key(outgoing)}
    return api.Call("POST", "/v2/bot/message/push", fields, headers)


def _accepted(answer: transport.Answer) -> SendResult:
    """Return the yes. 409 is one too: LINE had taken this message at an earlier attempt.

    A yes without an id is asked for again. LINE then says 409, and that needs no id.
    """
    number = _id(answer)
    if answer.ok:
        return answers.again(answers.accepted(number))
    return SendResult(SendState.ACCEPTED, platform_id=number)


def _id(answer: transport.Answer) -> str:
    try:
        rows = wire.rows(answers.told(answer), "sentMessages")
        return wire.ident(wire.as_object(rows[0], "sent"), "id") if rows else ""
    except PayloadError:
        return ""
