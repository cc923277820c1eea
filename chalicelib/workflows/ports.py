"""Ports: what the workflows need of the outside, as Protocols.

Real parts live on the floors above, fakes in tests.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from chalicelib.domain.agent import Agent, Presence
from chalicelib.domain.alert import Alert
from chalicelib.domain.case import Case, Status
from chalicelib.domain.channel import Channel
from chalicelib.domain.contact import Contact, Identity
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import Entry
from chalicelib.domain.message import Message
from chalicelib.domain.personal import Finding
from chalicelib.domain.policy import Policy
from chalicelib.workflows.ladder.ports import Links, Pager, Pages
from chalicelib.workflows.letter import Letter
from chalicelib.workflows.networks import HookSender, Network, Sender

T = TypeVar("T")


class StoreError(Exception):
    """Base of what a commit may be refused with."""


class StaleError(StoreError):
    """Raised when the conversation, a message or an agent changed since it was read.

    Read again, decide again.
    """


class DuplicateMessageError(StoreError):
    """Raised when a message to be inserted is there already. `existing` is the stored row."""

    def __init__(self, existing: Message) -> None:
        super().__init__(existing.id)
        self.existing = existing


class DuplicateRequestError(StoreError):
    """Raised when the idempotency key was used before.

    `fingerprint` tells whether it was for the same request.
    """

    def __init__(self, request: "Request") -> None:
        super().__init__(request.key)
        self.request = request


class CapacityError(StoreError):
    """Raised when the agent is full, not present or gone."""


class BusyError(StoreError):
    """Raised when the table throttled, timed out or kept conflicting: try again later."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a platform's message id leads: kept for public messages and for what we sent.

    `deleted_at` notes a removal that arrived before its message. `rev` counts writes (0: not
    stored yet).
    """

    channel: Channel
    account_id: str
    platform_id: str
    conversation_id: str = ""
    message_id: str = ""
    deleted_at: datetime | None = None
    rev: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """The record that makes a change by the API happen once.

    Scoped to the conversation, kept for a week.
    """

    key: str
    fingerprint: str
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """A change of an agent's load in hundredths of a case.

    In the same transaction as what causes it.

    `claim`: refused (CapacityError) unless the agent is present and has that much to spare, and
    stamps last_assigned_at.
    Otherwise nothing is checked: a person took or was given the case by hand, or the case let
    go of its agent.
    """

    agent_id: str
    change: int
    at: datetime
    claim: bool = False


@dataclass(frozen=True, slots=True)
class Commit:
    """One transaction: all of it or nothing.

    `conversation` as it shall be, with the `rev` it was read at (0: must not exist); the store
    raises `rev` by one.
    `joining` is a second conversation's head, written like the first, without a log row.
    `insert` must not exist (DuplicateMessageError); `update` must still have the `rev` it
    carries (0: must not exist), raised by one.
    `entries` become one log row of the conversation's new version. `snapshot` keeps a case that
    is closed or replaced.
    `contact` and `identities` are written if absent and left alone if present; `vip` says whether
    the `contact`, absent or present, is remembered as a VIP (None: as before). `references`
    must still have the `rev` they carry
    (0: must not exist; StaleError otherwise), raised by one.
    """

    conversation: Conversation | None = None
    joining: Conversation | None = None
    insert: tuple[Message, ...] = ()
    update: tuple[Message, ...] = ()
    entries: tuple[Entry, ...] = ()
    snapshot: Case | None = None
    contact: Contact | None = None
    vip: bool | None = None
    identities: tuple[Identity, ...] = ()
    references: tuple[Reference, ...] = ()
    load: tuple[Load, ...] = ()
    request: Request | None = None


@dataclass(frozen=True, slots=True)
class LogRow:
    """The entries of one version; `announced_at` is set once their alerts have gone out."""

    entries: tuple[Entry, ...]
    announced_at: datetime | None = None


class Conversations(Protocol):
    """The single table, for deciding. Every read is strongly consistent."""

    def get(self, conversation_id: str) -> Conversation | None: ...
    def several(self, conversation_ids: Sequence[str]) -> Sequence[Conversation]:
        """Return those of these that are there, each once, in as few requests as possible."""
        ...

    def message(self, conversation_id: str, message_id: str) -> Message | None: ...
    def reference(
        self, channel: Channel, account_id: str, platform_id: str
    ) -> Reference | None: ...
    def put_reference(self, reference: Reference) -> Reference:
        """Write the reference if absent.

        Return what is stored now (ours, or the one that was there).
        """
        ...

    def identity(self, channel: Channel, scope: str, ref: str) -> Identity | None: ...
    def commit(self, commit: Commit) -> None:
        """Write all of it in one transaction, or raise a StoreError and write nothing."""
        ...

    def arm(self, conversation_id: str, rev: int, token: str, armed_for: datetime) -> None:
        """Record the waiting machine.

        Raises StaleError when the conversation is not at `rev` any more.
        """
        ...

    def request(self, conversation_id: str, key: str) -> Request | None: ...
    def log(self, conversation_id: str, version: int) -> LogRow | None:
        """Return the log row of one version, or None."""
        ...

    def mark_announced(self, conversation_id: str, version: int, at: datetime) -> None:
        """Note that the alerts of this log row have gone out."""
        ...


class Agents(Protocol):
    """Who works. Reads are strongly consistent."""

    def get(self, agent_id: str) -> Agent | None: ...
    def all(self) -> Sequence[Agent]: ...
    def save(self, agent: Agent) -> Agent:
        """Create or change all but `load` and `last_assigned_at`.

        Raises StaleError when `rev` is not the stored one.
        """
        ...

    def set_presence(self, agent_id: str, presence: Presence, at: datetime) -> Agent: ...


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows and, when there may be more, the cursor that continues after the last one."""

    rows: tuple[T, ...]
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """Which open cases to list, nearest deadline first.

    Exactly one of `team` and `assignee`; the rest narrows it. `approvals`: only those in which
    something waits for approval.
    """

    team: str = ""
    assignee: str = ""
    status: Status | None = None
    channel: Channel | None = None
    limit: int = 25
    cursor: str = ""
    approvals: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """Where a case began: its conversation, its number, the version of its first log row."""

    conversation_id: str
    case_number: int
    version: int
    at: datetime


class CursorError(ValueError):
    """Raised when a cursor is not one of ours, or belongs to another list."""


class Views(Protocol):
    """Reads for people and for sweeps.

    A constant number of requests a page, however much there is.
    """

    def open_cases(self, query: Query) -> Page[Conversation]: ...
    def messages(self, conversation_id: str, limit: int, cursor: str = "") -> Page[Message]:
        """Return messages newest first."""
        ...

    def history(self, conversation_id: str, limit: int, cursor: str = "") -> Page[Entry]:
        """Return log entries newest first."""
        ...

    def log(self, conversation_id: str, since: int, limit: int) -> Sequence[LogRow]:
        """Return the first log rows from version `since` on, oldest first.

        None: that was all. There may be fewer than asked for, and more to come after them.
        """
        ...

    def opened(
        self, since: datetime, until: datetime, limit: int, cursor: str = ""
    ) -> Page[Opened]:
        """Return the cases that began from `since` to before `until`, day by day.

        A page may be short or empty and have a cursor. The list lags by moments.
        """
        ...

    def contact(self, contact_id: str) -> Contact | None: ...
    def identities(self, contact_id: str) -> Sequence[Identity]: ...
    def conversations_of(
        self, contact_id: str, limit: int, cursor: str = ""
    ) -> Page[Conversation]: ...
    def overdue(self, team: str, before: datetime, limit: int) -> Sequence[Conversation]:
        """Return open cases of a team whose nearest moment lies before `before`.

        Candidates for stuck.
        """
        ...

    def stuck(self, limit: int) -> Sequence[Conversation]:
        """Return the cases marked stuck."""
        ...


class Policies(Protocol):
    """The versioned configuration."""

    def current(self) -> Policy: ...
    def get(self, version: str) -> Policy:
        """Return one version. Raises LookupError when there is none of that name."""
        ...


class Clock(Protocol):
    """The time, aware UTC, cut to milliseconds."""

    def __call__(self) -> datetime: ...


class Executions(Protocol):
    """The state machine service."""

    def start(self, name: str, payload: Mapping[str, object]) -> bool:
        """Start an execution; False when one of that name was started before."""
        ...

    def wake(self, token: str, output: Mapping[str, object]) -> bool:
        """Answer a waiting task.

        False when the token is used up, timed out or its execution is over.
        """
        ...


class Queue(Protocol):
    """A FIFO queue.

    One group is delivered in order; equal keys within five minutes are one message.
    """

    def send(self, body: bytes, *, group: str, key: str, delay_seconds: int = 0) -> None: ...
    def send_many(self, letters: Sequence[Letter]) -> Sequence[Letter]:
        """Send them in as few requests as possible; return those that the queue did not take.

        Never raises for an outage.
        """
        ...


class Alerts(Protocol):
    """The topics people subscribe to."""

    def announce(self, alert: Alert) -> None: ...


class Blobs(Protocol):
    """Where whole bodies are kept that we could not read."""

    def put(self, key: str, body: bytes, metadata: Mapping[str, str]) -> None: ...
    def get(self, key: str) -> tuple[bytes, Mapping[str, str]]: ...
    def keys(self, prefix: str, limit: int = 1000) -> Sequence[str]: ...
    def delete(self, key: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Upload:
    """Where a browser may put one file: an HTTP form's address and fields, for a short time."""

    key: str
    url: str
    fields: Mapping[str, str]


class Media(Protocol):
    """Where the files of messages are kept."""

    def put(self, key: str, body: bytes, mime_type: str, name: str = "") -> None: ...
    def get(self, key: str) -> bytes:
        """Return a file. Raises LookupError when there is none."""
        ...

    def size(self, key: str) -> int:
        """Return the size in bytes. Raises LookupError when there is none."""
        ...

    def link(self, key: str, seconds: int, *, name: str = "", mime_type: str = "") -> str:
        """Return an address that gives the file to whoever has it, for so long."""
        ...

    def upload(self, key: str, mime_type: str, most_bytes: int, seconds: int) -> Upload:
        """Return where to put a file of that kind and at most that size."""
        ...


class Tasks(Protocol):
    """A standard queue: at least once, in no order."""

    def send(self, body: bytes, *, delay_seconds: int = 0) -> None: ...


@dataclass(frozen=True, slots=True)
class Mark:
    """A small named note: how far a poller has read, when a handle was last probed.

    `value` is JSON text. `rev` counts writes (0: not stored yet).
    """

    name: str
    value: str = ""
    rev: int = 0


class Marks(Protocol):
    """Small notes that outlive a process."""

    def get(self, name: str) -> Mark:
        """Return the note, an empty one when there is none."""
        ...

    def put(self, mark: Mark) -> Mark:
        """Write it, `rev` raised by one. Raises StaleError when it is not at its `rev` any more."""
        ...


class Budgets(Protocol):
    """What was spent in a month, in millionths of a dollar."""

    def spend(self, name: str, month: str, micros: int, limit_micros: int | None) -> int:
        """Add to what was spent in `month` (YYYY-MM); return the sum.

        Raises BudgetError when the sum would exceed the limit (None: only counted). A negative
        amount gives back what was not spent after all.
        """
        ...

    def spent(self, name: str, month: str) -> int: ...


class BudgetError(Exception):
    """Raised when a month's budget does not allow an expense."""


class Habits(Protocol):
    """How many messages each handle gets, by the hour."""

    def add(self, handle_id: str, hour: datetime, count: int) -> None: ...
    def hours(self, handle_id: str, since: datetime) -> Mapping[datetime, int]:
        """Return the counts of the hours since then; hours without a message are left out."""
        ...


class Detector(Protocol):
    """Finds personal data in a text."""

    def find(self, text: str, region: str) -> Sequence[Finding]: ...


class Codes(Protocol):
    """Makes codes that nobody can foresee, new at each call."""

    def __call__(self) -> str: ...


class Meter(Protocol):
    """Counts things and notes lengths of time; becomes metrics."""

    def count(self, name: str, value: int = 1, **dimensions: str) -> None: ...
    def took(self, name: str, milliseconds: int) -> None: ...


class Parts(Protocol):
    """Everything a workflow may need. Each part is made when it is first asked for."""

    @property
    def conversations(self) -> Conversations: ...
    @property
    def agents(self) -> Agents: ...
    @property
    def views(self) -> Views: ...
    @property
    def policies(self) -> Policies: ...
    @property
    def now(self) -> Clock: ...
    @property
    def executions(self) -> Executions: ...
    @property
    def inbox(self) -> Queue: ...
    @property
    def outbox(self) -> Queue: ...
    @property
    def alerts(self) -> Alerts: ...
    @property
    def sender(self) -> Sender: ...
    @property
    def network(self) -> Network: ...
    @property
    def blobs(self) -> Blobs: ...
    @property
    def media(self) -> Media: ...
    @property
    def files(self) -> Tasks: ...
    @property
    def hooks(self) -> Tasks: ...
    @property
    def hook_sender(self) -> HookSender: ...
    @property
    def marks(self) -> Marks: ...
    @property
    def budgets(self) -> Budgets: ...
    @property
    def habits(self) -> Habits: ...
    @property
    def detector(self) -> Detector: ...
    @property
    def codes(self) -> Codes: ...
    @property
    def pages(self) -> Pages: ...
    @property
    def pager(self) -> Pager: ...
    @property
    def links(self) -> Links: ...
    @property
    def ladders(self) -> Executions: ...
    @property
    def meter(self) -> Meter: ...
    @property
    def desk_url(self) -> str: ...
