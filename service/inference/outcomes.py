"""What comes back from a question: an answer, or why there is none. And how either is recorded, and read again."""

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

MAX_ANSWER_CHARACTERS = 500_000  # characters; more than any model writes at once, and less than what chokes a page
MAX_DETAIL_CHARACTERS = 2_000
MILLION = 1_000_000


class StoredAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A model's answer as it lies beside the log: erasable, like an example's text."""

    text: str
    tool_calls: tuple[dict[str, Any], ...] = ()
    logprobs: dict[str, Any] | None = None


class ModelAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`content` is the digest of what is kept under `subject`; `cost` in US dollars, null where no price is known."""

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
    """There is no answer for this row; the run goes on without it."""

    call_id: UUID
    code: str
    detail: str
    cost: Decimal | None = None


CallResult = ModelAnswer | CallFailure


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """US dollars for a million tokens."""

    input: Decimal
    output: Decimal

    def of(self, input_tokens: int | None, output_tokens: int | None) -> Decimal | None:
        if input_tokens is None or output_tokens is None:
            return None
        return (self.input * input_tokens + self.output * output_tokens) / MILLION


def find_price(kind: str, own: dict[str, Any], served: Served) -> Price | None:
    """What the model costs: as its connection says, else as the catalogue does, of it or of what it was tuned from."""
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
    """The event of how a question ended, and the text that goes beside it."""
    said = outcome.completion
    common: dict[str, Any] = {
        "run_id": run_id,
        "key": key,
        "served": served,
        "attempts": outcome.attempts,
        "latency_ms": outcome.latency_ms,
        "in_doubt": outcome.in_doubt,
    }
    if said is None:
        code, detail = outcome.code or "provider_unavailable", (outcome.detail or "")[:MAX_DETAIL_CHARACTERS]
        return CallFailed(code=code, detail=replace_surrogates(detail), **common), Attachments()
    common |= {"input_tokens": said.input_tokens, "output_tokens": said.output_tokens, "cost": _cost(said, price)}
    fault = find_refusal(said)
    text = replace_surrogates(said.text if fault is None else (said.refusal or said.text)[:MAX_DETAIL_CHARACTERS])
    kept = StoredAnswer(text=text, tool_calls=said.tool_calls, logprobs=said.logprobs if fault is None else None)
    wording = SubjectTexts(call_id)
    common["content"] = wording.seal_json(kept)
    if fault is not None:
        return CallFailed(code=fault[0], detail=fault[1], **common), wording.beside
    return CallAnswered(finish_reason=said.finish_reason, reuse=reuse, **common), wording.beside


def find_refusal(said: Completion) -> tuple[str, str] | None:
    """Why this is no answer: its code, and words that quote nothing of it."""
    if said.refusal:
        return "model_refused", "The model refused to answer."
    if said.finish_reason == "content_filter":
        return "model_refused", "The provider's content filter withheld the answer."
    if len(said.text) > MAX_ANSWER_CHARACTERS:
        return (
            "answer_too_long",
            f"The answer has {len(said.text):,} characters; at most {MAX_ANSWER_CHARACTERS:,} are kept.",
        )
    if not said.text.strip() and not said.tool_calls:
        reason = f" (it ended with {said.finish_reason})" if said.finish_reason not in (None, "stop") else ""
        return "empty_answer", f"The model answered with nothing{reason[:100]}."
    return None


def _cost(said: Completion, price: Price | None) -> str | None:
    cost = said.cost if said.cost is not None else price and price.of(said.input_tokens, said.output_tokens)
    return None if cost is None else format(cost, "f")


def replace_surrogates(text: str) -> str:
    """Without halves of surrogate pairs, which no JSON can hold."""
    return text.encode(errors="replace").decode()


def result_from_row(row: Any) -> CallResult:
    """From a row of the calls' table and its text. An answer that was erased since reads as a failure."""
    if row.state == "failed":
        return CallFailure(call_id=row.id, code=row.error_code, detail=row.error_detail, cost=row.cost)
    if row.body is None:
        return CallFailure(call_id=row.id, code="erased", detail="This answer was erased.", cost=row.cost)
    kept = msgspec.json.decode(row.body, type=StoredAnswer)
    same = [
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
        text=kept.text,
        tool_calls=kept.tool_calls,
        logprobs=kept.logprobs,
        reused=row.repeats is not None,
        **{name: getattr(row, name) for name in same},
    )
