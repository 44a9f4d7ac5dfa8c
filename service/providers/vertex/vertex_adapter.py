"""The adapter for Google Vertex: supervised and preference tuning of Gemini, whose endpoints are made automatically."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Mapping, Sequence
from typing import Any

import msgspec

from service.errors import ProviderRefused, ProviderUnavailable
from service.network.resolver import Resolve, resolve
from service.providers.abilities import HostedModel, Lookup, News, TrainingFile
from service.providers.openai.job_schemas import get_creation
from service.providers.provider import (
    Account,
    AccountCheck,
    Completion,
    JobSpec,
    Refused,
    RemoteJob,
    Unreachable,
    ignore_headers,
)
from service.providers.vertex import vertex_jobs, vertex_order
from service.providers.vertex.vertex_chat import VertexChat
from service.providers.vertex.vertex_client import VertexClient, build_job_path, check_resource
from service.providers.vertex.vertex_jobs import JobPage, VertexJob
from service.providers.vertex.vertex_storage import VertexStorage

PAGE_SIZE = 100
MAX_PAGES = 200
MAX_STATE_PAGES = 20  # the newest jobs come first; older ones are read one by one
BAD_REQUEST = 400
WAITING = frozenset({"pending", "queued", "validating"})


class DeployedModel(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    model: str
    model_version_id: str | None = None
    checkpoint_id: str | None = None


class Endpoint(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    deployed_models: list[DeployedModel] | None = None


class VertexProvider:
    """Tuner, Chat and ModelFinder at Google Vertex."""

    def __init__(self, account: Account, *, resolve: Resolve = resolve) -> None:
        self._client = VertexClient(account, resolve)
        self._extra_body = account.extra_body
        self._storage = VertexStorage(self._client, account)
        self._chat = VertexChat(self._client)
        self._jobs = f"/{self._client.project}/tuningJobs"

    async def check(self) -> AccountCheck:
        await self._client.ask_for(JobPage, "GET", self._jobs, params={"pageSize": 1})
        await self._storage.check()
        return AccountCheck()

    async def base_models(self) -> tuple[str, ...]:
        return ()

    async def upload(self, file: TrainingFile) -> str:
        return await self._storage.upload(file)

    async def find_file(self, file: TrainingFile) -> str | None:
        return await self._storage.find(file)

    async def delete_file(self, reference: str) -> None:
        await self._storage.delete(reference)

    async def find(self, token: str) -> Lookup:
        """Find by the label. A server that does not filter by it is read to the end."""
        try:
            return await self._find(token, {"filter": vertex_order.build_filter(token)})
        except Refused as refused:
            if refused.provider_status != BAD_REQUEST:
                raise
            return await self._find(token, {})

    async def submit(self, order: JobSpec) -> RemoteJob:
        start = await self._find_start(order.start_from) if order.start_from else None
        body = vertex_order.build_body(order, start=start) | self._extra_body
        return vertex_jobs.convert_job(await self._client.ask_for(VertexJob, "POST", self._jobs, json=body))

    async def job(self, job_id: str) -> RemoteJob:
        return vertex_jobs.convert_job(await self._read_job(job_id))

    async def states(self, job_ids: Collection[str]) -> dict[str, RemoteJob]:
        wanted, known = set(job_ids), dict[str, RemoteJob]()
        try:
            async for jobs, _ in self._list_pages({}, most=MAX_STATE_PAGES):
                known |= {job.id: vertex_jobs.convert_job(job) for job in jobs if job.id in wanted}
                if wanted <= known.keys():
                    break
        except Unreachable as error:
            if error.because != "unreadable":
                raise
        return known

    async def news(self, job: RemoteJob, *, cursor: str | None) -> News:
        """The checkpoints: Vertex has no log of a job, and its losses stand in an experiment alone."""
        if job.state in WAITING:
            return News(cursor=cursor)
        try:
            return News(cursor=cursor, checkpoints=vertex_jobs.list_checkpoints(await self._read_job(job.id)))
        except (ProviderRefused, ProviderUnavailable) as error:
            return News(cursor=cursor, troubles=(f"checkpoints: {error.detail}",))

    async def cancel(self, job_id: str) -> RemoteJob:
        await self._client.send("POST", f"{build_job_path(self._client.project, job_id)}:cancel", json={})
        return await self.job(job_id)

    async def find_model(self, model: str) -> HostedModel | None:
        """By the job that made it: its endpoint is what requests name."""
        async for jobs, _ in self._list_pages({}, most=MAX_PAGES):
            for job in map(vertex_jobs.convert_job, jobs):
                if job.model == model:
                    return HostedModel(name=model, base_model=job.base_model or None)
        return None

    async def complete(
        self,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        *,
        max_tokens: int | None = None,
        temperature: float | None = None,
        options: Mapping[str, Any] | None = None,
        schema: Mapping[str, Any] | None = None,
        token: str | None = None,  # noqa: ARG002 - Vertex keeps no answers
    ) -> Completion:
        limits = {"max_tokens": max_tokens, "temperature": temperature}
        return await self._chat.complete(model, messages, limits=limits, options=options, schema=schema)

    async def delete_completion(self, token: str) -> None:
        """Vertex keeps no answers."""

    async def find_completion(self, token: str) -> Completion | None:  # noqa: ARG002
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
        await self._client.aclose()

    async def _find(self, token: str, query: dict[str, str]) -> Lookup:
        label, found, complete = vertex_order.build_label(token), list[VertexJob](), False
        async for jobs, is_last in self._list_pages(query, most=MAX_PAGES):
            found += [job for job in jobs if vertex_jobs.has_label(job, label)]
            complete = is_last
        converted = sorted(map(vertex_jobs.convert_job, found), key=get_creation)
        return Lookup(jobs=tuple(converted), complete=complete)

    async def _list_pages(self, query: Mapping[str, str], *, most: int) -> AsyncIterator[tuple[list[VertexJob], bool]]:
        """Yield the jobs of each page, and whether with it all were read. Ends early where pages repeat."""
        token, whole = "", True
        for _ in range(most):
            params = {**query, "pageSize": PAGE_SIZE} | ({"pageToken": token} if token else {})
            page = await self._client.ask_for(JobPage, "GET", self._jobs, params=params)
            jobs, readable = vertex_jobs.read_page(page)
            whole = whole and readable
            yield jobs, whole and not page.next_page_token
            if not page.next_page_token or page.next_page_token == token:
                return
            token = page.next_page_token

    async def _read_job(self, job_id: str) -> VertexJob:
        return await self._client.ask_for(VertexJob, "GET", build_job_path(self._client.project, job_id))

    async def _find_start(self, model: str) -> dict[str, str]:
        """The `preTunedModel` behind an endpoint; a model's own name is one already."""
        name = check_resource(model)
        if "/endpoints/" not in name:
            return {"tunedModelName": name}
        deployed = (await self._client.ask_for(Endpoint, "GET", f"/{name}")).deployed_models or []
        if not deployed:
            raise Refused(f"No model is deployed at {name}, so no job can go on from it.")
        first = deployed[0]
        version = f"@{first.model_version_id}" if first.model_version_id and "@" not in first.model else ""
        checkpoint = {"checkpointId": first.checkpoint_id} if first.checkpoint_id else {}
        return {"tunedModelName": f"{first.model}{version}", **checkpoint}
