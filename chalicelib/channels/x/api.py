"""The API v2: one call, and its answer as JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from chalicelib.channels import answers, transport, wire
from chalicelib.channels.places import Places
from chalicelib.channels.x.keys import Keys
from chalicelib.workflows.networks import SendResult

HOST = "https://api.x.com"
MOST_ANSWER_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Call:
    """A call. `by_app`: proved by the app's own bearer instead of the account's keys.

    `path` begins with `/2/`; `content` is sent as JSON.
    """

    method: str
    path: str
    content: Mapping[str, object] | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    by_app: bool = False


def ask(call: Call, keys: Keys, places: Places) -> transport.Answer | SendResult:
    """Make the call once: X's answer, or how it ended without one."""
    return answers.attempt(request(call, keys, places))


def request(call: Call, keys: Keys, places: Places) -> transport.Request:
    """Return the request. The keys travel in a header: URLs end up in logs."""
    url = places.place("x", HOST) + call.path
    headers = {"Authorization": f"Bearer {keys.bearer}"}
    if not call.by_app:
        headers = keys.account(call.method, url, call.query, places.now())
    body = b""
    if call.content is not None:
        headers["Content-Type"] = "application/json"
        body = json.dumps(call.content).encode("ascii")
    asked = "?" + urlencode(call.query, quote_via=quote) if call.query else ""
    return transport.Request(
        url + asked,
        headers,
        body,
        places.connect_seconds,
        places.read_seconds,
        method=call.method,
        most_bytes=MOST_ANSWER_BYTES,
    )


def word(source: wire.Json, name: str) -> str:
    """Return a text or a whole number within an answer as text."""
    found = source.get(name)
    if isinstance(found, bool) or not isinstance(found, str | int):
        return ""
    return wire.clean(str(found))
