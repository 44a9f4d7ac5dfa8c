"""A worker that only works on runs."""

import asyncio
import os
import sys
from functools import partial

from service.inference import worker
from service.settings import load_settings
from service.worker.loops import run_worker
from tests.inference.example_runs import KIND, questions


def main() -> None:
    settings = load_settings(os.environ)
    sys.stdout.write("working\n")
    sys.stdout.flush()
    loops = {"runs": partial(worker.run, {KIND: questions})}
    asyncio.run(run_worker(settings, str(settings.database_url), loops=loops))


if __name__ == "__main__":
    main()
