"""The Python client of Tuneledger: `Tuneledger`, and `AsyncTuneledger` for asyncio.

Each name is imported when it is first used: the command line's help and the audit need no HTTP client.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tuneledger._version import __version__

if TYPE_CHECKING:
    from tuneledger import errors, types
    from tuneledger._async._downloads import AsyncDownload
    from tuneledger._async._pages import AsyncPager
    from tuneledger._async._streams import AsyncEventStream
    from tuneledger._async.client import AsyncTuneledger
    from tuneledger._raw import RawResponse
    from tuneledger._sync._downloads import Download
    from tuneledger._sync._pages import Pager
    from tuneledger._sync._streams import EventStream
    from tuneledger._sync.client import Tuneledger

__all__ = [
    "AsyncDownload",
    "AsyncEventStream",
    "AsyncPager",
    "AsyncTuneledger",
    "Download",
    "EventStream",
    "Pager",
    "RawResponse",
    "Tuneledger",
    "__version__",
    "errors",
    "types",
]

_MODULES = {
    "AsyncDownload": "tuneledger._async._downloads",
    "AsyncPager": "tuneledger._async._pages",
    "AsyncEventStream": "tuneledger._async._streams",
    "AsyncTuneledger": "tuneledger._async.client",
    "RawResponse": "tuneledger._raw",
    "Download": "tuneledger._sync._downloads",
    "Pager": "tuneledger._sync._pages",
    "EventStream": "tuneledger._sync._streams",
    "Tuneledger": "tuneledger._sync.client",
}


def __getattr__(name: str) -> Any:
    if name in {"errors", "types"}:
        return import_module(f"tuneledger.{name}")
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = getattr(import_module(_MODULES[name]), name)
    return globals()[name]


def __dir__() -> list[str]:
    return __all__
