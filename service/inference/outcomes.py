"""Results of model calls: record an answer or a failure, and read it back."""

from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

import msgspec

from service.inference.domain import CallAnswered, CallFailed, Served
from service.inference.provider_client import Outcome
from service.ledger.store import Attachments
from service.ledger.texts import SubjectTexts
from service.providers import catalog
from service.providers.provider import Completion

MAX_ANSWER_CHARACTERS = 500_000  # more than any model writes at once
MAX_DETAIL_CHARACTERS = 2_000
MILLION = 1_000_000


class StoredAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A model's answer as stored outside the events, where it can be erased."""

    text: str
    tool_calls: tuple[dict[str, Any], ...] = ()
    logprobs: dict[str, Any] | None = None


class ModelAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`content` is the digest of the text stored under `subject`. `cost` in US dollars; None if no price is known."""

    call_id: UUID
    text: str
    tool_calls: tuple[dict[str, Any], ...]
    logprobs: dict[str, Any] | None
    finish_reason: str | None
    input_tokens: int | None
    output_tokens: int | None
    cost: Decimal | None
    latency_ms: int
    attempts: int
    provider_model: str
    subject: UUID
    content: str
    reused: bool = False


class CallFailure(msgspec.Struct, frozen=True, kw_only=True):
    """A question without a usable answer. The run goes on."""

    call_id: UUID
    code: str
    detail: str
    cost: Decimal | None = None


CallResult = ModelAnswer | CallFailure


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """US dollars per million tokens."""

    input: Decimal
    output: Decimal

    def of(self, input_tokens: int | None, output_tokens: int | None) -> Decimal | None:
        if input_tokens is None or output_tokens is None:
            return None
        return (self.input * input_tokens + self.output * output_tokens) / MILLION


def find_price(kind: str, own: dict[str, Any], served: Served) -> Price | None:
    """Find the price of the model or of its base model: first in the connection's own prices, then in the catalog."""
    for name in (served.provider_model, served.base_model):
        if name in own:
            return Price(input=_to_dollars(own[name].input), output=_to_dollars(own[name].output))
    for name in (served.provider_model, served.base_model):
        known = catalog.find_base_model(kind, name) if name else None
        if known and known.prices and known.prices.input is not None and known.prices.output is not None:
            return Price(input=known.prices.input, output=known.prices.output)
    return None


def _to_dollars(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal(0)


def build_event(
    outcome: Outcome, served: Served, price: Price | None, *, call_id: UUID, run_id: UUID, key: str, reuse: str | None
) -> tuple[CallAnswered | CallFailed, Attachments]:
    """Build the event of an ended question, and the text to store with it."""
    completion = outcome.completion
    common: dict[str, Any] = {
        "run_id": run_id,
        "key": key,
        "served": served,
        "attempts": outcome.attempts,
        "latency_ms": outcome.latency_ms,
        "in_doubt": outcome.in_doubt,
    }
    if completion is None:
        return _build_failure(outcome, common), Attachments()
    names = ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens", "finish_reason")
    common |= {name: getattr(completion, name) for name in names}
    common |= {"cost": _cost(completion, price), "provider_request_id": completion.request_id}
    refusal = find_refusal(completion)
    texts = SubjectTexts(call_id)
    common["content"] = texts.add_json(_build_stored_answer(completion, is_refused=refusal is not None))
    if refusal is not None:
        code, detail = refusal
        return CallFailed(code=code, detail=detail, **common), texts.attachments
    return CallAnswered(reuse=reuse, **common), texts.attachments


def _build_failure(outcome: Outcome, common: dict[str, Any]) -> CallFailed:
    reply = outcome.reply
    return CallFailed(
        code=outcome.code or "provider_unavailable",
        detail=replace_surrogates((outcome.detail or "")[:MAX_DETAIL_CHARACTERS]),
        provider_code=(reply.code or reply.type) if reply else None,
        provider_request_id=reply.request_id if reply else None,
        **common,
    )


def _build_stored_answer(completion: Completion, *, is_refused: bool) -> StoredAnswer:
    if is_refused:
        text = (completion.refusal or completion.text)[:MAX_DETAIL_CHARACTERS]
        return StoredAnswer(text=replace_surrogates(text), tool_calls=completion.tool_calls)
    text = replace_surrogates(completion.text)
    return StoredAnswer(text=text, tool_calls=completion.tool_calls, logprobs=completion.logprobs)


def find_refusal(completion: Completion) -> tuple[str, str] | None:
    """Say why a completion is not usable: a code, and a detail that quotes nothing of it. None if it is usable."""
    if completion.refusal:
        return "model_refused", "The model refused to answer."
    if completion.finish_reason == "content_filter":
        return "model_refused", "The provider's content filter withheld the answer."
    if len(completion.text) > MAX_ANSWER_CHARACTERS:
        return (
            "answer_too_long",
            f"The answer has {len(completion.text):,} characters; the limit is {MAX_ANSWER_CHARACTERS:,}.",
        )
    if not completion.text.strip() and not completion.tool_calls:
        reason = (
            f" (it ended with {completion.finish_reason})" if completion.finish_reason not in (None, "stop") else ""
        )
        return "empty_answer", f"The model's answer is empty{reason[:100]}."
    return None


def _cost(completion: Completion, price: Price | None) -> str | None:
    cost = completion.cost
    if cost is None and price is not None:
        cost = price.of(completion.input_tokens, completion.output_tokens)
    return None if cost is None else format(cost, "f")


def replace_surrogates(text: str) -> str:
    """Replace halves of surrogate pairs, which JSON cannot hold."""
    return text.encode(errors="replace").decode()


def result_from_row(row: Any) -> CallResult:
    """Read a call's result from its row. An erased answer reads as a failure."""
    if row.state == "failed":
        return CallFailure(call_id=row.id, code=row.error_code, detail=row.error_detail, cost=row.cost)
    if row.body is None:
        return CallFailure(call_id=row.id, code="erased", detail="This answer was erased.", cost=row.cost)
    answer = msgspec.json.decode(row.body, type=StoredAnswer)
    copied = [
        "finish_reason",
        "input_tokens",
        "output_tokens",
        "cost",
        "latency_ms",
        "attempts",
        "provider_model",
        "subject",
        "content",
    ]
    return ModelAnswer(
        call_id=row.id,
        text=answer.text,
        tool_calls=answer.tool_calls,
        logprobs=answer.logprobs,
        reused=row.repeats is not None,
        **{name: getattr(row, name) for name in copied},
    )
