"""What Meta would refuse, refused before a call is made: files, captions, invitations."""

from chalicelib.channels.answers import refused
from chalicelib.channels.meta import limits
from chalicelib.channels.meta.bodies import whatsapp_kind
from chalicelib.channels.meta.instagram import MENTION
from chalicelib.domain.channel import Channel
from chalicelib.workflows.networks import ErrorClass, File, Outgoing, SendResult

MAX_CAPTION = 1_024
_MEGABYTE = 1_000_000
_WHATSAPP_MOST = {"image": 5, "video": 16, "audio": 16, "document": 100}
_DIRECT_MOST = {"image": 8, "video": 25, "audio": 25, "document": 25}
_INSTAGRAM_DOCUMENT = "application/pdf"


def of(outgoing: Outgoing) -> SendResult | None:
    """Return why Meta would refuse this message, or None when it would not."""
    if outgoing.invite:
        return _invitation(outgoing)
    if not outgoing.files:
        return None
    file = outgoing.files[0]
    if outgoing.public:
        return _public(outgoing, file)
    if outgoing.handle.channel is Channel.WHATSAPP:
        return _whatsapp(outgoing, file)
    return _direct(outgoing, file)


def _invitation(outgoing: Outgoing) -> SendResult | None:
    if outgoing.post_id.startswith(MENTION):
        return _no("cannot_invite", "Instagram takes no private reply to a mention elsewhere.")
    if outgoing.files or outgoing.template is not None:
        return _no("invite_with_file", "An invitation is words alone.")
    can = limits.capabilities(outgoing.handle.channel, public=False)
    if can.measure(outgoing.text) > can.text_limit:
        return _no("text_too_long", f"The limit is {can.text_limit} {can.text_unit} in private.")
    return None


def _public(outgoing: Outgoing, file: File) -> SendResult | None:
    if (outgoing.handle.channel, file.kind) == (Channel.FACEBOOK_PAGE, "image"):
        return None
    return _no("file_kind", "A comment takes one picture, on Facebook alone.")


def _direct(outgoing: Outgoing, file: File) -> SendResult | None:
    if outgoing.text.strip():
        return _no("text_with_file", "A message here is text or one file: send them one by one.")
    is_instagram = outgoing.handle.channel is Channel.INSTAGRAM
    if is_instagram and file.kind == "document" and file.mime_type != _INSTAGRAM_DOCUMENT:
        return _no("file_kind", "Instagram takes pictures, videos, sounds and PDF files.")
    return _too_large(file, _DIRECT_MOST[file.kind])


def _whatsapp(outgoing: Outgoing, file: File) -> SendResult | None:
    kind = whatsapp_kind(file)
    if kind == "audio" and outgoing.text.strip():
        return _no("text_with_file", "A sound takes no words: send them one by one.")
    if len(outgoing.text) > MAX_CAPTION:
        return _no("caption_too_long", f"Words with a file: at most {MAX_CAPTION} characters.")
    return _too_large(file, _WHATSAPP_MOST[kind])


def _too_large(file: File, megabytes: int) -> SendResult | None:
    if file.size <= megabytes * _MEGABYTE:
        return None
    return _no("file_too_large", f"The limit for this kind of file is {megabytes} MB.")


def _no(code: str, text: str) -> SendResult:
    return refused(ErrorClass.CONTENT, code, text)
