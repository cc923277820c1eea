"""The breach of an unanswered case.

Recorded once, at the deadline, however late the timer; told to each subscriber on a page.
"""

import json
from datetime import timedelta

import pytest

from chalicelib.domain.clock import ClockName
from chalicelib.domain.entry import EntryKind
from infra.local.day.player import utc_now
from infra.local.simulator import messenger
from infra.local.simulator.happening import Happening
from infra.local.simulator.post import Door, Webhook
from infra.local.simulator.signing import wire
from tests.e2e.conftest import LATE

CLOCK = ClockName.FIRST_RESPONSE
TARGET = timedelta(seconds=20)


def write(house, ref, ago):
    """Let somebody have written some time ago; return when that was."""
    at = utc_now() - ago
    body = wire(messenger.message(Happening(LATE, ref, at, id=f"m_{ref}", text="Anybody?")))
    post = house.post(threads=1)
    try:
        assert post.now(Webhook("late", Door.META, body)).result().status == 200
    finally:
        post.close()
    return at


def alerts(house, case_id):
    """Return what each subscriber of the breaches got that tells of this case's clock."""
    return [
        one
        for one in house.stack.received()
        if one.subscriber.topic == "breaches"
        and any(
            (told["case_id"], told["clock"]) == (case_id, CLOCK)
            for told in one.alert.get("cases", ())
        )
    ]


def breaches(talk):
    return [e for e in talk.entries if e.kind is EntryKind.DEADLINE_BREACHED and e.clock is CLOCK]


def talk_of(house, ref):
    return next(iter(house.talks().get(ref, [])), None)


@pytest.mark.parametrize(
    ("ref", "ago"),
    [("81000000001", timedelta(0)), ("81000000002", timedelta(minutes=10))],
    ids=["as it happens", "ten minutes late"],
)
def test_a_breach_is_recorded_once_at_its_deadline_and_told_to_everybody(house, wait_for, ref, ago):
    at = write(house, ref, ago)
    wait_for(lambda: (talk := talk_of(house, ref)) and breaches(talk))
    talk = talk_of(house, ref)
    case_id = talk.conversation.case_id
    (entry,) = breaches(talk)
    clock = talk.case.clock(CLOCK)
    assert entry.at == clock.due_at == clock.breached_at == at + TARGET
    wait_for(lambda: alerts(house, case_id))
    replay(house, talk)
    wait_for(lambda: len({a.subscriber for a in alerts(house, case_id)}) >= 3)
    told = alerts(house, case_id)
    assert len({a.subscriber.endpoint for a in told}) == 3
    heard = [(a.subscriber.endpoint, a.alert["key"]) for a in told]
    assert len(set(heard)) == len(heard)  # a page may tell again, and no message comes twice
    assert all(a.at >= entry.at.replace(microsecond=0) for a in told)
    assert len(breaches(talk_of(house, ref))) == 1


def replay(house, talk):
    """Run the step of the timer again, three times, as a doubled or replayed timer would."""
    case = {
        "conversation_id": talk.conversation.id,
        "case_number": talk.case.number,
        "generation": talk.case.generation,
    }
    functions = house.stack.cloud.client("lambda")
    for _ in range(3):
        answer = functions.invoke(
            FunctionName="hearback-local-breach", Payload=json.dumps(case).encode()
        )
        assert "FunctionError" not in answer, answer["Payload"].read()


def test_the_sms_names_team_and_link_and_no_word_of_the_customer(house, wait_for):
    write(house, "81000000003", timedelta(minutes=5))
    talk = wait_for(lambda: talk_of(house, "81000000003"))
    case_id = talk.conversation.case_id
    sms = wait_for(lambda: [a for a in alerts(house, case_id) if a.subscriber.protocol == "sms"])[0]
    assert len(sms.text) <= 160
    assert "late" in sms.text
    assert "/p/" in sms.text
    assert "Anybody?" not in sms.text
    assert dict(sms.attributes)["team"] == "late"
