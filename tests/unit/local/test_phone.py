"""On the local day the manager taps the link in each text once; the lead never taps."""

from infra.local.day import cast
from infra.local.day.phone import Phones
from infra.local.screen import SIGNS

LINK = "http://127.0.0.1:4566/hearback/p/abc"


def played(held):
    tapped, notes = [], []

    def tap(link):
        tapped.append(link)
        return 200

    phones = Phones(lambda: held, lambda *note: notes.append(note), tap)
    return phones, tapped, notes


def text(words):
    return {"Message": words}


def test_the_manager_taps_the_link_of_each_text_once():
    held = {cast.PHONES[cast.ADMIN]: [text(f"3 cases. {LINK}")]}
    phones, tapped, notes = played(held)
    phones.look()
    phones.look()
    assert tapped == [LINK]
    held[cast.PHONES[cast.ADMIN]].append(text(f"4 cases. {LINK}2"))
    phones.look()
    assert tapped == [LINK, LINK + "2"]
    assert phones.taps == [200, 200]
    assert [kind for kind, _, _ in notes] == ["alert", "agent"] * 2
    assert {kind for kind, _, _ in notes} <= set(SIGNS)


def test_the_lead_reads_and_taps_nothing():
    phones, tapped, notes = played({cast.PHONES[cast.LEAD]: [text(f"3 cases. {LINK}")]})
    phones.look()
    assert tapped == []
    assert [text.split(":")[0] for _, _, text in notes] == [cast.LEAD]


def test_a_text_without_a_link_is_read():
    phones, tapped, _ = played({cast.PHONES[cast.ADMIN]: [text("Yours. 3 cases.")]})
    phones.look()
    assert tapped == []
