"""A worker that only sends and follows tunes."""

import asyncio
import os
import sys

from service.settings import from_environment
from service.tunes import dispatcher as dispatch
from service.tunes import poller
from service.worker.loops import work


def main() -> None:
    settings = from_environment(os.environ)
    sys.stdout.write("working\n")
    sys.stdout.flush()
    asyncio.run(work(settings, str(settings.database_url), loops={"dispatch": dispatch.run, "poll": poller.run}))


if __name__ == "__main__":
    main()
