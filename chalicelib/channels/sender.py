"""Sending on any channel: the workflows' Sender, made of the rooms and a way to get secrets."""

from collections.abc import Callable, Mapping

from chalicelib.channels.contract import Places
from chalicelib.channels.registry import room_of
from chalicelib.domain.channel import Capabilities, Channel
from chalicelib.workflows.ports import ErrorClass, Outgoing, SendResult, SendState


class ChannelSender:
    """Implements ports.Sender.

    `secrets` returns the secret of a name (without the stage's prefix) and raises LookupError when
    there is none. Whatever else it raises passes through send() and means that nothing was sent.
    """

    def __init__(self, secrets: Callable[[str], Mapping[str, object]], places: Places) -> None:
        self._secrets = secrets
        self._places = places

    def capabilities(self, channel: Channel, *, public: bool) -> Capabilities:
        """Return what the channel can do. Raises UnknownChannelError when no room serves it."""
        return room_of(channel).capabilities(channel, public=public)

    def send(self, outgoing: Outgoing) -> SendResult:
        """Send one message, once.

        Raises only before anything left: UnknownChannelError, or what `secrets` raises.
        """
        room = room_of(outgoing.handle.channel)
        refused = _refusal(
            room.capabilities(outgoing.handle.channel, public=outgoing.public), outgoing
        )
        if refused:
            return refused
        name = room.secret_name(outgoing.handle)
        try:
            secret = self._secrets(name)
        except LookupError:
            return SendResult(
                SendState.FAILED,
                error_class=ErrorClass.CHANNEL,
                error_code="no_secret",
                error_text=f"There is no secret named {name}.",
            )
        return room.send(outgoing, secret, self._places)


def _refusal(can: Capabilities, outgoing: Outgoing) -> SendResult | None:
    """Refuse what the platform would refuse, and an automatic text in a person's window."""
    if not outgoing.text.strip():
        return _failed(ErrorClass.CONTENT, "text_empty", "There is nothing to send.")
    if can.measure(outgoing.text) > can.text_limit:
        return _failed(
            ErrorClass.CONTENT, "text_too_long", f"The limit is {can.text_limit} {can.text_unit}."
        )
    late = outgoing.outside_window and can.window_seconds is not None
    if late and not (outgoing.human and can.human_window_seconds):
        return _failed(ErrorClass.WINDOW, "window_closed", can.after_window)
    return None


def _failed(error_class: ErrorClass, code: str, text: str) -> SendResult:
    return SendResult(SendState.FAILED, error_class=error_class, error_code=code, error_text=text)
