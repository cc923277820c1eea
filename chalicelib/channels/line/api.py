"""The Messaging API: one call. The token travels in a header only."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.channels import answers, transport
from chalicelib.channels.contract import Secret
from chalicelib.channels.line.signature import secrets_of
from chalicelib.channels.places import Places
from chalicelib.workflows.networks import ErrorClass, SendResult

HOST = "https://api.line.me"
DATA_HOST = "https://api-data.line.me"
"""Where the files of customers are; everything else is at HOST."""

_TOKEN = re.compile(r"[\x21-\x7e]{1,2000}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Key:
    """What the account proves itself with. `hidden` is everything that no text may show."""

    token: str
    hidden: tuple[str, ...]

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the header that proves us."""
        return {"Authorization": f"Bearer {self.token}"}


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `fields` become the body; without them there is none."""

    method: str
    path: str
    fields: Mapping[str, object] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def key_of(secret: Secret) -> Key | SendResult:
    """Return the account's token, or that there is none that could be one."""
    token = secret.get("access_token")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        text = "The secret holds no channel access token."
        return answers.refused(ErrorClass.CHANNEL, "no_token", text)
    return Key(token, (token, *secrets_of(secret)))


def ask(call: Call, key: Key, places: Places) -> transport.Answer | SendResult:
    """Make the call once: LINE's answer, or how it ended without one."""
    return answers.attempt(
        transport.Request(
            f"{places.place('line', HOST)}{call.path}",
            {
                "Content-Type": "application/json",
                "Accept": "application/json",
                **key.headers,
                **call.headers,
            },
            b"" if call.fields is None else json.dumps(call.fields).encode("ascii"),
            places.connect_seconds,
            places.read_seconds,
            method=call.method,
        )
    )


def data_url(places: Places, path: str) -> str:
    """Return the address of a customer's file."""
    return f"{places.place('line', DATA_HOST)}{path}"
