"""Dry run: a period's cases once more under a policy, a page at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache, partial

from chalicelib.domain.dry_run import Past, judge
from chalicelib.domain.entry import Entry
from chalicelib.domain.firing import Facts
from chalicelib.domain.policy import Policy
from chalicelib.domain.replay import LogError
from chalicelib.domain.sums import Sums
from chalicelib.workflows.history.log import entries, terms_by_version, terms_in
from chalicelib.workflows.ports import Opened, Page, Parts

CASES_AT_ONCE = 100
MOST_CASES = 200
"""How many cases one page takes at most."""

LONGEST = timedelta(seconds=10)
"""How long one page takes about at most."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried on which period. `policy` None: what was in force, each case's own version.

    Cases that began from `since` to before `until`; what became of them is judged as of `now`.
    `sees` says whose teams' cases are counted. `keep`: how many ids are kept of each kind.
    """

    policy: Policy | None
    since: datetime
    until: datetime
    now: datetime
    keep: int | None = None
    sees: Callable[[str], bool] = lambda _: True


def page(parts: Parts, trial: Trial, cursor: str = "") -> tuple[Sums, str]:
    """Return the sums of the next cases of the period, and the cursor that goes on after them.

    An empty cursor: that was all. Takes MOST_CASES or LONGEST, whichever ends first; at least one
    list of cases. Raises CursorError, BusyError.
    """
    sums, began, taken = Sums(trial.keep), parts.now(), 0
    while True:
        found: Page[Opened] = parts.views.opened(
            trial.since, trial.until, min(CASES_AT_ONCE, MOST_CASES - taken), cursor
        )
        for opened in found.rows:
            _count(parts, trial, opened, sums)
        taken, cursor = taken + len(found.rows), found.cursor
        if not cursor or taken >= MOST_CASES or parts.now() - began >= LONGEST:
            return sums, cursor


def whole(parts: Parts, trial: Trial) -> Iterator[Sums]:
    """Give the sums so far of a whole period, after each page; the last are all.

    Memory grows with the ids that are kept, and with nothing else.
    """
    sums, cursor = Sums(trial.keep), ""
    while True:
        part, cursor = page(parts, trial, cursor)
        sums.join(part)
        yield sums
        if not cursor:
            return


def _count(parts: Parts, trial: Trial, opened: Opened, sums: Sums) -> None:
    conversation = parts.conversations.get(opened.conversation_id)
    log = entries(parts, opened.conversation_id, opened.case_number, opened.version)
    if conversation is None or not log:
        return
    terms_of = lru_cache(terms_by_version(parts, conversation))
    facts = partial(_facts, parts, trial, opened.conversation_id)
    past = Past(opened.conversation_id, opened.case_number, log, terms_of, facts)
    terms = terms_in(trial.policy, conversation) if trial.policy else None
    try:
        found = judge(past, terms, trial.now)
    except (LogError, LookupError):
        sums.unread.add(past.id, sums.keep)
        return
    if trial.sees(found.team):
        sums.add(found)


def _facts(parts: Parts, trial: Trial, conversation_id: str, entry: Entry) -> Facts:
    """Return what event rules ask of a message; it is read only where a rule looks for words."""
    policy = trial.policy or parts.policies.current()
    wordy = any(rule.when.words for rule in policy.rules)
    asked = entry.message_id and wordy
    message = parts.conversations.message(conversation_id, entry.message_id) if asked else None
    if message is None:
        return Facts(score=entry.score)
    return Facts(message.text, entry.score, message.automatic)
