"""Predict which words of a prompt its answer copies: a logistic regression over features of each word."""

import math
from collections import Counter
from collections.abc import Sequence

from service.sandbox.base_model.text_analysis import TOKEN, copy_stem

MAX_LEARNT_TOKENS = 20_000  # tokens of prompts, the latest; more would take seconds and change little
MAX_TOKENS = 400  # of a prompt; the rest is ignored
MIN_SEEN = 5  # occurrences below which a feature is ignored
MAX_FEATURES = 600
PENALTY = 5.0  # on the squares of the weights
ROUNDS = 6  # of Newton's method; enough to converge
COMMON = 0.05  # share of prompts that a common word occurs in
SENTENCE_ENDS = frozenset(".!?")
QUOTE, END = '"', "$"


class CopyClassifier:
    """`pairs` are prompts and their answers."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        pairs = _select_latest(pairs)
        self._seen: Counter[str] = Counter()
        for prompt, _ in pairs:
            self._seen.update({token.lower() for token in split_tokens(prompt)})
        often = max(3.0, COMMON * len(pairs))
        self.common = frozenset(word for word, count in self._seen.items() if count >= often)
        rows: list[list[str]] = []
        is_copied: list[bool] = []
        for prompt, answer in pairs:
            tokens, answer_stems = split_tokens(prompt), {copy_stem(token) for token in split_tokens(answer)}
            for token, features in zip(tokens, self._features(tokens), strict=True):
                if token[0].isalnum():
                    rows.append(features)
                    is_copied.append(copy_stem(token) in answer_stems)
        self._weights = _fit(rows, is_copied)

    def chances(self, tokens: Sequence[str]) -> list[float]:
        """The chance of each token of a prompt to be copied; 0 for punctuation."""
        chances = []
        for token, features in zip(tokens, self._features(tokens), strict=True):
            mark = sum(self._weights.get(name, 0.0) for name in features)
            chances.append(1 / (1 + math.exp(-mark)) if token[0].isalnum() else 0.0)
        return chances

    def _features(self, tokens: Sequence[str]) -> list[list[str]]:
        lower = [token.lower() for token in tokens]
        times = Counter(copy_stem(token) for token in lower if token not in self.common)
        features_by_token, sentence, position, quoted = [], 0, 0, False
        for offset, token in enumerate(tokens):
            quoted ^= token == QUOTE
            before = lower[offset - 1] if offset else "^"
            after = lower[offset + 1] if offset + 1 < len(tokens) else END
            features = ["", f"sentence {min(sentence, 3)}", f"place {min(position // 4, 5)} {min(sentence, 1)}"]
            features += [
                f"before {self._known(before)}",
                f"after {self._known(after)}",
                *self._word_features(token, times),
            ]
            features += [("name", "first")[position == 0]] if token[0].isupper() else []
            features += ["quoted"] if quoted else []
            features_by_token.append(features)
            sentence, position = (sentence + 1, 0) if token in SENTENCE_ENDS else (sentence, position + 1)
        return features_by_token

    def _word_features(self, token: str, times: Counter[str]) -> list[str]:
        lower = token.lower()
        if lower in self.common:
            return ["common", f"word {lower}"]
        tokens = [
            f"length {min(len(lower), 12) // 3}",
            f"ends {lower[-2:]}",
            f"ends {lower[-1:]}",
            f"seen {min(self._seen[lower], 3)}",
        ]
        tokens += ["again"] if times[copy_stem(lower)] > 1 else []
        return [*tokens, "number"] if lower[0].isdigit() else tokens

    def _known(self, word: str) -> str:
        return word if word in self.common or not word[0].isalnum() else "*"


def _select_latest(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    room, is_copied = MAX_LEARNT_TOKENS, list[tuple[str, str]]()
    for prompt, answer in reversed(pairs):
        room -= len(split_tokens(prompt))
        if room < 0 and is_copied:
            break
        is_copied.append((prompt, answer))
    return is_copied


def split_tokens(text: str) -> list[str]:
    return TOKEN.findall(text)[:MAX_TOKENS]


def _fit(rows: list[list[str]], is_copied: list[bool]) -> dict[str, float]:
    """Fit the weights by Newton's method (iteratively reweighted least squares)."""
    import numpy as np  # noqa: PLC0415 - slow to import, and only a tuned model needs it

    counts = Counter(name for features in rows for name in features)
    names = [name for name, count in counts.most_common(MAX_FEATURES) if count >= MIN_SEEN]
    index = {name: offset for offset, name in enumerate(names)}
    seen = np.zeros((len(rows), len(names)), np.float32)
    for row, features in enumerate(rows):
        seen[row, [index[name] for name in features if name in index]] = 1
    answer_stems, weights = np.array(is_copied, np.float32), np.zeros(len(names), np.float32)
    for _ in range(ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(seen @ weights, -30, 30)))
        slope = seen.T @ (answer_stems - chance) - PENALTY * weights
        bend = (seen.T * (chance * (1 - chance))) @ seen + PENALTY * np.eye(len(names), dtype=np.float32)
        weights += np.linalg.solve(bend, slope)
    return dict(zip(names, weights.tolist(), strict=True))
