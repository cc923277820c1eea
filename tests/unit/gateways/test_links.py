"""Links: one person, one page; nobody makes one without the key, and no name is in any."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.gateways.links import Links, NoKeyError

KEY = {"key": "k" * 32}
PEOPLE = ["ann", "lou@example.com", "pagerduty", "subscribers"]
URL = "https://abcdefghij.execute-api.eu-central-1.amazonaws.com/api"


def links(people=PEOPLE, secret=KEY, url=URL):
    return Links(lambda name: {"links": secret}[name], lambda: url, lambda: list(people))


def token(page="k7m2p4q9xa", person="ann", **more):
    return links(**more).link(page, person).rpartition("/")[2]


@pytest.mark.parametrize("person", PEOPLE)
def test_a_link_is_recognised_as_its_page_and_its_person(person):
    assert links().person(token(person=person)) == ("k7m2p4q9xa", person)


def test_a_link_is_short_stands_below_the_api_and_names_nobody():
    made = links(url=URL + "/").link("k7m2p4q9xa", "lou@example.com")
    assert made.startswith(f"{URL}/p/k7m2p4q9xa.")
    assert len(made) - len(URL) == len("/p/k7m2p4q9xa.") + 24
    assert "lou" not in made
    assert made == links().link("k7m2p4q9xa", "lou@example.com")


def test_another_key_another_page_or_another_person_makes_another_link():
    made = {
        token(),
        token(page="k7m2p4q9xb"),
        token(person="lou@example.com"),
        token(secret={"key": "l" * 32}),
    }
    assert len(made) == 4


def test_a_proof_of_one_page_proves_no_other():
    """Nor does one person's mark fit another's proof."""
    ann, lou = token(), token(person="lou@example.com")
    other = token(page="k7m2p4q9xb")
    assert links().person("k7m2p4q9xb." + ann.partition(".")[2]) is None
    assert links().person(ann[:-16] + lou[-16:]) is None
    assert links().person(other[:-16] + ann[-16:]) is None


def test_one_changed_letter_anywhere_is_refused():
    made = token()
    for place, letter in enumerate(made):
        for changed in "a2.-":
            if changed != letter:
                assert links().person(made[:place] + changed + made[place + 1 :]) is None


@pytest.mark.parametrize("cut", range(1, 36))
def test_a_link_that_was_cut_off_is_refused(cut):
    assert links().person(token()[:-cut]) is None


@pytest.mark.parametrize(
    "odd",
    ["", ".", "a" * 100_000, "k7m2p4q9xa.", "\0", "k7m2p4q9xa." + "é" * 24, " ", "%00", "../p"],
)
def test_what_is_no_token_at_all_is_refused(odd):
    assert links().person(odd) is None
    assert links().person(token() + odd) is None or not odd


@given(st.text())
def test_no_guess_is_a_token(guess):
    assert links().person(guess) is None


def test_who_has_left_has_no_link_any_more():
    assert links(people=["lou@example.com"]).person(token()) is None


def test_one_who_is_named_twice_is_still_one_person():
    assert links(people=["ann", "ann"]).person(token()) == ("k7m2p4q9xa", "ann")


def test_our_people_are_not_read_for_a_forged_link():
    def nobody():
        raise AssertionError("read")

    forged = Links(lambda _: KEY, lambda: URL, nobody)
    assert forged.person("k7m2p4q9xa." + "a" * 24) is None


@pytest.mark.parametrize("secret", [{}, {"key": ""}, {"key": "short"}, {"key": 5}])
def test_without_a_key_no_link_is_made_and_none_believed(secret):
    with pytest.raises(NoKeyError):
        token(secret=secret)
    with pytest.raises(NoKeyError):
        links(secret=secret).person(token())


def test_the_proof_has_eighty_bits():
    assert len(base64.b32decode(token()[-16:].upper())) * 8 == 80


def test_a_mark_that_would_fit_two_people_is_believed_of_neither(monkeypatch):
    made = token()
    monkeypatch.setattr("chalicelib.gateways.links._mark", lambda *_: made[-24:-16])
    assert links(people=["ann"]).person(made) == ("k7m2p4q9xa", "ann")
    assert links(people=["ann", "lou"]).person(made) is None
