"""What the adapter of a shape makes of a row: canonical messages, and where each of them stood. Pure."""

from typing import Any

import msgspec

from service.datasets.examples.chat_content import OnUnanswered
from service.errors import Fault
from service.json_type_faults import describe

Json = dict[str, Any]


class Draft:
    """A row while it is being read. An adapter pops what it knows from `row`; the rest are extra columns.

    `messages` are canonical, as builtins; `places` are the pointers where each stood. `names` says what the shape calls
    a canonical field, for faults. `losses` name what the canonical form cannot carry; each is counted once a row.
    """

    def __init__(self, row: Json, *, at: str = "", unanswered: OnUnanswered = "refuse") -> None:
        self.row = row
        self.at = at
        self.unanswered: OnUnanswered = unanswered
        self.messages: list[Json] = []
        self.places: list[str] = []
        self.names: dict[str, str] = {}
        self.tools: list[Any] | None = None
        self.parallel_tool_calls: Any = None
        self.answers: dict[str, tuple[Json, str]] = {}
        self.passed: bool | None = None
        self.metadata: Json = {}
        self.faults: list[Fault] = []
        self.losses: set[str] = set()
        self._open_calls: list[tuple[str, str]] = []
        self._calls = 0

    def pop(self, *names: str) -> tuple[Any, str]:
        """Take the first of these fields that has a value, and its pointer; the others stay. None without any."""
        for name in names:
            if self.row.get(name) is not None:
                return self.row.pop(name), f"{self.at}/{name}"
        return None, f"{self.at}/{names[0]}"

    def pop_text(self, *names: str) -> tuple[str | None, str]:
        """Take a text. An object or a list becomes its JSON text, a number its digits."""
        value, at = self.pop(*names)
        return None if value is None else to_text(value), at

    def pop_list(self, *names: str) -> tuple[list[Any] | None, str]:
        """Take a list, which may be JSON text, as a cell of a table has it. Anything else is a fault."""
        value, at = self.pop(*names)
        value = from_json_text(value)
        if value is None or isinstance(value, list):
            return value, at
        self.add_fault(at, f"Found {describe(value)}; allowed is a list.", "wrong_type")
        return None, at

    def require_text(self, *names: str) -> tuple[str, str]:
        """Take a text that has to be there."""
        text, at = self.pop_text(*names)
        if text is None:
            self.add_fault(at, f"The field {names[0]!r} is required.", "required")
        elif not text.strip():
            self.add_fault(at, f"The {names[0]} is empty.", "empty")
        return text or "", at

    def add_answer(self, *names: str) -> None:
        """Add the assistant's answer, which has to be there unless rows may wait for one."""
        if self.unanswered == "keep" and not any(to_text(self.row.get(name) or "").strip() for name in names):
            for name in names:
                self.row.pop(name, None)
            return
        text, at = self.require_text(*names)
        self.add({"role": "assistant", "content": text or "-"}, at)

    def add(self, message: Json, at: str) -> None:
        self.messages.append(message)
        self.places.append(at)

    def add_text(self, role: str, text: str | None, at: str) -> None:
        """Add a message of text, unless there is none."""
        if text:
            self.add({"role": role, "content": text}, at)

    def add_fault(self, at: str, detail: str, code: str = "invalid_value") -> None:
        self.faults.append(Fault(pointer=at, detail=detail, code=code))

    def open_call(self, name: str, call_id: str | None = None) -> str:
        """Note a tool call whose result is to come, and give it an id if it has none."""
        self._calls += 1
        call_id = call_id or f"call_{self._calls}"
        self._open_calls.append((call_id, name))
        return call_id

    def close_call(self, *, name: str | None = None, call_id: str | None = None) -> str:
        """Find the call that a result without an id answers: the oldest open one, of that name if it is named."""
        fitting = [
            call for call in self._open_calls if call_id == call[0] or (call_id is None and name in (None, call[1]))
        ]
        if fitting:
            self._open_calls.remove(fitting[0])
        return call_id or (fitting[0][0] if fitting else "")

    @property
    def is_unanswered(self) -> bool:
        return not self.answers and bool(self.messages) and self.messages[-1].get("role") != "assistant"

    @property
    def open_calls(self) -> int:
        return len(self._open_calls)


def to_text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def from_json_text(value: Any) -> Any:
    """The value that a text holds as JSON, if it looks like an object or a list; else the value itself."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError):
        return value


def strip_absent(value: Any) -> Any:
    """Leave out what is null at every depth: tables with nested columns write null for each field that a row lacks."""
    if isinstance(value, dict):
        return {name: strip_absent(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [strip_absent(item) for item in value]
    return value
