"""The emulator as one web application in one process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from tests.emulators.faults import Clock, Faults, Handler, serve
from tests.emulators.vertex.bucket import BUCKET, Bucket
from tests.emulators.vertex.chat_api import Chats
from tests.emulators.vertex.jobs import LOCATION
from tests.emulators.vertex.jobs_api import PROJECT, Jobs
from tests.emulators.vertex.tokens import Tokens
from tests.emulators.vertex.wire import Refusal, build_error

MAX_BYTES = 64_000_000


class VertexEmulator:
    """Everything is kept in memory. With a pace a job runs by itself; a clock that stands still is turned by hand."""

    def __init__(self, *, pace: float | None = None) -> None:
        self.clock = Clock(running=pace is not None)
        self.faults = Faults()
        self.tokens = Tokens()
        self.bucket = Bucket()
        self.jobs = Jobs(self.bucket, self.clock, pace if pace is not None else 1.0)
        self.chats = Chats(self.jobs)

    @property
    def base_url(self) -> str:
        return f"{self.tokens.address}/v1"

    @property
    def options(self) -> dict[str, str]:
        """What a connection has to say beside the address and the secret."""
        place = {"project": PROJECT, "location": LOCATION, "bucket": f"gs://{BUCKET}/tunes"}
        return place | {"storage_url": self.tokens.address}

    def build_app(self) -> web.Application:
        # The faults first: a call that is refused is counted too.
        app = web.Application(middlewares=[self.faults.handle, self.refuse], client_max_size=MAX_BYTES)
        for part in (self.tokens, self.bucket, self.jobs, self.chats):
            app.router.add_routes(part.routes())
        return app

    @web.middleware
    async def refuse(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Check the token, and answer refusals in Google's words."""
        if request.path != "/token" and not self.tokens.is_signed(request):
            return web.json_response(build_error(401, "Request had invalid authentication credentials."), status=401)
        try:
            return await handler(request)
        except Refusal as refusal:
            return web.json_response(refusal.body, status=refusal.status)


@asynccontextmanager
async def emulate(*, pace: float | None = None, port: int = 0) -> AsyncIterator[VertexEmulator]:
    """An emulator on the loopback interface until the end of the block."""
    emulator = VertexEmulator(pace=pace)
    async with serve(emulator.build_app(), port=port) as emulator.tokens.address:
        yield emulator
