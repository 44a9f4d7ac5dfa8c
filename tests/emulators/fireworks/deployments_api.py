"""Deployments with the caller's ids, LoRA adapters on running ones, scale to zero, and chats."""

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.emulators.faults import Clock
from tests.emulators.fireworks.models_api import Models
from tests.emulators.fireworks.wire import ACCOUNT, HOME, Refusal, answer, list_page, read_json, split_verb
from tests.emulators.together.chat_api import build_answer, stream

CREATE_SECONDS, DELETE_SECONDS, WAKE_SECONDS = 2.0, 1.0, 2.0
DEFAULT_WINDOW = 3600.0
DEPLOYMENTS = f"accounts/{ACCOUNT}/deployments/"


@dataclass
class StoredDeployment:
    id: str
    body: dict[str, Any]
    created_at: float
    used_at: float
    deleted_at: float | None = None
    woken_at: float | None = None
    fails: bool = False


class Deployments:
    def __init__(self, models: Models, clock: Clock) -> None:
        self.models = models
        self.clock = clock
        self.stored: dict[str, StoredDeployment] = {}
        self.loaded: dict[str, dict[str, Any]] = {}
        self.fails = False

    def routes(self) -> list[web.RouteDef]:
        one, loaded = f"{HOME}/deployments/{{id}}", f"{HOME}/deployedModels"
        return [
            web.post(f"{HOME}/deployments", self.create),
            web.get(f"{HOME}/deployments", self.list),
            web.get(one, self.read),
            web.post(one, self.undelete),
            web.delete(one, self.delete),
            web.post(loaded, self.load),
            web.get(loaded, self.list_loaded),
            web.get(f"{loaded}/{{id}}", self.read_loaded),
            web.delete(f"{loaded}/{{id}}", self.unload),
            web.post("/inference/v1/chat/completions", self.chat),
            web.post("/v1/chat/completions", self.chat),  # where the SDK asks when its address is overridden
        ]

    async def create(self, request: web.Request) -> web.Response:
        body = await read_json(request)
        deployment_id = request.query.get("deploymentId") or f"random-{len(self.stored)}"
        if deployment_id in self.stored:
            raise Refusal(409, f"Deployment {deployment_id} already exists.")
        if not self.models.is_ready(str(body.get("baseModel"))):
            raise Refusal(404, f"Model {body.get('baseModel')} was not found or is not ready.")
        now = self.clock.now()
        self.stored[deployment_id] = StoredDeployment(deployment_id, body, now, now + CREATE_SECONDS, fails=self.fails)
        return answer(self.describe(self.stored[deployment_id]))

    async def list(self, request: web.Request) -> web.Response:
        return list_page(request, "deployments", list(map(self.describe, self.stored.values())))

    async def read(self, request: web.Request) -> web.Response:
        return answer(self.describe(self._find(request)))

    async def undelete(self, request: web.Request) -> web.Response:
        deployment = self._find(request)
        deployment.deleted_at, deployment.created_at = None, self.clock.now()
        return answer(self.describe(deployment))

    async def delete(self, request: web.Request) -> web.Response:
        deployment = self._find(request)
        if deployment.deleted_at is not None:
            raise Refusal(412, "The deployment is being deleted.")
        warm = self.clock.now() - deployment.used_at < 3600
        if warm and request.query.get("ignoreChecks") != "true":
            raise Refusal(412, "The deployment was used in the last hour. Set ignoreChecks.")
        deployment.deleted_at = self.clock.now()
        return answer({})

    async def load(self, request: web.Request) -> web.Response:
        body = await read_json(request)
        deployment = self.stored.get(str(body.get("deployment")).removeprefix(DEPLOYMENTS))
        if deployment is None or not deployment.body.get("enableAddons"):
            raise Refusal(412, "The deployment takes no addons.")
        loaded_id = f"loaded-{len(self.loaded)}"
        name = f"accounts/{ACCOUNT}/deployedModels/{loaded_id}"
        self.loaded[loaded_id] = body | {"name": name, "state": "DEPLOYED", "status": {"code": "OK"}}
        return answer(self.loaded[loaded_id])

    async def list_loaded(self, request: web.Request) -> web.Response:
        return list_page(request, "deployedModels", list(self.loaded.values()))

    async def read_loaded(self, request: web.Request) -> web.Response:
        if request.match_info["id"] not in self.loaded:
            raise Refusal(404, "The deployed model was not found.")
        return answer(self.loaded[request.match_info["id"]])

    async def unload(self, request: web.Request) -> web.Response:
        await self.read_loaded(request)
        del self.loaded[request.match_info["id"]]
        return answer({})

    async def chat(self, request: web.Request) -> web.StreamResponse:
        body = await read_json(request)
        model, _, deployment = str(body.get("model")).partition("#")
        self._wake((deployment or model).removeprefix(DEPLOYMENTS))
        words = f"Echo: {body['messages'][-1]['content']}"
        return await stream(request, body, words) if body.get("stream") else answer(build_answer(body, words))

    def _wake(self, deployment_id: str) -> None:
        """Answer 404 for what does not run, and 503 until a replica is there again."""
        deployment = self.stored.get(deployment_id)
        state = self.describe(deployment) if deployment else {}
        if deployment is None or state["state"] != "READY":
            raise refuse_chat(404, "NOT_FOUND", "Model not found, inaccessible, and/or not deployed.")
        now = self.clock.now()
        if not state["replicaCount"]:
            deployment.woken_at = now if deployment.woken_at is None else deployment.woken_at
            raise refuse_chat(503, "DEPLOYMENT_SCALING_UP", "Deployment is currently scaled to zero and is scaling up.")
        deployment.used_at, deployment.woken_at = now, None

    def describe(self, deployment: StoredDeployment) -> dict[str, Any]:
        state, replicas = self._name_state(deployment), self._count_replicas(deployment)
        failed = {"code": "RESOURCE_EXHAUSTED", "message": "No capacity for these accelerators."}
        return {
            **deployment.body,
            "name": f"{DEPLOYMENTS}{deployment.id}",
            "state": state,
            "status": failed if state == "FAILED" else {"code": "OK"},
            "createTime": self.clock.timestamp(deployment.created_at),
            "updateTime": self.clock.timestamp(deployment.created_at),
            "replicaCount": replicas if state == "READY" else 0,
        }

    def _name_state(self, deployment: StoredDeployment) -> str:
        now = self.clock.now()
        if deployment.deleted_at is not None:
            return "DELETED" if now - deployment.deleted_at >= DELETE_SECONDS else "DELETING"
        if now - deployment.created_at < CREATE_SECONDS:
            return "CREATING"
        return "FAILED" if deployment.fails else "READY"

    def _count_replicas(self, deployment: StoredDeployment) -> int:
        """None after the idle window, until some time after the request that woke it up."""
        now, least = self.clock.now(), int(deployment.body.get("minReplicaCount") or 0)
        policy = deployment.body.get("autoscalingPolicy") or {}
        window = float(policy.get("scaleToZeroWindow", f"{DEFAULT_WINDOW}s").removesuffix("s"))
        if deployment.woken_at is not None:
            return 1 if now - deployment.woken_at >= WAKE_SECONDS else least
        return least if now - deployment.used_at >= window else max(1, least)

    def _find(self, request: web.Request) -> StoredDeployment:
        deployment_id = split_verb(request)[0]
        if deployment_id not in self.stored:
            raise Refusal(404, f"Deployment {deployment_id} was not found.")
        return self.stored[deployment_id]


def refuse_chat(status: int, code: str, message: str) -> Refusal:
    """Chats are refused in OpenAI's shape."""
    refusal = Refusal(status, message)
    refusal.body = {"error": {"message": message, "code": code, "object": "error", "type": "error"}}
    return refusal
