"""A company with rules, and the words that stories about them are told with."""

from dataclasses import replace

from chalicelib.domain.entry import Entry, EntryKind
from chalicelib.domain.message import Direction, Message
from chalicelib.domain.policy import Endpoint, Policy
from chalicelib.domain.rule import Act, Action, Condition, Rule, Trigger
from tests.unit.workflows.story import POLICY, Story

MINUTE, HOUR, DAY = 60, 3600, 86_400
ERP = Endpoint("erp", "https://erp.example/hook", "hooks/erp", events=("CaseClosed",))


def rule(name: str, *do: tuple[str, str], **facts: object) -> Rule:
    """Return a rule; its actions as (act, value)."""
    return Rule(name, tuple(Action(Act(act), value) for act, value in do), **facts)


def when(**facts: object) -> Condition:
    return Condition(**facts)


def received(name: str, *do: tuple[str, str], **facts: object) -> Rule:
    return rule(name, *do, on=Trigger.MESSAGE_RECEIVED, **facts)


def moved(name: str, *do: tuple[str, str], **facts: object) -> Rule:
    return rule(name, *do, on=Trigger.STATUS_CHANGED, **facts)


def policy(*rules: Rule, **facts: object) -> Policy:
    return replace(POLICY, rules=rules, endpoints=(ERP,), **facts)


class Ruled(Story):
    """A story in a company with these rules."""

    def __init__(self, *rules: Rule, agents: tuple[str, ...] = ("ann",), **facts: object) -> None:
        super().__init__(policy(*rules, **facts), agents=agents)

    def hears(self, text: str = "Where is my parcel?", **facts: object) -> None:
        self.writes(text, **facts)
        self.loop.rest()

    @property
    def fired(self) -> list[Entry]:
        return self.told(EntryKind.RULE_FIRED)

    @property
    def cut(self) -> list[Entry]:
        return self.told(EntryKind.RULE_CUT)

    @property
    def skipped(self) -> list[Entry]:
        return self.told(EntryKind.RULE_SKIPPED)

    def said(self, direction: Direction) -> list[Message]:
        return [one for one in self.messages if one.direction is direction]

    def sent(self) -> list[str]:
        return [outgoing.text for outgoing in self.parts.sender.sent]
