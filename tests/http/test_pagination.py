"""Cursors and ETags: what we gave is read back, anything else is refused by name."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import Invalid
from service.http.pagination import Page, decode_cursor, encode_cursor, page
from service.http.responses import parse_if_match

ID = UUID("01a1fa6a-af57-70c5-9902-4d68c4240d9a")


def test_a_cursor_gives_back_its_place() -> None:
    assert decode_cursor(encode_cursor((7, ID)), tuple[int, UUID]) == (7, ID)
    assert decode_cursor(encode_cursor(ID), tuple[UUID]) == (ID,)


@given(st.text(max_size=60))
def test_no_text_that_is_not_a_cursor_is_taken_for_one(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        decode_cursor(text, tuple[int, UUID])
    assert caught.value.errors[0].pointer == "?cursor"


def test_a_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(Invalid):
        decode_cursor(encode_cursor(ID), tuple[int, UUID])


def test_the_last_page_has_no_cursor_and_the_one_before_it_has() -> None:
    assert page(Page[int], [1, 2], 2, key=lambda n: n).next_cursor is None
    first = page(Page[int], [1, 2, 3], 2, key=lambda n: n)
    assert (list(first.data), decode_cursor(first.next_cursor, tuple[int])) == ([1, 2], (2,))


@pytest.mark.parametrize(("header", "version"), [('"3"', 3), ("3", 3), ('W/"3"', 3), (None, None), ("*", None)])
def test_if_match_names_a_version(header: str | None, version: int | None) -> None:
    assert parse_if_match(header) == version


@pytest.mark.parametrize("header", ["", '"x"', '"3", "4"', '"99999999999999999999"', "-1"])
def test_any_other_if_match_is_refused(header: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_if_match(header)
    assert caught.value.errors[0].pointer == "If-Match"
