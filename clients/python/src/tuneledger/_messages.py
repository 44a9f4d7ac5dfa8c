"""Parse server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html."""

from collections.abc import Iterable, Iterator

import msgspec


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a stream; `event` is its name, by default `message`."""

    event: str
    data: str


class Reader:
    """Parse lines into messages; remembers the last id and the retry delay."""

    def __init__(self, last_event_id: str | None = None) -> None:
        self.last_event_id = last_event_id
        self.retry_seconds: float | None = None
        self._id = last_event_id
        self._event = ""
        self._data: list[str] = []

    def messages(self, lines: Iterable[str]) -> Iterator[Message]:
        """Yield the messages that these lines complete. A message counts as seen only once it is yielded."""
        return (message for line in lines if (message := self.feed(line)) is not None)

    def feed(self, line: str) -> Message | None:
        """Return the message that this line (without line end) completes."""
        if not line:
            return self._complete()
        name, _, value = line.partition(":")
        self._take(name, value.removeprefix(" "))
        return None

    def forget(self) -> None:
        """Drop an incomplete message. It comes again, because its id was not remembered."""
        self._id, self._event, self._data = self.last_event_id, "", []

    def _take(self, name: str, value: str) -> None:
        match name:
            case "data":
                self._data.append(value)
            case "event":
                self._event = value
            case "id" if "\0" not in value:
                self._id = value
            case "retry" if value.isdigit():
                self.retry_seconds = int(value) / 1000
            case _:
                pass  # a comment or an unknown field

    def _complete(self) -> Message | None:
        self.last_event_id = self._id
        event, data = self._event or "message", self._data
        self._event, self._data = "", []
        return Message(event=event, data="\n".join(data)) if data else None
