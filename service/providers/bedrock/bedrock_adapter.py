"""The adapter for Amazon Bedrock: customization jobs with files in S3, deployments of their models, and Converse."""

from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import quote

import msgspec

from service.errors import ProviderRefused
from service.network.resolver import Resolve, resolve
from service.providers.abilities import Deployment, DeploymentSpec, HostedModel, Lookup, News, TrainingFile
from service.providers.bare_client import NOT_FOUND
from service.providers.bedrock import bedrock_jobs
from service.providers.bedrock.aws_client import AwsClient, build_url, get_option
from service.providers.bedrock.aws_errors import CONFLICT, TAKEN
from service.providers.bedrock.aws_keys import read_keys
from service.providers.bedrock.bedrock_chat import BedrockChat
from service.providers.bedrock.bedrock_deployments import BedrockDeployments
from service.providers.bedrock.bedrock_files import BedrockFiles
from service.providers.bedrock.bedrock_jobs import BedrockJob, Created
from service.providers.openai.job_schemas import decode, get_creation, parse_time
from service.providers.openai.wire_client import EndlessList
from service.providers.provider import (
    FINISHED,
    Account,
    AccountCheck,
    Completion,
    JobSpec,
    Refused,
    RemoteJob,
    Unreachable,
    ignore_headers,
)

JOBS = "/model-customization-jobs"
SUMMARIES = "modelCustomizationJobSummaries"
STORAGE_URL = "https://s3.{region}.amazonaws.com"
RUNTIME_URL = "https://bedrock-runtime.{region}.amazonaws.com"
TOLD = "final"  # the cursor once the losses of the end are known


class ModelList(msgspec.Struct, frozen=True, kw_only=True):
    modelSummaries: list[Any] | None = None  # noqa: N815 - the wire's word


class CustomModel(msgspec.Struct, frozen=True, kw_only=True):
    modelArn: str  # noqa: N815 - the wire's words
    baseModelArn: Any = None  # noqa: N815


class BedrockProvider:
    """Tuner, Chat, Deployer, ModelFinder and ModelDeleter at Amazon Bedrock."""

    def __init__(self, account: Account, *, resolve: Resolve = resolve) -> None:
        keys, region = read_keys(account), get_option(account, "region")
        storage_url = account.options.get("storage_url", STORAGE_URL.format(region=region))
        runtime_url = account.options.get("runtime_url", RUNTIME_URL.format(region=region))
        self._client = AwsClient(account, keys, resolve, service="bedrock", base_url=account.base_url)
        self._storage = AwsClient(account, keys, resolve, service="s3", base_url=storage_url)
        self._runtime = AwsClient(account, keys, resolve, service="bedrock", base_url=runtime_url)
        self._role_arn = get_option(account, "role_arn")
        self._extra_body = account.extra_body
        self._files = BedrockFiles(self._storage, get_option(account, "bucket"), keys)
        self._deployments = BedrockDeployments(self._client)
        self._chat = BedrockChat(self._runtime, keys)

    async def check(self) -> AccountCheck:
        # Jobs first: keys may see models and yet not be allowed to tune.
        await self._client.send("GET", build_url(JOBS, {"maxResults": 1}))
        await self._files.check()
        try:
            models = await self._list_models()
        except ProviderRefused:
            return AccountCheck()
        ends = {name: end.date() for name, model in models.items() if (end := find_end(model))}
        return AccountCheck(models=tuple(models), shutdown_dates=ends)

    async def base_models(self) -> tuple[str, ...]:
        return tuple(await self._list_models())

    async def upload(self, file: TrainingFile) -> str:
        return await self._files.upload(file)

    async def find_file(self, file: TrainingFile) -> str | None:
        return await self._files.find(file)

    async def delete_file(self, reference: str) -> None:
        await self._files.delete(reference)

    async def find(self, token: str) -> Lookup:
        query = {"nameContains": token, "sortBy": "CreationTime", "sortOrder": "Ascending"}
        found: list[RemoteJob] = []
        try:
            async for item in self._client.list_items(JOBS, SUMMARIES, query):
                job = bedrock_jobs.read_entry(item)
                if job is not None and bedrock_jobs.has_token(job, token):
                    found.append(bedrock_jobs.convert_job(job))
        except EndlessList:
            return Lookup(jobs=tuple(found), complete=False)
        return Lookup(jobs=tuple(sorted(found, key=get_creation)))

    async def submit(self, order: JobSpec) -> RemoteJob:
        """Create the job. The same order again gives the same job."""
        body = bedrock_jobs.build_body(order, role_arn=self._role_arn, output=self._files.output) | self._extra_body
        try:
            created = await self._client.send("POST", JOBS, json=body)
        except Refused as refused:
            # AWS forgets request tokens after a while; the job's name, with the token in it, is still taken then.
            if refused.provider_code in TAKEN and (known := await self._find_by_name(order)):
                return known
            raise
        job_id = decode(created.content, Created).jobArn
        return RemoteJob(id=job_id, state="pending", raw_status="InProgress", base_model=order.base_model)

    async def job(self, job_id: str) -> RemoteJob:
        return bedrock_jobs.convert_job(await self._read_job(job_id))

    async def states(self, job_ids: Collection[str]) -> dict[str, RemoteJob]:
        wanted, known = set(job_ids), dict[str, RemoteJob]()
        query = {"sortBy": "CreationTime", "sortOrder": "Descending"}
        with suppress(EndlessList):
            async for item in self._client.list_items(JOBS, SUMMARIES, query):
                job = bedrock_jobs.read_entry(item)
                if job is not None and job.job_arn in wanted:
                    known[job.job_arn] = bedrock_jobs.convert_job(job)
                    wanted.remove(job.job_arn)
                if not wanted:
                    break
        for failed in [job for job in known.values() if job.state == "failed"]:  # lists leave the reason out
            with suppress(Refused, Unreachable):
                known[failed.id] = await self.job(failed.id)
        return known

    async def news(self, job: RemoteJob, *, cursor: str | None) -> News:
        """The losses of each step, once, at the end. Bedrock has no log, and tells nothing before."""
        if job.state not in FINISHED or cursor == TOLD:
            return News(cursor=cursor)
        try:
            points = bedrock_jobs.parse_curves(await self._files.read_curves(job.id))
            points = points or bedrock_jobs.build_points(await self._read_job(job.id))
        except (Refused, Unreachable) as error:
            return News(cursor=cursor, troubles=(f"metrics: {error.detail}",))
        return News(cursor=TOLD, metrics=points)

    async def cancel(self, job_id: str) -> RemoteJob:
        try:
            await self._client.send("POST", f"{build_path(job_id)}/stop")
        except Refused as refused:
            if refused.provider_code != CONFLICT:  # as of a job that has ended
                raise
        return await self.job(job_id)

    async def find_deployment(self, token: str) -> Deployment | None:
        return await self._deployments.find(token)

    async def deploy(self, spec: DeploymentSpec) -> Deployment:
        return await self._deployments.deploy(spec)

    async def deployment(self, deployment_id: str) -> Deployment:
        return await self._deployments.read(deployment_id)

    async def undeploy(self, deployment_id: str) -> None:
        await self._deployments.delete(deployment_id)

    async def find_model(self, model: str) -> HostedModel | None:
        answer = await self._client.send("GET", f"/custom-models/{quote(model, safe='')}", accept=(NOT_FOUND,))
        if answer.status_code == NOT_FOUND:
            return None
        found = decode(answer.content, CustomModel)
        return HostedModel(name=found.modelArn, base_model=bedrock_jobs.read_base_model(found.baseModelArn) or None)

    async def delete_model(self, model: str) -> None:
        await self._client.send("DELETE", f"/custom-models/{quote(model, safe='')}", accept=(NOT_FOUND,))

    async def complete(
        self,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        *,
        max_tokens: int | None = None,
        temperature: float | None = None,
        options: Mapping[str, Any] | None = None,
        schema: Mapping[str, Any] | None = None,
        token: str | None = None,  # noqa: ARG002 - Bedrock keeps no answers
    ) -> Completion:
        limits = {"max_tokens": max_tokens, "temperature": temperature}
        given = {name: value for name, value in limits.items() if value is not None}
        return await self._chat.complete(model, messages, options=given | dict(options or {}), schema=schema)

    async def delete_completion(self, token: str) -> None:
        """Bedrock keeps no answers."""

    async def find_completion(self, token: str) -> Completion | None:  # noqa: ARG002 - Bedrock keeps no answers
        return None

    def stream(
        self,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        *,
        options: Mapping[str, Any] | None = None,
        opened: Callable[[Mapping[str, str]], None] = ignore_headers,
    ) -> AsyncGenerator[dict[str, Any], None]:
        return self._chat.stream(model, messages, options=options, opened=opened)

    async def aclose(self) -> None:
        for client in (self._client, self._storage, self._runtime):
            await client.aclose()

    async def _read_job(self, job_id: str) -> BedrockJob:
        return decode((await self._client.send("GET", build_path(job_id))).content, BedrockJob)

    async def _find_by_name(self, order: JobSpec) -> RemoteJob | None:
        """The job that has the order's name, if it is the order's: a name alone may be another's."""
        try:
            job = await self._read_job(bedrock_jobs.build_name(order.suffix, order.token))
        except Refused:
            return None
        return bedrock_jobs.convert_job(job) if job.client_request_token in {None, order.token} else None

    async def _list_models(self) -> dict[str, dict[str, Any]]:
        query = {"byCustomizationType": "FINE_TUNING"}
        answer = decode((await self._client.send("GET", build_url("/foundation-models", query))).content, ModelList)
        models = [model for model in answer.modelSummaries or () if isinstance(model, dict)]
        return {str(model["modelId"]): model for model in models if model.get("modelId")}


def build_path(job_id: str) -> str:
    return f"{JOBS}/{quote(job_id, safe='')}"


def find_end(model: Mapping[str, Any]) -> datetime | None:
    """When a model can be used no longer."""
    lifecycle = model.get("modelLifecycle")
    return parse_time(lifecycle.get("endOfLifeTime")) if isinstance(lifecycle, dict) else None
