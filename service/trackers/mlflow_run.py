"""A run at MLflow, through its REST API. The same again finds the run by its tag and changes nothing."""

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2

from service.errors import Conflict, Unavailable
from service.integrations.integration_accounts import IntegrationAccount
from service.network.address_policy import AddressPolicy
from service.network.resolver import AddressRefused, resolve
from service.providers.openai.transport import BoundedTransport
from service.providers.provider import Refused, Unreachable
from service.trackers.run_record import RunRecord

API = "/api/2.0/mlflow"
SECONDS = 30.0
METRICS_AT_ONCE, PARAMETERS_AT_ONCE = 1_000, 100  # MLflow's own limits
MAX_PARAMETER, MAX_TAG = 6_000, 5_000
TAG = "tuneledger.tune_id"
STATUS = {"succeeded": "FINISHED", "failed": "FAILED", "cancelled": "KILLED"}
BAD_REQUEST, NOT_FOUND, TOO_MANY, SERVER_ERROR = 400, 404, 429, 500


async def log_to_mlflow(account: IntegrationAccount, policy: AddressPolicy, record: RunRecord) -> str:
    """Make the run and log everything. Returns its link. Raises Conflict for a refusal, Unavailable otherwise."""
    url = account.settings.url.rstrip("/")
    transport = BoundedTransport(scheme=urlsplit(url).scheme, policy=policy, timeout_seconds=SECONDS, resolve=resolve)
    headers = _build_headers(account.secret)
    async with httpx2.AsyncClient(transport=transport, headers=headers, timeout=SECONDS, trust_env=False) as client:
        server = MlflowServer(client, url)
        try:
            return await server.log(account.settings.options.get("experiment", "tuneledger"), record)
        except (httpx2.HTTPError, Refused, Unreachable, AddressRefused, ValueError, KeyError) as error:
            raise Unavailable(f"MLflow at {url} does not answer as it should: {type(error).__name__}.") from error


class MlflowServer:
    def __init__(self, client: httpx2.AsyncClient, url: str) -> None:
        self._client = client
        self._url = url

    async def log(self, experiment: str, record: RunRecord) -> str:
        experiment_id = await self._find_or_create_experiment(experiment)
        run_id = await self._find_or_create_run(experiment_id, record)
        metrics = [
            {"key": name, "value": value, "step": point.step, "timestamp": _to_milliseconds(record.started_at)}
            for point in record.points
            for name, value in point.values.items()
        ]
        for part in _split(metrics, METRICS_AT_ONCE):
            await self._post("runs/log-batch", {"run_id": run_id, "metrics": part})
        parameters = [{"key": key, "value": str(value)[:MAX_PARAMETER]} for key, value in record.config.items()]
        for part in _split(parameters, PARAMETERS_AT_ONCE):
            await self._post("runs/log-batch", {"run_id": run_id, "params": part})
        tags = [{"key": f"tuneledger.{key}", "value": str(value)[:MAX_TAG]} for key, value in record.summary.items()]
        await self._post("runs/log-batch", {"run_id": run_id, "tags": tags})
        end = {"run_id": run_id, "status": STATUS[record.state], "end_time": _to_milliseconds(record.ended_at)}
        await self._post("runs/update", end)
        return f"{self._url}/#/experiments/{experiment_id}/runs/{run_id}"

    async def _find_or_create_experiment(self, name: str) -> str:
        query = {"experiment_name": name}
        response = await self._client.get(f"{self._url}{API}/experiments/get-by-name", params=query)
        if response.status_code != NOT_FOUND:
            return str(self._read(response)["experiment"]["experiment_id"])
        return str((await self._post("experiments/create", {"name": name}))["experiment_id"])

    async def _find_or_create_run(self, experiment_id: str, record: RunRecord) -> str:
        search = {"experiment_ids": [experiment_id], "filter": f"tags.`{TAG}` = '{record.tune_id}'", "max_results": 1}
        if runs := (await self._post("runs/search", search)).get("runs"):
            return str(runs[0]["info"]["run_id"])
        body = {
            "experiment_id": experiment_id,
            "run_name": record.name,
            "start_time": _to_milliseconds(record.started_at),
            "tags": [{"key": TAG, "value": record.tune_id}],
        }
        return str((await self._post("runs/create", body))["run"]["info"]["run_id"])

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        return self._read(await self._client.post(f"{self._url}{API}/{path}", json=body))

    def _read(self, response: httpx2.Response) -> Any:
        status = response.status_code
        if BAD_REQUEST <= status < SERVER_ERROR and status != TOO_MANY:
            raise Conflict(f"MLflow refuses with {status}: {response.text[:500]}")
        if status != httpx2.codes.OK:
            raise Unavailable(f"MLflow answered {status}.")
        return response.json()


def _build_headers(secret: str) -> dict[str, str]:
    """A user and password as HTTP Basic, anything else as a bearer token, nothing for an open server."""
    if not secret:
        return {}
    if ":" in secret:
        return {"Authorization": f"Basic {base64.b64encode(secret.encode()).decode()}"}
    return {"Authorization": f"Bearer {secret}"}


def _to_milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000)


def _split(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
