"""Chat completions over HTTP: create one, and find stored ones."""

import asyncio
import secrets
import time
from pathlib import Path
from typing import Any

from litestar import Request, delete, get, post
from litestar.params import FromPath
from litestar.response import Response, Stream

from service.sandbox.completions import answerer, completion_objects, corruption
from service.sandbox.completions.chat_request import ChatRequest, check_request
from service.sandbox.completions.traffic import CALL_METADATA_KEY
from service.sandbox.faults import ANSWER_FAULTS, Fault
from service.sandbox.files.training_rows import join_texts
from service.sandbox.models_api import find_lessons
from service.sandbox.state import Sandbox, SandboxOf, require
from service.sandbox.wire import Refusal, parse_body, parse_integer, parse_metadata_filter

PATH = "/v1/chat/completions"


@post(PATH, status_code=200)
async def complete(body: bytes, sandbox: SandboxOf) -> Response[Any]:
    chat = await asyncio.to_thread(parse_body, body, ChatRequest)
    check_request(chat)
    lessons = await asyncio.to_thread(find_lessons, sandbox, chat.model)
    fault = sandbox.faults.take(*ANSWER_FAULTS, method="POST", path=PATH, get_text=lambda: join_texts(chat.messages))
    # Not in a thread: there are few threads, and waiting needs none.
    await asyncio.sleep(sandbox.traffic.latency)
    completion = await asyncio.to_thread(_build_completion, sandbox, chat, lessons, fault)
    if fault and fault.kind == "rubbish":
        return Response(corruption.RUBBISH, media_type="application/json")
    if chat.stream:
        return Stream(completion_objects.build_chunks(chat, completion), media_type="text/event-stream")
    return Response(completion)


def _build_completion(sandbox: Sandbox, chat: ChatRequest, lessons: Path | None, fault: Fault | None) -> dict[str, Any]:
    answers = answerer.build_answers(chat, lessons)
    if fault:
        answers = [corruption.corrupt(answer, fault) for answer in answers]
    completion = completion_objects.build_completion(
        chat, answers, chat_id=f"chatcmpl-{secrets.token_hex(12)}", now=int(time.time())
    )
    if chat.store:
        sandbox.stored_completions.add(completion_objects.build_stored_completion(chat, completion))
    sandbox.traffic.count_answer((chat.metadata or {}).get(CALL_METADATA_KEY))
    return completion


@get(PATH, sync_to_thread=True)
def list_completions(request: Request[Any, Any, Any], sandbox: SandboxOf) -> dict[str, Any]:
    query = request.query_params
    limit, after, order = parse_integer(query, "limit", default=20), query.get("after"), query.get("order", "asc")
    if order not in ("asc", "desc"):
        raise Refusal("Invalid 'order': expected 'asc' or 'desc'.", param="order", code="invalid_value")
    if after is not None:
        require(sandbox.stored_completions.find(after), "chat completion", after)
    rows = sandbox.stored_completions.list(
        model=query.get("model"),
        metadata=parse_metadata_filter(list(query.multi_items())),
        after=after,
        limit=limit + 1,
        newest_first=order == "desc",
    )
    data = rows[:limit]
    first, last = (data[0]["id"], data[-1]["id"]) if data else (None, None)
    return {"object": "list", "data": data, "first_id": first, "last_id": last, "has_more": len(rows) > limit}


@get(f"{PATH}/{{completion_id:str}}", sync_to_thread=True)
def read_completion(completion_id: FromPath[str], sandbox: SandboxOf) -> dict[str, Any]:
    return require(sandbox.stored_completions.find(completion_id), "chat completion", completion_id)


@delete(f"{PATH}/{{completion_id:str}}", status_code=200, sync_to_thread=True)
def delete_completion(completion_id: FromPath[str], sandbox: SandboxOf) -> dict[str, Any]:
    require(sandbox.stored_completions.find(completion_id), "chat completion", completion_id)
    sandbox.stored_completions.delete(completion_id)
    return {"object": "chat.completion.deleted", "id": completion_id, "deleted": True}
