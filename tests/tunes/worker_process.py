"""A worker that only sends and follows tunes, and downloads their weights."""

import asyncio
import os
import sys

from service.settings import load_settings
from service.tunes.progress import poller
from service.tunes.submission import dispatcher as dispatch
from service.tunes.weights import worker as weights
from service.worker.loops import run_worker


def main() -> None:
    settings = load_settings(os.environ)
    sys.stdout.write("working\n")
    sys.stdout.flush()
    loops = {"dispatch": dispatch.run, "poll": poller.run, "weights": weights.run}
    asyncio.run(run_worker(settings, str(settings.database_url), loops=loops))


if __name__ == "__main__":
    main()
