"""Which words of a prompt an answer keeps: a logistic regression over what can be seen of each word in its place."""

import math
from collections import Counter
from collections.abc import Sequence

from service.sandbox.base_model.text_analysis import TOKEN, stem_of_copy

MOST_LEARNT = 20_000  # tokens of prompts, the latest; more would take seconds and change little
MOST_TOKENS = 400  # of a prompt; what is cut off is not copied from
LEAST_SEEN = 5  # times that a feature must have been seen to be weighed
MOST_FEATURES = 600
PENALTY = 5.0  # on the squares of the weights
ROUNDS = 6  # of Newton's method, which has settled by then
COMMON = 0.05  # share of the prompts in which a common word stands
SENTENCE_ENDS = frozenset(".!?")
QUOTE, END = '"', "$"


class Copying:
    """`pairs` are prompts and their answers."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        pairs = _latest(pairs)
        self._seen: Counter[str] = Counter()
        for prompt, _ in pairs:
            self._seen.update({token.lower() for token in tokens(prompt)})
        often = max(3.0, COMMON * len(pairs))
        self.common = frozenset(word for word, count in self._seen.items() if count >= often)
        rows: list[list[str]] = []
        kept: list[bool] = []
        for prompt, answer in pairs:
            found, wanted = tokens(prompt), {stem_of_copy(token) for token in tokens(answer)}
            for token, features in zip(found, self._features(found), strict=True):
                if token[0].isalnum():
                    rows.append(features)
                    kept.append(stem_of_copy(token) in wanted)
        self._weights = _fitted(rows, kept)

    def chances(self, found: Sequence[str]) -> list[float]:
        """How likely each token of a prompt is to be kept; 0 for marks."""
        chances = []
        for token, features in zip(found, self._features(found), strict=True):
            mark = sum(self._weights.get(name, 0.0) for name in features)
            chances.append(1 / (1 + math.exp(-mark)) if token[0].isalnum() else 0.0)
        return chances

    def _features(self, found: Sequence[str]) -> list[list[str]]:
        low = [token.lower() for token in found]
        times = Counter(stem_of_copy(token) for token in low if token not in self.common)
        made, sentence, place, quoted = [], 0, 0, False
        for at, token in enumerate(found):
            quoted ^= token == QUOTE
            before = low[at - 1] if at else "^"
            after = low[at + 1] if at + 1 < len(found) else END
            features = ["", f"sentence {min(sentence, 3)}", f"place {min(place // 4, 5)} {min(sentence, 1)}"]
            features += [f"before {self._known(before)}", f"after {self._known(after)}", *self._of_word(token, times)]
            features += [("name", "first")[place == 0]] if token[0].isupper() else []
            features += ["quoted"] if quoted else []
            made.append(features)
            sentence, place = (sentence + 1, 0) if token in SENTENCE_ENDS else (sentence, place + 1)
        return made

    def _of_word(self, token: str, times: Counter[str]) -> list[str]:
        low = token.lower()
        if low in self.common:
            return ["common", f"word {low}"]
        found = [
            f"length {min(len(low), 12) // 3}",
            f"ends {low[-2:]}",
            f"ends {low[-1:]}",
            f"seen {min(self._seen[low], 3)}",
        ]
        found += ["again"] if times[stem_of_copy(low)] > 1 else []
        return [*found, "number"] if low[0].isdigit() else found

    def _known(self, word: str) -> str:
        return word if word in self.common or not word[0].isalnum() else "*"


def _latest(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    room, kept = MOST_LEARNT, list[tuple[str, str]]()
    for prompt, answer in reversed(pairs):
        room -= len(tokens(prompt))
        if room < 0 and kept:
            break
        kept.append((prompt, answer))
    return kept


def tokens(text: str) -> list[str]:
    return TOKEN.findall(text)[:MOST_TOKENS]


def _fitted(rows: list[list[str]], kept: list[bool]) -> dict[str, float]:
    """The weights that make what was kept likeliest, by Newton's method (iteratively reweighted least squares)."""
    import numpy as np  # noqa: PLC0415 - slow to import, and only a tuned model needs it

    counts = Counter(name for features in rows for name in features)
    names = [name for name, count in counts.most_common(MOST_FEATURES) if count >= LEAST_SEEN]
    index = {name: at for at, name in enumerate(names)}
    seen = np.zeros((len(rows), len(names)), np.float32)
    for row, features in enumerate(rows):
        seen[row, [index[name] for name in features if name in index]] = 1
    wanted, weights = np.array(kept, np.float32), np.zeros(len(names), np.float32)
    for _ in range(ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(seen @ weights, -30, 30)))
        slope = seen.T @ (wanted - chance) - PENALTY * weights
        bend = (seen.T * (chance * (1 - chance))) @ seen + PENALTY * np.eye(len(names), dtype=np.float32)
        weights += np.linalg.solve(bend, slope)
    return dict(zip(names, weights.tolist(), strict=True))
