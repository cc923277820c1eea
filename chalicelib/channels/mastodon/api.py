"""The API of an instance: one call, and what its answer means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from chalicelib.channels import answers, transport, verdicts, waits, wire
from chalicelib.channels.contract import PayloadError, Secret
from chalicelib.channels.places import Places
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import ErrorClass, SendResult

MAX_BYTES = 6_000_000

Query = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Instance:
    """Where the account is, and what opens it. The token travels in a header only."""

    url: str
    token: str
    places: Places


@dataclass(frozen=True, slots=True)
class Call:
    """One call. With a body it is a POST."""

    path: str
    query: Query = ()
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """A good answer: its JSON, and its bytes where that could not be read."""

    value: object
    raw: bytes

    @property
    def table(self) -> wire.Json:
        """Return the value as an object; an empty one when it is none."""
        return self.value if isinstance(self.value, dict) else {}


def instance_of(handle: Handle, secret: Secret, places: Places) -> Instance | SendResult:
    """Return the handle's instance, or what is missing to reach it."""
    token, named = secret.get("token"), handle.settings.get("instance", "")
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
        text = "The secret holds no access token."
        return answers.refused(ErrorClass.CHANNEL, "no_token", text)
    url = places.place("mastodon", named)
    if not domain_of(handle):
        text = "The setting `instance` is no address such as https://social.example."
        return answers.refused(ErrorClass.CHANNEL, "no_instance", text)
    return Instance(url, token, places)


def domain_of(handle: Handle) -> str:
    """Return what stands after the @ of people on our own instance; empty when it is not known."""
    try:
        parts = urlsplit(handle.settings.get("instance", ""))
        host = parts.hostname or ""
    except ValueError:
        return ""
    return handle.settings.get("domain", host).lower() if parts.scheme == "https" and host else ""


def ask(call: Call, instance: Instance) -> Found | SendResult:
    """Make the call once and say how it ended.

    Never raises for what the platform or the network does.
    """
    query = f"?{urlencode(call.query)}" if call.query else ""
    places = instance.places
    answer = answers.attempt(
        transport.Request(
            f"{instance.url}{call.path}{query}",
            {
                "Authorization": f"Bearer {instance.token}",
                "Accept": "application/json",
                "User-Agent": "Hearback",
                **call.headers,
            },
            call.body,
            places.connect_seconds,
            places.read_seconds,
            method="POST" if call.body else "GET",
            most_bytes=MAX_BYTES,
        )
    )
    if isinstance(answer, SendResult):
        return answer
    if answer.ok:
        return Found(_value(answer.body), answer.body)
    return answers.withheld(_refused(answer, places.now()), (instance.token,))


def _refused(answer: transport.Answer, now: datetime) -> SendResult:
    told = _value(answer.body)
    said = told.get("error") if isinstance(told, dict) else ""
    text = wire.clean(said) if isinstance(said, str) else ""
    verdict = _verdict(answer.status, text.lower())
    throttled = verdict is verdicts.THROTTLED
    wait = waits.until(answer, "x-ratelimit-reset", now) or waits.asked(answer) if throttled else 0
    return verdict.result(f"http_{answer.status}", text, wait)


def _verdict(status: int, text: str) -> verdicts.Verdict:
    """Return what a status means. A repeat is recognised, so whatever may pass is tried again."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return verdicts.THROTTLED
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or "finished processing" in text:
        return verdicts.RETRY
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return verdicts.CHANNEL
    if status < HTTPStatus.BAD_REQUEST:  # the instance has moved; redirects are not followed
        return verdicts.CHANNEL
    return verdicts.CONTENT


def _value(body: bytes) -> object:
    try:
        return wire.read(body)
    except PayloadError:
        return None
