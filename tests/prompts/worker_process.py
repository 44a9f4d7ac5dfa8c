"""A worker that only works on runs of prompts."""

import asyncio
import os
import sys
from functools import partial

from service.inference import worker
from service.settings import load_settings
from service.worker.loops import run_worker
from tests.prompts.batch_runs import WORKS


def main() -> None:
    settings = load_settings(os.environ)
    sys.stdout.write("working\n")
    sys.stdout.flush()
    asyncio.run(run_worker(settings, str(settings.database_url), loops={"runs": partial(worker.run, WORKS)}))


if __name__ == "__main__":
    main()
