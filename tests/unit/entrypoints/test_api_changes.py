"""Changes by the API: once each, on the version that was read, with what may be done now."""

import pytest

from chalicelib.domain.case import Status
from tests.fakes.house import ADMIN, AGENT, LEAD
from tests.fakes.trail import CrashError


def path(found, what):
    return f"/api/conversations/{found.id}/{what}"


@pytest.fixture
def case(house):
    """A customer has written."""
    return house.customer_writes()


def reply(house, case, text="On its way.", version=None, key=None):
    body = {"text": text, "version": case.version if version is None else version}
    return house.gateway.change("POST", path(case, "replies"), body, AGENT, key)


def test_a_reply_is_stored_and_waits_to_be_sent(house, case):
    answer = reply(house, case)
    assert answer.status == 202
    assert answer.json["message"]["text"] == "On its way."
    assert answer.json["message"]["delivery"]["state"] == "queued"
    assert answer.json["message"]["author_id"] == "ann"
    assert answer.json["conversation"]["version"] == case.version + 1


def test_the_same_change_under_the_same_key_happens_once(house, case):
    first, again = reply(house, case, key="only-once"), reply(house, case, key="only-once")
    assert (first.json["repeated"], again.json["repeated"]) == (False, True)
    assert first.json["message"]["id"] == again.json["message"]["id"]
    assert len(house.store.messages) == 2


def test_the_same_key_for_another_change_is_refused(house, case):
    reply(house, case, key="only-once")
    answer = reply(house, case, text="Something else.", key="only-once")
    assert (answer.status, answer.code) == (422, "key_reused")


def test_a_change_based_on_an_older_version_gets_the_newer_state(house, case):
    reply(house, case)
    answer = reply(house, case, text="I was slower.")
    assert (answer.status, answer.code) == (409, "stale")
    assert answer.json["conversation"]["version"] == case.version + 1
    assert answer.json["conversation"]["id"] == case.id


def test_a_change_based_on_a_version_that_never_was_is_stale_too(house, case):
    assert reply(house, case, version=case.version + 5).code == "stale"


@pytest.mark.parametrize(
    "key", ["", "short", "a" * 129, "sp ace-sp ace", "tab\tttttttt", "ünïcödé-key", "line\nbreak1"]
)
def test_a_change_needs_a_proper_key(house, case, key):
    answer = house.gateway.call(
        "POST",
        path(case, "take"),
        b'{"version":1}',
        {"Idempotency-Key": key} if key else {},
        person=AGENT,
    )
    assert (answer.status, answer.code) == (400, "idempotency_key")


def test_taking_assigning_waiting_resuming_resolving_and_reopening(house, case):
    """The life of a case by its API, each change based on the answer before."""
    version = case.version
    steps = [
        (AGENT, "take", {}, Status.ASSIGNED),
        (LEAD, "assign", {"agent_id": "ann"}, Status.ASSIGNED),
        (
            AGENT,
            "wait",
            {"on": "third_party", "reason": "asked the depot"},
            Status.WAITING_THIRD_PARTY,
        ),
        (AGENT, "resume", {}, Status.ASSIGNED),
        (AGENT, "snooze", {"until": "2026-11-02T12:00:00+01:00"}, Status.SNOOZED),
        (AGENT, "resolve", {"reason": "answered"}, Status.RESOLVED),
        (AGENT, "reopen", {"reason": "not over"}, None),
        (ADMIN, "restart", {}, None),
    ]
    for person, what, body, status in steps:
        answer = house.gateway.change("POST", path(case, what), body | {"version": version}, person)
        assert answer.status == 200, (what, answer.body)
        version = answer.json["conversation"]["version"]
        if status:
            assert answer.json["conversation"]["case"]["status"] == status


def test_resolving_with_a_text_answers_the_customer_first(house, case):
    body = {"reason": "answered", "text": "It arrives tomorrow.", "version": case.version}
    for _ in range(2):  # the second is the repeat of a client that got no answer
        answer = house.gateway.change("POST", path(case, "resolve"), body, AGENT, "resolve-once")
        assert answer.status == 200
        assert answer.json["conversation"]["case"]["status"] == "resolved"
    assert [m.text for m in house.store.messages.values()] == [
        "Where is my parcel?",
        "It arrives tomorrow.",
    ]


def test_a_resolve_that_died_after_its_reply_goes_on_when_repeated(house, case):
    """The reply is stored, the process dies, the client repeats: one reply, and resolved."""
    body = {"reason": "answered", "text": "It arrives tomorrow.", "version": case.version}

    def die(_):
        house.store.after_commit.clear()
        raise CrashError

    house.store.after_commit.append(die)
    with pytest.raises(CrashError):
        house.gateway.change("POST", path(case, "resolve"), body, AGENT, "resolve-once")
    assert len(house.store.messages) == 2
    answer = house.gateway.change("POST", path(case, "resolve"), body, AGENT, "resolve-once")
    assert answer.json["conversation"]["case"]["status"] == "resolved"
    assert len(house.store.messages) == 2


def test_outside_the_window_a_reply_is_refused_with_what_may_be_done(house, case):
    house.parts.now.advance(days=8)
    answer = reply(house, case)
    assert (answer.status, answer.code) == (409, "window_closed")
    assert answer.json["error"]["instead"]


def test_a_reply_longer_than_the_channel_takes_is_refused_before_it_is_stored(house, case):
    answer = reply(house, case, text="x" * 2001)
    assert (answer.status, answer.code) == (409, "too_long")
    assert len(house.store.messages) == 1


def test_a_note_stays_inside(house, case):
    body = {"text": "Do not tell the customer.", "version": case.version}
    answer = house.gateway.change("POST", path(case, "notes"), body, AGENT)
    assert answer.json["message"]["direction"] == "note"
    assert answer.json["message"]["delivery"] is None


def test_a_reply_on_its_way_is_not_sent_again(house, case):
    sent = reply(house, case).json
    what = f"messages/{sent['message']['id']}/resend"
    answer = house.gateway.change(
        "POST", path(case, what), {"version": sent["conversation"]["version"]}, AGENT
    )
    assert (answer.status, answer.code) == (409, "not_failed")


def test_snoozing_until_a_time_that_does_not_exist_is_refused(house, case):
    for until in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        answer = house.gateway.change(
            "POST", path(case, "snooze"), {"until": until, "version": 1}, AGENT
        )
        assert answer.status in (400, 422)


def test_a_busy_table_asks_to_be_tried_again(house, case):
    from chalicelib.workflows.ports import BusyError

    def busy(_):
        raise BusyError("throttled")

    house.store.before_commit.append(busy)
    answer = reply(house, case)
    assert (answer.status, answer.code) == (503, "busy")
    assert answer.headers["Retry-After"] == "1"


def test_a_fault_of_ours_says_nothing_about_itself(house, case):
    def broken(_):
        raise RuntimeError("password=hunter2")

    house.store.before_commit.append(broken)
    answer = reply(house, case)
    assert (answer.status, answer.code) == (500, "internal")
    assert "hunter2" not in answer.body
    assert answer.json["error"]["request_id"] == "request-1"
    assert house.parts.meter.total("DoorFailed") == 1
