"""Templates: whatever the text and whatever the values, nothing is evaluated and nothing is read twice."""

from hypothesis import given
from hypothesis import strategies as st

from service.prompts.versions import templates
from service.prompts.versions.templates import Slot, count_filled, escape, fill, join, list_variables, parse

NAMES = st.from_regex(templates.NAME, fullmatch=True)
BRACES = st.text(alphabet="{}ab \\", max_size=20)
TEXTS = st.one_of(st.text(max_size=40), BRACES)
PARTS = st.lists(st.one_of(TEXTS.filter(bool), st.builds(Slot, NAMES)), max_size=8)


def merged(parts: list[str | Slot]) -> tuple[str | Slot, ...]:
    """Neighbouring texts as one, since no template can tell them apart."""
    result: list[str | Slot] = []
    for part in parts:
        if isinstance(part, str) and result and isinstance(result[-1], str):
            result[-1] += part
        else:
            result.append(part)
    return tuple(result)


@given(PARTS)
def test_parts_that_are_written_and_parsed_are_the_same_parts(parts: list[str | Slot]) -> None:
    text = join(merged(parts))
    assert parse(text) == merged(parts)
    assert list(templates.find_faults(text, at="")) == []


@given(TEXTS)
def test_any_text_can_be_said_literally(text: str) -> None:
    assert fill(parse(escape(text)), {}) == text


@given(TEXTS)
def test_a_text_without_faults_is_the_same_when_parsed_and_written(text: str) -> None:
    if not list(templates.find_faults(text, at="")):
        assert parse(join(parse(text))) == parse(text)


@given(PARTS, st.dictionaries(NAMES, TEXTS), TEXTS)
def test_a_value_stays_as_it_is_whatever_it_looks_like(
    parts: list[str | Slot], values: dict[str, str], default: str
) -> None:
    parsed = parse(join(merged(parts)))
    given_values = {name: values.get(name, default + "{{other}}{{{{{% raw %}${1}") for name in list_variables(parsed)}
    expected = "".join(given_values[part.name] if isinstance(part, Slot) else part for part in parts)
    assert fill(parsed, given_values) == expected
    assert count_filled(parsed, given_values) == len(expected)


def test_braces_that_open_nothing_are_a_fault_with_their_place() -> None:
    [fault] = templates.find_faults("Hi {{name}}, {{ 1 + 1 }}", at="/messages/0/content")
    assert (fault.pointer, fault.code) == ("/messages/0/content", "bad_variable")
    assert "character 13" in fault.detail
    for text in ("{{", "{{}}", "{{a.b}}", "{{a|upper}}", "{{ä}}", "{{a}", "{{1a}}", "{{a\n}}", "x{{{{{{ y"):
        assert [fault.code for fault in templates.find_faults(text, at="")] == ["bad_variable"], text


def test_single_braces_and_closing_ones_need_no_escape() -> None:
    text = '{"a": {"b": {}}} }} \\{x\\} {% if %} ${y} {0}'
    assert parse(text) == (text,)
    assert list(templates.find_faults(text, at="")) == []


def test_spaces_around_a_name_do_not_matter() -> None:
    assert parse("a {{ name }}{{name}} b") == ("a ", Slot("name"), Slot("name"), " b")
    assert parse("{{{name}}}") == ("{", Slot("name"), "}")
    assert parse("{{{{name}}") == ("{{name}}",)
