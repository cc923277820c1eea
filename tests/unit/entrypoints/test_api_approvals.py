"""Approvals by the API: who sees what waits, who decides, and what nobody gets around."""

import json
from dataclasses import replace

import pytest

from chalicelib.domain.agent import Role
from chalicelib.domain.authority import Limit, PromiseKind, Review
from chalicelib.store import records
from tests.fakes.house import ADMIN, AGENT, LEAD, POLICY, STRANGER
from tests.unit.entrypoints.test_stream import record, tell

ONE = "/api/conversations/{}"
REFUND = {"kind": "refund", "amount": "60.00", "currency": "EUR"}
LIMITS = (
    Limit(PromiseKind.REFUND, "agent", cents=5000, currency="EUR"),
    Limit(PromiseKind.REFUND, "lead", cents=50_000, currency="EUR"),
)


@pytest.fixture
def case(house):
    policy = replace(POLICY, version="v2", limits=LIMITS, reviews=(Review(),))
    house.store.policies.publish(policy)
    house.store.policies.make_current("v2")
    return house.customer_writes()


def change(house, case, path, body, person=AGENT, **facts):
    version = house.conversation(case.id).version
    return house.gateway.change(
        "POST", ONE.format(case.id) + path, {"version": version} | body, person, **facts
    )


def held(house, case, **body):
    draft = {"text": "You get it back.", "promises": [REFUND]} | body
    answer = change(house, case, "/replies", draft)
    assert answer.status == 202, answer.json
    assert answer.json["message"]["delivery"]["state"] == "held"
    return answer.json["conversation"]["case"]["approvals"][-1]


def decided(house, case, approval, action, person, **body):
    return change(house, case, f"/approvals/{approval['id']}/{action}", body, person)


def test_a_held_reply_says_why_it_waits_and_for_whom(house, case):
    approval = held(house, case)
    assert approval["why"] == "refund 60.00 EUR: agent up to 50.00 EUR"
    assert (approval["what"], approval["by"], approval["role"]) == ("reply", "ann", "lead")
    assert approval["promises"] == [REFUND]
    assert approval["window_closes_at"] is not None


def test_a_lead_finds_it_approves_it_and_the_message_says_so(house, case):
    approval = held(house, case)
    for path in ("/api/approvals", "/api/approvals?team=care"):
        (waiting,) = house.gateway.get(path, LEAD).json["waiting"]
        assert waiting["conversation"]["id"] == case.id
        assert waiting["approvals"] == [{"approval": approval, "approvable": True}]
    assert house.gateway.get("/api/approvals", AGENT).json["waiting"] == []
    assert house.gateway.get("/api/approvals", STRANGER).json["waiting"] == []
    assert len(house.gateway.get("/api/approvals", ADMIN).json["waiting"]) == 1
    assert house.gateway.get("/api/approvals?team=care", STRANGER).status == 403
    body = {"text": "You get half.", "promises": [REFUND | {"amount": "30.00"}]}
    answer = decided(house, case, approval, "approve", LEAD, **body)
    assert answer.status == 202, answer.json
    message = answer.json["message"]
    assert (message["text"], message["delivery"]["state"]) == ("You get half.", "queued")
    assert message["authority"]["promised"] == [REFUND | {"amount": "30.00"}]
    assert message["authority"]["approved"]["by"] == "lou"
    assert message["authority"]["approved"]["draft"] == "You get it back."
    assert answer.json["conversation"]["case"]["approvals"] == []
    assert answer.json["conversation"]["case"]["promised"] == [REFUND | {"amount": "30.00"}]
    late = decided(house, case, approval, "decline", ADMIN, reason="no")
    assert (late.status, late.json["error"]["code"]) == (409, "decided")
    assert late.json["error"]["message"] == "lou approved it."


def test_a_lead_declines_it_and_an_author_withdraws_it(house, case):
    first, second = held(house, case), held(house, case, text="Again.")
    answer = decided(house, case, first, "decline", LEAD, reason="too kind")
    assert answer.json["message"]["delivery"]["error_text"] == "too kind"
    answer = decided(house, case, second, "withdraw", AGENT)
    assert answer.json["message"]["delivery"]["state"] == "declined"
    assert house.parts.outbox.take() == []


def test_an_agent_decides_neither_their_own_nor_a_foreign_teams_nor_by_forged_ids(house, case):
    approval = held(house, case)
    assert decided(house, case, approval, "approve", AGENT).status == 403
    assert decided(house, case, approval, "decline", AGENT, reason="no").status == 403
    assert decided(house, case, approval, "approve", STRANGER).status == 404
    assert decided(house, case, approval, "withdraw", LEAD).status == 403
    for forged in ("a" * 26, "A" * 26, "x"):
        assert decided(house, case, {"id": forged}, "approve", LEAD).status == 404
    other = replace(case, id="b" * 26)
    path = ONE.format(other.id) + f"/approvals/{approval['id']}/approve"
    assert house.gateway.change("POST", path, {"version": 1}, LEAD).status == 404
    assert house.conversation(case.id).case.approvals
    assert house.parts.outbox.take() == []


@pytest.mark.parametrize(
    "promise",
    [
        {"kind": "refund", "amount": "-1", "currency": "EUR"},
        {"kind": "refund", "amount": "1e9", "currency": "EUR"},
        {"kind": "refund", "amount": "999999999", "currency": "EUR"},
        {"kind": "refund", "amount": "1\n", "currency": "EUR"},
        {"kind": "refund", "amount": "1.005", "currency": "EUR"},
        {"kind": "refund", "amount": "1", "currency": "euro"},
        {"kind": "bribe", "amount": "1", "currency": "EUR"},
        {"kind": "refund", "amount": 1, "currency": "EUR"},
        {"kind": "refund", "amount": "1", "currency": "EUR", "by": "lou"},
    ],
)
def test_a_promise_that_makes_no_sense_is_refused(house, case, promise):
    answer = change(house, case, "/replies", {"text": "Hi", "promises": [promise]})
    assert (answer.status, answer.json["error"]["code"]) == (400, "bad_body")


@pytest.mark.parametrize(
    "promise",
    [
        {"kind": "refund"},
        {"kind": "refund", "amount": "0", "currency": "EUR"},
        {"kind": "refund", "amount": "99999999", "currency": "EUR"},
        {"kind": "legal", "amount": "1", "currency": "EUR"},
    ],
)
def test_a_promise_without_a_sensible_amount_is_refused(house, case, promise):
    answer = change(house, case, "/resolve", {"reason": "done", "promises": [promise]})
    assert (answer.status, answer.json["error"]["code"]) == (422, "bad_promise")


def test_a_resolution_with_an_answer_waits_for_one_decision(house, case):
    body = {"reason": "paid back", "text": "You get it back.", "promises": [REFUND]}
    answer = change(house, case, "/resolve", body)
    assert answer.json["conversation"]["case"]["status"] != "resolved"
    (approval,) = answer.json["conversation"]["case"]["approvals"]
    assert (approval["what"], approval["reason"]) == ("resolve", "paid back")
    answer = decided(house, case, approval, "approve", LEAD)
    shown = answer.json["conversation"]["case"]
    assert (shown["status"], shown["resolved_by"]) == ("resolved", "ann")


def test_a_resolution_without_an_answer_waits_too(house, case):
    answer = change(house, case, "/resolve", {"reason": "paid back", "promises": [REFUND]})
    (approval,) = answer.json["conversation"]["case"]["approvals"]
    assert (approval["message_id"], approval["window_closes_at"]) == ("", None)
    answer = decided(house, case, approval, "approve", LEAD)
    assert (answer.json["message"], answer.status) == (None, 202)


def test_what_one_may_promise_and_what_would_wait_is_said_beforehand(house, case):
    ways = house.gateway.get(ONE.format(case.id) + "/ways", AGENT).json
    assert ways["authority"] == [{"kind": "refund", "most": "50.00", "currency": "EUR"}]
    assert ways["limited"] == ["refund"]
    path = ONE.format(case.id) + "/check"
    plain = house.gateway.change("POST", path, {"text": "Hi"}, AGENT).json
    assert plain["approval"] is None
    found = house.gateway.change("POST", path, {"text": "Hi", "promises": [REFUND]}, AGENT).json
    assert found["approval"] == {
        "why": ["refund 60.00 EUR: agent up to 50.00 EUR"],
        "role": Role.LEAD.value,
    }
    assert found["refused"] == []
    huge = {"text": "Hi", "promises": [REFUND | {"amount": "9999.00"}]}
    found = house.gateway.change("POST", path, huge, AGENT).json
    assert [one["code"] for one in found["refused"]] == ["beyond_authority"]
    assert found["approval"]["role"] == ""


def test_a_role_that_may_promise_anything_is_told_so_and_a_lost_role_is_shown(house, case):
    approval = held(house, case)
    any_money = replace(POLICY, version="v3", limits=(Limit(PromiseKind.REFUND, "lead"),))
    house.store.policies.publish(any_money)
    house.store.policies.make_current("v3")
    ways = house.gateway.get(ONE.format(case.id) + "/ways", LEAD).json
    assert ways["authority"] == [{"kind": "refund", "most": None, "currency": ""}]
    strict = replace(POLICY, version="v4", limits=LIMITS[:1])
    house.store.policies.publish(strict)
    house.store.policies.make_current("v4")
    shown = house.gateway.get(ONE.format(case.id), AGENT).json["conversation"]["case"]
    assert shown["approvals"] == [approval | {"role": ""}]


def test_the_stream_sends_a_held_reply_only_once_it_was_approved(house, case):
    approval = held(house, case)
    ids = (case.id, approval["message_id"])
    before = records.message(house.store.messages[ids])
    tell(record(None, before))
    assert house.parts.outbox.take() == []
    decided(house, case, approval, "approve", LEAD)
    after = records.message(house.store.messages[ids])
    tell(record(before, after))
    (sent,) = house.parts.outbox.take()
    assert json.loads(sent.body)["message_id"] == approval["message_id"]
    tell(record(after, after))
    assert house.parts.outbox.take() == []
