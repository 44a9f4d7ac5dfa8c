"""Parse a filter expression such as `tag = gold and not (rating < 4 or repaired)`. Pure."""

import re
from functools import lru_cache
from typing import Literal

import msgspec

from service.datasets.filters.filter_fields import EQUALITY, FIELDS, READS_TEXTS, Field, Value, read_value
from service.errors import Fault, Invalid

MAX_LENGTH = 10_000
MAX_CONDITIONS = 200
MAX_TEXT_CONDITIONS = 20
MAX_DEPTH = 32
SHOWN = 20  # characters of the expression that an error quotes

Operator = Literal["=", "!=", "<", "<=", ">", ">=", ":", "in"]

_SPACE = re.compile(r"\s*")
_WORD = re.compile(r"[A-Za-z]+(?![\w.-])")
_QUOTED = r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\''
_FIELD = re.compile(rf"[A-Za-z_]\w*(?:\.(?:[\w-]+|{_QUOTED}))*", re.DOTALL)
_PATH_PART = re.compile(rf"{_QUOTED}|[\w-]+", re.DOTALL)
_OPERATOR = re.compile(r"!=|<=|>=|[=<>:]")
_VALUE = re.compile(rf"{_QUOTED}|[^\s()=!<>:,\"'][^\s()=!<>,\"']*", re.DOTALL)


class FilterError(ValueError):
    """The expression cannot be read; `position` is where, in characters from 1."""

    def __init__(self, detail: str, position: int) -> None:
        super().__init__(detail)
        self.detail = detail
        self.position = position


class Condition(msgspec.Struct, frozen=True):
    """A field compared with a value, or with each of several; `path` leads into a field that is JSON."""

    field: str
    path: tuple[str, ...]
    operator: Operator
    values: tuple[Value, ...]


class All(msgspec.Struct, frozen=True):
    terms: tuple["Node", ...]


class AnyOf(msgspec.Struct, frozen=True):
    terms: tuple["Node", ...]


class Not(msgspec.Struct, frozen=True):
    term: "Node"


Node = Condition | All | AnyOf | Not


@lru_cache(maxsize=1024)
def parse(text: str) -> Node:
    """Parse an expression. Raises FilterError."""
    return _Parser(text).parse()


def check_expression(text: str, *, pointer: str) -> str:
    """Return the expression when it can be parsed. Raises Invalid, with its position and what is wrong there."""
    try:
        parse(text)
    except FilterError as error:
        rest = text[error.position - 1 :].lstrip()[:SHOWN]
        place = f"At character {error.position} of the filter, near `{rest}`" if rest else "At the end of the filter"
        fault = Fault(pointer=pointer, detail=f"{place}: {error.detail}", code="bad_filter")
        raise Invalid(fault.detail, errors=[fault]) from error
    return text


class _Parser:
    """Recursive descent; each method reads one rule of the grammar in docs/filters.md."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.conditions = 0
        self.text_conditions = 0

    def parse(self) -> Node:
        if len(self.text) > MAX_LENGTH:
            raise FilterError(f"It has more than {MAX_LENGTH:,} characters.", 1)
        node = self._either(depth=0)
        self._skip_space()
        if self.position < len(self.text):
            raise self._error("Expected `and`, `or` or the end.")
        return node

    def _either(self, *, depth: int) -> Node:
        terms = [self._all(depth=depth)]
        while self._take_word("or"):
            terms.append(self._all(depth=depth))
        return terms[0] if len(terms) == 1 else AnyOf(tuple(terms))

    def _all(self, *, depth: int) -> Node:
        terms = [self._term(depth=depth)]
        while self._take_word("and"):
            terms.append(self._term(depth=depth))
        return terms[0] if len(terms) == 1 else All(tuple(terms))

    def _term(self, *, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self._error(f"It is nested deeper than {MAX_DEPTH} levels.")
        if self._take_word("not"):
            return Not(self._term(depth=depth + 1))
        if self._take("("):
            node = self._either(depth=depth + 1)
            self._expect(")")
            return node
        return self._condition()

    def _condition(self) -> Node:
        self.conditions += 1
        if self.conditions > MAX_CONDITIONS:
            raise self._error(f"It has more than {MAX_CONDITIONS} conditions.")
        field, name, path = self._field()
        self.text_conditions += name in READS_TEXTS
        if self.text_conditions > MAX_TEXT_CONDITIONS:
            raise self._error(f"It has more than {MAX_TEXT_CONDITIONS} conditions on texts and metadata.")
        operator, negated = self._operator(field, name)
        if operator is None:
            return Condition(name, path, "=", (True,))
        start = self.position
        values = self._list(field, path) if operator == "in" else (self._value(field, path),)
        if None in values and operator not in EQUALITY:
            raise FilterError("Compare null with = or !=; put the word into quotes.", start + 1)
        condition = Condition(name, path, "=" if operator == "!=" else operator, values)
        return Not(condition) if negated else condition

    def _field(self) -> tuple[Field, str, tuple[str, ...]]:
        self._skip_space()
        start = self.position
        match = _FIELD.match(self.text, start)
        if match is None:
            raise self._error("Expected a condition, such as `rating >= 4`.")
        first, *rest = _PATH_PART.findall(match.group())
        name, path = first.lower(), tuple(_unquote(part) for part in rest)
        if name not in FIELDS:
            raise FilterError(f"There is no field `{first}`; there are {', '.join(sorted(FIELDS))}.", start + 1)
        field = FIELDS[name]
        if path and (field.parts == () or (field.parts is not None and path not in field.parts)):
            allowed = ", ".join(f"{name}.{'.'.join(part)}" for part in field.parts)
            detail = f"`{name}` has {f'only {allowed}' if allowed else 'no parts'}."
            raise FilterError(detail, start + 1)
        if not path and field.needs_path:
            raise FilterError(f"Say which part of `{name}`, such as `{name}.customer.tier`.", start + 1)
        self.position = match.end()
        return field, name, path

    def _operator(self, field: Field, name: str) -> tuple[Operator | None, bool]:
        """The operator, and whether it is negated; None after a field that says yes or no by itself."""
        self._skip_space()
        start = self.position
        operator: str | None
        if self._take_word("not"):
            if not self._take_word("in"):
                raise self._error("Expected `in` after `not`.")
            operator, negated = "in", True
        elif self._take_word("in"):
            operator, negated = "in", False
        else:
            match = _OPERATOR.match(self.text, self.position)
            operator, negated = (match.group(), match.group() == "!=") if match else (None, False)
            self.position = match.end() if match else self.position
        if operator not in field.operators:
            known = ", ".join(f"`{each}`" for each in field.operators if each)
            raise FilterError(f"After `{name}` comes one of {known}.", start + 1)
        return operator, negated  # type: ignore[return-value] # it is one of the field's operators

    def _list(self, field: Field, path: tuple[str, ...]) -> tuple[Value, ...]:
        self._expect("(")
        values = [self._value(field, path)]
        while self._take(","):
            values.append(self._value(field, path))
        self._expect(")")
        return tuple(values)

    def _value(self, field: Field, path: tuple[str, ...]) -> Value:
        self._skip_space()
        start = self.position
        match = _VALUE.match(self.text, start)
        if match is None:
            raise self._error("Expected a value; put one with spaces or signs into quotes.")
        self.position = match.end()
        text = match.group()
        is_quoted = text[0] in "\"'"
        try:
            return read_value(field, path, _unquote(text), is_quoted=is_quoted)
        except ValueError as error:
            raise FilterError(str(error), start + 1) from error

    def _take_word(self, word: str) -> bool:
        self._skip_space()
        match = _WORD.match(self.text, self.position)
        if match is None or match.group().lower() != word:
            return False
        self.position = match.end()
        return True

    def _take(self, sign: str) -> bool:
        self._skip_space()
        is_there = self.text.startswith(sign, self.position)
        self.position += len(sign) if is_there else 0
        return is_there

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise self._error(f"Expected `{sign}`.")

    def _skip_space(self) -> None:
        match = _SPACE.match(self.text, self.position)
        self.position = match.end() if match else self.position

    def _error(self, detail: str) -> FilterError:
        self._skip_space()
        return FilterError(detail, self.position + 1)


def _unquote(text: str) -> str:
    if text[0] not in "\"'":
        return text
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)
