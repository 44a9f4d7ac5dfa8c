"""Dedicated endpoints of the second API: registry of models, configs, endpoints, deployments, and their traffic."""

import re
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.emulators.faults import Clock
from tests.emulators.together.jobs import Job, checkpoint_steps, name_checkpoint
from tests.emulators.together.jobs_api import Jobs
from tests.emulators.together.wire import Refusal, answer, read_json, without_nulls

PROJECT = {"id": "proj_01", "name": "Acme", "slug": "acme"}
PROVISIONING_SECONDS, STOPPING_SECONDS = 2.0, 1.0
BASE = "/v2/projects/{project}"
CONFIGS = (("cr_01", "1"), ("cr_02", "2"))


@dataclass
class EmulatedDeployment:
    id: str
    name: str
    body: dict[str, Any]
    started_at: float
    stopped_at: float | None = None
    fails: bool = False


@dataclass
class EmulatedEndpoint:
    id: str
    name: str
    split: list[dict[str, Any]] = field(default_factory=list)
    deployments: dict[str, EmulatedDeployment] = field(default_factory=dict)


class Endpoints:
    def __init__(self, jobs: Jobs, clock: Clock, pace: float) -> None:
        self.jobs = jobs
        self.clock = clock
        self.pace = pace
        self.stored: dict[str, EmulatedEndpoint] = {}
        self.deleted_models: set[str] = set()
        self.fails = False

    def routes(self) -> list[web.RouteDef]:
        deployments = f"{BASE}/endpoints/{{id}}/deployments"
        return [
            web.get("/v3/whoami", self.whoami),
            web.get("/v2/public/inference-instance-types", self.list_hardware),
            web.get(f"{BASE}/models", self.list_models),
            web.get(f"{BASE}/models/{{model}}", self.read_model),
            web.delete(f"{BASE}/models/{{model}}", self.delete_model),
            web.get(f"{BASE}/configs", self.list_configs),
            web.post(f"{BASE}/endpoints", self.create),
            web.get(f"{BASE}/endpoints", self.list),
            web.get(f"{BASE}/endpoints/{{id}}", self.read),
            web.patch(f"{BASE}/endpoints/{{id}}", self.update),
            web.delete(f"{BASE}/endpoints/{{id}}", self.delete),
            web.post(deployments, self.deploy),
            web.get(f"{deployments}/{{deployment}}", self.read_deployment),
            web.patch(f"{deployments}/{{deployment}}", self.update_deployment),
            web.delete(f"{deployments}/{{deployment}}", self.delete_deployment),
        ]

    async def whoami(self, _: web.Request) -> web.Response:
        organization = {"id": "org_01", "name": "Acme"}
        key = {"id": "key_01"}
        return answer({"type": "project_api_key", "api_key": key, "organization": organization, "project": PROJECT})

    async def list_hardware(self, _: web.Request) -> web.Response:
        kinds: list[dict[str, Any]] = [
            {
                "id": f"hw_{count}",
                "name": f"{count}xnvidia-h100-80gb",
                "description": f"{count} H100",
                "gpuCount": count,
                "gpuMemoryGib": 80,
                "gpuType": "H100",
                "priceCentsPerHour": 399 * count,
                "regions": [],
            }
            for count in (1, 2)
        ]
        return answer({"object": "list", "data": kinds, "next_cursor": None})

    async def list_models(self, request: web.Request) -> web.Response:
        check_project(request)
        return answer({"data": [describe_model(*each) for each in self._models().items()], "next_cursor": None})

    async def read_model(self, request: web.Request) -> web.Response:
        return answer(describe_model(*self._find_model(request)))

    async def delete_model(self, request: web.Request) -> web.Response:
        self.deleted_models.add(self._find_model(request)[0])
        return answer({})

    async def list_configs(self, request: web.Request) -> web.Response:
        reference = request.query.get("referenceModelId", "")
        configs = [describe_config(config, count, reference) for config, count in CONFIGS]
        return answer({"data": configs if reference.startswith("ml_base") else [], "next_cursor": None})

    async def create(self, request: web.Request) -> web.Response:
        check_project(request)
        name = f"{PROJECT['slug']}/{(await read_json(request))['name']}"
        if any(endpoint.name == name for endpoint in self.stored.values()):
            raise Refusal(409, f"Endpoint {name} already exists.", code="already_exists")
        endpoint = EmulatedEndpoint(f"ep_{len(self.stored) + 1:02d}", name)
        self.stored[endpoint.id] = endpoint
        return answer(self.describe(endpoint))

    async def list(self, request: web.Request) -> web.Response:
        check_project(request)
        wanted = re.fullmatch(r'name[:=]"([^"]*)"', request.query.get("filter", ""))
        found = [each for each in self.stored.values() if wanted is None or wanted[1] in each.name]
        return answer({"data": [self.describe(endpoint) for endpoint in found], "next_cursor": None})

    async def read(self, request: web.Request) -> web.Response:
        return answer(self.describe(self._find(request)))

    async def update(self, request: web.Request) -> web.Response:
        endpoint = self._find(request)
        split = (await read_json(request)).get("trafficSplit", endpoint.split)
        if not split and request.query.get("updateMask") != "trafficSplit":
            raise Refusal(400, "no fields to update")
        if any(entry["deploymentId"] not in endpoint.deployments for entry in split):
            raise Refusal(400, "trafficSplit: no such deployment.", param="trafficSplit")
        endpoint.split = split
        return answer(self.describe(endpoint))

    async def delete(self, request: web.Request) -> web.Response:
        endpoint = self._find(request)
        if endpoint.deployments:
            raise Refusal(400, "Delete the deployments first.")
        del self.stored[endpoint.id]
        return answer({})

    async def deploy(self, request: web.Request) -> web.Response:
        endpoint, body = self._find(request), await read_json(request)
        check_autoscaling(body.get("autoscaling"))
        check_idle(body.get("inactiveTimeout"))
        model = str(body.get("model")).rpartition("/")[2]
        if model not in self._models() or not re.fullmatch(r"projects/\w+/configs/cr_\d+", str(body.get("config"))):
            raise Refusal(400, "model and config are required.")
        number = len(endpoint.deployments) + 1
        deployment = EmulatedDeployment(
            f"dep_{endpoint.id[3:]}{number}",
            f"{endpoint.name}/{body['name']}",
            body,
            self.clock.now(),
            fails=self.fails,
        )
        endpoint.deployments[deployment.id] = deployment
        return answer(self.describe_deployment(endpoint, deployment))

    async def read_deployment(self, request: web.Request) -> web.Response:
        return answer(self.describe_deployment(self._find(request), self._find_deployment(request)))

    async def update_deployment(self, request: web.Request) -> web.Response:
        deployment, body = self._find_deployment(request), await read_json(request)
        autoscaling = body.get("autoscaling", deployment.body["autoscaling"])
        check_autoscaling(autoscaling)
        if autoscaling["maxReplicas"] == 0:
            deployment.stopped_at = self.clock.now() if deployment.stopped_at is None else deployment.stopped_at
        elif deployment.stopped_at is not None:
            deployment.started_at, deployment.stopped_at = self.clock.now(), None
        deployment.body |= {"autoscaling": autoscaling}
        return answer(self.describe_deployment(self._find(request), deployment))

    async def delete_deployment(self, request: web.Request) -> web.Response:
        endpoint, deployment = self._find(request), self._find_deployment(request)
        if self.state(deployment) not in {"STOPPED", "FAILED"}:
            raise Refusal(400, "Stop the deployment first.")
        if any(entry["deploymentId"] == deployment.id for entry in endpoint.split):
            raise Refusal(400, "The deployment is in the traffic split.")
        del endpoint.deployments[deployment.id]
        return answer({})

    def state(self, deployment: EmulatedDeployment) -> str:
        if deployment.fails:
            return "FAILED"
        if deployment.stopped_at is not None:
            stopping = self.clock.now() - deployment.stopped_at < STOPPING_SECONDS * self.pace
            return "STOPPING" if stopping else "STOPPED"
        starting = self.clock.now() - deployment.started_at < PROVISIONING_SECONDS * self.pace
        return "PROVISIONING" if starting else "READY"

    def is_served(self, name: str) -> bool:
        """Whether requests to this endpoint are answered."""
        for endpoint in self.stored.values():
            routed = {entry["deploymentId"] for entry in endpoint.split if entry["weight"] > 0}
            ready = {each.id for each in endpoint.deployments.values() if self.state(each) == "READY"}
            if endpoint.name == name and routed & ready:
                return True
        return False

    def describe(self, endpoint: EmulatedEndpoint) -> dict[str, Any]:
        summaries = [
            {
                "id": each.id,
                "name": each.name,
                "state": f"DEPLOYMENT_STATE_{self.state(each)}",
                "model": each.body["model"],
                "modelId": each.body["model"].rpartition("/")[2],
                "autoscaling": each.body["autoscaling"],
                "createdAt": self.clock.timestamp(each.started_at),
                "estimatedEffectiveTrafficShare": 1.0,
                "trafficMode": "TRAFFIC_MODE_LIVE",
            }
            for each in endpoint.deployments.values()
        ]
        return {
            "id": endpoint.id,
            "name": endpoint.name,
            "projectId": PROJECT["id"],
            "deployments": summaries,
            "trafficSplit": endpoint.split,
            "endpointType": "ENDPOINT_TYPE_DEDICATED",
            "visibility": "VISIBILITY_PRIVATE",
            "etag": "1",
            "createdAt": self.clock.timestamp(0.0),
            "updatedAt": self.clock.timestamp(),
        }

    def describe_deployment(self, endpoint: EmulatedEndpoint, deployment: EmulatedDeployment) -> dict[str, Any]:
        state = self.state(deployment)
        message = "Timed out waiting for readiness" if state == "FAILED" else state.title()
        config = deployment.body["config"]
        return without_nulls(
            {
                "id": deployment.id,
                "name": deployment.name,
                "endpointId": endpoint.id,
                "projectId": PROJECT["id"],
                "model": deployment.body["model"],
                "modelId": deployment.body["model"].rpartition("/")[2],
                "modelRevisionId": "rv_01",
                "config": config,
                "configId": config.rpartition("/")[2],
                "hardware": f"{dict(CONFIGS)[config.rpartition('/')[2]]}xnvidia-h100-80gb",
                "autoscaling": deployment.body["autoscaling"],
                "inactiveTimeout": deployment.body.get("inactiveTimeout"),
                "status": {
                    "state": f"DEPLOYMENT_STATE_{state}",
                    "message": message,
                    "readyReplicas": int(state == "READY"),
                },
                "trafficMode": "TRAFFIC_MODE_LIVE",
                "etag": "1",
                "createdAt": self.clock.timestamp(deployment.started_at),
                "updatedAt": self.clock.timestamp(deployment.stopped_at or deployment.started_at),
            }
        )

    def _models(self) -> dict[str, tuple[Job, bool]]:
        """The registry: two models of each finished LoRA job, by id."""
        found: dict[str, tuple[Job, bool]] = {}
        for job in self.jobs.stored.values():
            if job.status == "completed":
                found |= {f"ml_{job.id[-8:]}": (job, False)}
                found |= {f"ml_{job.id[-8:]}a": (job, True)} if job.is_lora else {}
                found |= {name_checkpoint(job, step): (job, False) for step in checkpoint_steps(job)}
        return {model: entry for model, entry in found.items() if model not in self.deleted_models}

    def _find_model(self, request: web.Request) -> tuple[str, tuple[Job, bool]]:
        check_project(request)
        model = request.match_info["model"]
        if model not in self._models():
            raise Refusal(404, f"Model {model} not found.", code="not_found")
        return model, self._models()[model]

    def _find(self, request: web.Request) -> EmulatedEndpoint:
        check_project(request)
        endpoint = self.stored.get(request.match_info["id"])
        if endpoint is None:
            raise Refusal(404, "Endpoint not found.", code="not_found")
        return endpoint

    def _find_deployment(self, request: web.Request) -> EmulatedDeployment:
        deployment = self._find(request).deployments.get(request.match_info["deployment"])
        if deployment is None:
            raise Refusal(404, "Deployment not found.", code="not_found")
        return deployment


def check_project(request: web.Request) -> None:
    if request.match_info["project"] != PROJECT["id"]:
        raise Refusal(404, "Project not found.", code="not_found")


def check_autoscaling(autoscaling: Any) -> None:
    least, most = (autoscaling or {}).get("minReplicas"), (autoscaling or {}).get("maxReplicas")
    if not isinstance(least, int) or not isinstance(most, int) or least > most or (least == 0) != (most == 0):
        raise Refusal(400, "autoscaling: minReplicas and maxReplicas, both 0 or both larger.", param="autoscaling")


def check_idle(minutes: Any) -> None:
    if minutes is not None and not 30 <= minutes <= 1440:
        raise Refusal(400, "inactiveTimeout: 30 to 1440 minutes.", param="inactiveTimeout")


def describe_model(model: str, entry: tuple[Job, bool]) -> dict[str, Any]:
    job, is_adapter = entry
    return {
        "id": model,
        "name": f"{job.output_name}-adapter" if is_adapter else job.output_name,
        "projectId": PROJECT["id"],
        "organizationId": "org_01",
        "visibility": "VISIBILITY_PRIVATE",
        "baseModelId": "ml_base_01",
        "baseModel": "projects/proj_platform/models/ml_base_01",
        "weights": {"type": "WEIGHTS_TYPE_ADAPTER" if is_adapter else "WEIGHTS_TYPE_DEFAULT"},
    }


def describe_config(config: str, count: str, reference: str) -> dict[str, Any]:
    selectors = {"accelerator_type": "nvidia-h100-80gb", "accelerator_count": count}
    return {
        "id": config,
        "projectId": "proj_platform",
        "referenceModel": f"projects/proj_platform/models/{reference}",
        "referenceModelId": reference,
        "certifications": [],
        "selectors": [{"key": key, "value": value} for key, value in selectors.items()],
    }
