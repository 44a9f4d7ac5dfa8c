"""Deployments of custom models: created once for each request token, active after some paces."""

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.emulators.bedrock.jobs import PREFIX, Jobs, page
from tests.emulators.bedrock.wire import Refusal, read_body, read_id
from tests.emulators.faults import Clock

PATH = "/model-customization/custom-model-deployments"
PACES = 2.0


@dataclass
class StoredDeployment:
    body: dict[str, Any]
    arn: str
    created_at: float
    clock: Clock
    seconds: float
    fails: bool = False

    @property
    def status(self) -> str:
        if self.clock.now() - self.created_at < self.seconds:
            return "Creating"
        return "Failed" if self.fails else "Active"


class Deployments:
    """`fails`: whether new deployments end as Failed."""

    def __init__(self, jobs: Jobs, clock: Clock, pace: float) -> None:
        self.jobs, self.clock, self.pace = jobs, clock, pace
        self.stored: dict[str, StoredDeployment] = {}
        self.fails = False

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(PATH, self.create),
            web.get(PATH, self.list),
            web.get(f"{PATH}/{{id}}", self.read),
            web.delete(f"{PATH}/{{id}}", self.delete),
        ]

    async def create(self, request: web.Request) -> web.Response:
        body = await read_body(request, "bedrock", "CreateCustomModelDeploymentRequest")
        for stored in self.stored.values():
            if stored.body == body:
                return web.json_response({"customModelDeploymentArn": stored.arn}, status=202)
            if stored.body["modelDeploymentName"] == body["modelDeploymentName"]:
                raise Refusal(400, "ConflictException", "The name is in use.")
        if body["modelArn"] not in self.jobs.models:
            raise Refusal(404, "ResourceNotFoundException", "The model is not found.")
        arn = f"{PREFIX}:custom-model-deployment/{len(self.stored) + 1:012x}"
        seconds = PACES * self.pace
        self.stored[arn] = StoredDeployment(body, arn, self.clock.now(), self.clock, seconds, self.fails)
        return web.json_response({"customModelDeploymentArn": arn}, status=202)

    async def list(self, request: web.Request) -> web.Response:
        wanted = request.query.get("nameContains", "")
        items = [each for each in self.stored.values() if wanted in each.body["modelDeploymentName"]]
        return web.json_response(page(items, request.query, "modelDeploymentSummaries", summarize))

    async def read(self, request: web.Request) -> web.Response:
        known = summarize(self.find(request))
        return web.json_response(known | {"modelDeploymentName": known.pop("customModelDeploymentName")})

    async def delete(self, request: web.Request) -> web.Response:
        stored = self.find(request)
        if stored.status == "Creating":
            raise Refusal(400, "ConflictException", "The deployment is being created.")
        del self.stored[stored.arn]
        return web.json_response({})

    def find(self, request: web.Request) -> StoredDeployment:
        if (stored := self.stored.get(read_id(request))) is None:
            raise Refusal(404, "ResourceNotFoundException", "The deployment is not found.")
        return stored


def summarize(stored: StoredDeployment) -> dict[str, Any]:
    return {
        "customModelDeploymentArn": stored.arn,
        "customModelDeploymentName": stored.body["modelDeploymentName"],
        "modelArn": stored.body["modelArn"],
        "createdAt": stored.clock.timestamp(stored.created_at),
        "status": stored.status,
        **({"failureMessage": "No capacity."} if stored.status == "Failed" else {}),
    }
