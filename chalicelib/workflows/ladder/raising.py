"""Raising: what happened becomes a member of its queue's page, and a storm becomes one page.

A member is written before the page is looked at again, and a page ends before its members are: so
one of the two always sees the other, and nothing is lost between them.
"""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from chalicelib.domain import climbing
from chalicelib.domain.ident import digest
from chalicelib.domain.page import Member, Page, queue
from chalicelib.workflows.change import TRIES, persist
from chalicelib.workflows.machine import LEEWAY
from chalicelib.workflows.ports import BusyError, Parts, StaleError

MOST_MEMBERS = 5000
"""How many members of a page are read: more than it takes in while it gathers."""

ID_LETTERS = 8
"""How long a page's id is. The few that meet an older page's are made anew."""


def raise_member(parts: Parts, team: str, member: Member, to: str = "") -> str:
    """Put a member on the current page of its queue, or on a new one; return the page's id.

    `to`: whom a rule's notice is for. Doing it twice changes nothing, even where the page has been
    acknowledged since. Raises BusyError when the queue kept changing.
    """
    name = queue(team, member.what, to)
    current = parts.pages.current(name)
    if current is not None and not current.joinable:
        there = {one.key for one in parts.pages.members(current.id, MOST_MEMBERS)}
        if member.key in there:
            return current.id
    return raise_again(parts, team, member, name)


def raise_again(parts: Parts, team: str, member: Member, name: str) -> str:
    """Put a member on a page of queue `name` that takes members, whatever page it is on."""
    for attempt in range(TRIES):
        page = parts.pages.current(name)
        if page is None or not page.joinable:
            seed = digest("page", name, member.key, page.id if page else "", str(attempt))
            try:
                page = parts.pages.open(_fresh(parts, seed[:ID_LETTERS], name, team, member), page)
            except StaleError:
                continue
            parts.meter.count("PageOpened", team=team, kind=page.kind)
        parts.pages.join(page.id, member)
        if persist(partial(_takes, parts, page.id)):
            return page.id
    raise BusyError("the pages of the team kept changing")


def _fresh(parts: Parts, page_id: str, name: str, team: str, member: Member) -> Page:
    policy, now = parts.policies.current(), parts.now()
    made = Page(
        id=page_id,
        queue=name,
        team=team,
        ladder="",
        policy_version=policy.version,
        severity=member.severity,
        opened_at=now,
        leaves_at=now,
    )
    ladder = climbing.ladder_of(policy, made)
    leaves_at = now + timedelta(seconds=ladder.gather_seconds)
    first = ladder.rungs[0].after_seconds if ladder.rungs else 0
    climbs_at = leaves_at + timedelta(seconds=first)
    return replace(made, ladder=ladder.id, leaves_at=leaves_at, climbs_at=climbs_at)


def _takes(parts: Parts, page_id: str) -> bool:
    """Return whether a page still takes members after one has joined it.

    One that was told before is told of the news once it has gathered again; its machine is woken
    for that unless it looks before.
    """
    page = parts.pages.get(page_id)
    if page is None or not page.joinable:
        return False
    if not page.rung or page.news_at is not None:
        return True
    ladder = climbing.ladder_of(parts.policies.get(page.policy_version), page)
    news_at = parts.now() + timedelta(seconds=ladder.gather_seconds)
    new = replace(page, news_at=news_at)
    if page.armed_for is not None and page.armed_for > news_at + LEEWAY:
        new = replace(new, token="", armed_for=None)
    parts.pages.save(new)
    return True
