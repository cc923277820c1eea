"""Fakes of what carries pages to people, and of the links that they acknowledge by."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.ladder import Medium, PagingEndpoint
from chalicelib.workflows.ladder.ports import Carried
from tests.fakes.trail import Fragile, Trail


@dataclass(frozen=True, slots=True)
class Told:
    """One telling that a carrier was asked for, taken or not.

    `to` is a telephone number, an address or an endpoint's id; `text` the SMS, the email's body or
    a webhook's action; `ref` what the carrier called it, empty when it was refused.
    """

    medium: Medium
    to: str
    text: str
    subject: str = ""
    facts: Mapping[str, str] | None = None
    ref: str = ""


class FakePager(Fragile):
    """Takes everything as carrier-1, carrier-2, ... `answers` are given first, in order.

    `told` is every telling, refused ones too. `refused` maps who cannot be reached (a number, an
    address, an endpoint's id) to the reason.
    """

    def __init__(self, trail: Trail | None = None) -> None:
        super().__init__(trail)
        self.told: list[Told] = []
        self.answers: list[Carried] = []
        self.refused: dict[str, str] = {}

    def sms(self, phone: str, text: str) -> Carried:
        return self._carried("sms", Told(Medium.SMS, phone, text))

    def email(self, address: str, subject: str, body: str) -> Carried:
        return self._carried("email", Told(Medium.EMAIL, address, body, subject))

    def webhook(self, endpoint: PagingEndpoint, action: str, facts: Mapping[str, str]) -> Carried:
        told = Told(Medium.WEBHOOK, endpoint.id, action, facts=dict(facts))
        return self._carried("webhook", told)

    def texts(self, phone: str) -> list[str]:
        """Return the SMS that a telephone got, oldest first."""
        return [one.text for one in self.told if one.medium is Medium.SMS and one.to == phone]

    def _carried(self, name: str, told: Told) -> Carried:
        with self.call(f"pager.{name}"):
            carried = self._answer(told.to)
            kept = Told(told.medium, told.to, told.text, told.subject, told.facts, carried.ref)
            self.told.append(kept)
        return carried

    def _answer(self, to: str) -> Carried:
        if self.answers:
            return self.answers.pop(0)
        if to in self.refused:
            return Carried(taken=False, reason=self.refused[to])
        return Carried(taken=True, ref=f"carrier-{len(self.told) + 1}")


class FakeLinks:
    """Links that anybody can read: https://acme.example/p/<page>.<person>."""

    URL = "https://acme.example/p/"

    def link(self, page_id: str, person: str) -> str:
        return f"{self.URL}{page_id}.{person}"

    def person(self, token: str) -> tuple[str, str] | None:
        page_id, dot, person = token.partition(".")
        return (page_id, person) if page_id and dot and person else None
