"""The files of a mail, out of the mail as it is stored; its HTML cleaned."""

from chalicelib.channels import markup
from chalicelib.channels.contract import PayloadError
from chalicelib.channels.email import mime
from chalicelib.channels.places import Places
from chalicelib.domain.event import Attachment
from chalicelib.workflows.networks import Fetched, FetchError, FetchLaterError

_TAGS = frozenset(
    "a abbr b blockquote br caption center cite code col colgroup dd del div dl dt em font h1 h2 h3"
    " h4 h5 h6 hr i img ins kbd li ol p pre q s samp small span strike strong sub sup table tbody"
    " td tfoot th thead tr tt u ul".split()
)
_HARMLESS = {"align", "colspan", "dir", "height", "lang", "rowspan", "title", "valign", "width"}
HTML_LIMIT = 2_000_000
MOST_DEPTH = 500
"""Characters, and tags within tags: nh3 takes minutes over tens of thousands of them."""

_UNSEEN = {"script", "style", "title", "template", "noscript", "iframe", "object", "form"}


def fetch(attachment: Attachment, most: int, places: Places) -> Fetched:
    """Return one part of a stored mail, or all of it.

    Raises FetchError when there is none or it is too large, FetchLaterError when the bucket could
    not be read.
    """
    key, mark, path = attachment.media_id.rpartition("#")
    if not mark or not key or places.stored_mail is None:
        raise FetchError("no_mail")
    body = _part(_stored(key, places), attachment.kind, path)
    if len(body) > most:
        raise FetchError("too_large")
    return Fetched(body, attachment.mime_type or "application/octet-stream", attachment.name)


def cleaned(html: str) -> str:
    """Return HTML that can be shown: no script, no style, no form, nothing from outside.

    Pictures of the mail itself stay as `cid:` links; any other source is taken away, because a
    picture from outside tells its sender who reads the mail, and when.
    """
    import nh3  # noqa: PLC0415  (a compiled library: only the worker that fetches pays for it)

    def kept(tag: str, name: str, value: str) -> str | None:
        if (tag, name) == ("img", "src"):
            return value if value.lower().startswith("cid:") else None
        return value

    return nh3.clean(
        html,
        tags=set(_TAGS),
        clean_content_tags=_UNSEEN,
        attributes={"*": _HARMLESS, "a": {"href"}, "img": {"src", "alt"}, "font": {"color"}},
        attribute_filter=kept,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel="noopener noreferrer nofollow",
    )


def _stored(key: str, places: Places) -> bytes:
    assert places.stored_mail is not None  # looked at by the caller
    try:
        return places.stored_mail(key)
    except LookupError:
        raise FetchError("gone") from None
    except Exception as error:
        raise FetchLaterError(type(error).__name__) from error


def _part(raw: bytes, kind: str, path: str) -> bytes:
    if kind == mime.ORIGINAL:
        return raw
    try:
        part = mime.part_at(mime.read(raw), path)
    except (LookupError, PayloadError):
        raise FetchError("no_such_part") from None
    if kind == mime.HTML:
        html = mime.text_of(part)
        if len(html) > HTML_LIMIT or markup.depth(html) > MOST_DEPTH:
            raise FetchError("html_intricate")
        return cleaned(html).encode("utf-8")
    return mime.bytes_of(part)
