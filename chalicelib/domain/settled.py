"""Settled: whether what a page tells of still needs somebody, from the case as it is now."""

from collections.abc import Callable

from chalicelib.domain.case import Case
from chalicelib.domain.clock import Clock
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.page import Member, What


def settled(
    member: Member, conversation: Conversation | None, somebody: Callable[[str], bool]
) -> bool:
    """Return whether nobody need do anything about a member any more.

    A clock: it has stopped or is paused, or its breach was withdrawn; a warning also once it has
    run out. A stuck case: it moves again. A low score: somebody has answered, or it is resolved.
    Personal data: covered. Nobody on shift: the case has an agent, or somebody of its team is
    present and on shift (`somebody` says so of a team). Anything: there is a later case. What a
    rule tells is news, and settled by being told.
    """
    case = conversation.case if conversation else None
    if case is None or case.number != member.case_number:
        return True
    match member.what:
        case What.STUCK:
            done = not case.stuck
        case What.EXPOSURE:
            done = not case.exposed
        case What.LOW_SCORE:
            done = not case.open or any(reply.at >= member.due_at for reply in case.replies)
        case What.NOBODY:
            waits = case.nobody_since is not None and case.open and not case.assignee
            done = not waits or somebody(case.team)
        case What.NOTICE:
            done = False
        case _:
            done = _clock_settled(member, case)
    return done


def _clock_settled(member: Member, case: Case) -> bool:
    clock = _clock(member, case)
    if clock is None or clock.outcome is not None or clock.paused_at is not None:
        return True
    return (clock.breached_at is None) is (member.what is What.BREACH)


def _clock(member: Member, case: Case) -> Clock | None:
    wanted = (member.clock, member.seq)
    return next((one for one in case.clocks if (one.name.value, one.seq) == wanted), None)
