"""The Python client of Tuneledger: `Tuneledger`, and `AsyncTuneledger` for asyncio."""

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
from tuneledger._version import __version__

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
