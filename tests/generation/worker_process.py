"""A worker that only works on runs of generations."""

import asyncio
import os
import sys
from functools import partial

from service.inference import worker
from service.settings import from_environment
from service.worker.loops import work
from tests.generation.generation_runs import WORKS


def main() -> None:
    settings = from_environment(os.environ)
    sys.stdout.write("working\n")
    sys.stdout.flush()
    asyncio.run(work(settings, str(settings.database_url), loops={"runs": partial(worker.run, WORKS)}))


if __name__ == "__main__":
    main()
