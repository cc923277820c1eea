"""What every store promises of commits, references and requests, in memory and on DynamoDB."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.case import Status
from chalicelib.domain.channel import Channel
from chalicelib.domain.contact import Contact, Identity
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.message import Edit
from chalicelib.workflows.ports import (
    Commit,
    DuplicateMessageError,
    DuplicateRequestError,
    LogRow,
    Reference,
    Request,
    StaleError,
    StoreError,
)
from tests.contract.store_engines import (
    NOON,
    case,
    conversation,
    engines,
    entry,
    message,
    store,
)

__all__ = ["engines", "store"]

HOSTILE = (
    "",
    "#",
    "a#b",
    "nul\x00nul",
    "lone\ud800",
    "%23",
    "%%",
    "é",
    "🙂" * 200,
    "x" * 5000,
    "../..",
    " ",
    "\n",
)


def test_what_is_committed_is_read_back_the_same(store):
    head = conversation(case=case(), contact_name="Zoë 🙂", token="t", armed_for=NOON, version=4)
    first = message(head, text="lone \ud800 and nul \x00", edits=(Edit("e", "later", NOON),))
    stored = store.open(head, insert=(first,), entries=(entry(),))
    assert stored == replace(head, rev=1)
    assert store.conversations.message(head.id, first.id) == replace(first, rev=1)
    assert store.views.history(head.id, 10).rows == (replace(entry(), version=4),)


def test_nothing_is_there_before_it_is_written(store):
    assert store.conversations.get("none") is None
    assert store.conversations.message("none", "none") is None
    assert store.conversations.reference(Channel.X, "a", "b") is None
    assert store.conversations.identity(Channel.X, "a", "b") is None
    assert store.conversations.request("none", "key") is None
    assert store.agents.get("nobody") is None
    assert list(store.agents.all()) == []
    assert store.views.contact("none") is None


def test_a_conversation_is_created_once(store):
    head = conversation()
    store.open(head)
    with pytest.raises(StaleError):
        store.conversations.commit(Commit(conversation=replace(head, contact_name="other")))
    assert store.conversations.get(head.id).contact_name == ""


def test_a_change_based_on_an_older_rev_is_refused_and_writes_nothing(store):
    head = store.open(conversation(case=case()))
    store.conversations.commit(Commit(conversation=replace(head, version=1)))
    late = message(head)
    with pytest.raises(StaleError):
        store.conversations.commit(
            Commit(conversation=replace(head, version=1, messages=9), insert=(late,))
        )
    assert store.conversations.get(head.id) == replace(head, version=1, rev=2)
    assert store.conversations.message(head.id, late.id) is None


def test_a_message_is_inserted_once_for_ever(store):
    """No expiry and no window: the row itself is what recognises the repeat."""
    head = conversation()
    first = message(head)
    head = store.open(head, insert=(first,))
    repeat = replace(first, text="again", received_at=NOON + timedelta(days=4000))
    with pytest.raises(DuplicateMessageError) as refused:
        store.conversations.commit(Commit(conversation=head, insert=(repeat,)))
    assert refused.value.existing == replace(first, rev=1)
    assert store.conversations.get(head.id) == head


def test_the_repeat_of_a_commit_that_was_written_is_told_as_a_duplicate_not_as_stale(store):
    """The answer to a time-out after the commit.

    The workflow sees its own message and its own head.
    """
    head = conversation(messages=1)
    commit = Commit(conversation=head, insert=(message(head),), entries=(entry(),))
    store.conversations.commit(commit)
    with pytest.raises(DuplicateMessageError) as refused:
        store.conversations.commit(commit)
    assert refused.value.existing == replace(commit.insert[0], rev=1)
    assert store.conversations.get(head.id) == replace(head, rev=1)


def test_a_request_is_carried_out_once_and_told_first(store):
    head = store.open(conversation())
    asked = Request("key-1", "print-1", "message-1")
    commit = Commit(conversation=head, insert=(message(head),), request=asked)
    store.conversations.commit(commit)
    with pytest.raises(DuplicateRequestError) as refused:
        store.conversations.commit(commit)
    assert refused.value.request == asked
    assert store.conversations.request(head.id, "key-1") == asked
    assert store.conversations.request(conversation().id, "key-1") is None


def test_a_message_is_changed_at_the_rev_it_was_read(store):
    head = conversation()
    stored = replace(message(head), rev=1)
    store.open(head, insert=(replace(stored, rev=0),))
    store.conversations.commit(Commit(update=(replace(stored, hidden=True),)))
    assert store.conversations.message(head.id, stored.id) == replace(stored, hidden=True, rev=2)
    with pytest.raises(StaleError):
        store.conversations.commit(Commit(update=(replace(stored, text="late"),)))


def test_a_stub_is_created_once_by_update(store):
    stub = message(conversation(), stub=True)
    store.conversations.commit(Commit(update=(stub,)))
    with pytest.raises(StaleError):
        store.conversations.commit(Commit(update=(stub,)))
    assert store.conversations.message(stub.conversation_id, stub.id) == replace(stub, rev=1)


def test_a_version_has_one_log(store):
    head = store.open(conversation(version=1), entries=(entry(),))
    with pytest.raises(StoreError):
        store.conversations.commit(Commit(conversation=head, entries=(entry(text="again"),)))
    assert store.conversations.get(head.id) == head


@pytest.mark.parametrize(
    "commit",
    [
        Commit(entries=(entry(),)),
        Commit(snapshot=case()),
        Commit(request=Request("k", "f")),
        Commit(joining=conversation()),
    ],
)
def test_what_belongs_to_a_conversation_needs_one(store, commit):
    with pytest.raises(ValueError, match="needs one"):
        store.conversations.commit(commit)


def test_a_second_conversation_is_written_with_the_first_or_neither_is(store):
    public, private = store.open(conversation(case=case())), conversation()
    both = Commit(
        conversation=replace(public, version=1, messages=1),
        joining=replace(private, joined=public.id),
        entries=(entry(),),
    )
    store.conversations.commit(both)
    assert store.conversations.get(public.id) == replace(both.conversation, rev=2)
    assert store.conversations.get(private.id) == replace(both.joining, rev=1)
    assert store.conversations.log(private.id, both.joining.version) is None
    later = Commit(conversation=replace(public, version=2, rev=2), joining=private)
    with pytest.raises(StaleError):  # the second is there already
        store.conversations.commit(later)
    assert store.conversations.get(public.id).version == 1
    stale = replace(later, joining=replace(private, messages=9, rev=1), conversation=public)
    with pytest.raises(StaleError):  # the first has changed
        store.conversations.commit(stale)
    assert store.conversations.get(private.id).messages == 0
    whole = replace(later, joining=replace(private, messages=9, rev=1))
    store.conversations.commit(whole)
    assert store.conversations.get(private.id).messages == 9
    assert store.conversations.get(private.id).rev == 2


def test_a_conversation_does_not_join_itself(store):
    head = store.open(conversation())
    with pytest.raises(ValueError, match="itself"):
        store.conversations.commit(Commit(conversation=head, joining=head))


def test_contacts_and_identities_are_left_alone_if_present(store):
    first = Contact("c", "Ann", NOON)
    account = Identity(Channel.WHATSAPP, "", "+49123", "c", NOON)
    store.open(conversation(), contact=first, identities=(account,))
    later = replace(account, evidence="guess", contact_id="c")
    store.open(conversation(), contact=replace(first, name="Bob"), identities=(later,))
    assert store.views.contact("c") == first
    assert store.conversations.identity(Channel.WHATSAPP, "", "+49123") == account
    assert list(store.views.identities("c")) == [account]


def test_a_reference_is_written_once_and_then_changed_at_the_rev_it_was_read(store):
    early = Reference(Channel.FACEBOOK_PAGE, "page", "post_1", deleted_at=NOON)
    stored = replace(early, rev=1)
    assert store.conversations.put_reference(early) == stored
    ours = replace(early, conversation_id="c", message_id="m", deleted_at=None)
    assert store.conversations.put_reference(ours) == stored
    with pytest.raises(StaleError):
        store.conversations.commit(Commit(references=(ours,)))
    store.conversations.commit(Commit(references=(replace(ours, rev=1),)))
    found = store.conversations.reference(Channel.FACEBOOK_PAGE, "page", "post_1")
    assert found == replace(ours, rev=2)
    with pytest.raises(StaleError):
        store.conversations.commit(Commit(references=(replace(ours, rev=1),)))


def test_a_log_is_read_by_version_and_noted_as_announced(store):
    head = store.open(conversation(version=3), entries=(entry(), entry(EntryKind.NOTE_ADDED)))
    told = (entry(version=3), entry(EntryKind.NOTE_ADDED, version=3))
    assert store.conversations.log(head.id, 3) == LogRow(told)
    store.conversations.mark_announced(head.id, 3, NOON)
    store.conversations.mark_announced(head.id, 3, NOON)
    assert store.conversations.log(head.id, 3) == LogRow(told, NOON)
    assert store.views.history(head.id, 9).rows == told[::-1]
    assert store.conversations.log(head.id, 2) is None
    with pytest.raises(LookupError):
        store.conversations.mark_announced(head.id, 2, NOON)


def test_hostile_ids_neither_collide_nor_fail(store):
    for channel in (Channel.X, Channel.SMS):
        for account in ("page", "page#x"):
            for hostile in HOSTILE:
                reference = Reference(
                    channel, account, hostile, message_id=repr((account, hostile))
                )
                assert store.conversations.put_reference(reference) == replace(reference, rev=1)
    head = store.open(conversation())
    for hostile in HOSTILE:
        head = store.open(
            head, insert=(message(head, id="m" + hostile),), request=Request(hostile, "f")
        )
        assert store.conversations.message(head.id, "m" + hostile).id == "m" + hostile
        assert store.conversations.get(hostile) is None
    assert len(store.views.messages(head.id, 100).rows) == len(HOSTILE)


def test_arming_needs_the_rev_and_raises_it(store):
    head = store.open(conversation(case=case()))
    store.conversations.arm(head.id, head.rev, "token", NOON)
    store.conversations.arm(
        head.id, head.rev, "token", NOON
    )  # a repeat of the very same is no conflict
    assert store.conversations.get(head.id) == replace(head, rev=2, token="token", armed_for=NOON)
    with pytest.raises(StaleError):
        store.conversations.arm(head.id, head.rev, "other", NOON)
    with pytest.raises(StaleError):
        store.conversations.commit(Commit(conversation=replace(head, version=1)))
    with pytest.raises(StaleError):
        store.conversations.arm("none", 1, "token", NOON)


def test_of_concurrent_commits_exactly_one_wins_each_rev(store):
    head = store.open(conversation())

    def write(name):
        told = message(head, name)
        try:
            store.conversations.commit(
                Commit(conversation=replace(head, contact_name=name), insert=(told,))
            )
        except StaleError:
            return None
        return name

    with ThreadPoolExecutor(8) as pool:
        winners = [name for name in pool.map(write, "abcdefgh") if name]
    stored = store.conversations.get(head.id)
    assert [stored.contact_name] == winners
    assert stored.rev == 2
    assert len(store.views.messages(head.id, 10).rows) == 1


def test_a_snapshot_may_be_written_again(store):
    head = store.open(conversation(case=case()), snapshot=case())
    closed = case(status=Status.CLOSED)
    assert store.open(head, snapshot=closed).rev == 2
