"""Dedicated endpoints at Together, by its second API: an endpoint has a name, and a deployment behind it the machines.

Machines are paid by the minute until the deployment is stopped. A stopped one costs nothing and wakes up for nobody.
"""

import re
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import msgspec

from service.providers.abilities import Deployment, DeploymentSpec, DeploymentState
from service.providers.bare_client import NOT_FOUND, BareClient
from service.providers.openai.job_schemas import decode, parse_time, to_count
from service.providers.provider import Account, Refused, Unreachable
from service.providers.together.together_jobs import list_objects, read_text
from service.providers.together.together_order import shorten_token

STATES: dict[str, DeploymentState] = {
    "PROVISIONING": "creating",
    "SCALING": "creating",
    "READY": "ready",
    "DEGRADED": "creating",
    "STOPPING": "stopping",
    "STOPPED": "stopped",
    "FAILED": "failed",
}
TROUBLED = frozenset({"DEGRADED", "FAILED"})
SERVING = frozenset({"SCALING", "DEGRADED"})  # with fewer replicas than wanted, if with any
IDLE_MINUTES = (30, 1440)
MAX_NAME_LENGTH = 40
MAX_PAGES = 100
Item = dict[str, Any]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    data: list[Any] | None = None
    next_cursor: str | None = None


class TogetherDeployments:
    def __init__(self, client: BareClient, account: Account) -> None:
        self._client = client
        self._project_id = account.options.get("project")
        self._prices: dict[str, Decimal] = {}
        self._root = client.base_url.removesuffix("/v1")

    async def find(self, token: str) -> Deployment | None:
        """The deployment. One that was cut off before it got its traffic gets it now."""
        endpoint = await self._find_endpoint(token)
        summaries = list_objects((endpoint or {}).get("deployments"))
        if endpoint is None or not summaries:
            return None
        if not list_objects(endpoint.get("trafficSplit")):
            await self._route(endpoint["id"], summaries[0]["id"])
        return await self.read(f"{endpoint['id']}/{summaries[0]['id']}")

    async def deploy(self, spec: DeploymentSpec, *, model_id: str) -> Deployment:
        """Create what is missing of endpoint, deployment and traffic; a stopped deployment is started again."""
        endpoint = await self._find_endpoint(spec.token) or await self._create_endpoint(spec)
        summaries = list_objects(endpoint.get("deployments"))
        path = f"endpoints/{endpoint['id']}/deployments"
        if summaries:
            await self._ask("PATCH", f"{path}/{summaries[0]['id']}", json={"autoscaling": build_autoscaling(spec)})
            created = summaries[0]
        else:
            created = await self._ask("POST", path, json=await self._build_deployment(spec, model_id))
        await self._route(endpoint["id"], created["id"])
        return await self.read(f"{endpoint['id']}/{created['id']}")

    async def read(self, deployment_id: str) -> Deployment:
        deployment = await self._ask("GET", build_path(deployment_id))
        try:
            price = await self._find_price(read_text(deployment.get("hardware")))
        except (Refused, Unreachable):
            price = None  # a deployment is worth knowing without it
        return msgspec.structs.replace(convert_deployment(deployment), hourly_price=price)

    async def stop(self, deployment_id: str) -> None:
        """Stop the machines and their costs; what was stopped before is removed."""
        path = build_path(deployment_id)
        try:
            deployment = convert_deployment(await self._ask("GET", path))
            if deployment.state not in {"stopped", "failed"}:
                await self._ask("PATCH", path, json={"autoscaling": {"minReplicas": 0, "maxReplicas": 0}})
                return
            endpoint = path.partition("/deployments/")[0]
            # An empty list alone would be no change.
            await self._ask("PATCH", endpoint, params={"updateMask": "trafficSplit"}, json={"trafficSplit": []})
            await self._ask("DELETE", path)
            await self._ask("DELETE", endpoint)
        except Refused as refused:
            if refused.provider_status != NOT_FOUND:
                raise

    async def find_model_id(self, name: str) -> str | None:
        """The id of a model in the project's registry, by its name with or without the account before it."""
        bare = name.rpartition("/")[2]
        models = await self._list("models", {})
        same = (model for model in models if str(model.get("name")).rpartition("/")[2] == bare)
        return next((read_text(model.get("id")) for model in same), None)

    async def delete_model(self, model_id: str) -> None:
        await self._ask("DELETE", f"models/{quote(model_id, safe='')}", accept=(NOT_FOUND,))

    async def has_project(self) -> bool:
        try:
            return bool(await self._find_project())
        except Refused:
            return False

    async def _find_endpoint(self, token: str) -> Item | None:
        short = shorten_token(token)
        endpoints = await self._list("endpoints", {"filter": f'name:"{short}"'})
        return next((each for each in endpoints if short in str(each.get("name"))), None)

    async def _route(self, endpoint_id: str, deployment_id: str) -> None:
        """Send the endpoint's requests to its deployment. Without this, a ready one gets none."""
        split = [{"deploymentId": deployment_id, "weight": 1}]
        await self._ask("PATCH", f"endpoints/{endpoint_id}", json={"trafficSplit": split})

    async def _create_endpoint(self, spec: DeploymentSpec) -> Item:
        return await self._ask("POST", "endpoints", json={"name": build_name(spec)})

    async def _build_deployment(self, spec: DeploymentSpec, model_id: str) -> Item:
        project = await self._find_project()
        model = await self._ask("GET", f"models/{quote(model_id, safe='')}")
        config = await self._choose_config(model, spec.hardware)
        return {
            "name": build_name(spec),
            "model": f"projects/{project}/models/{model_id}",
            "config": f"projects/{config.get('projectId')}/configs/{config.get('id')}",
            "autoscaling": build_autoscaling(spec),
            **({"inactiveTimeout": minutes} if (minutes := choose_idle_minutes(spec)) else {}),
        }

    async def _choose_config(self, model: Item, hardware: str | None) -> Item:
        """The config that was asked for, by its id or its hardware, else the one with the fewest accelerators."""
        reference = model.get("baseModelId") or model.get("id")
        configs = await self._list("configs", {"referenceModelId": str(reference)})
        fitting = [each for each in configs if hardware in (None, each.get("id"), read_hardware(each))]
        if not fitting:
            known = ", ".join(sorted(read_hardware(each) or str(each.get("id")) for each in configs)) or "none"
            raise Refused(f"Together has no configuration {hardware or ''} for this model. It has: {known}.")
        return min(fitting, key=lambda each: (count_accelerators(each), str(each.get("id"))))

    async def _find_price(self, hardware: str | None) -> Decimal | None:
        """The price of an hour on this hardware, from a list that is read once."""
        if hardware and not self._prices:
            answer = await self._client.send("GET", f"{self._root}/v2/public/inference-instance-types")
            for each in list_objects(decode(answer.content, Page).data):
                cents = to_count(each.get("priceCentsPerHour"))
                self._prices |= {str(each.get(name)): Decimal(cents) / 100 for name in ("id", "name") if cents}
        return self._prices.get(hardware or "")

    async def _find_project(self) -> str:
        """The connection's option, else the project of the API key."""
        if not self._project_id:
            answer = await self._client.send("GET", f"{self._root}/v3/whoami")
            project = decode(answer.content, dict[str, Any]).get("project")
            self._project_id = read_text(project.get("id")) if isinstance(project, dict) else None
        if not self._project_id:
            raise Refused("The API key belongs to no project. Set the connection's option `project`.")
        return self._project_id

    async def _list(self, path: str, query: dict[str, str]) -> list[Item]:
        found: list[Item] = []
        after: dict[str, str] = {}
        for _ in range(MAX_PAGES):
            page = await self._ask("GET", path, params=query | after)
            listed = msgspec.convert(page, Page)
            found += list_objects(listed.data)
            if not listed.next_cursor or listed.next_cursor == after.get("after"):
                break
            after = {"after": listed.next_cursor}
        return found

    async def _ask(self, method: str, path: str, **parts: Any) -> Item:
        project = await self._find_project()
        answer = await self._client.send(method, f"{self._root}/v2/projects/{quote(project, safe='')}/{path}", **parts)
        return decode(answer.content or b"{}", dict[str, Any])


def build_path(deployment_id: str) -> str:
    """The path of a deployment. Our id of it is that of its endpoint, a slash and its own."""
    endpoint, _, deployment = deployment_id.partition("/")
    if not endpoint or not deployment:
        raise Refused(f"{deployment_id!r} is no deployment", provider_status=NOT_FOUND)
    return f"endpoints/{quote(endpoint, safe='')}/deployments/{quote(deployment, safe='')}"


def build_name(spec: DeploymentSpec) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", spec.name.lower()).strip("-")[:MAX_NAME_LENGTH]
    return f"{plain}-{shorten_token(spec.token)}".lstrip("-")


def build_autoscaling(spec: DeploymentSpec) -> dict[str, int]:
    """At least one replica: Together takes 0 for stopped. An idle deployment is stopped by its timeout instead."""
    least = max(1, spec.min_replicas)
    return {"minReplicas": least, "maxReplicas": max(least, spec.max_replicas)}


def choose_idle_minutes(spec: DeploymentSpec) -> int | None:
    """After how many idle minutes it stops: what Together allows, and its shortest where scale to zero was asked."""
    if spec.idle_minutes is None and spec.min_replicas > 0:
        return None
    shortest, longest = IDLE_MINUTES
    return min(max(spec.idle_minutes or shortest, shortest), longest)


def convert_deployment(deployment: Item) -> Deployment:
    status = deployment.get("status") if isinstance(deployment.get("status"), dict) else {}
    raw_status = read_text((status or {}).get("state")) or ""
    word = raw_status.removeprefix("DEPLOYMENT_STATE_")
    name = read_text(deployment.get("name")) or ""
    return Deployment(
        id=f"{deployment.get('endpointId')}/{deployment.get('id')}",
        state="ready" if word in SERVING and (status or {}).get("readyReplicas") else STATES.get(word, "creating"),
        raw_status=raw_status,
        address=name.rpartition("/")[0] or None,  # `project/endpoint/deployment`: requests go to the endpoint
        error=read_text((status or {}).get("message")) if word in TROUBLED else None,
        updated_at=parse_time(deployment.get("updatedAt")),
    )


def read_hardware(config: Item) -> str | None:
    """Such as `2xnvidia-h100-80gb`."""
    count, kind = (_read_selector(config, name) for name in ("accelerator_count", "accelerator_type"))
    return f"{count}x{kind}" if count and kind else None


def count_accelerators(config: Item) -> int:
    count = _read_selector(config, "accelerator_count") or ""
    return int(count) if count.isdigit() else 1_000


def _read_selector(config: Item, name: str) -> str | None:
    selectors = list_objects(config.get("selectors"))
    return next((read_text(each.get("value")) for each in selectors if each.get("key") == name), None)
