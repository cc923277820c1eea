"""Files that customers sent: Telegram names a path, and the path is fetched with the token."""

import re
from http import HTTPStatus
from urllib.parse import quote

from chalicelib.channels import download, wire
from chalicelib.channels.contract import Secret
from chalicelib.channels.places import Places
from chalicelib.channels.telegram import api
from chalicelib.domain.event import Attachment
from chalicelib.workflows.networks import (
    Fetched,
    FetchError,
    FetchLaterError,
    SendResult,
    SendState,
)

_PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*")


def fetch(attachment: Attachment, most: int, secret: Secret, places: Places) -> Fetched:
    """Return a file of at most `most` bytes; Telegram itself gives bots at most 20 MB.

    Raises FetchError or FetchLaterError. The address that is fetched holds the token, and a path
    lives for an hour: neither is kept, and no error names them.
    """
    if not attachment.media_id:
        raise FetchError("no_file")
    key = api.key_of(secret)
    if isinstance(key, SendResult):
        raise FetchError("no_token")
    told = api.ask(api.Call("getFile", {"file_id": attachment.media_id}), key, places)
    if isinstance(told, SendResult):
        raise _error(told)
    if wire.number(told.table, "file_size") > most:
        raise FetchError("too_large")
    path = told.table.get("file_path")
    if not isinstance(path, str) or not _PATH.fullmatch(path) or ".." in path:
        raise FetchError("no_file")
    url = api.url_of(key, places, f"/file/bot/{quote(path)}")
    try:
        found = download.fetch(url, {}, most, places)
    except FetchError as error:
        raise FetchError(error.reason) from None
    except FetchLaterError as error:
        raise FetchLaterError(str(error)) from None
    return Fetched(found.body, found.mime_type, attachment.name or found.name)


def _error(told: SendResult) -> FetchError | FetchLaterError:
    if told.state is not SendState.FAILED:
        return FetchLaterError(told.error_code)
    if "too big" in told.error_text.lower():
        return FetchError("too_large")
    revoked = told.error_code in (str(HTTPStatus.UNAUTHORIZED.value), "http_401")
    return FetchError("forbidden" if revoked else "gone")
