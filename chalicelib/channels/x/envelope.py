"""X's bodies: which of the two APIs one belongs to, and everything it holds, without a loss."""

from datetime import datetime

from chalicelib.channels import wire
from chalicelib.channels.contract import Ignored, Parsed, PayloadError, Unreadable
from chalicelib.channels.x import account_activity, activity
from chalicelib.channels.x.told import Found
from chalicelib.domain.event import ChannelEvent

_OTHERS = {"replay_job_status": "x.replay_job", "matching_rules": "x.filtered_stream"}
"""Bodies that X sends to the same address and that tell of no event of an account."""


def parse(body: bytes, received_at: datetime, account_id: str) -> Parsed:
    """Return the events of a body.

    The body itself names the account; `account_id` is the handle's and stands in where it does not.
    Raises PayloadError when it is no body of X's at all.
    """
    top = wire.as_object(wire.read(body), "body")
    for name, word in _OTHERS.items():
        if name in top:
            return Parsed(ignored=(word,))
    if account_activity.speaks(top):
        return _parsed(account_activity.read(top, received_at, account_id))
    if not isinstance(top.get("data"), dict):
        raise PayloadError("not_x")
    try:
        return _parsed(activity.read(top, received_at, account_id))
    except PayloadError as error:
        return Parsed(unreadable=(Unreadable(error.reason, body),))


def _parsed(found: Found) -> Parsed:
    return Parsed(
        events=tuple(one for one in found if isinstance(one, ChannelEvent)),
        ignored=tuple(one.word for one in found if isinstance(one, Ignored)),
        unreadable=tuple(one for one in found if isinstance(one, Unreadable)),
    )
