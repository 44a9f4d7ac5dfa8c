"""A worker that only works on runs."""

import asyncio
import os
import sys
from functools import partial

from service.inference import worker
from service.settings import from_environment
from service.worker.loops import work
from tests.inference.example_runs import KIND, questions


def main() -> None:
    settings = from_environment(os.environ)
    sys.stdout.write("working\n")
    sys.stdout.flush()
    loops = {"runs": partial(worker.run, {KIND: questions})}
    asyncio.run(work(settings, str(settings.database_url), loops=loops))


if __name__ == "__main__":
    main()
