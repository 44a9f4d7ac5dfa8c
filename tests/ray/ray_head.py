"""A Ray cluster of this machine, which can be killed and started again at the same address."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil

from tests.live_server import free_port

SECONDS = 300.0  # on a busy machine


class RayHead:
    """`ray start --head --block`, in a session of its own."""

    def __init__(self, folder: Path, port: int, gcs_port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._folder, self._port, self._gcs_port = folder, port, gcs_port
        self._process: subprocess.Popen[bytes] | None = None
        self._starts = 0

    def start(self) -> None:
        """Start it, and wait until it takes jobs."""
        self._starts += 1
        ray = str(Path(sys.executable).with_name("ray"))
        options = {
            "port": self._gcs_port,
            "dashboard-host": "127.0.0.1",
            "dashboard-port": self._port,
            "node-ip-address": "127.0.0.1",  # else it binds the machine's own
            "ray-client-server-port": free_port(),
            "num-cpus": 2,
            "object-store-memory": 80_000_000,
            "temp-dir": self._folder / str(self._starts),
        }
        arguments = [f"--{name}={value}" for name, value in options.items()]
        with (self._folder / "ray.log").open("ab") as log:
            self._process = subprocess.Popen(
                [ray, "start", "--head", "--block", "--disable-usage-stats", *arguments],
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=os.environ | {"RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0"},
            )
        deadline = time.monotonic() + SECONDS
        while not self._takes_jobs():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError((self._folder / "ray.log").read_text()[-2000:])
            time.sleep(0.5)

    def kill(self) -> None:
        """Kill all its processes at once, as when the machine's plug is pulled; jobs of it die by themselves."""
        if self._process is None:
            return
        with suppress(psutil.NoSuchProcess):
            head = psutil.Process(self._process.pid)
            for process in (head, *head.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        self._process.wait()
        self._process = None

    def _takes_jobs(self) -> bool:
        try:
            return httpx.get(f"{self.url}/api/jobs/", timeout=10, trust_env=False).is_success
        except httpx.HTTPError:
            return False


@contextmanager
def ray_head() -> Iterator[RayHead]:
    # Ray's sockets lie in its folder, and a socket's path has 107 characters at most.
    folder = Path(tempfile.mkdtemp(prefix="tl-ray-", dir="/tmp"))
    head = RayHead(folder, free_port(), free_port())
    try:
        head.start()
        yield head
    finally:
        head.kill()
        shutil.rmtree(folder, ignore_errors=True)
