"""The adapter for OpenAI's wire format, which Azure, Nebius, Bedrock and the sandbox speak too."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Mapping, Sequence
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Protocol, TypeVar

import httpx2
from openai import AsyncOpenAI, DefaultAsyncHttpxClient, Timeout

from service.errors import ProviderRefused, ProviderUnavailable
from service.network.resolver import Resolve, resolve
from service.providers import curves
from service.providers.openai import job_schemas
from service.providers.openai.chat import OpenAIChat
from service.providers.openai.error_map import translate_errors
from service.providers.openai.job_schemas import Checkpoint, Event, File, Job, Model, Page, decode
from service.providers.openai.transport import BoundedTransport
from service.providers.provider import (
    FINISHED,
    Account,
    AccountCheck,
    Completion,
    JobSpec,
    MetricPoint,
    Progress,
    Refused,
    RemoteJob,
    TuneCheckpoint,
    Unreachable,
)

PAGE_SIZE = 100
CONNECT_SECONDS = 5.0
# Of one list. A list that goes on for longer than any of them is not read to its end.
MAX_PAGES = 200
MAX_LIST_BYTES = 64_000_000
LIST_SECONDS = 300.0
PROCESSING = frozenset({"pending", "running"})
PROCESSING_PAUSE_SECONDS = 1.0
NOT_FOUND = 404


class Reply(Protocol):
    @property
    def content(self) -> bytes: ...


class EndlessList(ProviderUnavailable):
    """A provider's list has no end"""


class Identified(Protocol):
    @property
    def id(self) -> str: ...


Item = TypeVar("Item", bound=Identified)


class AccountAuth(httpx2.Auth):
    """Signs each request with the account's own header, and with nothing the SDK found in the environment."""

    ambient = ("Authorization", "OpenAI-Organization", "OpenAI-Project")

    def __init__(self, account: Account) -> None:
        self.name = account.header_name
        self.value = f"{account.header_prefix}{account.secret}"
        if not (self.value.isascii() and self.value.isprintable()):
            raise Refused("the secret holds characters that a header cannot carry")

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        for name in self.ambient:
            request.headers.pop(name, None)
        request.headers[self.name] = self.value
        yield request


def build_http_client(account: Account, resolve: Resolve) -> httpx2.AsyncClient:
    """An HTTP client that follows no redirect (it would carry the secret) and keeps no cookie."""
    transport = BoundedTransport(
        scheme=check_address(account.base_url).scheme,
        policy=account.policy,
        timeout_seconds=account.timeout_seconds,
        resolve=resolve,
    )
    timeout = Timeout(account.timeout_seconds, connect=min(CONNECT_SECONDS, account.timeout_seconds))
    return DefaultAsyncHttpxClient(
        auth=AccountAuth(account),
        base_url=account.base_url,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        follow_redirects=False,
        timeout=timeout,
        transport=transport,
        trust_env=False,
    )


def build_client(account: Account, http: httpx2.AsyncClient) -> AsyncOpenAI:
    """An SDK client that never retries: the caller knows when."""
    return AsyncOpenAI(
        api_key="signed by the transport",
        base_url=account.base_url,
        timeout=http.timeout,
        max_retries=0,
        http_client=http,
    )


def check_address(base_url: str) -> httpx2.URL:
    try:
        address = httpx2.URL(base_url)
    except httpx2.InvalidURL:
        raise Refused(f"{base_url!r} is not a URL") from None
    if address.scheme not in {"http", "https"} or not address.host:
        raise Refused(f"{base_url!r} is not an http or https URL with a host")
    return address


class OpenAIProvider:
    """A TuningProvider that speaks OpenAI's fine-tuning API."""

    def __init__(self, account: Account, *, resolve: Resolve = resolve) -> None:
        self._account = account
        http = build_http_client(account, resolve)
        self._client = build_client(account, http)
        self._chat = OpenAIChat(self._client, account)
        self._files = self._client.files.with_raw_response
        self._jobs = self._client.fine_tuning.jobs.with_raw_response

    async def check(self) -> AccountCheck:
        # Jobs first: a key may see models and yet not be allowed to tune.
        await self._ask(self._jobs.list(limit=1))
        try:
            return AccountCheck(models=await self._list_models())
        except ProviderRefused:
            return AccountCheck()

    async def base_models(self) -> tuple[str, ...]:
        return tuple(name for name in await self._list_models() if not name.startswith("ft:"))

    async def upload(self, name: str, chunks: AsyncIterator[bytes]) -> str:
        # The SDK wants a file it can rewind; a temporary one keeps memory flat.
        with tempfile.TemporaryFile() as spool:
            async for chunk in chunks:
                await asyncio.to_thread(spool.write, chunk)
            spool.seek(0)
            sent = await self._ask(self._files.create(file=(name, spool), purpose="fine-tune"))
        return await self._wait_until_processed(decode(sent, File))

    async def delete_file(self, file_id: str) -> None:
        try:
            await self._ask(self._files.delete(file_id))
        except Refused as refused:
            if refused.provider_status != NOT_FOUND:
                raise

    async def find(self, token: str) -> RemoteJob | None:
        # A server that ignores the filter answers with every job, so each is looked at and all pages are read. Where a
        # list has no end (EndlessList, as of an unreachable provider), nobody can tell whether the job is there.
        query: dict[str, Any] = {}
        if self._account.capabilities.metadata_filter:
            query["metadata"] = {job_schemas.TOKEN_KEY: token}
        async for job in self._iterate(lambda page: self._jobs.list(**query, **page), Page[Job]):
            if job_schemas.has_token(job, token):
                return job_schemas.convert_job(job)
        return None

    async def submit(self, order: JobSpec) -> RemoteJob:
        body = job_schemas.build_job_body(order, metadata=self._account.capabilities.metadata)
        created = await self._ask(self._jobs.create(**body, extra_body=self._account.extra_body))
        return job_schemas.convert_job(decode(created, Job))

    async def progress(self, job_id: str, *, after_event: str | None = None) -> Progress:
        # The job before its events: a job seen as finished then has all of its events in the same answer.
        job = job_schemas.convert_job(decode(await self._ask(self._jobs.retrieve(job_id)), Job))
        events = await self._list_events(job_id, after_event=after_event)
        points = curves.merge_points(job_schemas.collect_points(events), ())
        if job.state in FINISHED:
            points = curves.merge_points(points, await self._load_result_points(job))
        return Progress(
            job=job,
            events=tuple(job_schemas.convert_event(event) for event in events),
            metrics=points,
            checkpoints=await self._list_checkpoints(job_id),
        )

    async def cancel(self, job_id: str) -> RemoteJob:
        return job_schemas.convert_job(decode(await self._ask(self._jobs.cancel(job_id)), Job))

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
        self, model: str, messages: Sequence[Mapping[str, Any]], *, options: Mapping[str, Any] | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        return self._chat.stream(model, messages, options=options)

    async def aclose(self) -> None:
        await self._client.close()

    async def _list_models(self) -> tuple[str, ...]:
        listed = decode(await self._ask(self._client.models.with_raw_response.list()), Page[Model])
        return tuple(model.id for model in listed.data or ())

    async def _wait_until_processed(self, file: File) -> str:
        # Azure takes a file in and looks at it later; a job created before that is refused.
        try:
            async with asyncio.timeout(self._account.timeout_seconds):
                while file.status in PROCESSING:
                    await asyncio.sleep(PROCESSING_PAUSE_SECONDS)
                    file = decode(await self._ask(self._files.retrieve(file.id)), File)
        except TimeoutError:
            raise Unreachable("the provider is still processing the uploaded file") from None
        return file.id

    async def _list_events(self, job_id: str, *, after_event: str | None) -> list[Event]:
        if not self._account.capabilities.events:
            return []
        fresh: list[Event] = []
        try:
            async for event in self._iterate(lambda page: self._jobs.list_events(job_id, **page), Page[Event]):
                if event.id == after_event:
                    break
                fresh.append(event)
        except EndlessList:
            pass  # the newest come first, and older ones are not worth waiting for
        except ProviderRefused:
            # The job was just read, so it is only the list that this server does not have.
            return []
        return fresh[::-1]

    async def _list_checkpoints(self, job_id: str) -> tuple[TuneCheckpoint, ...]:
        if not self._account.capabilities.checkpoints:
            return ()
        listed = self._jobs.checkpoints.list
        checkpoints: list[Checkpoint] = []
        try:
            async for checkpoint in self._iterate(lambda page: listed(job_id, **page), Page[Checkpoint]):
                checkpoints.append(checkpoint)  # noqa: PERF401 - those before an error of a later page count
        except EndlessList:
            pass
        except ProviderRefused:
            return ()
        return tuple(sorted(map(job_schemas.convert_checkpoint, checkpoints), key=lambda each: each.step))

    async def _load_result_points(self, job: RemoteJob) -> list[MetricPoint]:
        if not (self._account.capabilities.results and job.result_files):
            return []
        try:
            return curves.parse_result_file(await self._ask(self._files.content(job.result_files[0])))
        except ProviderRefused:
            return []
        except ProviderUnavailable:
            # The events hold the same points, so a finished job need not wait for its file.
            if self._account.capabilities.events:
                return []
            raise

    async def _iterate(
        self, ask: Callable[[dict[str, Any]], Awaitable[Reply]], shape: type[Page[Item]]
    ) -> AsyncIterator[Item]:
        """Yield the items of all pages. Raises EndlessList after too many pages, bytes or seconds."""
        after: str | None = None
        clock, bytes_read = asyncio.get_running_loop(), 0
        deadline = clock.time() + LIST_SECONDS
        for _ in range(MAX_PAGES):
            cursor = {} if after is None else {"after": after}
            content = await self._ask(ask({"limit": PAGE_SIZE, **cursor}))
            page = decode(content, shape)
            for item in page.data or ():
                yield item
            # The same last item again: this server does not know `after`, and would go round for ever.
            if page.has_more is False or not page.data or page.data[-1].id == after:
                return
            after, bytes_read = page.data[-1].id, bytes_read + len(content)
            if bytes_read > MAX_LIST_BYTES or clock.time() > deadline:
                break
        raise EndlessList("the provider's list has no end")

    async def _ask(self, call: Awaitable[Reply]) -> bytes:
        with translate_errors(self._account):
            return (await call).content
