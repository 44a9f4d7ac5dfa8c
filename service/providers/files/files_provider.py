"""The adapter for training with tools of your own: a tune waits until its end is reported, and nothing is sent.

Chats go to the server of the connection's base_url, such as vLLM, Ollama or llama.cpp with OpenAI's wire format.
"""

from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from typing import Any

from service.providers.abilities import Lookup, News, TrainingFile
from service.providers.openai.adapter import OpenAIProvider
from service.providers.provider import Account, AccountCheck, Completion, JobSpec, Refused, RemoteJob, ignore_headers

WAITING = "waiting for reports"
NOBODY = "Nobody can be asked about a training with your own tools: report how it goes."
NO_SERVER = "No server answers for this model: give its connection the base_url of one with OpenAI's API."


class FilesProvider:
    """A Tuner without a server, and a Chat with whatever server the connection names."""

    def __init__(self, account: Account) -> None:
        self._chat = OpenAIProvider(account) if account.base_url else None

    async def check(self) -> AccountCheck:
        return AccountCheck(models=await self.base_models())

    async def base_models(self) -> tuple[str, ...]:
        return await self._chat.base_models() if self._chat else ()

    async def upload(self, file: TrainingFile) -> str:
        """Nothing is stored: the same bytes come from the frozen version again."""
        return file.name

    async def find_file(self, _file: TrainingFile) -> str | None:
        return None

    async def delete_file(self, reference: str) -> None:
        """There is none."""

    async def find(self, _token: str) -> Lookup:
        return Lookup()

    async def submit(self, order: JobSpec) -> RemoteJob:
        return RemoteJob(id=order.token, state="queued", raw_status=WAITING, base_model=order.base_model)

    async def job(self, _job_id: str) -> RemoteJob:
        raise Refused(NOBODY, provider_status=404)

    async def states(self, _job_ids: Collection[str]) -> dict[str, RemoteJob]:
        return {}

    async def news(self, _job: RemoteJob, *, cursor: str | None) -> News:
        return News(cursor=cursor)

    async def cancel(self, _job_id: str) -> RemoteJob:
        raise Refused(NOBODY, provider_status=404)

    async def complete(self, model: str, messages: Sequence[Mapping[str, Any]], **options: Any) -> Completion:
        return await self._get_server().complete(model, messages, **options)

    async def delete_completion(self, token: str) -> None:
        await self._get_server().delete_completion(token)

    async def find_completion(self, token: str) -> Completion | None:
        return await self._get_server().find_completion(token)

    def stream(
        self,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        *,
        options: Mapping[str, Any] | None = None,
        opened: Callable[[Mapping[str, str]], None] = ignore_headers,
    ) -> AsyncGenerator[dict[str, Any], None]:
        return self._get_server().stream(model, messages, options=options, opened=opened)

    async def aclose(self) -> None:
        if self._chat:
            await self._chat.aclose()

    def _get_server(self) -> OpenAIProvider:
        if self._chat is None:
            raise Refused(NO_SERVER)
        return self._chat
