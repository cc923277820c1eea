"""Attachments of Meta's channels: by their own URL, or on WhatsApp by the id of a file.

WhatsApp's files need our access token, which must not go anywhere but to Meta: the address that
Meta names for the file is checked before it is asked.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from chalicelib.channels import download, wire
from chalicelib.channels.contract import PayloadError
from chalicelib.channels.meta import account, graph
from chalicelib.channels.places import Places
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import Attachment
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import (
    ErrorClass,
    Fetched,
    FetchError,
    FetchLaterError,
    SendResult,
    SendState,
)

_HOSTS = ("lookaside.fbsbx.com",)
_DOMAINS = (".whatsapp.net", ".fbcdn.net")
_LATER = (ErrorClass.THROTTLED, ErrorClass.UNAVAILABLE, ErrorClass.UNANSWERED)


def fetch(
    handle: Handle,
    attachment: Attachment,
    most: int,
    *,
    secret: Mapping[str, object],
    places: Places,
) -> Fetched:
    """Return the bytes of an attachment. Raises FetchError or FetchLaterError."""
    if handle.channel is not Channel.WHATSAPP:
        return download.fetch(attachment.url, {}, most, places)
    key = account.key(handle, secret, places)
    if key is None:
        raise FetchError("no_token")
    url = _url(key, handle, attachment, most, places)
    if not trusted(url, places):
        raise FetchError("strange_address")
    return download.fetch(url, {"Authorization": f"Bearer {key.token}"}, most, places)


def trusted(url: str, places: Places) -> bool:
    """Return whether a URL is one of Meta's own, which may see our access token.

    In a local run (`private_urls`) the host that plays the Graph API is one too.
    """
    try:
        parts = urlsplit(url)
        host, local = parts.hostname or "", urlsplit(places.graph_url)
    except ValueError:
        return False
    if places.private_urls and (parts.scheme, parts.netloc) == (local.scheme, local.netloc):
        return True
    return parts.scheme == "https" and (host in _HOSTS or host.endswith(_DOMAINS))


def _url(
    key: account.Key, handle: Handle, attachment: Attachment, most: int, places: Places
) -> str:
    """Return where the file is now: Meta's answer is good for five minutes."""
    if not attachment.media_id:
        return attachment.url
    query = {"phone_number_id": handle.account_id}
    call = graph.Call(key, attachment.media_id, method="GET", query=query)
    found = graph.ask(call, places)
    if isinstance(found, SendResult):
        raise _failure(found)
    if wire.number(found, "file_size") > most:
        raise FetchError("too_large")
    try:
        return wire.text(found, "url")
    except PayloadError as error:
        raise FetchError("no_url") from error


def _failure(result: SendResult) -> FetchError | FetchLaterError:
    if result.state is SendState.RETRY or result.error_class in _LATER:
        return FetchLaterError(result.error_code)
    return FetchError("no_access" if result.error_class is ErrorClass.CHANNEL else "gone")
