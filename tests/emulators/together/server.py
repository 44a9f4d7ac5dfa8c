"""The emulator as one web application in one process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from tests.emulators.faults import Clock, Faults, Handler, serve
from tests.emulators.together.chat_api import Chats
from tests.emulators.together.endpoints_api import Endpoints
from tests.emulators.together.files import Files
from tests.emulators.together.jobs_api import Jobs
from tests.emulators.together.weights_api import Weights
from tests.emulators.together.wire import Refusal, answer

SECRET = "tgp_v1_very_secret"
MAX_BYTES = 64_000_000
UNSIGNED = ("/storage/", "/archives")


class TogetherEmulator:
    """Everything is kept in memory. With a pace a job runs by itself; a clock that stands still is turned by hand."""

    def __init__(self, *, pace: float | None = None, secret: str = SECRET) -> None:
        self.secret = secret
        self.address = ""
        self.clock = Clock(running=pace is not None)
        self.faults = Faults()
        self.files = Files(self.clock)
        self.jobs = Jobs(self.files, self.clock, pace if pace is not None else 1.0)
        self.weights = Weights(self.jobs)
        self.endpoints = Endpoints(self.jobs, self.clock, pace if pace is not None else 1.0)
        self.chats = Chats(self.endpoints)

    @property
    def base_url(self) -> str:
        return f"{self.address}/v1"

    def build_app(self) -> web.Application:
        # The faults first: a call that is refused is counted too.
        app = web.Application(middlewares=[self.faults.handle, self.refuse], client_max_size=MAX_BYTES)
        for part in (self.files, self.jobs, self.weights, self.endpoints, self.chats):
            app.router.add_routes(part.routes())
        return app

    @web.middleware
    async def refuse(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Check the API key, and answer refusals in Together's words."""
        signed = request.headers.get("Authorization") == f"Bearer {self.secret}"
        if not signed and not request.path.startswith(UNSIGNED):
            return answer(Refusal(401, "Invalid API key provided.", code="invalid_api_key").body, status=401)
        try:
            return await handler(request)
        except Refusal as refusal:
            return answer(refusal.body, status=refusal.status)


@asynccontextmanager
async def emulate(*, pace: float | None = None, port: int = 0) -> AsyncIterator[TogetherEmulator]:
    """An emulator on the loopback interface until the end of the block."""
    emulator = TogetherEmulator(pace=pace)
    async with serve(emulator.build_app(), port=port) as emulator.address:
        yield emulator
