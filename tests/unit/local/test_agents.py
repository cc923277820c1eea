"""Scripted agents: what they see of the API's answer, and when they take which step."""

import pytest

from chalicelib.domain.channel import Channel
from infra.local.day.agents import Script, Seen, Worker, perform, ready, see
from infra.local.day.desk import Answered
from infra.local.day.story import Customer, Do, Step

REPLY, RESOLVE = Step(Do.REPLY, "Hello"), Step(Do.RESOLVE, "done", outbound=1)
ANA = Customer("7", "Ana", Channel.MESSENGER, "test", (REPLY, RESOLVE))
NOBODY = Customer("8", "Ben", Channel.MESSENGER, "test")


def whole(*messages, status="assigned", version=3):
    return {
        "conversation": {"id": "c" * 26, "version": version, "case": {"status": status}},
        "messages": {"messages": list(messages), "cursor": ""},
    }


def inbound(author="7", **more):
    return {"direction": "inbound", "author_id": author, "incomplete": False, **more}


def outbound(state="accepted", origin="hearback"):
    return {"direction": "outbound", "origin": origin, "delivery": {"state": state}}


def test_sees_who_wrote_and_what_is_settled():
    body = whole(inbound(), outbound(), outbound("queued"), outbound(origin="survey"))
    seen = see(body)
    assert (seen.customer, seen.inbound, seen.settled, seen.version) == ("7", 1, 1, 3)
    assert seen.open


@pytest.mark.parametrize("status", ["resolved", "follow_up", "closed"])
def test_sees_that_a_case_is_done(status):
    assert not see(whole(inbound(), status=status)).open


def test_an_edit_without_its_message_is_not_a_message_yet():
    assert see(whole(inbound(incomplete=True))).inbound == 0


def test_sees_what_shows_personal_data_and_is_not_hidden():
    exposing = inbound(id="m1", personal=["phone"])
    assert see(whole(exposing)).exposing == "m1"
    assert see(whole({**exposing, "hidden": True})).exposing == ""


def test_hides_only_what_was_found():
    hide = Step(Do.HIDE)
    assert not ready(hide, Seen("c", 1, "7", 1, 0, open=True))
    assert ready(hide, Seen("c", 1, "7", 1, 0, open=True, exposing="m1"))


def test_a_lost_reply_is_settled_too():
    assert see(whole(inbound(), outbound("failed"))).settled == 1


def test_waits_until_the_step_may_be_taken():
    assert ready(REPLY, Seen("c", 1, "7", 1, 0, open=True))
    assert not ready(REPLY, Seen("c", 1, "7", 0, 0, open=True))
    assert not ready(RESOLVE, Seen("c", 1, "7", 1, 0, open=True))
    assert not ready(REPLY, Seen("c", 1, "7", 1, 0, open=False))


class FakeDesk:
    """Answers one conversation, and refuses as often as told."""

    def __init__(self, body, refuse=0):
        self.body, self.refuse, self.asked = body, refuse, []

    def get(self, path):
        return Answered(200, self.body)

    def change(self, method, path, body):
        self.asked.append((method, path, body))
        self.refuse -= 1
        return Answered(409 if self.refuse >= 0 else 200, {})

    def put(self, place, name, content):
        self.asked.append(("FORM", place["url"], name))
        return True


def work(desk, script):
    told = []
    worker = Worker("ana", desk, script, lambda *what: told.append(what))
    worker._look("c" * 26)
    return told


def test_takes_the_next_step_of_the_script_with_the_version_it_saw():
    desk, script = FakeDesk(whole(inbound())), Script({"7": ANA})
    assert work(desk, script) == [("ana", "reply", "7")]
    assert desk.asked == [
        ("POST", f"/api/conversations/{'c' * 26}/replies", {"text": "Hello", "version": 3})
    ]
    assert script.next("7") == RESOLVE


def test_a_refused_step_is_taken_again_later():
    desk, script = FakeDesk(whole(inbound()), refuse=1), Script({"7": ANA})
    assert work(desk, script) == [("ana", "reply refused 409", "7")]
    assert script.next("7") == REPLY
    work(desk, script)
    assert script.next("7") == RESOLVE


def test_leaves_alone_who_is_to_be_left_alone():
    desk = FakeDesk(whole(inbound("8")))
    assert work(desk, Script({"7": ANA, "8": NOBODY})) == []
    assert desk.asked == []


@pytest.mark.parametrize(
    ("step", "end", "body"),
    [
        (Step(Do.NOTE, "x"), "notes", {"text": "x", "version": 3}),
        (Step(Do.WAIT, "x"), "wait", {"on": "customer", "reason": "x", "version": 3}),
        (Step(Do.RESOLVE, "x"), "resolve", {"reason": "x", "version": 3}),
        (Step(Do.INVITE, "x"), "invite", {"text": "x", "version": 3}),
        (Step(Do.TRY, "x"), "replies", {"text": "x", "version": 3}),
        (Step(Do.HIDE), "messages/m1/hide", {"version": 3}),
    ],
)
def test_each_step_has_its_route(step, end, body):
    desk = FakeDesk(whole(inbound(id="m1", personal=["phone"])))
    assert perform(desk, step, see(desk.body)).ok
    assert desk.asked == [("POST", f"/api/conversations/{'c' * 26}/{end}", body)]


TRY = Step(Do.TRY, "Hello", refusal="opted_out")
CLEO = Customer("9", "Cleo", Channel.SMS, "test", (TRY, RESOLVE))


class RefusingDesk(FakeDesk):
    """Refuses with a code."""

    def __init__(self, body, code):
        super().__init__(body)
        self.code = code

    def change(self, method, path, body):
        return Answered(409, {"error": {"code": self.code}})


def test_a_reply_that_must_be_refused_is_done_once_it_is():
    script = Script({"9": CLEO})
    told = work(RefusingDesk(whole(inbound("9")), "opted_out"), script)
    assert told == [("ana", "try refused 409 opted_out", "9")]
    assert script.next("9") == RESOLVE
    assert script.refused() == (("9", "opted_out"),)


def test_a_refusal_for_another_reason_is_not_the_one_that_is_meant():
    script = Script({"9": CLEO})
    work(RefusingDesk(whole(inbound("9")), "stale"), script)
    assert script.next("9") == TRY
    assert script.refused() == ()


def test_a_reply_that_should_have_been_refused_is_not_noted_as_refused():
    script = Script({"9": CLEO})
    work(FakeDesk(whole(inbound("9"))), script)
    assert script.next("9") == RESOLVE
    assert script.refused() == ()


class FilingDesk(FakeDesk):
    """Offers a place for a file."""

    def __init__(self, body, put=True):
        super().__init__(body)
        self.works = put

    def change(self, method, path, body):
        super().change(method, path, body)
        return Answered(201, {"key": "upload/k", "url": "http://bucket", "fields": {}})

    def put(self, place, name, content):
        return super().put(place, name, content) and self.works


def test_a_file_is_uploaded_before_the_reply_that_carries_it():
    desk = FilingDesk(whole(inbound()))
    assert perform(desk, Step(Do.REPLY, "Hello", file="a.pdf"), see(desk.body)).ok
    (_, uploads, wanted), form, (_, replies, body) = desk.asked
    assert (uploads[-8:], wanted["name"], form) == (
        "/uploads",
        "a.pdf",
        ("FORM", "http://bucket", "a.pdf"),
    )
    assert (replies[-8:], body["files"]) == ("/replies", ["upload/k"])


def test_a_reply_does_not_leave_without_its_file():
    desk = FilingDesk(whole(inbound()), put=False)
    assert not perform(desk, Step(Do.REPLY, "Hello", file="a.pdf"), see(desk.body)).ok
    assert [what for what, *_ in desk.asked] == ["POST", "FORM"]
