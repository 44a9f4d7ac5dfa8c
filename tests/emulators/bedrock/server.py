"""The emulator as two web applications in one process: Bedrock with its runtime, and S3."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.emulators.bedrock.converse import Converse
from tests.emulators.bedrock.deployments import Deployments
from tests.emulators.bedrock.jobs import Jobs
from tests.emulators.bedrock.storage import BUCKET, Storage
from tests.emulators.bedrock.wire import ACCOUNT, KEYS, REGION, Refusal, check_signature
from tests.emulators.faults import Clock, Faults, Handler, serve

MAX_BYTES = 256_000_000
SECRET = json.dumps(KEYS)


class BedrockEmulator:
    """Everything is kept in memory. With a pace a job runs by itself; a clock that stands still is turned by hand."""

    def __init__(self, *, pace: float | None = None) -> None:
        self.keys = dict(KEYS)
        self.address = self.storage_address = ""
        self.clock = Clock(running=pace is not None)
        self.faults = Faults()
        self.jobs = Jobs(self.clock, pace if pace is not None else 1.0)
        self.deployments = Deployments(self.jobs, self.clock, pace if pace is not None else 1.0)
        self.converse = Converse(self.deployments)
        self.storage = Storage()

    @property
    def options(self) -> dict[str, str]:
        """The options of a connection."""
        return {
            "region": REGION,
            "bucket": f"s3://{BUCKET}/tuneledger",
            "role_arn": f"arn:aws:iam::{ACCOUNT}:role/tuning",
            "storage_url": self.storage_address,
            "runtime_url": self.address,
        }

    def build_app(self, *parts: Any) -> web.Application:
        # The faults first: a call that is refused is counted too.
        app = web.Application(middlewares=[self.faults.handle, self.refuse], client_max_size=MAX_BYTES)
        for part in parts:
            app.router.add_routes(part.routes())
        return app

    @web.middleware
    async def refuse(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Check the signature, and answer refusals in AWS' words."""
        try:
            await check_signature(request, self.keys)
            return await handler(request)
        except Refusal as refusal:
            return refusal.answer(xml=request.path.startswith(f"/{BUCKET}"))


@asynccontextmanager
async def emulate(*, pace: float | None = None) -> AsyncIterator[BedrockEmulator]:
    """An emulator on the loopback interface until the end of the block."""
    emulator = BedrockEmulator(pace=pace)
    bedrock = emulator.build_app(emulator.jobs, emulator.deployments, emulator.converse)
    async with (
        serve(bedrock) as emulator.address,
        serve(emulator.build_app(emulator.storage)) as emulator.storage_address,
    ):
        yield emulator
