"""Write a new answer in the style of the training answers: runs of words copied from the prompt."""

from collections import Counter
from collections.abc import Iterable, Sequence
from random import Random

from service.sandbox.base_model.text_analysis import copy_stem
from service.sandbox.tuned_model.copy_classifier import CopyClassifier, split_tokens

BY_LENGTH = 0.5  # how much each letter adds to a word's worth
AGAIN = 0.3  # the worth of a word that is copied already
LEAP = 0.2  # the cost of skipping words, which keeps runs together
SELDOM = 0.05  # share of a word's uses at an edge under which it does not begin or end an answer
USUAL = 0.98  # quantile of the taught lengths that a written answer has
FULLER = 1.15  # how much longer it is than those: a word that is kept says less than one that was chosen
NOTHING = -1e9
Best = tuple[float, int | None]


class AnswerWriter:
    """`pairs` are prompts and their answers; lines that all prompts share should be removed first."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._classifier = CopyClassifier(pairs)
        answers = [answer for _, answer in pairs]
        words = [[token.lower() for token in split_tokens(answer) if token[0].isalnum()] for answer in answers]
        self._uses = Counter(word for one in words for word in one)
        self._first = Counter(one[0] for one in words if one)
        self._last = Counter(one[-1] for one in words if one)
        lengths = sorted(len(one) for one in words)
        self._length = max(1, int(FULLER * lengths[int(USUAL * (len(lengths) - 1))]))
        self._ends_with_period = _is_majority(answer.rstrip().endswith(".") for answer in answers)
        self._begins_with_capital = _is_majority(answer[:1].isupper() for answer in answers)

    def write(self, prompt: str, *, temperature: float, random: Random) -> str | None:
        """Write an answer; None for a prompt with nothing to copy. A temperature adds noise to the choice of words."""
        prompt_tokens = split_tokens(prompt)
        chances = self._classifier.chances(prompt_tokens)
        if temperature:
            chances = [share * random.lognormvariate(0, 0.4 * temperature) for share in chances]
        positions = self._choose_positions([token.lower() for token in prompt_tokens], chances)
        return self._join(prompt_tokens, positions) if positions else None

    def _choose_positions(self, lower: Sequence[str], chances: Sequence[float]) -> list[int]:
        """Choose the positions of the usual number of words with the highest total worth (Viterbi)."""
        usable = [position for position, token in enumerate(lower) if token[0].isalnum()]
        length = min(self._length, len(usable))
        worth = _compute_worth(lower, chances)
        best: dict[int, list[Best]] = {}
        ended: list[Best] = [(NOTHING, None)] * (length + 1)
        for position in usable:
            opens = -LEAP if self._is_unusual(lower[position], self._first) else 0.0
            row: list[Best] = [(NOTHING, None), (opens + worth[position], None)]
            for count in range(2, length + 1):
                value, back = ended[count - 1][0] - LEAP, ended[count - 1][1]
                if position - 1 in best and best[position - 1][count - 1][0] > value:
                    value, back = best[position - 1][count - 1][0], position - 1
                row.append((value + worth[position], back))
            best[position] = row
            closes = 2 * LEAP if self._is_unusual(lower[position], self._last) else 0.0
            ended = [
                max(old, (new[0] - closes, position), key=lambda one: one[0])
                for old, new in zip(ended, row, strict=True)
            ]
        return self._trace_back(best, ended[length][1], lower)

    def _trace_back(self, best: dict[int, list[Best]], last: int | None, lower: Sequence[str]) -> list[int]:
        positions: list[int] = []
        count = len(next(iter(best.values()), [])) - 1
        while last is not None:
            positions.append(last)
            last, count = best[last][count][1], count - 1
        while len(positions) > 1 and self._is_unusual(lower[positions[0]], self._last):
            positions.pop(0)
        return positions[::-1]

    def _is_unusual(self, word: str, edge: Counter[str]) -> bool:
        """Whether a common word rarely begins or ends an answer."""
        return word in self._classifier.common and edge[word] < SELDOM * max(self._uses[word], 2)

    def _join(self, prompt_tokens: Sequence[str], positions: Sequence[int]) -> str:
        names = {
            token
            for position, token in enumerate(prompt_tokens)
            if position and prompt_tokens[position - 1] not in ('"', ".", "!", "?", ":")
        }
        text = ""
        for position, before in zip(positions, [None, *positions], strict=False):
            token = (
                prompt_tokens[position]
                if prompt_tokens[position] in names or prompt_tokens[position][:1].isdigit()
                else prompt_tokens[position].lower()
            )
            new_clause = before is not None and any(
                prompt_tokens[between] in ".!?;" for between in range(before, position)
            )
            text += f"{',' if new_clause else ''} {token}" if text else token
        text = text[:1].upper() + text[1:] if self._begins_with_capital else text
        return f"{text}." if self._ends_with_period else text


def _compute_worth(lower: Sequence[str], chances: Sequence[float]) -> list[float]:
    best: dict[str, float] = {}
    for token, share in zip(lower, chances, strict=True):
        best[copy_stem(token)] = max(share, best.get(copy_stem(token), 0.0))
    return [
        share * (1 + BY_LENGTH * len(token)) * (1.0 if share == best[copy_stem(token)] else AGAIN)
        for token, share in zip(lower, chances, strict=True)
    ]


def _is_majority(truths: Iterable[bool]) -> bool:
    values = list(truths)
    return sum(values) * 2 > len(values)
