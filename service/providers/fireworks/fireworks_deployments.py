"""Dedicated deployments at Fireworks. Their ids are ours, so that a lost one is found and none is made twice."""

import hashlib
import re
from typing import Any

from service.providers.abilities import Deployment, DeploymentSpec, DeploymentState
from service.providers.bare_client import NOT_FOUND
from service.providers.fireworks.fireworks_client import FireworksClient, Item, read_status, read_text
from service.providers.openai.job_schemas import parse_time, to_count
from service.providers.provider import Refused, Unreachable

CONFLICT, TOO_MANY = 409, 429
STATES: dict[str, DeploymentState] = {
    "CREATING": "creating",
    "READY": "ready",
    "UPDATING": "ready",
    "FAILED": "failed",
    "DELETING": "stopping",
    "DELETED": "stopped",
    # Those of a LoRA adapter that is loaded onto a running deployment.
    "DEPLOYING": "creating",
    "DEPLOYED": "ready",
    "UNDEPLOYING": "stopping",
}
GONE = frozenset({"DELETING", "DELETED"})
LOADED = "deployedModels/"
SHORTEST_IDLE_MINUTES = 5
MAX_NAME_LENGTH = 63
HARDWARE = re.compile(r"(?:([1-9]\d?)x)?([A-Z0-9_]+)")
QUOTA = "The account has no quota for these GPUs; ask Fireworks for more, or name other hardware"


class FireworksDeployments:
    def __init__(self, client: FireworksClient) -> None:
        self._client = client

    async def find(self, token: str) -> Deployment | None:
        """The deployment of this token, else the adapter that was loaded with it."""
        name = build_id(token)
        try:
            return await self.read(name)
        except Refused as refused:
            if refused.provider_status != NOT_FOUND:
                raise
        async for page in self._client.list_pages(f"/v1/{self._client.home}/deployedModels", key="deployedModels"):
            for loaded in page:
                if loaded.get("displayName") == name:
                    return self._convert(loaded)
        return None

    async def deploy(self, spec: DeploymentSpec) -> Deployment:
        if is_deployment(spec.hardware):
            return await self._load(spec)
        deployment_id = build_id(spec.token)
        path = f"/v1/{self._client.home}/deployments"
        try:
            answer = await self._client.send(
                "POST",
                path,
                params={"deploymentId": deployment_id},
                json=build_deployment(spec),
                accept=(CONFLICT,),
            )
        except Unreachable as error:
            if error.provider_status == TOO_MANY and "quota" in error.detail.lower():
                detail = f"{QUOTA}: {error.detail}"
                raise Refused(detail, provider_code=error.provider_code, reply=error.reply) from None
            raise
        if answer.status_code == CONFLICT and await self._is_gone(deployment_id):
            await self._client.read("POST", f"deployments/{deployment_id}:undelete", json={})
        return await self.read(deployment_id)

    async def read(self, deployment_id: str) -> Deployment:
        return self._convert(await self._client.read("GET", self._build_path(deployment_id)))

    async def stop(self, deployment_id: str) -> None:
        try:
            deployment = await self.read(deployment_id)
        except Refused as refused:
            if refused.provider_status != NOT_FOUND:
                raise
            return
        if deployment.state in {"stopping", "stopped"}:
            return
        # Without `ignoreChecks` Fireworks keeps a deployment that was used in the last hour, and its costs.
        query = {} if deployment_id.startswith(LOADED) else {"ignoreChecks": "true"}
        await self._client.read("DELETE", self._build_path(deployment_id), params=query, accept=(NOT_FOUND,))

    async def _load(self, spec: DeploymentSpec) -> Deployment:
        """Load a LoRA adapter onto a deployment that runs already, once per token."""
        if (loaded := await self.find(spec.token)) is not None:
            return loaded
        body = {"model": spec.model, "deployment": spec.hardware, "displayName": build_id(spec.token)}
        return self._convert(await self._client.read("POST", "deployedModels", json=body))

    async def _is_gone(self, deployment_id: str) -> bool:
        return (await self._client.read("GET", f"deployments/{deployment_id}")).get("state") in GONE

    def _build_path(self, deployment_id: str) -> str:
        loaded = deployment_id.startswith(LOADED)
        collection = "deployedModels" if loaded else "deployments"
        return f"{collection}/{self._client.read_id(deployment_id.removeprefix(LOADED), collection=collection)}"

    def _convert(self, item: Item) -> Deployment:
        name = read_text(item.get("name")) or ""
        deployment_id, raw_status = name.rpartition("/")[2], read_text(item.get("state")) or ""
        state, status = STATES.get(raw_status, "creating"), read_status(item.get("status"))
        loaded = "/deployedModels/" in name
        return Deployment(
            id=f"{LOADED}{deployment_id}" if loaded else deployment_id,
            state="cold" if state == "ready" and is_cold(item) else state,
            raw_status=raw_status,
            address=f"{item.get('model')}#{item.get('deployment')}" if loaded else name or None,
            error=None if status.is_ok else read_text(status.message),
            updated_at=parse_time(item.get("updateTime")),
        )


def build_id(token: str) -> str:
    return f"tl-{hashlib.sha256(token.encode()).hexdigest()[:16]}"


def is_deployment(hardware: str | None) -> bool:
    return hardware is not None and re.fullmatch(r"accounts/[^/]+/deployments/[^/]+", hardware) is not None


def build_deployment(spec: DeploymentSpec) -> Item:
    """The body of POST /deployments. Fireworks scales to zero after an hour unless another time is named."""
    body: Item = {
        "baseModel": spec.model,
        "displayName": spec.name[:MAX_NAME_LENGTH],
        "minReplicaCount": spec.min_replicas,
        "maxReplicaCount": max(1, spec.min_replicas, spec.max_replicas),
        **build_hardware(spec.hardware),
    }
    if spec.idle_minutes is not None and spec.min_replicas == 0:
        seconds = 60 * max(spec.idle_minutes, SHORTEST_IDLE_MINUTES)
        body["autoscalingPolicy"] = {"scaleToZeroWindow": f"{seconds}s"}
    return body


def build_hardware(hardware: str | None) -> dict[str, Any]:
    """A shape that Fireworks has tried with the model, or accelerators such as `2xNVIDIA_H100_80GB`."""
    if hardware is None:
        return {"deploymentShape": "default"}
    if "/deploymentShapes/" in hardware:
        return {"deploymentShape": hardware}
    found = HARDWARE.fullmatch(hardware)
    if found is None:
        raise Refused(
            f"{hardware!r} is no hardware at Fireworks. Name accelerators such as 2xNVIDIA_H100_80GB, a deployment "
            "shape, or for a LoRA adapter a deployment that runs."
        )
    count = {"acceleratorCount": int(found[1])} if found[1] else {}
    return {"acceleratorType": found[2], **count}


def is_cold(item: Item) -> bool:
    """Whether no replica runs: the next request wakes it up."""
    stats = item.get("replicaStats")
    counts = [item.get("replicaCount"), stats.get("readyReplicaCount") if isinstance(stats, dict) else None]
    known = [count for count in map(to_count, counts) if count is not None]
    return bool(known) and not any(known)
