"""Rows: the one PynamoDB model of the single table, and its indexes.

One model for every kind of row: which attributes a kind has is decided in `records`. What a row is
about is JSON in `body`; the other attributes are those that keys, indexes, conditions and the
table's stream need.
"""

from typing import Any, cast

from pynamodb.attributes import (
    ListAttribute,
    NumberAttribute,
    TTLAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.constants import PAY_PER_REQUEST_BILLING_MODE
from pynamodb.indexes import (
    AllProjection,
    GlobalSecondaryIndex,
    IncludeProjection,
    KeysOnlyProjection,
    LocalSecondaryIndex,
)
from pynamodb.models import Model

OPEN = "open"
HOLDER = "holder"
CONTACT = "contact"
STUCK = "stuck"
OPENED = "opened"
BY_TIME = "by_time"

CONNECT_SECONDS = 2
READ_SECONDS = 5
RETRIES = 2
"""Together about 20 seconds and a little back-off: less than the 29 that API Gateway waits."""


class OpenIndex(GlobalSecondaryIndex["Row"]):  # type: ignore[no-untyped-call]
    """Open cases of a team by deadline, sharded."""

    class Meta:
        """Holds the channel too, which never changes, and whether something waits for approval.

        A list of one channel, or of approvals, reads no other's rows.
        """

        index_name = OPEN
        projection = IncludeProjection(["channel", "approvals"])

    open_pk = UnicodeAttribute(hash_key=True)
    due = UnicodeAttribute(range_key=True)


class HolderIndex(GlobalSecondaryIndex["Row"]):  # type: ignore[no-untyped-call]
    """Open cases by who holds them: an agent, or the queue of a team."""

    class Meta:
        """Holds the channel too, as `open` does."""

        index_name = HOLDER
        projection = IncludeProjection(["channel"])

    holder_pk = UnicodeAttribute(hash_key=True)
    due = UnicodeAttribute(range_key=True)


class ContactIndex(GlobalSecondaryIndex["Row"]):  # type: ignore[no-untyped-call]
    """Conversations of a contact by the time they began."""

    class Meta:
        """Keys only: the rows are read afterwards."""

        index_name = CONTACT
        projection = KeysOnlyProjection()

    contact_pk = UnicodeAttribute(hash_key=True)
    created = UnicodeAttribute(range_key=True)


class StuckIndex(GlobalSecondaryIndex["Row"]):  # type: ignore[no-untyped-call]
    """Cases that a person must look at."""

    class Meta:
        """Keys only: the rows are read afterwards."""

        index_name = STUCK
        projection = KeysOnlyProjection()

    stuck_pk = UnicodeAttribute(hash_key=True)
    due = UnicodeAttribute(range_key=True)


class OpenedIndex(GlobalSecondaryIndex["Row"]):  # type: ignore[no-untyped-call]
    """Cases by the day they began, sharded: the log rows that tell of an opening."""

    class Meta:
        """Holds which case it is: a period's cases are listed without reading their rows."""

        index_name = OPENED
        projection = IncludeProjection(["conversation_id", "version", "case_number"])

    opened_pk = UnicodeAttribute(hash_key=True)
    created = UnicodeAttribute(range_key=True)


class ByTimeIndex(LocalSecondaryIndex["Row"]):  # type: ignore[no-untyped-call]
    """Messages of a conversation by the time they were sent.

    Because of it a conversation may hold 10 GB.
    """

    class Meta:
        """Whole rows: a page of messages is one request."""

        index_name = BY_TIME
        projection = AllProjection()

    pk = UnicodeAttribute(hash_key=True)
    at = UnicodeAttribute(range_key=True)


class Row(Model):
    """One row of the table.

    `kind` says of what; every attribute below `kind` is there only on the rows that need it.
    """

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    kind = UnicodeAttribute(null=True)
    body = UnicodeAttribute(null=True)
    rev = NumberAttribute(null=True)
    # conversation
    conversation_id = UnicodeAttribute(null=True)
    case_id = UnicodeAttribute(null=True)
    case_number = NumberAttribute(null=True)
    generation = NumberAttribute(null=True)
    status = UnicodeAttribute(null=True)
    version = NumberAttribute(null=True)
    token = UnicodeAttribute(null=True)
    armed_for = UnicodeAttribute(null=True)
    channel = UnicodeAttribute(null=True)
    approvals = UnicodeAttribute(null=True)
    open_pk = UnicodeAttribute(null=True)
    holder_pk = UnicodeAttribute(null=True)
    stuck_pk = UnicodeAttribute(null=True)
    due = UnicodeAttribute(null=True)
    contact_pk = UnicodeAttribute(null=True)
    created = UnicodeAttribute(null=True)
    # contact
    vip = UnicodeAttribute(null=True)
    # message
    at = UnicodeAttribute(null=True)
    message_id = UnicodeAttribute(null=True)
    delivery = UnicodeAttribute(null=True)
    rounds = NumberAttribute(null=True)
    files = UnicodeAttribute(null=True)
    moderation = UnicodeAttribute(null=True)
    moderation_rounds = NumberAttribute(null=True)
    personal = UnicodeAttribute(null=True)
    follow = UnicodeAttribute(null=True)
    # log
    kinds = UnicodeSetAttribute(null=True)
    alert = UnicodeAttribute(null=True)
    policy = UnicodeAttribute(null=True)
    opened_pk = UnicodeAttribute(null=True)
    announced_at = UnicodeAttribute(null=True)
    # budget: millionths of a dollar; habit: messages in an hour
    amount = NumberAttribute(null=True)
    # request
    expires_at = TTLAttribute(null=True)
    # page
    page_id = UnicodeAttribute(null=True)
    # agent
    teams: ListAttribute[Any] = ListAttribute(of=UnicodeAttribute, null=True)
    presence = UnicodeAttribute(null=True)
    presence_at = UnicodeAttribute(null=True)
    capacity = NumberAttribute(null=True)
    load = NumberAttribute(null=True)
    spare = NumberAttribute(null=True)
    last_assigned_at = UnicodeAttribute(null=True)

    open_index = OpenIndex()
    holder_index = HolderIndex()
    contact_index = ContactIndex()
    stuck_index = StuckIndex()
    opened_index = OpenedIndex()
    by_time_index = ByTimeIndex()


def bound(name: str, region: str | None, host: str | None) -> type[Row]:
    """Return the model bound to the table of that name. Connects at the first request, not here."""
    meta = {
        "table_name": name,
        "region": region,
        "host": host,
        "billing_mode": PAY_PER_REQUEST_BILLING_MODE,
        "connect_timeout_seconds": CONNECT_SECONDS,
        "read_timeout_seconds": READ_SECONDS,
        "max_retry_attempts": RETRIES,
    }
    return cast("type[Row]", type("BoundRow", (Row,), {"Meta": type("Meta", (), meta)}))
