"""Lists that fetch their pages as needed."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Generic, Protocol, TypeVar

from tuneledger._async._api import AsyncApi
from tuneledger._calls import HttpCall


class Page(Protocol):
    """The fields of all pages."""

    @property
    def data(self) -> Sequence[Any]: ...

    @property
    def next_cursor(self) -> str | None: ...


PageT = TypeVar("PageT", bound=Page)
ItemT = TypeVar("ItemT")


class AsyncPager(Generic[PageT, ItemT]):
    """A list. Iterating yields every item and fetches pages as needed; nothing is sent before."""

    def __init__(self, api: AsyncApi, call: HttpCall, page: type[PageT]) -> None:
        self._api = api
        self._call = call
        self._page = page

    async def first(self) -> PageT:
        """Fetch the first page, with its `next_cursor`, and its `count` if requested."""
        return await self._api.answer(self._call, self._page)

    async def pages(self) -> AsyncIterator[PageT]:
        """Iterate over the pages."""
        call = self._call
        while True:
            page = await self._api.answer(call, self._page)
            yield page
            if page.next_cursor is None:
                return
            call = call.but(query={"cursor": page.next_cursor})

    async def __aiter__(self) -> AsyncIterator[ItemT]:
        async for page in self.pages():
            for item in page.data:
                yield item
