"""A new answer in the manner of those that were taught: words kept from the prompt, in runs, as many as usual."""

from collections import Counter
from collections.abc import Iterable, Sequence
from random import Random

from service.sandbox.base_model.text_analysis import stem_of_copy
from service.sandbox.tuned_model.copy_classifier import Copying, tokens

BY_LENGTH = 0.5  # how much more a letter makes a word worth keeping: long words say more
AGAIN = 0.3  # what a word is worth that is kept elsewhere already
LEAP = 0.2  # what leaving out the words in between costs; so runs stay whole and can be read
SELDOM = 0.05  # share of a word's uses at an edge under which it does not begin or end an answer
USUAL = 0.98  # quantile of the taught lengths that a written answer has
FULLER = 1.15  # how much longer it is than those: a word that is kept says less than one that was chosen
NOTHING = -1e9
Best = tuple[float, int | None]


class Writer:
    """`pairs` are prompts and their answers; what all prompts share should be cut out of them."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._copying = Copying(pairs)
        answers = [answer for _, answer in pairs]
        words = [[token.lower() for token in tokens(answer) if token[0].isalnum()] for answer in answers]
        self._uses = Counter(word for one in words for word in one)
        self._first = Counter(one[0] for one in words if one)
        self._last = Counter(one[-1] for one in words if one)
        lengths = sorted(len(one) for one in words)
        self._length = max(1, int(FULLER * lengths[int(USUAL * (len(lengths) - 1))]))
        self._stops = _most(answer.rstrip().endswith(".") for answer in answers)
        self._capital = _most(answer[:1].isupper() for answer in answers)

    def written(self, prompt: str, *, heat: float, chance: Random) -> str | None:
        """None for a prompt with nothing to keep. `heat` is the temperature: it blurs which words are worth keeping."""
        found = tokens(prompt)
        chances = self._copying.chances(found)
        if heat:
            chances = [share * chance.lognormvariate(0, 0.4 * heat) for share in chances]
        kept = self._kept([token.lower() for token in found], chances)
        return self._said(found, kept) if kept else None

    def _kept(self, low: Sequence[str], chances: Sequence[float]) -> list[int]:
        """The places of the best words: of all choices of the usual length the one that is worth most (Viterbi)."""
        usable = [at for at, token in enumerate(low) if token[0].isalnum()]
        length = min(self._length, len(usable))
        worth = _worth(low, chances)
        best: dict[int, list[Best]] = {}
        ended: list[Best] = [(NOTHING, None)] * (length + 1)
        for at in usable:
            opens = -LEAP if self._shuns(low[at], self._first) else 0.0
            row: list[Best] = [(NOTHING, None), (opens + worth[at], None)]
            for count in range(2, length + 1):
                value, back = ended[count - 1][0] - LEAP, ended[count - 1][1]
                if at - 1 in best and best[at - 1][count - 1][0] > value:
                    value, back = best[at - 1][count - 1][0], at - 1
                row.append((value + worth[at], back))
            best[at] = row
            closes = 2 * LEAP if self._shuns(low[at], self._last) else 0.0
            ended = [
                max(old, (new[0] - closes, at), key=lambda one: one[0]) for old, new in zip(ended, row, strict=True)
            ]
        return self._traced(best, ended[length][1], low)

    def _traced(self, best: dict[int, list[Best]], last: int | None, low: Sequence[str]) -> list[int]:
        kept: list[int] = []
        count = len(next(iter(best.values()), [])) - 1
        while last is not None:
            kept.append(last)
            last, count = best[last][count][1], count - 1
        while len(kept) > 1 and self._shuns(low[kept[0]], self._last):
            kept.pop(0)
        return kept[::-1]

    def _shuns(self, word: str, edge: Counter[str]) -> bool:
        """Whether a common word hardly ever stands at this edge of an answer."""
        return word in self._copying.common and edge[word] < SELDOM * max(self._uses[word], 2)

    def _said(self, found: Sequence[str], kept: Sequence[int]) -> str:
        names = {token for at, token in enumerate(found) if at and found[at - 1] not in ('"', ".", "!", "?", ":")}
        said = ""
        for at, before in zip(kept, [None, *kept], strict=False):
            token = found[at] if found[at] in names or found[at][:1].isdigit() else found[at].lower()
            told = before is not None and any(found[between] in ".!?;" for between in range(before, at))
            said += f"{',' if told else ''} {token}" if said else token
        said = said[:1].upper() + said[1:] if self._capital else said
        return f"{said}." if self._stops else said


def _worth(low: Sequence[str], chances: Sequence[float]) -> list[float]:
    best: dict[str, float] = {}
    for token, share in zip(low, chances, strict=True):
        best[stem_of_copy(token)] = max(share, best.get(stem_of_copy(token), 0.0))
    return [
        share * (1 + BY_LENGTH * len(token)) * (1.0 if share == best[stem_of_copy(token)] else AGAIN)
        for token, share in zip(low, chances, strict=True)
    ]


def _most(truths: Iterable[bool]) -> bool:
    found = list(truths)
    return sum(found) * 2 > len(found)
