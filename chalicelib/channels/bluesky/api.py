"""XRPC: one call in an open session, and what its answer means."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlencode

from chalicelib.channels import answers, transport, verdicts, waits, wire
from chalicelib.channels.bluesky import sessions
from chalicelib.channels.contract import Secret
from chalicelib.channels.places import Places
from chalicelib.channels.questions import poll_error
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import ErrorClass, SendResult

SERVICE = "https://bsky.social"
CHAT = {"atproto-proxy": "did:web:api.bsky.chat#bsky_chat"}
"""Sends a call on to the service for private messages."""

MAX_BYTES = 6_000_000
NO_SCOPE = "no_chat_scope"
"""The app password was made without access to direct messages: another session has none either."""

_ENDED = ("ExpiredToken", "InvalidToken")
_CHANNEL = (
    *_ENDED,
    NO_SCOPE,
    "AuthenticationRequired",
    "AuthMissing",
    "AuthFactorTokenRequired",
    "AccountTakedown",
    "AccountDeactivated",
    "AccountSuspended",
)
_RECIPIENT = (
    "BlockedActor",
    "BlockedSubject",
    "MessagesDisabled",
    "NotFollowedBySender",
    "RecipientNotFound",
    "InvalidConvo",
)


@dataclass(frozen=True, slots=True)
class Call:
    """One method. With a body it is a POST."""

    method: str
    query: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def change(method: str, content: object, headers: Mapping[str, str] | None = None) -> Call:
    """Return a call that changes something, with its content as JSON."""
    body = json.dumps(content).encode("ascii")
    return Call(method, (), body, {"Content-Type": "application/json", **(headers or {})})


@dataclass(frozen=True, slots=True)
class Account:
    """An account that can be called as."""

    login: sessions.Login
    places: Places

    @property
    def hidden(self) -> tuple[str, ...]:
        """Return what no text of ours may show."""
        session = sessions.known(self.login, self.places.now())
        return (self.login.password, session.token if session else "")


def account_of(handle: Handle, secret: Secret, places: Places) -> Account | SendResult:
    """Return the handle's account, or what is missing to open it."""
    identifier, password = secret.get("identifier"), secret.get("password")
    if not isinstance(identifier, str) or not isinstance(password, str):
        identifier = password = ""
    if not identifier or not password:
        text = "The secret lacks identifier or password."
        return answers.refused(ErrorClass.CHANNEL, "no_password", text)
    url = places.place("bluesky", handle.settings.get("service", SERVICE))
    return Account(sessions.Login(url, identifier, password), places)


def ask(call: Call, account: Account) -> wire.Json | SendResult:
    """Make the call and say how it ended. A session that ended is opened anew, once.

    What the service refused for its session it has not done, so that it may be asked again.
    """
    session = opened(account)
    if isinstance(session, SendResult):
        return session
    told = _exchange(call, account, session.token)
    if isinstance(told, SendResult) and told.error_code in _ENDED:
        sessions.forget(account.login)
        session = opened(account)
        if isinstance(session, SendResult):
            return session
        told = _exchange(call, account, session.token)
    return told


def asked(call: Call, account: Account) -> wire.Json:
    """Return the answer to a question. Raises PollError when there is none."""
    told = ask(call, account)
    if isinstance(told, SendResult):
        raise poll_error(told)
    return told


def opened(account: Account) -> sessions.Session | SendResult:
    """Return the open session, or open one. Nothing was sent when that fails."""
    now = account.places.now()
    found = sessions.known(account.login, now)
    if found is not None:
        return found
    login = account.login
    content = {"identifier": login.identifier, "password": login.password}
    told = _exchange(change("com.atproto.server.createSession", content), account, "")
    if isinstance(told, SendResult):
        return answers.again(told)
    made = sessions.read(told, now)
    if made is None:
        return answers.refused(ErrorClass.CHANNEL, "no_session", "The service opened no session.")
    sessions.keep(login, made)
    return made


def _exchange(call: Call, account: Account, token: str) -> wire.Json | SendResult:
    query = f"?{urlencode(call.query)}" if call.query else ""
    bearer = {"Authorization": f"Bearer {token}"} if token else {}
    places = account.places
    answer = answers.attempt(
        transport.Request(
            f"{account.login.url}/xrpc/{call.method}{query}",
            {"Accept": "application/json", **bearer, **call.headers},
            call.body,
            places.connect_seconds,
            places.read_seconds,
            method="POST" if call.body else "GET",
            most_bytes=MAX_BYTES,
        )
    )
    if isinstance(answer, SendResult):
        return answer
    told = answers.told(answer)
    if answer.ok:
        return told
    return answers.withheld(_refused(answer, told, places.now()), (*account.hidden, token))


def _refused(answer: transport.Answer, told: wire.Json, now: datetime) -> SendResult:
    name, said = told.get("error"), told.get("message")
    text = wire.clean(said) if isinstance(said, str) else ""
    code = name[:80] if isinstance(name, str) and name.isascii() else ""
    if "token scope" in text.lower():
        code = NO_SCOPE
    verdict = _verdict(answer.status, code)
    throttled = verdict is verdicts.THROTTLED
    wait = waits.until(answer, "ratelimit-reset", now) or waits.asked(answer) if throttled else 0
    return verdict.result(code or f"http_{answer.status}", text, wait)


def _verdict(status: int, code: str) -> verdicts.Verdict:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return verdicts.THROTTLED
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return verdicts.RETRY
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return verdicts.UNKNOWN
    if code in _RECIPIENT:
        return verdicts.RECIPIENT
    moved = status < HTTPStatus.BAD_REQUEST  # redirects are not followed
    if moved or code in _CHANNEL or status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return verdicts.CHANNEL
    return verdicts.CONTENT
