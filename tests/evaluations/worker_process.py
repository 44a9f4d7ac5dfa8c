"""A worker that only works on evaluations."""

import asyncio
import os
import sys
from functools import partial

from service.evaluations.domain import KIND
from service.evaluations.worker import evaluate
from service.inference import worker
from service.settings import from_environment
from service.worker.loops import work


def main() -> None:
    settings = from_environment(os.environ)
    sys.stdout.write("working\n")
    sys.stdout.flush()
    asyncio.run(work(settings, str(settings.database_url), loops={"runs": partial(worker.run, {KIND: evaluate})}))


if __name__ == "__main__":
    main()
