"""What people say of a case is kept in one form, within bounds, and told once."""

import pytest

from chalicelib.domain.entry import EntryKind
from chalicelib.domain.quality import (
    LONGEST_LABEL,
    label_of,
    labels_after,
    language_of,
    priority_of,
    set_labels,
    set_language,
    set_priority,
    set_vip,
)
from tests.unit.domain.terms import at, opened


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (" High ", "high"),
        ("p-1_a", "p-1_a"),
        ("", ""),
        ("a b", None),
        ("-x", None),
        ("x" * 33, None),
        ("high\n\x00", None),
    ],
)
def test_a_priority_is_one_word_in_lower_case(text, word):
    assert priority_of(text) == word


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("DE", "de"),
        ("pt_BR", "pt-br"),
        ("zh-Hant-TW", "zh-hant-tw"),
        ("", ""),
        ("german", None),
        ("d", None),
        ("de-", None),
        ("de-a-b-c-d-e", None),
    ],
)
def test_a_language_is_a_tag_in_lower_case(text, tag):
    assert language_of(text) == tag


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("  Late   Parcel ", "late parcel"),
        ("Stra\N{LATIN SMALL LETTER SHARP S}e", "strasse"),
        ("\N{FULLWIDTH LATIN CAPITAL LETTER A}", "a"),
        ("x" * LONGEST_LABEL, "x" * LONGEST_LABEL),
        ("x" * (LONGEST_LABEL + 1), None),
        (" ", None),
        ("a,b", None),
        ("a\N{RIGHT-TO-LEFT OVERRIDE}b", None),
    ],
)
def test_a_label_is_kept_in_one_form(text, label):
    assert label_of(text) == label


def test_labels_are_added_and_taken_away_in_one_order():
    assert labels_after(("b", "a"), ("c", "a"), ("b", "z")) == ("a", "c")


def test_each_change_is_told_once_with_what_was_and_what_is():
    fold = set_priority(opened(), "high", at(1), "ann")
    fold = set_vip(fold, at(2), "ann", vip=True)
    fold = set_labels(fold, ("a", "b"), at(3), "ann")
    fold = set_language(fold, "de", at(4), "ann")
    case = fold.case
    assert (case.priority, case.vip, case.labels, case.language) == ("high", True, ("a", "b"), "de")
    told = [entry for entry in fold.entries if entry.at > at(0)]
    assert [(entry.kind, entry.value, entry.inputs) for entry in told] == [
        (EntryKind.PRIORITY_CHANGED, "high", {"old": "", "new": "high"}),
        (EntryKind.VIP_CHANGED, "yes", {"old": "no", "new": "yes"}),
        (EntryKind.LABELS_CHANGED, "a, b", {"old": "", "new": "a, b"}),
        (EntryKind.LANGUAGE_CHANGED, "de", {"old": "", "new": "de"}),
    ]
    again = set_priority(set_vip(fold, at(5), "ann", vip=True), "high", at(5), "ann")
    assert set_language(set_labels(again, ("a", "b"), at(5), "ann"), "de", at(5), "ann") == fold
