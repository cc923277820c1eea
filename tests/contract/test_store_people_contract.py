"""What every store promises of agents, what they carry, and policies."""

from dataclasses import replace

import pytest

from chalicelib.domain.agent import Presence
from chalicelib.domain.channel import Channel
from chalicelib.domain.contact import Contact
from chalicelib.domain.policy import Handle, Policy
from chalicelib.workflows.ports import (
    CapacityError,
    Commit,
    Load,
    StaleError,
)
from tests.contract.store_engines import (
    NOON,
    WHOLE,
    agent,
    conversation,
    engines,
    store,
)

__all__ = ["engines", "store"]


def test_a_claim_needs_presence_and_room(store):
    store.agents.save(agent(capacity=250))
    claim = Load("ann", WHOLE, NOON, claim=True)
    for _ in range(2):
        store.conversations.commit(Commit(load=(claim,)))
    with pytest.raises(CapacityError):
        store.conversations.commit(Commit(load=(claim,)))
    assert store.agents.get("ann").load == 200
    assert store.agents.get("ann").last_assigned_at == NOON
    store.conversations.commit(Commit(load=(Load("ann", -WHOLE, NOON),)))
    store.agents.set_presence("ann", Presence.AWAY, NOON)
    with pytest.raises(CapacityError):
        store.conversations.commit(Commit(load=(claim,)))
    with pytest.raises(CapacityError):
        store.conversations.commit(Commit(load=(replace(claim, agent_id="gone"),)))


def test_a_hand_given_case_needs_neither(store):
    store.agents.save(agent(capacity=0, presence=Presence.OFFLINE))
    by_hand = Load("ann", WHOLE, NOON)
    store.conversations.commit(Commit(load=(by_hand,)))
    assert (store.agents.get("ann").load, store.agents.get("ann").last_assigned_at) == (
        WHOLE,
        None,
    )
    store.conversations.commit(Commit(load=(by_hand, replace(by_hand, change=-WHOLE))))
    assert store.agents.get("ann").load == WHOLE
    with pytest.raises(CapacityError):
        store.conversations.commit(Commit(load=(replace(by_hand, agent_id="gone"),)))


def test_a_refused_claim_writes_nothing_of_its_commit(store):
    head = conversation()
    with pytest.raises(CapacityError):
        store.conversations.commit(
            Commit(conversation=head, load=(Load("gone", 100, NOON, claim=True),))
        )
    assert store.conversations.get(head.id) is None


def test_saving_an_agent_leaves_what_is_carried_alone(store):
    saved = store.agents.save(agent(capacity=200, name="Ann", load=500, last_assigned_at=NOON))
    assert saved == agent(capacity=200, name="Ann", rev=1)
    store.conversations.commit(Commit(load=(Load("ann", 200, NOON, claim=True),)))
    wider = store.agents.save(replace(saved, capacity=300, teams=("care", "sales"), load=0))
    assert wider == replace(
        saved, capacity=300, teams=("care", "sales"), load=200, last_assigned_at=NOON, rev=2
    )
    store.conversations.commit(Commit(load=(Load("ann", 100, NOON, claim=True),)))
    with pytest.raises(CapacityError):
        store.conversations.commit(Commit(load=(Load("ann", 1, NOON, claim=True),)))
    with pytest.raises(StaleError):
        store.agents.save(saved)
    with pytest.raises(StaleError):
        store.agents.save(agent())


def test_presence_is_declared_by_those_who_are_there(store):
    saved = store.agents.save(agent(presence=Presence.OFFLINE, presence_at=None))
    declared = store.agents.set_presence("ann", Presence.PRESENT, NOON)
    assert declared == replace(saved, presence=Presence.PRESENT, presence_at=NOON, rev=2)
    assert store.agents.get("ann") == declared
    with pytest.raises(LookupError):
        store.agents.set_presence("nobody", Presence.PRESENT, NOON)


def test_all_agents_come_by_id(store):
    for name in ("cid", "ann", "bob"):
        store.agents.save(agent(name))
    assert [found.id for found in store.agents.all()] == ["ann", "bob", "cid"]


def test_a_version_of_the_policy_never_changes(store):
    with pytest.raises(LookupError):
        store.policies.current()
    first = Policy(
        "1",
        brand="Acme",
        handles=(Handle("h", Channel.X, "1", "Acme", "care", settings={"a": "b"}),),
    )
    store.policies.publish(first)
    store.policies.publish(first)
    with pytest.raises(ValueError, match="another policy"):
        store.policies.publish(replace(first, brand="Other"))
    with pytest.raises(LookupError):
        store.policies.current()
    with pytest.raises(LookupError):
        store.policies.make_current("2")
    store.policies.make_current("1")
    assert store.policies.current() == store.policies.get("1") == first


def test_what_was_current_is_remembered_newest_first(store):
    assert store.policies.history() == ()
    for version in ("1", "2"):
        store.policies.publish(Policy(version))
    store.policies.make_current("1", by="ann")
    store.policies.make_current("1", by="bob")
    store.policies.make_current("2", by="bob", because="tighter at night")
    store.policies.make_current("1", by="ann", because="rollback")
    told = [(one.version, one.by, one.because) for one in store.policies.history()]
    assert told == [("1", "ann", "rollback"), ("2", "bob", "tighter at night"), ("1", "ann", "")]
    assert store.policies.current().version == "1"


def test_a_vip_is_remembered_until_somebody_says_otherwise(store):
    ann = Contact("vip", "Ann", NOON)
    head = store.open(conversation(), contact=ann)
    assert store.views.contact("vip") == ann
    store.conversations.commit(Commit(conversation=head, contact=ann, vip=True))
    assert store.views.contact("vip") == replace(ann, vip=True)
    store.open(conversation(), contact=replace(ann, name="Bob"))
    assert store.views.contact("vip") == replace(ann, vip=True)
    head = store.conversations.get(head.id)
    store.conversations.commit(Commit(conversation=head, contact=ann, vip=False))
    assert store.views.contact("vip") == ann


def test_a_vip_is_remembered_with_the_rest_of_a_commit_or_not_at_all(store):
    ann = Contact("vip", "Ann", NOON)
    head = store.open(conversation(), contact=ann)
    store.open(replace(head, version=9))
    with pytest.raises(StaleError):
        store.conversations.commit(Commit(conversation=head, contact=ann, vip=True))
    assert store.views.contact("vip") == ann
    store.open(conversation(), contact=Contact("new", "Bob", NOON), vip=True)
    assert store.views.contact("new").vip
