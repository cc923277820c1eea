"""A cursor continues its own list and no other."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.store import cursors
from chalicelib.workflows.ports import CursorError

POSITIONS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1)


@given(POSITIONS, st.text(st.characters()))
def test_a_cursor_holds_its_position(position, name):
    cursor = cursors.write(position, "list", name)
    assert cursors.read(cursor, "list", name) == position
    assert cursor.replace("-", "").replace("_", "").isalnum()


@given(POSITIONS, st.text(), st.text())
def test_a_cursor_of_another_list_is_refused(position, name, other):
    assume(name != other)
    with pytest.raises(CursorError):
        cursors.read(cursors.write(position, name), other)


@given(st.text(st.characters(), min_size=1))
def test_what_is_no_cursor_is_refused(junk):
    with pytest.raises(CursorError):
        cursors.read(junk, "list")


@given(POSITIONS, st.data())
def test_a_changed_cursor_is_refused(position, data):
    cursor = cursors.write(position, "list")
    place = data.draw(st.integers(0, len(cursor) - 1))
    letter = data.draw(st.sampled_from("ABCxyz019-_=+/"))
    changed = cursor[:place] + letter + cursor[place + 1 :]
    assume(changed != cursor)
    with pytest.raises(CursorError):
        cursors.read(changed, "list")


def test_no_cursor_is_the_beginning_and_no_position_the_end():
    assert cursors.read("", "list") == ""
    assert cursors.write("", "list") == ""
