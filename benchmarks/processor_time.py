"""Processor time (user and system) of the server with its worker, of Postgres, and of this process itself."""

import msgspec
import psutil

from benchmarks.environment import connect


class ProcessorTime(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds since the processes began. `server` is all that this process started: the API and the worker."""

    server: float
    postgres: float
    own: float

    def since(self, before: "ProcessorTime") -> "ProcessorTime":
        return ProcessorTime(
            server=self.server - before.server,
            postgres=self.postgres - before.postgres,
            own=self.own - before.own,
        )


async def read_processor_time(url: str) -> ProcessorTime:
    """Read it now. Postgres has to run on this machine."""
    async with connect(url) as connection:
        backend = psutil.Process(await connection.fetchval("select pg_backend_pid()"))
        postgres = _sum_family(backend.parent() or backend)
    own = psutil.Process()
    times = own.cpu_times()
    server = sum(_sum_family(child) for child in own.children())
    return ProcessorTime(server=server, postgres=postgres, own=times.user + times.system)


def _sum_family(process: psutil.Process) -> float:
    """Its own time, that of its children, and of those that have ended."""
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return float(sum(each.user + each.system + each.children_user + each.children_system for each in times))
