"""Answering and moderating comments, as the channel itself. Each costs 50 units of the quota."""

from collections.abc import Mapping

from chalicelib.channels.answers import accepted, ident, refused
from chalicelib.channels.places import Places
from chalicelib.channels.verdicts import cannot
from chalicelib.channels.youtube.api import Api
from chalicelib.channels.youtube.inbound import thread_of
from chalicelib.workflows.networks import ErrorClass, Outgoing, SendResult, SendState

_STATUSES = {"hide": "heldForReview", "unhide": "published", "delete": "rejected"}
"""Only its writer can delete a comment; a channel rejects it, which cannot be taken back."""


def send(outgoing: Outgoing, secret: Mapping[str, object], places: Places) -> SendResult:
    """Answer in the comment's thread, once. Threads have one level: a reply is answered there too.

    YouTube does not recognise repeats, so an attempt without an answer stays unknown.
    """
    comment = outgoing.reply_to_id
    if not comment:
        return refused(ErrorClass.CONTENT, "nothing_to_answer", "There is no comment to answer.")
    about = {"parentId": thread_of(comment) or comment, "textOriginal": outgoing.text}
    found = Api(secret, places).change("comments", {"part": "snippet"}, {"snippet": about})
    if isinstance(found, SendResult):
        return found
    return accepted(ident(found, "id"))


def moderate(
    platform_id: str, action: str, secret: Mapping[str, object], places: Places
) -> SendResult:
    """Hold a comment for review, publish it again, or reject it. Twice is the same as once."""
    status = _STATUSES.get(action)
    if status is None:
        return cannot(action)
    query = {"id": platform_id, "moderationStatus": status}
    found = Api(secret, places).change("comments/setModerationStatus", query)
    if isinstance(found, SendResult):
        return found
    return SendResult(SendState.ACCEPTED, platform_id=platform_id)
