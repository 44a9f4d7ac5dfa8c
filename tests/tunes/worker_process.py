"""A worker that only sends and follows tunes."""

import asyncio
import os
import sys

from service.settings import load_settings
from service.tunes.progress import poller
from service.tunes.submission import dispatcher as dispatch
from service.worker.loops import run_worker


def main() -> None:
    settings = load_settings(os.environ)
    sys.stdout.write("working\n")
    sys.stdout.flush()
    asyncio.run(run_worker(settings, str(settings.database_url), loops={"dispatch": dispatch.run, "poll": poller.run}))


if __name__ == "__main__":
    main()
