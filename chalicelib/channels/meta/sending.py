"""Replies on Meta's channels: which call says what (protocols 1.8)."""

from collections.abc import Mapping
from dataclasses import replace

from chalicelib.channels.answers import refused
from chalicelib.channels.meta import account, bodies, graph, refusal
from chalicelib.channels.meta.instagram import MENTION
from chalicelib.channels.places import Places
from chalicelib.domain.channel import Channel
from chalicelib.workflows.networks import ErrorClass, Outgoing, SendResult


def send(outgoing: Outgoing, secret: Mapping[str, object], places: Places) -> SendResult:
    """Send one message, once.

    A handle without a token, nothing to answer to, or what Meta is known to refuse is refused
    without a call.
    """
    key = account.key(outgoing.handle, secret, places)
    if key is None:
        return refused(ErrorClass.CHANNEL, "no_token", "There is no access token for this account.")
    no = refusal.of(outgoing)
    if no is not None:
        return no
    call = _call(outgoing, key)
    if call is None:
        text = "A public reply or an invitation needs a post or a comment to answer."
        return refused(ErrorClass.CONTENT, "nothing_to_answer", text)
    result = graph.send(call, places)
    return result if outgoing.invite else replace(result, recipient="")


def _call(outgoing: Outgoing, key: account.Key) -> graph.Call | None:
    handle, by_login = outgoing.handle, account.by_instagram_login(outgoing.handle)
    if outgoing.invite:
        edge = f"{account.node(handle)}/messages"
        content = bodies.private_reply(outgoing, metadata=not by_login)
        return graph.Call(key, edge, content=content) if outgoing.reply_to_id else None
    if outgoing.public:
        return _comment(outgoing, key)
    if handle.channel is Channel.WHATSAPP:
        return graph.Call(key, f"{handle.account_id}/messages", content=bodies.whatsapp(outgoing))
    content = bodies.instagram(outgoing) if by_login else bodies.messenger(outgoing)
    return graph.Call(key, f"{account.node(handle)}/messages", content=content)


def _comment(outgoing: Outgoing, key: account.Key) -> graph.Call | None:
    """Return the public answer to a comment, a post, or a mention under somebody else's post."""
    form = {"message": outgoing.text} if outgoing.text.strip() else {}
    if outgoing.post_id.startswith(MENTION):
        media = outgoing.post_id.removeprefix(MENTION)
        about = {"media_id": media, "comment_id": outgoing.reply_to_id}
        if outgoing.reply_to_id in ("", media):
            del about["comment_id"]
        return graph.Call(key, f"{outgoing.handle.account_id}/mentions", form={**about, **form})
    if outgoing.files:
        form["attachment_url"] = outgoing.files[0].url
    target = outgoing.reply_to_id or outgoing.post_id
    edge = "replies" if outgoing.handle.channel is Channel.INSTAGRAM else "comments"
    return graph.Call(key, f"{target}/{edge}", form=form) if target else None
