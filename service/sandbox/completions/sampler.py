"""From a draft to an answer: where it stops, and how likely each of its words was."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence

import msgspec

from service.sandbox.base_model.text_analysis import WORD, pieces_of
from service.sandbox.completions.chat_request import ChatRequest
from service.sandbox.completions.completion_objects import Answer, Finish, Token

LEAST, MOST = 0.55, 0.98  # how sure of a word the sandbox may be
SPREAD = 0.9  # how much of the rest the alternatives that are told share: there are always more


class Weighed(msgspec.Struct, frozen=True, kw_only=True):
    """A value of a structured draft that was chosen among others: its place in the text, and how likely each was."""

    start: int
    chances: Mapping[str, float]


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    weighed: Sequence[Weighed] = ()


def answered(draft: Draft, asked: ChatRequest) -> Answer:
    """The draft cut at a stop sequence or at the limit of tokens, with log-probabilities where they are asked for."""
    text, finish = _cut(draft.text, asked)
    message = {"role": "assistant", "content": text, "refusal": None}
    tokens = _tokens(text, draft.weighed, asked.top_logprobs or 0) if asked.logprobs else None
    return Answer(message=message, finish=finish, tokens=tokens)


def _cut(text: str, asked: ChatRequest) -> tuple[str, Finish]:
    ends = [at for stop in asked.stops if stop and (at := text.find(stop)) >= 0]
    text = text[: min(ends)] if ends else text
    pieces = pieces_of(text)
    if asked.limit is None or len(pieces) <= asked.limit:
        return text, "stop"
    return "".join(pieces[: asked.limit]).rstrip(), "length"


def _tokens(text: str, weighed: Sequence[Weighed], most: int) -> tuple[Token, ...]:
    chosen = {one.start: one.chances for one in weighed}
    vocabulary = sorted(set(WORD.findall(text)))[:200] or ["."]
    made, at, before = [], 0, ""
    for piece in pieces_of(text):
        chances = chosen.get(at) or _chances(before, piece, vocabulary)
        made.append(_token(piece, chances, most))
        at, before = at + len(piece), piece
    return tuple(made)


def _token(piece: str, chances: Mapping[str, float], most: int) -> Token:
    word, gap = piece.rstrip(), piece[len(piece.rstrip()) :]
    ranked = sorted(chances.items(), key=lambda item: (-item[1], item[0]))
    others = tuple((text if text == piece else text + gap, _log(chance)) for text, chance in ranked[:most])
    own = chances.get(piece, chances.get(word, 1e-6))
    return Token(token=piece, logprob=_log(own), others=others)


def _chances(before: str, piece: str, vocabulary: Sequence[str]) -> dict[str, float]:
    """The piece's own chance and those of other words, always the same after the same words."""
    number = int.from_bytes(hashlib.sha256(f"{before}\0{piece}".encode(errors="replace")).digest()[:8], "big")
    sure = LEAST + (MOST - LEAST) * (number % 1000) / 1000
    others = [vocabulary[(number + step * 7) % len(vocabulary)] for step in range(20)]
    names = list(dict.fromkeys(name for name in others if name != piece.rstrip()))
    weights = [0.5**rank for rank in range(1, len(names) + 1)]
    rest = (1 - sure) * SPREAD / (sum(weights) or 1)
    return {piece.rstrip() or piece: sure} | {name: rest * weight for name, weight in zip(names, weights, strict=True)}


def _log(chance: float) -> float:
    return round(math.log(max(chance, 1e-9)), 6)


def structured(value: object, choices: Sequence[tuple[str, object, Mapping[str, float]]]) -> Draft:
    """A value as JSON text. `choices` are (key, value, chances) in the order in which they stand in it."""
    text, at, weighed = json.dumps(value, ensure_ascii=False), 0, []
    for key, chosen, chances in choices:
        shown = json.dumps(chosen, ensure_ascii=False)
        found = text.find(f"{json.dumps(key, ensure_ascii=False)}: {shown}", at)
        if found >= 0:
            at = found + len(json.dumps(key, ensure_ascii=False)) + 2
            weighed.append(Weighed(start=at + shown.startswith('"'), chances=of_first_tokens(chances)))
            at += len(shown)
    return Draft(text=text, weighed=weighed)


def of_first_tokens(chances: Mapping[str, float]) -> dict[str, float]:
    """Only a value's first token is a choice; what follows it is settled by it."""
    firsts: dict[str, float] = {}
    for name, chance in chances.items():
        first = pieces_of(name)[0].rstrip() if name.strip() else name
        firsts[first] = firsts.get(first, 0.0) + chance
    return firsts
