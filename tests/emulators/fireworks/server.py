"""The emulator as one web application in one process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from tests.emulators.faults import Clock, Faults, Handler, serve
from tests.emulators.fireworks.deployments_api import Deployments
from tests.emulators.fireworks.jobs_api import Jobs
from tests.emulators.fireworks.models_api import SIGNED, Models
from tests.emulators.fireworks.wire import Refusal, answer

SECRET = "fw_very_secret"
MAX_BYTES = 64_000_000


class FireworksEmulator:
    """Everything is kept in memory. The clock stands still until it is turned, unless it is `running`."""

    def __init__(self, *, running: bool = False) -> None:
        self.address = ""
        self.clock = Clock(running=running)
        self.faults = Faults()
        self.jobs = Jobs(self.clock)
        self.models = Models(self.clock)
        self.deployments = Deployments(self.models, self.clock)

    @property
    def base_url(self) -> str:
        return self.address

    def build_app(self) -> web.Application:
        # The faults first: a call that is refused is counted too.
        app = web.Application(middlewares=[self.faults.handle, self.refuse], client_max_size=MAX_BYTES)
        for part in (self.jobs, self.models, self.deployments):
            app.router.add_routes(part.routes())
        return app

    @web.middleware
    async def refuse(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Check the API key, and answer refusals as google.rpc's statuses."""
        signed = request.headers.get("Authorization") == f"Bearer {SECRET}"
        if not signed and not request.path.startswith(SIGNED):
            return answer(Refusal(401, "The API key is not valid.").body, status=401)
        try:
            return await handler(request)
        except Refusal as refusal:
            return answer(refusal.body, status=refusal.status)


@asynccontextmanager
async def emulate(*, running: bool = False, port: int = 0) -> AsyncIterator[FireworksEmulator]:
    """An emulator on the loopback interface until the end of the block."""
    emulator = FireworksEmulator(running=running)
    async with serve(emulator.build_app(), port=port) as emulator.address:
        yield emulator
