"""A worker that only works on runs of the kinds that `module:name` holds."""

import asyncio
import os
import pkgutil
import sys
from functools import partial

from service.inference import worker
from service.settings import load_settings
from service.worker.loops import run_worker


def main(works: str) -> None:
    settings = load_settings(os.environ)
    sys.stdout.write("working\n")
    sys.stdout.flush()
    loops = {"runs": partial(worker.run, pkgutil.resolve_name(works))}
    asyncio.run(run_worker(settings, str(settings.database_url), loops=loops))


if __name__ == "__main__":
    main(sys.argv[1])
