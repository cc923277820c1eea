"""Sending on any channel: the workflows' Sender, made of the rooms and a way to get secrets."""

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.channels.answers import refused
from chalicelib.channels.contract import Secret
from chalicelib.channels.places import Places
from chalicelib.channels.registry import room_of
from chalicelib.channels.verdicts import cannot
from chalicelib.domain import budget
from chalicelib.domain.channel import Capabilities
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import ErrorClass, Outgoing, SendResult, SendState
from chalicelib.workflows.ports import BudgetError, Budgets


@dataclass(frozen=True, slots=True)
class Purse:
    """Where money is counted. `count` counts a metric."""

    budgets: Callable[[], Budgets]
    count: Callable[..., None]


class ChannelSender:
    """Implements networks.Sender.

    `secrets` returns the secret of a name (without the stage's prefix) and raises LookupError when
    there is none. Whatever else it raises passes through send() and means that nothing was sent.
    """

    def __init__(
        self, secrets: Callable[[str], Secret], places: Places, purse: Purse | None = None
    ) -> None:
        self._secrets = secrets
        self._places = places
        self._purse = purse

    def capabilities(self, handle: Handle, *, public: bool) -> Capabilities:
        """Return what the channel can do. Raises UnknownChannelError when no room serves it."""
        return room_of(handle).capabilities(handle, public=public)

    def send(self, outgoing: Outgoing) -> SendResult:
        """Send one message, once.

        Raises only before anything left: UnknownChannelError, or what `secrets` raises.
        """
        room = room_of(outgoing.handle)
        refusal = _refusal(room.capabilities(outgoing.handle, public=outgoing.public), outgoing)
        if refusal:
            return refusal
        secret = self._secret(room.secret_name(outgoing.handle))
        if isinstance(secret, SendResult):
            return secret
        return self._paid(
            outgoing, room.price(outgoing), lambda: room.send(outgoing, secret, self._places)
        )

    def moderate(self, handle: Handle, platform_id: str, action: str) -> SendResult:
        """Hide, unhide or delete a customer's public item, once. Raises as send() does."""
        room = room_of(handle)
        can = room.capabilities(handle, public=True)
        if not (can.deletes if action == "delete" else can.hides):
            return cannot(action)
        secret = self._secret(room.secret_name(handle))
        if isinstance(secret, SendResult):
            return secret
        return room.moderate(handle, platform_id, action, secret=secret, places=self._places)

    def _secret(self, name: str) -> Secret | SendResult:
        try:
            return self._secrets(name)
        except LookupError:
            return refused(ErrorClass.CHANNEL, "no_secret", f"There is no secret named {name}.")

    def _paid(self, outgoing: Outgoing, price: int, send: Callable[[], SendResult]) -> SendResult:
        """Send within the month's budget: paid before, given back when it surely did not leave."""
        if not price or self._purse is None:
            return send()
        handle, month = outgoing.handle, budget.month(self._places.now())
        most = budget.monthly_limit(handle)
        budgets = self._purse.budgets()
        try:
            spent = budgets.spend(handle.id, month, price, most)
        except BudgetError:
            self._purse.count("BudgetSpent", handle=handle.id)
            text = f"The budget for {month} is spent."
            return refused(ErrorClass.BUDGET, "budget_spent", text)
        if budget.nearly_spent(spent, most):
            self._purse.count("BudgetNearlySpent", handle=handle.id)
        result = send()
        if result.state in (SendState.RETRY, SendState.FAILED):
            budgets.spend(handle.id, month, -price, None)
        return result


def _refusal(can: Capabilities, outgoing: Outgoing) -> SendResult | None:
    """Refuse what the platform would refuse, and an automatic text in a person's window."""
    if not (outgoing.text.strip() or outgoing.files or outgoing.template):
        return refused(ErrorClass.CONTENT, "text_empty", "There is nothing to send.")
    if can.measure(outgoing.text) > can.text_limit:
        text = f"The limit is {can.text_limit} {can.text_unit}."
        return refused(ErrorClass.CONTENT, "text_too_long", text)
    if len(outgoing.files) > can.files:
        text = f"One message takes {can.files} files on this channel."
        return refused(ErrorClass.CONTENT, "too_many_files", text)
    if outgoing.template is not None:
        return None if can.templates else cannot("template")
    late = outgoing.outside_window and can.window_seconds is not None
    if late and not (outgoing.human and can.human_window_seconds):
        return refused(ErrorClass.WINDOW, "window_closed", can.after_window)
    return None
