"""The adapter for OpenAI's wire format, which Azure, Nebius, Bedrock and the sandbox speak too."""

from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from service.errors import ProviderRefused, ProviderUnavailable
from service.network.resolver import Resolve, resolve
from service.providers.abilities import HostedModel, Lookup, News, TrainingFile
from service.providers.openai import job_schemas, stored_files
from service.providers.openai.chat import OpenAIChat
from service.providers.openai.job_news import JOBS, NewsReader
from service.providers.openai.job_schemas import Job, Model, Page, decode
from service.providers.openai.wire_client import EndlessList, WireClient
from service.providers.provider import (
    Account,
    AccountCheck,
    Completion,
    JobSpec,
    Refused,
    RemoteJob,
    ignore_headers,
)

STATE_PAGES = 20  # of 100 jobs; those that are older than the newest 2,000 are read one by one
NOT_FOUND = 404


class OpenAIProvider:
    """A Tuner, Chat, Pauser, ModelFinder and ModelDeleter that speaks OpenAI's API."""

    def __init__(self, account: Account, *, resolve: Resolve = resolve) -> None:
        self._account = account
        self._client = WireClient(account, resolve)
        self._chat = OpenAIChat(self._client)

    async def check(self) -> AccountCheck:
        # Jobs first: a key may see models and yet not be allowed to tune.
        await self._client.ask("GET", JOBS, params={"limit": 1})
        try:
            models = await self._list_models()
        except ProviderRefused:
            return AccountCheck()
        return AccountCheck(
            models=tuple(model.id for model in models), shutdown_dates=job_schemas.collect_shutdown_dates(models)
        )

    async def base_models(self) -> tuple[str, ...]:
        return tuple(model.id for model in await self._list_models() if not model.id.startswith("ft:"))

    async def upload(self, file: TrainingFile) -> str:
        return await stored_files.upload(self._client, file)

    async def find_file(self, file: TrainingFile) -> str | None:
        return await stored_files.find(self._client, file)

    async def delete_file(self, reference: str) -> None:
        await stored_files.delete(self._client, reference)

    async def find(self, token: str) -> Lookup:
        # A server that ignores the filter answers with every job, so each is looked at and all pages are read.
        offers = self._account.capabilities
        query = {f"metadata[{job_schemas.TOKEN_KEY}]": token} if offers.metadata_filter else None
        jobs: list[Job] = []
        complete, pages = False, self._client.list(JOBS, Page[Job], query=query)
        try:
            async for job in pages:
                complete = True  # the first page came
                if job_schemas.has_token(job, token):
                    jobs.append(job)
        except ProviderUnavailable as error:
            if not complete and not isinstance(error, EndlessList):
                raise
            complete = False
        else:
            complete = True
        oldest_first = sorted(map(job_schemas.convert_job, reversed(jobs)), key=job_schemas.get_creation)
        return Lookup(jobs=tuple(oldest_first), complete=complete)

    async def submit(self, order: JobSpec) -> RemoteJob:
        body = job_schemas.build_job_body(order, metadata=self._account.capabilities.metadata)
        return await self._ask_job("POST", JOBS, json=body | self._account.extra_body)

    async def job(self, job_id: str) -> RemoteJob:
        return await self._ask_job("GET", f"{JOBS}/{job_id}")

    async def states(self, job_ids: Collection[str]) -> dict[str, RemoteJob]:
        wanted, found = set(job_ids), {}
        try:
            async for job in self._client.list(JOBS, Page[Job], pages=STATE_PAGES):
                if job.id in wanted:
                    found[job.id] = job_schemas.convert_job(job)
                if len(found) == len(wanted):
                    break
        except ProviderUnavailable as error:
            if not found and not isinstance(error, EndlessList):
                raise
        return found

    async def news(self, job: RemoteJob, *, cursor: str | None) -> News:
        return await NewsReader(self._client, job).read(cursor)

    async def cancel(self, job_id: str) -> RemoteJob:
        return await self._ask_job("POST", f"{JOBS}/{job_id}/cancel")

    async def pause(self, job_id: str) -> RemoteJob:
        return await self._ask_job("POST", f"{JOBS}/{job_id}/pause")

    async def resume(self, job_id: str) -> RemoteJob:
        return await self._ask_job("POST", f"{JOBS}/{job_id}/resume")

    async def find_model(self, model: str) -> HostedModel | None:
        try:
            found = decode(await self._client.ask("GET", f"/models/{quote(model, safe=':')}"), Model)
        except Refused as refused:
            if refused.provider_status != NOT_FOUND:
                raise
            return None
        return HostedModel(name=found.id, base_model=job_schemas.find_base_model(found.id))

    async def delete_model(self, model: str) -> None:
        try:
            await self._client.ask("DELETE", f"/models/{quote(model, safe=':')}")
        except Refused as refused:
            if refused.provider_status != NOT_FOUND:
                raise

    async def complete(
        self,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        *,
        max_tokens: int | None = None,
        temperature: float | None = None,
        options: Mapping[str, Any] | None = None,
        schema: Mapping[str, Any] | None = None,
        token: str | None = None,
    ) -> Completion:
        limits = {"max_tokens": max_tokens, "temperature": temperature}
        return await self._chat.complete(model, messages, limits=limits, options=options, schema=schema, token=token)

    async def delete_completion(self, token: str) -> None:
        await self._chat.delete(token)

    async def find_completion(self, token: str) -> Completion | None:
        return await self._chat.find(token)

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

    async def _ask_job(self, method: str, path: str, **request: Any) -> RemoteJob:
        return job_schemas.convert_job(decode(await self._client.ask(method, path, **request), Job))

    async def _list_models(self) -> list[Model]:
        return decode(await self._client.ask("GET", "/models"), Page[Model]).data or []
