"""The adapter for Together: fine-tuning of open models, their weights, and dedicated endpoints that serve them."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from service.errors import ProviderRefused, ProviderUnavailable
from service.network.resolver import Resolve, resolve
from service.providers.abilities import (
    Deployment,
    DeploymentSpec,
    HostedModel,
    Lookup,
    News,
    Quote,
    TrainingFile,
    WeightFile,
)
from service.providers.bare_client import NOT_FOUND, BareClient, redact
from service.providers.kinds import DEFAULT_URLS
from service.providers.openai.chat import OpenAIChat
from service.providers.openai.job_schemas import decode, get_creation, to_count
from service.providers.openai.transport import AnswerLimits
from service.providers.openai.wire_client import WireClient
from service.providers.provider import (
    Account,
    AccountCheck,
    Completion,
    JobSpec,
    Method,
    Refused,
    RemoteJob,
    Unreachable,
    ignore_headers,
)
from service.providers.together import together_jobs, together_news, together_order
from service.providers.together.together_deployments import TogetherDeployments
from service.providers.together.together_files import TogetherFiles
from service.providers.together.together_jobs import TogetherJob
from service.providers.together.together_limits import ModelLimits, narrow_parameters
from service.providers.together.together_traits import TOGETHER
from service.providers.together.together_weights import TogetherWeights
from service.providers.traits import Parameter

# The list of jobs has no pages: 10,000 of them are some 20 MB.
LIST_LIMITS = AnswerLimits(max_bytes=64_000_000, seconds=120.0)
# Chats have an address of their own; only there dedicated endpoints are known.
INFERENCE_URL = "https://api-inference.together.ai/v1"
PUBLIC_URLS = frozenset({DEFAULT_URLS["together"], "https://api.together.xyz/v1"})
PRICE_DIGITS = 9
NOT_STARTED = frozenset({"pending", "queued"})


T = TypeVar("T")


class Models(msgspec.Struct, frozen=True, kw_only=True):
    models: list[str] | None = None


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """Dollars and tokens."""

    estimation_available: bool = False
    allowed_to_proceed: bool | None = None
    estimated_total_price: Decimal | None = None
    estimated_train_token_count: Any = None
    estimated_eval_token_count: Any = None


class TogetherProvider:
    """Tuner, Chat, Quoter, Deployer, WeightSource, ModelFinder and ModelDeleter at Together."""

    def __init__(self, account: Account, *, resolve: Resolve = resolve) -> None:
        self._client = BareClient(account, resolve)
        self._extra_body = account.extra_body
        self._files = TogetherFiles(self._client, account)
        self._deployments = TogetherDeployments(self._client, account)
        self._weights = TogetherWeights(self._client)
        chats = account
        if self._client.base_url in PUBLIC_URLS:
            chats = msgspec.structs.replace(account, base_url=INFERENCE_URL)
        self._inference = WireClient(chats, resolve)
        self._chat = OpenAIChat(self._inference)

    async def check(self) -> AccountCheck:
        # Jobs first: a key may see models and yet not be allowed to tune.
        await self._list_jobs()
        try:
            return AccountCheck(models=await self.base_models())
        except ProviderRefused:
            return AccountCheck()

    async def base_models(self) -> tuple[str, ...]:
        return tuple(decode(await self._get("/fine-tunes/models/supported"), Models).models or ())

    async def parameters(self, base_model: str, method: Method) -> dict[str, Parameter]:
        """The method's hyperparameters in the ranges of this model. Raises Refused if it cannot be tuned."""
        return narrow_parameters(TOGETHER.parameters[method], await self._read_limits(base_model), method)

    async def upload(self, file: TrainingFile) -> str:
        return await self._files.upload(file)

    async def find_file(self, file: TrainingFile) -> str | None:
        return await self._files.find(file)

    async def delete_file(self, reference: str) -> None:
        await self._files.delete(reference)

    async def find(self, token: str) -> Lookup:
        jobs, complete = await self._list_jobs()
        found = map(together_jobs.convert_job, together_jobs.select_by_token(jobs, token))
        return Lookup(jobs=tuple(sorted(found, key=get_creation)), complete=complete)

    async def submit(self, order: JobSpec) -> RemoteJob:
        rank = None
        if together_order.needs_default_rank(order):
            rank = (await self._read_limits(order.base_model)).default_rank
        body = together_order.build_body(order, default_rank=rank) | self._extra_body
        try:
            created = await self._client.send("POST", "/fine-tunes", json=body)
        except (Refused, Unreachable) as error:
            if key := together_order.find_wandb_key(order):
                redact(error, key)
            raise
        return together_jobs.convert_job(together_jobs.read_job(created.content))

    async def job(self, job_id: str) -> RemoteJob:
        job = together_jobs.convert_job(await self._read_job(job_id))
        if job.state != "failed" or job.error is not None:
            return job
        events = decode(await self._get(f"{build_path(job_id)}/events"), together_news.EventList)
        return msgspec.structs.replace(job, error=together_jobs.find_error(events.data))

    async def states(self, job_ids: Collection[str]) -> dict[str, RemoteJob]:
        try:
            jobs, _ = await self._list_jobs()
        except Unreachable as error:
            if error.because == "unreadable":  # as when it is too long
                return {}
            raise
        wanted = frozenset(job_ids)
        known = {job.id: together_jobs.convert_job(job) for job in jobs if job.id in wanted}
        for job in known.values():
            if job.state == "failed" and job.error is None:  # lists leave the log out, and the reason with it
                with suppress(Refused, Unreachable):
                    known[job.id] = await self.job(job.id)
        return known

    async def news(self, job: RemoteJob, *, cursor: str | None) -> News:
        known, path = together_news.read_cursor(cursor), build_path(job.id)
        troubles: list[str] = []

        async def read(part: str, parse: Callable[[bytes], list[T]], **query: Any) -> list[T] | None:
            try:
                return parse(await self._get(f"{path}/{part}", accept=(NOT_FOUND,), params=query))
            except (ProviderRefused, ProviderUnavailable) as error:
                troubles.append(f"{part}: {error.detail}")
                return None

        if job.state in NOT_STARTED:
            lines = await read("events", together_news.read_events)
            return together_news.build_news(job, known, lines, troubles=troubles)
        lines, points, entries = await asyncio.gather(
            read("events", together_news.read_events),
            read("metrics", together_news.read_metrics, global_step_from=known.step),
            read("checkpoints", together_news.read_checkpoints),
        )
        return together_news.build_news(job, known, lines, points, entries, troubles=troubles)

    async def cancel(self, job_id: str) -> RemoteJob:
        answer = await self._client.send("POST", f"{build_path(job_id)}/cancel")
        return together_jobs.convert_job(together_jobs.read_job(answer.content))

    async def quote(self, order: JobSpec) -> Quote | None:
        answer = await self._client.send(
            "POST", "/fine-tunes/estimate-price", json=together_order.build_quote_body(order)
        )
        estimate = decode(answer.content, Estimate)
        price = estimate.estimated_total_price
        if not estimate.estimation_available or price is None or not price.is_finite():
            return None
        tokens = (to_count(estimate.estimated_train_token_count), to_count(estimate.estimated_eval_token_count))
        return Quote(
            amount=round(price, PRICE_DIGITS),
            currency="USD",
            tokens=sum(filter(None, tokens)) or None,
            allowed=estimate.allowed_to_proceed is not False,
        )

    async def weights(self, job_id: str, *, checkpoint: str | None = None) -> tuple[WeightFile, ...]:
        return await self._weights.list_files(await self._read_job(job_id), checkpoint=checkpoint)

    def read_weights(self, file: WeightFile) -> AsyncIterator[bytes]:
        return self._weights.read(file)

    async def find_deployment(self, token: str) -> Deployment | None:
        return await self._deployments.find(token)

    async def deploy(self, spec: DeploymentSpec) -> Deployment:
        model_id = await self._find_model_id(spec.model) or await self._deployments.find_model_id(spec.model)
        if not model_id:
            raise Refused(f"Together has no model {spec.model} that could be deployed.")
        return await self._deployments.deploy(spec, model_id=model_id)

    async def deployment(self, deployment_id: str) -> Deployment:
        return await self._deployments.read(deployment_id)

    async def undeploy(self, deployment_id: str) -> None:
        await self._deployments.stop(deployment_id)

    async def find_model(self, model: str) -> HostedModel | None:
        job = await self._find_job_of(model)
        return HostedModel(name=model, base_model=together_jobs.convert_job(job).base_model or None) if job else None

    async def delete_model(self, model: str) -> None:
        job = await self._find_job_of(model)
        if job is None:
            return
        if await self._deployments.has_project():
            for model_id in (job.model_object_id, job.adapter_object_id):
                if model_id:
                    await self._deployments.delete_model(str(model_id))
        # The job goes last: it is what names the rest.
        await self._client.send("DELETE", build_path(job.id), accept=(NOT_FOUND,))

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
        await self._inference.aclose()

    async def _list_jobs(self) -> tuple[list[TogetherJob], bool]:
        return together_jobs.read_jobs(await self._get("/fine-tunes", limits=LIST_LIMITS))

    async def _read_job(self, job_id: str) -> TogetherJob:
        return together_jobs.read_job(await self._get(build_path(job_id)))

    async def _find_job_of(self, model: str) -> TogetherJob | None:
        """The job that made a model, in full: the list leaves out the ids of its weights."""
        jobs, _ = await self._list_jobs()
        job_id = next((job.id for job in jobs if job.model_output_name == model), None)
        return await self._read_job(job_id) if job_id else None

    async def _find_model_id(self, model: str) -> str | None:
        """The registry's id of a model, or of a checkpoint such as `ft-…:12`."""
        job_id, _, step = model.rpartition(":")
        if job_id and step.isdigit():
            listed = await self._get(f"{build_path(job_id)}/checkpoints", accept=(NOT_FOUND,))
            return together_news.find_checkpoint_model(listed, int(step))
        job = await self._find_job_of(model)
        model_id = job and (job.model_object_id or job.adapter_object_id)
        return str(model_id) if model_id else None

    async def _read_limits(self, base_model: str) -> ModelLimits:
        return decode(await self._get("/fine-tunes/models/limits", params={"model_name": base_model}), ModelLimits)

    async def _get(self, path: str, **parts: Any) -> bytes:
        return (await self._client.send("GET", path, **parts)).content


def build_path(job_id: str) -> str:
    return f"/fine-tunes/{quote(job_id, safe='')}"
