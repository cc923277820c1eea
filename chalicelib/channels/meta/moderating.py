"""Hiding, showing again and deleting a customer's comment (protocols 1.8)."""

from collections.abc import Mapping
from dataclasses import replace

from chalicelib.channels.answers import refused
from chalicelib.channels.meta import account, graph
from chalicelib.channels.places import Places
from chalicelib.channels.verdicts import cannot
from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import ErrorClass, SendResult, SendState

_HIDDEN = {"hide": "true", "unhide": "false"}


def moderate(
    handle: Handle, platform_id: str, action: str, secret: Mapping[str, object], places: Places
) -> SendResult:
    """Do it once. Hiding twice is the same as once; a second deletion is refused."""
    key = account.key(handle, secret, places)
    if key is None:
        return refused(ErrorClass.CHANNEL, "no_token", "There is no access token for this account.")
    if action == "delete":
        return _named(
            graph.change(graph.Call(key, platform_id, method="DELETE"), places), platform_id
        )
    if action not in _HIDDEN:
        return cannot(action)
    field = "hide" if handle.channel is Channel.INSTAGRAM else "is_hidden"
    call = graph.Call(key, platform_id, form={field: _HIDDEN[action]})
    return _named(graph.change(call, places), platform_id)


def _named(result: SendResult, platform_id: str) -> SendResult:
    return replace(result, platform_id=platform_id if result.state is SendState.ACCEPTED else "")
