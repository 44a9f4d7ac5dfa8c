"""The sandbox's server: `create_app` for an existing event loop, `serve` for a process of its own."""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar, Request, Response
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp

from service.sandbox import models_api, sandbox_api
from service.sandbox.completions import api as completions_api
from service.sandbox.completions.stored_completions import StoredCompletions
from service.sandbox.completions.traffic import Traffic
from service.sandbox.faults import Faults
from service.sandbox.files import api as files_api
from service.sandbox.gateway import Gateway
from service.sandbox.jobs import api as jobs_api
from service.sandbox.jobs.job_runner import Runner
from service.sandbox.sqlite_store import Store
from service.sandbox.state import Sandbox, get_sandbox
from service.sandbox.wire import Refusal

log = logging.getLogger("sandbox")
MAX_JSON_BYTES = 32 * 1024 * 1024
ROUTES = [
    sandbox_api.root,
    sandbox_api.add_fault,
    sandbox_api.list_faults,
    sandbox_api.clear_faults,
    sandbox_api.list_calls,
    sandbox_api.clear_calls,
    sandbox_api.read_pace,
    sandbox_api.set_pace,
    files_api.upload,
    files_api.list_files,
    files_api.read_file,
    files_api.delete_file,
    files_api.file_content,
    jobs_api.create_job,
    jobs_api.list_jobs,
    jobs_api.read_job,
    jobs_api.cancel_job,
    jobs_api.pause_job,
    jobs_api.resume_job,
    jobs_api.list_events,
    jobs_api.list_checkpoints,
    models_api.list_models,
    models_api.read_model,
    models_api.delete_model,
    completions_api.complete,
    completions_api.list_completions,
    completions_api.read_completion,
    completions_api.delete_completion,
]


def create_app(directory: Path, *, pace: float = 0.3, latency: float = 0.0) -> ASGIApp:
    """The provider as an ASGI app. Its state is in `directory`.

    `pace` is the seconds between two steps of a job, `latency` those that a chat answer takes.
    """
    faults, traffic = Faults(), Traffic(latency)

    @asynccontextmanager
    async def run_jobs(app: Litestar) -> AsyncIterator[None]:
        store = await asyncio.to_thread(Store, directory)
        stored_completions = await asyncio.to_thread(StoredCompletions, directory)
        app.state.sandbox = Sandbox(
            store=store, stored_completions=stored_completions, faults=faults, traffic=traffic, pace=pace
        )
        runner_task = asyncio.create_task(Runner(store, pace=pace).run())
        try:
            yield
        finally:
            runner_task.cancel()
            with suppress(asyncio.CancelledError):
                await runner_task
            stored_completions.close()
            store.close()

    app = Litestar(
        ROUTES,
        lifespan=[run_jobs],
        dependencies={"sandbox": Provide(get_sandbox, sync_to_thread=False)},
        exception_handlers={
            Refusal: _build_refusal_response,
            HTTPException: _handle_http_error,
            Exception: _handle_error,
        },
        request_max_body_size=MAX_JSON_BYTES,
        openapi_config=None,
        logging_config=None,
    )
    return Gateway(app, faults, traffic, [route.path_format for route in app.routes])


def _build_refusal_response(_: Request[Any, Any, Any], no: Refusal) -> Response[Any]:
    return Response(no.body, status_code=no.status, headers=no.headers)


def _handle_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """Answer Litestar's own errors (no such route, wrong method, body too large) in OpenAI's format."""
    where = f"{request.method} {request.url.path}"
    messages: dict[int, tuple[str, str | None]] = {
        404: (f"Unknown request URL: {where}. Please check the URL for typos.", "unknown_url"),
        405: (f"Not allowed: {where}.", "method_not_supported"),
        413: ("The request is too large.", "request_too_large"),
    }
    message, code = messages.get(error.status_code, (error.detail, None))
    return _build_refusal_response(request, Refusal(message, status=error.status_code, code=code))


def _handle_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    message = "The sandbox had an error while processing your request."
    return _build_refusal_response(request, Refusal(message, status=500, kind="server_error"))


def serve(
    directory: Path, *, host: str = "127.0.0.1", port: int = 8399, pace: float = 0.3, latency: float = 0.0
) -> None:
    """Serve until SIGTERM or SIGINT; prints the address once it listens. Raises OSError when the port is taken.

    Only this user can read the directory: it holds the files that were uploaded.
    """
    os.umask(0o077)
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    asyncio.run(_serve(create_app(directory, pace=pace, latency=latency), host, port))


async def _serve(app: ASGIApp, host: str, port: int) -> None:
    with _reserve_port(host, port) as reservation:
        port = reservation.getsockname()[1]
        server = Server(app, address=host, port=port, interface=Interfaces.ASGI, websockets=False, log_enabled=False)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, server.stop)
        announcement = asyncio.create_task(_announce(host, port))
        try:
            await server.serve()
        finally:
            announcement.cancel()


def _reserve_port(host: str, port: int) -> socket.socket:
    """Reserve the port with a socket that does not listen: granian cannot tell which port it got for 0."""
    if port:
        with socket.socket() as trial:
            # Granian shares ports silently, so that a second server would get half of the first one's requests.
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((host, port))
    reservation_socket = socket.socket()
    reservation_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    reservation_socket.bind((host, port))
    return reservation_socket


async def _announce(host: str, port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(0.01)
            continue
        writer.close()
        sys.stdout.write(f"sandbox listening on http://{host}:{port}\n")
        sys.stdout.flush()
        return
