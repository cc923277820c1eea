"""Facts: what really happened, as read from the table, the machine, the queues and the ledger.

Plain data, no judgement.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.domain.case import Case
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import Entry
from chalicelib.domain.message import Direction, Message
from chalicelib.domain.page import Member, Page
from infra.local.simulator.crm import Heard
from infra.local.simulator.ledger import Received, Refused
from infra.local.simulator.networks import Enclosed
from infra.local.simulator.post import Delivered


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation with everything that the table holds of it."""

    conversation: Conversation
    messages: tuple[Message, ...] = ()
    entries: tuple[Entry, ...] = ()

    @property
    def case(self) -> Case | None:
        """Return the newest case."""
        return self.conversation.case

    def inbound(self) -> Sequence[Message]:
        """Return what the customer wrote, by time."""
        return self._of(Direction.INBOUND)

    def outbound(self) -> Sequence[Message]:
        """Return what the brand wrote, by time."""
        return self._of(Direction.OUTBOUND)

    def _of(self, direction: Direction) -> Sequence[Message]:
        return sorted(
            (m for m in self.messages if m.direction is direction), key=lambda m: m.sent_at
        )


@dataclass(frozen=True, slots=True)
class Notice:
    """What one subscriber got: the very text of an SMS, or subject and body of an email.

    `cases` are all that it tells of: (case id, clock, deadline as ISO 8601).
    """

    protocol: str
    endpoint: str
    topic: str
    text: str
    subject: str = ""
    case_id: str = ""
    clock: str = ""
    key: str = ""
    cases: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Paged:
    """One page, and all that it tells of."""

    page: Page
    members: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class Machine:
    """What the state machine did.

    Executions by status, the states entered, and how many executions each case had.
    """

    executions: Mapping[str, int] = field(default_factory=dict)
    transitions: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the audit looks at. `talks` is by the customer's platform id.

    A private talk that was joined to a public one is left out: its words are there. `refusals` are
    (customer, code) of what the API refused our agents, `files` the sizes of the bucket's files by
    key, `enclosed` the files of our mails, `hooks` every attempt to tell the company's own system,
    `spent` millionths of a dollar by handle, `health` how each handle's connection is, and
    `counted` metrics by name (once it is over). `pages` are what people were told together.
    """

    talks: Mapping[str, Sequence[Talk]] = field(default_factory=dict)
    received: Sequence[Received] = ()
    refused: Sequence[Refused] = ()
    delivered: Sequence[Delivered] = ()
    notices: Sequence[Notice] = ()
    machine: Machine = field(default_factory=Machine)
    invocations: Mapping[str, int] = field(default_factory=dict)
    quarantined: Sequence[bytes] = ()
    dead: Mapping[str, int] = field(default_factory=dict)
    refusals: Sequence[tuple[str, str]] = ()
    files: Mapping[str, int] = field(default_factory=dict)
    enclosed: Sequence[Enclosed] = ()
    hooks: Sequence[Heard] = ()
    spent: Mapping[str, int] = field(default_factory=dict)
    health: Mapping[str, str] = field(default_factory=dict)
    counted: Mapping[str, int] = field(default_factory=dict)
    pages: Sequence[Paged] = ()
