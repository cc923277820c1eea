"""The Bot API: one call, and what its answer says about the message.

A call's path holds the bot's token: no URL of Telegram leaves this file or files.py, neither in an
error nor in a log.
"""

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from chalicelib.channels import answers, transport, verdicts, waits, wire
from chalicelib.channels.contract import PayloadError, Secret
from chalicelib.channels.places import Places
from chalicelib.channels.telegram import failures
from chalicelib.channels.telegram.signature import tokens_of
from chalicelib.workflows.networks import ErrorClass, SendResult, SendState

HOST = "https://api.telegram.org"
_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{1,200}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Key:
    """What a bot proves itself with. `hidden` is everything that no text of ours may show."""

    token: str
    hidden: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """One method with its parameters, as JSON or already encoded with a file."""

    method: str
    fields: Mapping[str, object]
    body: bytes = b""
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a method returned."""

    result: object

    @property
    def table(self) -> wire.Json:
        """Return the result as an object; an empty one when it is none."""
        return self.result if isinstance(self.result, dict) else {}


class _Quiet(logging.Filter):
    """Drops what the HTTP library notes of a call to a bot: it would hold the token."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "/bot" not in record.getMessage()


_QUIET = _Quiet()


def key_of(secret: Secret) -> Key | SendResult:
    """Return the bot's token, or that there is none that could be one."""
    token = secret.get("token")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        text = "The secret holds no bot token."
        return answers.refused(ErrorClass.CHANNEL, "no_token", text)
    return Key(token, (token, *tokens_of(secret)))


def url_of(key: Key, places: Places, path: str) -> str:
    """Return the address of a path, `/bot` in it standing for the bot's own part."""
    hush()
    return places.place("telegram", HOST) + path.replace("/bot", f"/bot{key.token}", 1)


def hush() -> None:
    """Keep the HTTP library from noting addresses that hold a token."""
    logging.getLogger("urllib3.connectionpool").addFilter(_QUIET)


def ask(call: Call, key: Key, places: Places) -> Reply | SendResult:
    """Make the call once and say how it ended.

    Never raises for what the platform or the network does.
    """
    body = call.body or json.dumps(call.fields).encode("ascii")
    request = transport.Request(
        url_of(key, places, f"/bot/{call.method}"),
        {"Content-Type": call.content_type, "Accept": "application/json"},
        body,
        places.connect_seconds,
        places.read_seconds,
    )
    answer = answers.attempt(request)
    found = answer if isinstance(answer, SendResult) else _read(answer)
    return found if isinstance(found, Reply) else answers.withheld(found, key.hidden)


def _read(answer: transport.Answer) -> Reply | SendResult:
    try:
        told = wire.as_object(wire.read(answer.body), "answer")
        explained = told.get("ok") is False
        parameters = wire.table(told, "parameters") if explained else {}
    except PayloadError:
        told, explained, parameters = {}, False, {}
    if told.get("ok") is True and answer.ok:
        return Reply(told.get("result"))
    if not explained:
        verdict = failures.of_status(answer.status)
        return _result(verdict, f"http_{answer.status}", "", waits.asked(answer))
    return _refused(answer.status, told, parameters)


def _refused(status: int, told: wire.Json, parameters: wire.Json) -> SendResult:
    said = told.get("description")
    text = wire.clean(said) if isinstance(said, str) else ""
    moved = parameters.get("migrate_to_chat_id")
    if isinstance(moved, int | str) and moved:
        text = f"The group became a supergroup: its id is {moved} now."
        return verdicts.RECIPIENT.result("group_migrated", text)
    code = wire.number(told, "error_code") or status
    verdict = failures.of_error(code, text)
    wait = wire.number(parameters, "retry_after")
    return _result(verdict, str(code), text, wait if code == HTTPStatus.TOO_MANY_REQUESTS else 0)


def _result(verdict: verdicts.Verdict, code: str, text: str, wait: int) -> SendResult:
    return verdict.result(code, text, wait if verdict.state is SendState.RETRY else 0)
