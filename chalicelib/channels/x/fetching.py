"""Files of customers: public ones need no key, those of direct messages do."""

import re

from chalicelib.channels import answers, download
from chalicelib.channels.contract import PayloadError, Secret
from chalicelib.channels.places import Places
from chalicelib.channels.x import activity_post, api
from chalicelib.channels.x.keys import Keys, keys_of
from chalicelib.domain.event import Attachment
from chalicelib.workflows.networks import Fetched, FetchError, FetchLaterError, SendResult

_DIRECT = re.compile(
    r"https://ton\.(?:twitter|x)\.com/(?:1\.1|i)/ton/data/dm/"
    r"([0-9]{1,19})/([0-9]{1,19})/([A-Za-z0-9_.-]{1,50})(?::[a-z]+)?",
    re.ASCII,
)
"""Where the message says its picture is; that host wants a signature of its own kind, while
GET /2/dm_conversations/media gives the same picture to the account's token."""

_KEY = re.compile(r"[0-9]{1,4}_[0-9]{1,19}", re.ASCII)
_LATER = (429, 500, 502, 503, 504)


def fetch(attachment: Attachment, most: int, secret: Secret, places: Places) -> Fetched:
    """Return a file's bytes. Raises FetchError or FetchLaterError.

    The keys are sent to X's API alone, wherever a message says that its file is.
    """
    keys = keys_of(secret)
    direct = _DIRECT.fullmatch(attachment.url)
    if direct:
        path = f"/2/dm_conversations/media/{direct[1]}/{direct[2]}/{direct[3]}"
        asked = api.request(api.Call("GET", path), keys, places)
        return download.fetch(asked.url, asked.headers, most, places)
    url = attachment.url or _looked_up(attachment.media_id, keys, places)
    return download.fetch(url, {}, most, places)


def _looked_up(media_key: str, keys: Keys, places: Places) -> str:
    """Return where the file is that a post names by its key alone."""
    if not _KEY.fullmatch(media_key):
        raise FetchError("no_url")
    query = {"media.fields": "type,url,variants"}
    call = api.Call("GET", f"/2/media/{media_key}", query=query, by_app=True)
    answer = api.ask(call, keys, places)
    if isinstance(answer, SendResult) or answer.status in _LATER:
        raise FetchLaterError("media")
    try:
        url = activity_post.of_media(answers.part(answers.told(answer), "data")).url
    except PayloadError:
        url = ""
    if not answer.ok or not url:
        raise FetchError("gone")
    return url
