"""docs/formats.md follows from the writers."""

from openapi.formats import PAGE, fill


def test_the_page_says_what_the_writers_lose() -> None:
    text = PAGE.read_text()
    assert fill(text) == text, "docs/formats.md is behind: run `python -m openapi formats`"
