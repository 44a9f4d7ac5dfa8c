"""Turn a draft into an answer: truncate it, and add log-probabilities."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence

import msgspec

from service.sandbox.base_model.text_analysis import WORD, split_tokens
from service.sandbox.completions.chat_request import ChatRequest
from service.sandbox.completions.completion_objects import Answer, Finish, Token

MIN_CONFIDENCE, MAX_CONFIDENCE = 0.55, 0.98  # probability of a chosen word
SPREAD = 0.9  # of the remaining probability, the share of the alternatives shown; there are always more


class WeighedChoice(msgspec.Struct, frozen=True, kw_only=True):
    """A value that was chosen among others: its position in the text, and the chance of each value."""

    start: int
    chances: Mapping[str, float]


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    weighed: Sequence[WeighedChoice] = ()


def build_answer(draft: Draft, request: ChatRequest) -> Answer:
    """Truncate the draft at a stop sequence or the token limit; add log-probabilities if requested."""
    text, finish = _truncate(draft.text, request)
    message = {"role": "assistant", "content": text, "refusal": None}
    tokens = _build_tokens(text, draft.weighed, request.top_logprobs or 0) if request.logprobs else None
    return Answer(message=message, finish=finish, tokens=tokens)


def _truncate(text: str, request: ChatRequest) -> tuple[str, Finish]:
    ends = [at for stop in request.stops if stop and (at := text.find(stop)) >= 0]
    text = text[: min(ends)] if ends else text
    pieces = split_tokens(text)
    if request.limit is None or len(pieces) <= request.limit:
        return text, "stop"
    return "".join(pieces[: request.limit]).rstrip(), "length"


def _build_tokens(text: str, weighed: Sequence[WeighedChoice], most: int) -> tuple[Token, ...]:
    chosen = {one.start: one.chances for one in weighed}
    vocabulary = sorted(set(WORD.findall(text)))[:200] or ["."]
    tokens, at, before = [], 0, ""
    for piece in split_tokens(text):
        chances = chosen.get(at) or _invent_chances(before, piece, vocabulary)
        tokens.append(_build_token(piece, chances, most))
        at, before = at + len(piece), piece
    return tuple(tokens)


def _build_token(piece: str, chances: Mapping[str, float], most: int) -> Token:
    word, gap = piece.rstrip(), piece[len(piece.rstrip()) :]
    ranked = sorted(chances.items(), key=lambda item: (-item[1], item[0]))
    others = tuple((text if text == piece else text + gap, _log(chance)) for text, chance in ranked[:most])
    own = chances.get(piece, chances.get(word, 1e-6))
    return Token(token=piece, logprob=_log(own), others=others)


def _invent_chances(before: str, piece: str, vocabulary: Sequence[str]) -> dict[str, float]:
    """Invent the chances of the piece and of other words; the same words always give the same chances."""
    number = int.from_bytes(hashlib.sha256(f"{before}\0{piece}".encode(errors="replace")).digest()[:8], "big")
    confidence = MIN_CONFIDENCE + (MAX_CONFIDENCE - MIN_CONFIDENCE) * (number % 1000) / 1000
    others = [vocabulary[(number + step * 7) % len(vocabulary)] for step in range(20)]
    names = list(dict.fromkeys(name for name in others if name != piece.rstrip()))
    weights = [0.5**rank for rank in range(1, len(names) + 1)]
    rest = (1 - confidence) * SPREAD / (sum(weights) or 1)
    return {piece.rstrip() or piece: confidence} | {
        name: rest * weight for name, weight in zip(names, weights, strict=True)
    }


def _log(chance: float) -> float:
    return round(math.log(max(chance, 1e-9)), 6)


def build_structured_draft(value: object, choices: Sequence[tuple[str, object, Mapping[str, float]]]) -> Draft:
    """Write a value as JSON. `choices` are (key, value, chances) in the order of the text."""
    text, at, weighed = json.dumps(value, ensure_ascii=False), 0, []
    for key, chosen, chances in choices:
        shown = json.dumps(chosen, ensure_ascii=False)
        position = text.find(f"{json.dumps(key, ensure_ascii=False)}: {shown}", at)
        if position >= 0:
            at = position + len(json.dumps(key, ensure_ascii=False)) + 2
            weighed.append(WeighedChoice(start=at + shown.startswith('"'), chances=sum_by_first_token(chances)))
            at += len(shown)
    return Draft(text=text, weighed=weighed)


def sum_by_first_token(chances: Mapping[str, float]) -> dict[str, float]:
    """Sum the chances of values by their first token, which decides the tokens after it."""
    firsts: dict[str, float] = {}
    for name, chance in chances.items():
        first = split_tokens(name)[0].rstrip() if name.strip() else name
        firsts[first] = firsts.get(first, 0.0) + chance
    return firsts
