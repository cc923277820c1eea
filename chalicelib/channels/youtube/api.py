"""Calls to the YouTube Data API v3: with a key what everybody may read, else as the channel."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from chalicelib.channels import answers, transport, wire
from chalicelib.channels.answers import refused
from chalicelib.channels.contract import PayloadError
from chalicelib.channels.places import Places
from chalicelib.channels.youtube import failures
from chalicelib.workflows.networks import ErrorClass, SendResult, SendState

MOST_BYTES = 4_000_000  # a hundred threads with five replies of up to 10,000 characters each
_API, _OAUTH = "https://www.googleapis.com", "https://oauth2.googleapis.com"
_GRANT = ("client_id", "client_secret", "refresh_token")


@dataclass(frozen=True, slots=True)
class Api:
    """The API with a handle's keys. Every call ends in an object, or in how it failed."""

    secret: Mapping[str, object]
    places: Places

    def read(self, path: str, query: Mapping[str, str]) -> wire.Json | SendResult:
        """Read what is public: by the key where there is one, else as the channel."""
        key = self._text("api_key")
        return self._get(path, query, {"X-Goog-Api-Key": key}) if key else self.own(path, query)

    def own(self, path: str, query: Mapping[str, str]) -> wire.Json | SendResult:
        """Read as the channel itself."""
        token = self._token()
        return token if isinstance(token, SendResult) else self._get(path, query, token)

    def change(
        self, path: str, query: Mapping[str, str], content: object = None
    ) -> wire.Json | SendResult:
        """Change something as the channel itself, once."""
        token = self._token()
        if isinstance(token, SendResult):
            return token
        headers = {**token, "Content-Type": "application/json"}
        body = json.dumps(content).encode("ascii") if content is not None else b""
        return self._answered(self._request(f"{self._url(path)}?{urlencode(query)}", headers, body))

    def _get(
        self, path: str, query: Mapping[str, str], headers: Mapping[str, str]
    ) -> wire.Json | SendResult:
        request = self._request(f"{self._url(path)}?{urlencode(query)}", headers, b"")
        return self._answered(replace(request, method="GET"))

    def _token(self) -> Mapping[str, str] | SendResult:
        """Return the header that proves us to be the channel, got with the refresh token.

        Whatever happens here, nothing has been sent yet.
        """
        form = {name: self._text(name) for name in _GRANT}
        if not all(form.values()):
            text = "The secret lacks client_id, client_secret or refresh_token."
            return refused(ErrorClass.CHANNEL, "no_token", text)
        url = self.places.place("google_oauth", _OAUTH) + "/token"
        body = urlencode({**form, "grant_type": "refresh_token"}).encode("ascii")
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        found = self._answered(self._request(url, headers, body))
        if isinstance(found, SendResult):
            return answers.again(found)
        token = found.get("access_token")
        if not isinstance(token, str) or not token.isascii():
            return refused(ErrorClass.CHANNEL, "no_token", "Google gave no access token.")
        return {"Authorization": f"Bearer {token}"}

    def _answered(self, request: transport.Request) -> wire.Json | SendResult:
        answer = answers.attempt(request)
        if isinstance(answer, SendResult):
            return answer
        if not answer.ok:
            mine = (one for one in self.secret.values() if isinstance(one, str))
            bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
            return answers.withheld(failures.of(answer, self.places.now()), (*mine, bearer))
        try:
            return wire.as_object(wire.read(answer.body or b"{}"), "answer")
        except PayloadError as error:
            text = "The answer cannot be read."
            return SendResult(
                SendState.UNKNOWN, "", ErrorClass.UNANSWERED, f"answer_{error.reason}", text
            )

    def _request(self, url: str, headers: Mapping[str, str], body: bytes) -> transport.Request:
        return transport.Request(
            url,
            headers,
            body,
            self.places.connect_seconds,
            self.places.read_seconds,
            most_bytes=MOST_BYTES,
        )

    def _url(self, path: str) -> str:
        return f"{self.places.place('youtube', _API)}/youtube/v3/{path}"

    def _text(self, name: str) -> str:
        value = self.secret.get(name)
        return value if isinstance(value, str) else ""
