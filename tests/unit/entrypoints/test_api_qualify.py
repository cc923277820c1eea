"""By the API people say of a case how urgent it is, whose, about what, and what it is owed."""

import pytest

from tests.fakes.house import AGENT, STRANGER


@pytest.fixture
def case(house):
    """A customer has written."""
    return house.customer_writes("You are great")


def change(house, case, what, person=AGENT, **body):
    version = house.conversation(case.id).version
    path = f"/api/conversations/{case.id}/{what}"
    return house.gateway.change("POST", path, {"version": version} | body, person)


def test_what_is_said_of_a_case_is_shown(house, case):
    for what, body in (
        ("priority", {"priority": "High"}),
        ("vip", {"vip": True}),
        ("labels", {"add": ["Late parcel", "gift"]}),
        ("labels", {"remove": ["gift"]}),
        ("language", {"language": "pt-BR"}),
    ):
        answer = change(house, case, what, **body)
        assert answer.status == 200, (what, answer.json)
    found = house.gateway.get(f"/api/conversations/{case.id}", AGENT).json["conversation"]["case"]
    assert (found["priority"], found["vip"], found["labels"], found["language"]) == (
        "high",
        True,
        ["late parcel"],
        "pt-br",
    )


def test_praise_needs_no_answer_and_thanks_can_be_noted(house, case):
    (message,) = house.store.messages.values()
    assert change(house, case, f"messages/{message.id}/appreciate").status == 200
    answer = change(house, case, "thank", how="a like")
    assert (answer.status, answer.code) == (409, "not_owed")  # no such promise in this policy
    answer = change(house, case, "no-answer", reason="praise")
    assert (answer.status, answer.code) == (409, "not_owed")


def test_what_needs_no_answer_says_why(house, case):
    assert change(house, case, "no-answer").status == 400
    answer = change(house, case, "no-answer", reason="praise")
    assert answer.status == 200
    assert answer.json["conversation"]["case"]["unanswered_since"] is None
    history = house.gateway.get(f"/api/conversations/{case.id}/history", AGENT).json["history"]
    waived = next(entry for entry in history if entry["kind"] == "AnswerWaived")
    assert (waived["reason"], waived["actor"]) == ("praise", "ann")


@pytest.mark.parametrize(
    ("what", "body", "status"),
    [
        ("priority", {"priority": "very high"}, 422),
        ("priority", {}, 400),
        ("labels", {"add": ["a,b"]}, 422),
        ("labels", {"add": "late"}, 400),
        ("language", {"language": "german"}, 422),
        ("vip", {"vip": "yes"}, 400),
        ("thank", {"how": " "}, 400),
        ("messages/unknown/appreciate", {}, 404),
    ],
)
def test_what_cannot_be_is_refused(house, case, what, body, status):
    assert change(house, case, what, **body).status == status


def test_other_teams_find_nothing_to_change(house, case):
    assert change(house, case, "vip", STRANGER, vip=True).status == 404


def test_a_promise_says_which_warnings_are_to_come(house, case):
    found = house.gateway.get(f"/api/conversations/{case.id}", AGENT).json["conversation"]["case"]
    clock = next(clock for clock in found["clocks"] if clock["name"] == "first_response")
    assert [warning["percent"] for warning in clock["warnings"]] == [50, 75, 90]
    assert clock["warnings"][0]["at"] < clock["warnings"][2]["at"] < clock["due_at"]
