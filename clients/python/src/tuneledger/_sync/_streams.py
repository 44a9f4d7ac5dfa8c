# Derived from the awaited client by `make clients`.
"""Live streams that reconnect."""

from collections.abc import Iterator
from typing import Generic, TypeVar

import httpx
import msgspec

from tuneledger._calls import HttpCall
from tuneledger._lines import Lines
from tuneledger._messages import Message, Reader
from tuneledger._retries import pause
from tuneledger._sync._api import Api
from tuneledger._sync._platform import sleep
from tuneledger.errors import APIConnectionError, InternalServerError, RateLimitError, UnexpectedAnswerError

T = TypeVar("T")
# The server sends at least a comment every 15 seconds.
_SILENCE = 45.0


class EventStream(Generic[T]):
    """Events as they happen. A broken stream reconnects and continues after the last message that was seen.

    Once it was open, it reconnects however long the server is down. It ends when the server says that nothing more will
    follow, or after `seconds` if set. To continue later, keep `last_event_id`.
    """

    def __init__(self, api: Api, call: HttpCall, kind: type[T]) -> None:
        self._api = api
        self._call = call
        self._kind = kind
        self._limited = "seconds" in call.query
        self._over = False
        self._reader = Reader(call.headers.get("Last-Event-ID"))

    @property
    def last_event_id(self) -> str | None:
        return self._reader.last_event_id

    def __iter__(self) -> Iterator[T]:
        opened, failures = False, 0
        while not self._over:
            try:
                for value in self._once():
                    opened, failures = True, 0
                    if value is not None:
                        yield value
            except (APIConnectionError, InternalServerError, RateLimitError):
                if not opened:
                    raise
                failures += 1
            else:
                self._over = self._over or self._limited
            if not self._over:
                sleep(pause(failures) if failures else self._reader.retry_seconds or 0.5)

    def _once(self) -> Iterator[T | None]:
        """Read one connection: first None, once it is open, then the values."""
        self._reader.forget()
        last = self._reader.last_event_id
        call = self._call.but(headers={} if last is None else {"Last-Event-ID": last})
        with self._api.streaming(call, read_timeout=_SILENCE) as response:
            yield None
            lines = Lines()
            for piece in response.iter_bytes():
                for message in self._reader.messages(lines.feed(piece)):
                    if message.event == "end":
                        self._over = True
                        return
                    if message.event != "place":
                        yield self._value(message, response)

    def _value(self, message: Message, response: httpx.Response) -> T:
        try:
            return msgspec.json.decode(message.data, type=self._kind)
        except msgspec.MsgspecError as error:
            raise UnexpectedAnswerError(f"{self._call.path}: {error}", response) from error
