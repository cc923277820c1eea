"""Direct messages of a stretch of time, by the Conversations API of Messenger and Instagram.

Instagram gives at most the twenty newest messages of a conversation.
"""

from collections.abc import Iterator, Sequence

from chalicelib.channels import answers, wire
from chalicelib.channels.instant import instant
from chalicelib.channels.meta import account
from chalicelib.channels.meta.look import Look, after_of
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import ChannelEvent

_MESSAGE = (
    "id,created_time,from,to,message,attachments{id,mime_type,name,image_data,video_data,file_url}"
)
_CONVERSATION = f"updated_time,messages.limit(50){{{_MESSAGE}}}"


def of_account(look: Look) -> Iterator[Sequence[ChannelEvent]]:
    """Yield the messages of an account, a conversation at a time. Raises PollError."""
    instagram = look.missed.handle.channel is Channel.INSTAGRAM
    ours, name = _ours(look), "instagram" if instagram else "page"
    query = {
        "platform": "instagram" if instagram else "messenger",
        "fields": f"id,{_CONVERSATION}",
        "limit": "25",
    }
    for page in look.pages(f"{account.node(look.missed.handle)}/conversations", query):
        for talk in page:
            if not look.too_old(talk, "updated_time"):
                for messages in _messages(look, talk):
                    entries = [_entry(look, one, ours) for one in messages]
                    yield look.events(name, [entry for entry in entries if entry])
        if page and look.too_old(page[-1], "updated_time"):
            return


def _messages(look: Look, talk: wire.Json) -> Iterator[Sequence[wire.Json]]:
    """Yield a conversation's messages: the embedded page, and further ones while they are new."""
    first = answers.part(talk, "messages")
    found, cursor = answers.parts(first, "data"), after_of(first)
    yield found
    where = talk.get("id")
    if not (isinstance(where, str) and cursor and found):
        return
    if look.too_old(found[-1], "created_time"):
        return
    query = {"fields": _MESSAGE, "limit": "50", "after": cursor}
    for page in look.pages(f"{where}/messages", query):
        yield page
        if page and look.too_old(page[-1], "created_time"):
            return


def _ours(look: Look) -> frozenset[str]:
    """Return every id and name that our own messages may carry as their sender."""
    handle = look.missed.handle
    names = {handle.account_id, account.node(handle)}
    if handle.channel is Channel.INSTAGRAM:  # there our own id may be another one than webhooks use
        found = look.ask(handle.account_id, {"fields": "username"})
        names.add(f"@{found.get('username')}")
    return frozenset(names)


def _entry(look: Look, message: wire.Json, ours: frozenset[str]) -> wire.Json | None:
    """Return a message as its webhook would have told it; None without a customer."""
    sender = answers.part(message, "from")
    receiver = next(iter(answers.parts(answers.part(message, "to"), "data")), {})
    own = _is(sender, ours)
    customer, at = (receiver if own else sender).get("id"), instant(message.get("created_time"))
    if not customer or at is None:
        return None
    ends = [{"id": look.account_id}, {"id": customer}]
    item = {
        "sender": ends[0] if own else ends[1],
        "recipient": ends[1] if own else ends[0],
        "timestamp": int(at.timestamp() * 1000),
        "message": {
            "mid": message.get("id"),
            "text": message.get("message") or "",
            "attachments": _attachments(message),
            "is_echo": own,
        },
    }
    return {"id": look.account_id, "time": item["timestamp"], "messaging": [item]}


def _is(sender: wire.Json, ours: frozenset[str]) -> bool:
    return str(sender.get("id")) in ours or f"@{sender.get('username')}" in ours


def _attachments(message: wire.Json) -> list[wire.Json]:
    return [_attachment(one) for one in answers.parts(answers.part(message, "attachments"), "data")]


def _attachment(one: wire.Json) -> wire.Json:
    for kind in ("image", "video"):
        url = answers.part(one, f"{kind}_data").get("url")
        if url:
            return {"type": kind, "payload": {"url": url}}
    kind = "audio" if str(one.get("mime_type")).startswith("audio/") else "file"
    return {"type": kind, "payload": {"url": one.get("file_url")}}
