"""Chat completions over HTTP: asking for one, and finding those that were stored."""

import asyncio
import secrets
import time
from pathlib import Path
from typing import Any

from litestar import Request, delete, get, post
from litestar.params import FromPath
from litestar.response import Response, Stream

from service.sandbox.completions import answerer as answering
from service.sandbox.completions import completion_objects as completions
from service.sandbox.completions import corruption as spoiling
from service.sandbox.completions.chat_request import ChatRequest, must_make_sense
from service.sandbox.completions.traffic import CALL
from service.sandbox.faults import IN_THE_ANSWER, Fault
from service.sandbox.files.training_rows import prompt_of
from service.sandbox.models_api import lessons_of
from service.sandbox.state import Sandbox, SandboxOf, found
from service.sandbox.wire import Refusal, metadata_filter, parse, whole

PATH = "/v1/chat/completions"


@post(PATH, status_code=200)
async def complete(body: bytes, sandbox: SandboxOf) -> Response[Any]:
    asked = await asyncio.to_thread(parse, body, ChatRequest)
    must_make_sense(asked)
    lessons = await asyncio.to_thread(lessons_of, sandbox, asked.model)
    fault = sandbox.faults.take(*IN_THE_ANSWER, method="POST", path=PATH, said=lambda: prompt_of(asked.messages))
    # Not in a thread: there are few of them, and whoever waits needs none.
    await asyncio.sleep(sandbox.traffic.latency)
    completion = await asyncio.to_thread(_made, sandbox, asked, lessons, fault)
    if fault and fault.kind == "rubbish":
        return Response(spoiling.RUBBISH, media_type="application/json")
    if asked.stream:
        return Stream(completions.chunks(asked, completion), media_type="text/event-stream")
    return Response(completion)


def _made(sandbox: Sandbox, asked: ChatRequest, lessons: Path | None, fault: Fault | None) -> dict[str, Any]:
    given = answering.answers(asked, lessons)
    if fault:
        given = [spoiling.spoilt(answer, fault) for answer in given]
    completion = completions.completion(asked, given, chat_id=f"chatcmpl-{secrets.token_hex(12)}", now=int(time.time()))
    if asked.store:
        sandbox.kept.add(completions.stored(asked, completion))
    sandbox.traffic.paid((asked.metadata or {}).get(CALL))
    return completion


@get(PATH, sync_to_thread=True)
def list_completions(request: Request[Any, Any, Any], sandbox: SandboxOf) -> dict[str, Any]:
    query = request.query_params
    limit, after, order = whole(query, "limit", default=20), query.get("after"), query.get("order", "asc")
    if order not in ("asc", "desc"):
        raise Refusal("Invalid 'order': expected 'asc' or 'desc'.", param="order", code="invalid_value")
    if after is not None:
        found(sandbox.kept.one(after), "chat completion", after)
    rows = sandbox.kept.many(
        model=query.get("model"),
        metadata=metadata_filter(list(query.multi_items())),
        after=after,
        limit=limit + 1,
        newest_first=order == "desc",
    )
    data = rows[:limit]
    first, last = (data[0]["id"], data[-1]["id"]) if data else (None, None)
    return {"object": "list", "data": data, "first_id": first, "last_id": last, "has_more": len(rows) > limit}


@get(f"{PATH}/{{completion_id:str}}", sync_to_thread=True)
def read_completion(completion_id: FromPath[str], sandbox: SandboxOf) -> dict[str, Any]:
    return found(sandbox.kept.one(completion_id), "chat completion", completion_id)


@delete(f"{PATH}/{{completion_id:str}}", status_code=200, sync_to_thread=True)
def delete_completion(completion_id: FromPath[str], sandbox: SandboxOf) -> dict[str, Any]:
    found(sandbox.kept.one(completion_id), "chat completion", completion_id)
    sandbox.kept.delete(completion_id)
    return {"object": "chat.completion.deleted", "id": completion_id, "deleted": True}
