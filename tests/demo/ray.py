"""`make demo-ray`: most of what `make demo-local` shows, on a Ray cluster that is started on this machine for it."""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from service.demo.stage import DemoFailed
from tests.demo.local import keep_chart, main
from tests.demo.news_sections import OPTIONS, THIS_MACHINE
from tests.ray.ray_head import ray_head

CHART = Path(".cache/demo-ray.svg")


async def walk(directory: Path, model: Path, url: str) -> bytes:
    options = {**OPTIONS, "python": sys.executable, "cpus": "1"}
    made = {**THIS_MACHINE, "name": "our cluster", "kind": "ray", "base_url": url, "options": options}
    setting = "TUNELEDGER_RAY_DIRECTORY"
    return await main(directory, model, setting=setting, made=made, splits=("test",), loop=False)


if __name__ == "__main__":
    os.environ.setdefault("TUNELEDGER_CONNECTIONS_ALLOW", "127.0.0.1")
    sys.stdout.write("Starting Ray …\n")
    with tempfile.TemporaryDirectory(prefix="tuneledger-ray-") as folder, ray_head() as head:
        try:
            svg = asyncio.run(walk(Path(folder), Path(sys.argv[1]), head.url))
        except DemoFailed as failed:
            sys.exit(str(failed))
    keep_chart(CHART, svg)
