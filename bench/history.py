"""The dry run of a period: how its time and memory grow with the number of cases.

In process, over logs made by the domain's own functions and given out as the table's views would.
What a table adds is one request a page of cases and one or two a case.
"""

import time
import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from bench import company
from bench.figures import Figure
from chalicelib.domain.clock import ClockName
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import Entry
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.lifecycle import assign, close, open_case, receive
from chalicelib.domain.policy import Policy, Target
from chalicelib.domain.reply import reply_sent
from chalicelib.domain.resolve import resolve
from chalicelib.domain.sums import Sums
from chalicelib.workflows.history.dry_run import Trial, whole
from chalicelib.workflows.history.log import terms_in
from chalicelib.workflows.ports import LogRow, Opened, Page

FEW, MANY = 10_000, 100_000
KINDS = 8
"""How many different cases there are; each is told again from another instant."""

MONTH = timedelta(days=30)
MINUTE = timedelta(minutes=1)
HOW = "in process, logs made by the domain, one processor, all ids kept"


def figures(few: int = FEW, many: int = MANY) -> list[Figure]:
    """Measure a dry run of few and of many cases under a tighter policy."""
    small, large = _seconds(few), _seconds(many)
    growth = (large / small) / (many / few)
    peak, more = _peak(few // 10), _peak(few)
    each = (more - peak) / (few - few // 10)
    against = f"{few:,} cases in {small:.1f} s"
    return [
        Figure("dry_run_seconds", round(large, 2), "s", f"{many:,} cases; {against}", HOW),
        Figure("dry_run_ms_per_case", round(large * 1000 / many, 3), "ms", against, HOW),
        Figure("dry_run_growth", round(growth, 2), "ratio", "1 is linear", HOW, 1.3),
        Figure("dry_run_bytes_per_case", round(each), "bytes", f"peak {more:,} bytes", HOW, 2000),
    ]


def _seconds(cases: int) -> float:
    began = time.process_time()
    assert _run(cases).cases == cases
    return time.process_time() - began


def _peak(cases: int) -> int:
    tracemalloc.start()
    try:
        _run(cases)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _run(cases: int) -> Sums:
    """Try a policy with half the time on so many cases; return the sums."""
    shelf = Shelf(cases)
    targets = tuple(replace(one, seconds=one.seconds // 2) for one in shelf.policy.targets)
    tight = replace(shelf.policy, version="tight", targets=targets)
    now = company.NOON + MONTH
    trial = Trial(tight, company.NOON, now, now)
    *_, sums = whole(shelf.parts, trial)
    return sums


@dataclass(slots=True)
class Shelf:
    """So many cases of a month, whose logs are made when they are asked for."""

    cases: int

    @property
    def policy(self) -> Policy:
        """Return the policy that the cases lived under."""
        return _policy()

    @property
    def parts(self) -> Any:
        """Return what a dry run needs of the parts."""
        policy = self.policy
        made = [_story(policy, kind) for kind in range(KINDS)]

        def log(conversation_id: str, since: int, limit: int) -> Sequence[LogRow]:
            number = int(conversation_id)
            if since > 0 or not limit:
                return []
            return [LogRow(_moved(made[number % KINDS], self._at(number) - company.NOON))]

        def opened(since: datetime, until: datetime, limit: int, cursor: str = "") -> Page[Opened]:
            assert since < until
            first = int(cursor or 0)
            last = min(first + limit, self.cases)
            rows = [Opened(str(one), 1, 0, self._at(one)) for one in range(first, last)]
            return Page(tuple(rows), str(last) if last < self.cases else "")

        return SimpleNamespace(
            views=SimpleNamespace(log=log, opened=opened),
            conversations=SimpleNamespace(get=lambda one: _conversation(policy, one)),
            policies=SimpleNamespace(get=lambda _: policy, current=lambda: policy),
            now=lambda: company.NOON,
        )

    def _at(self, number: int) -> datetime:
        return company.NOON + (MONTH / 2) * number / self.cases


def _policy() -> Policy:
    names = (ClockName.ASSIGN, ClockName.FIRST_RESPONSE, ClockName.NEXT_RESPONSE)
    targets = tuple(Target(name, 3600) for name in names)
    return replace(
        company.assigned().policy, targets=(*targets, Target(ClockName.RESOLUTION, 86_400))
    )


def _conversation(policy: Policy, conversation_id: str) -> Conversation:
    handle = policy.handles[0]
    return Conversation(
        id=conversation_id,
        channel=handle.channel,
        handle=handle.id,
        account_id=handle.account_id,
        public=False,
        contact_id="contact",
        contact_ref="customer",
        created_at=company.NOON,
    )


def _story(policy: Policy, kind: int) -> tuple[Entry, ...]:
    """Return the log of a case: two questions, two answers, resolved and closed, later by kind."""
    terms: Terms = terms_in(policy, _conversation(policy, "0"))
    at, late = company.NOON, MINUTE * (5 + kind * 11)
    fold: Fold = open_case(1, terms, sent_at=at, received_at=at, message_id="m-1")
    fold = assign(fold, "ann", at + MINUTE, "hearback")
    fold = reply_sent(fold, terms, at + late, "r-1", "ann")
    fold = receive(fold, terms, at + late + MINUTE * 9, "m-2")
    fold = reply_sent(fold, terms, at + late * 2 + MINUTE * 10, "r-2", "ann")
    fold = resolve(fold, terms, at + late * 3 + MINUTE * 20, "ann", reason="answered")
    fold = close(fold, at + late * 3 + timedelta(days=3))
    return fold.entries


def _moved(entries: Sequence[Entry], by: timedelta) -> tuple[Entry, ...]:
    """Return a log as if all of it had happened so much later."""
    return tuple(replace(one, at=one.at + by, inputs={}) for one in entries)
