"""Files that customers sent: LINE keeps them for a while under the message's id."""

from http import HTTPStatus
from urllib.parse import quote

from chalicelib.channels import download, transport, wire
from chalicelib.channels.contract import PayloadError, Secret
from chalicelib.channels.line import api
from chalicelib.channels.places import Places
from chalicelib.domain.event import Attachment
from chalicelib.workflows.networks import Fetched, FetchError, FetchLaterError, SendResult

_PREPARED = ("video", "audio")
"""Kinds that LINE converts first: until then their content is empty or cut short."""


def fetch(attachment: Attachment, most: int, secret: Secret, places: Places) -> Fetched:
    """Return a file of at most `most` bytes. Raises FetchError or FetchLaterError.

    What somebody else holds is fetched from there, without our token.
    """
    if not attachment.media_id:
        return download.fetch(attachment.url, {}, most, places)
    key = api.key_of(secret)
    if isinstance(key, SendResult):
        raise FetchError("no_token")
    path = f"/v2/bot/message/{quote(attachment.media_id, safe='')}/content"
    if attachment.kind in _PREPARED:
        _ready(api.data_url(places, f"{path}/transcoding"), key, places)
    found = download.fetch(api.data_url(places, path), key.headers, most, places)
    if not found.body:  # 202: LINE still prepares it
        raise FetchLaterError("not_ready")
    return Fetched(found.body, found.mime_type, attachment.name or found.name)


def _ready(url: str, key: api.Key, places: Places) -> None:
    """Return when LINE has converted the file. Raises FetchError or FetchLaterError."""
    told = download.fetch(url, key.headers, transport.MAX_ANSWER_BYTES, places)
    try:
        status = wire.text(wire.as_object(wire.read(told.body), "answer"), "status")
    except PayloadError as error:
        raise FetchLaterError(error.reason) from error
    if status == "failed":
        raise FetchError("gone")
    if status != "succeeded":
        raise FetchLaterError(HTTPStatus.ACCEPTED.phrase)
