"""The sandbox's models: an n-gram model for losses, and the nearest training prompts for answers."""

import math
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from service.sandbox.files.training_rows import Lesson, Message

WORD = re.compile(r"\w+|[^\w\s]")
VOCABULARY = 50_000  # words equally likely before training: a loss of ln(50,000), about 10.8 nats
# How slowly a context is trusted. With 16 the validation loss of a few hundred examples falls for about three epochs
# and then rises: too little and too much training both show, as they do with a large model.
CAUTION = 16.0
MAX_POINTS = 100  # per epoch; a chart shows no more
NEIGHBOURS = 5
START, END = "<s>", "</s>"
Context = tuple[str, ...]


def split_words(text: str) -> list[str]:
    return WORD.findall(text)


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """Mean loss in nats per token, and the share of tokens predicted."""

    loss: float
    accuracy: float


class Point(msgspec.Struct, frozen=True, kw_only=True):
    step: int
    train: Score
    valid: Score | None = None
    full_valid: Score | None = None


class Learner:
    """A trigram model that blends each context with the shorter one (Witten and Bell, 1991), so it always has a loss.

    `rate` is the weight of one reading of an example: a second epoch doubles the counts, and the training loss falls.
    """

    def __init__(self, *, rate: float = 1.0) -> None:
        self._rate = rate
        self._counts: defaultdict[tuple[Context, str], float] = defaultdict(float)
        self._totals: defaultdict[Context, float] = defaultdict(float)
        self._kinds: defaultdict[Context, int] = defaultdict(int)
        self._best: dict[Context, str] = {}
        self._readings = 1

    def probability(self, history: Context, word: str) -> float:
        estimate = 1 / VOCABULARY
        for context in ((), history[1:], history):
            total = self._totals.get(context)
            if total is None:
                break
            weight_of_shorter = self._backoff_weight(context)
            estimate = (self._counts.get((context, word), 0.0) + weight_of_shorter * estimate) / (
                total + weight_of_shorter
            )
        return estimate

    def _backoff_weight(self, context: Context) -> float:
        """The weight of the shorter context: the more kinds of words have followed, the likelier is a new one."""
        kinds = self._kinds[context]
        # Another epoch makes a context more certain, but must not make new words less likely.
        return kinds * CAUTION if context else kinds * self._rate * self._readings

    def guess(self, history: Context) -> str | None:
        """Guess the commonest word after the longest known context."""
        return self._best.get(history) or self._best.get(history[1:]) or self._best.get(())

    def score(self, lessons: Iterable[Lesson]) -> Score:
        loss, foreseen, tokens = 0.0, 0, 0
        for history, word in _list_trigrams(lessons):
            loss -= math.log(self.probability(history, word))
            foreseen += self.guess(history) == word
            tokens += 1
        return Score(loss=loss / max(tokens, 1), accuracy=foreseen / max(tokens, 1))

    def learn(self, lessons: Iterable[Lesson]) -> None:
        for history, word in _list_trigrams(lessons):
            for context in ((), history[1:], history):
                self._totals[context] += self._rate
                self._kinds[context] += (context, word) not in self._counts
                self._counts[context, word] += self._rate
                best = self._best.get(context)
                if best is None or self._counts[context, word] > self._counts[context, best]:
                    self._best[context] = word

    def epoch(
        self, train: Sequence[Lesson], valid: Sequence[Lesson], *, number: int, batch_size: int, seed: int
    ) -> list[Point]:
        """Learn all of `train` once, in the epoch's own order. A batch is measured before it is learnt."""
        order = list(train)
        random.Random(f"{seed}:{number}").shuffle(order)  # noqa: S311 - an order, not a secret
        self._readings = number
        steps = steps_per_epoch(len(order), batch_size)
        measured_steps = {round(steps * (i + 1) / min(steps, MAX_POINTS)) for i in range(min(steps, MAX_POINTS))} | {1}
        points = []
        for step in range(1, steps + 1):
            batch = order[(step - 1) * batch_size : step * batch_size]
            if step in measured_steps:
                sample = [valid[(step * batch_size + i) % len(valid)] for i in range(batch_size)] if valid else []
                points.append(
                    Point(
                        step=(number - 1) * steps + step,
                        train=self.score(batch),
                        valid=self.score(sample) if sample else None,
                    )
                )
            self.learn(batch)
        if valid:
            points[-1] = msgspec.structs.replace(points[-1], full_valid=self.score(valid))
        return points


def steps_per_epoch(examples: int, batch_size: int) -> int:
    return max(1, math.ceil(examples / batch_size))


def count_tokens(lessons: Iterable[Lesson]) -> int:
    return sum(len(split_words(one.prompt)) + sum(len(split_words(text)) for text in one.texts) for one in lessons)


def _list_trigrams(lessons: Iterable[Lesson]) -> Iterable[tuple[Context, str]]:
    for one in lessons:
        for text in one.texts:
            before, last = START, START
            for word in (*split_words(text), END):
                yield (before, last), word
                before, last = last, word


class Memory:
    """Answers a prompt with the answers of the most similar training prompts (TF-IDF, cosine)."""

    def __init__(self, lessons: Sequence[Lesson]) -> None:
        self._answers = [one.answer for one in lessons]
        self._exact = {one.prompt: one.answer for one in lessons}
        bags = [_count_words(one.prompt) for one in lessons]
        seen: defaultdict[str, int] = defaultdict(int)
        for bag in bags:
            for term in bag:
                seen[term] += 1
        self._rarity = {term: math.log((1 + len(bags)) / count) for term, count in seen.items()}
        self._postings: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for index, bag in enumerate(bags):
            for term, weight in self._unit(bag).items():
                self._postings[term].append((index, weight))

    def exact(self, prompt: str) -> Message | None:
        return self._exact.get(prompt)

    def nearest(self, prompt: str) -> tuple[Message, float] | None:
        """The answer most of the nearest prompts agree on, and how like the prompt the nearest of them is, 0 to 1.

        None when no training prompt shares a word with this one.
        """
        likeness: defaultdict[int, float] = defaultdict(float)
        for term, weight in self._unit(_count_words(prompt)).items():
            for index, other in self._postings.get(term, ()):
                likeness[index] += weight * other
        votes: defaultdict[str, float] = defaultdict(float)
        voices: dict[str, Message] = {}
        near = sorted(likeness.items(), key=lambda item: (-item[1], item[0]))[:NEIGHBOURS]
        for index, alike in near:
            answer = self._answers[index]
            votes[answer.text] += alike
            voices.setdefault(answer.text, answer)
        return (voices[max(votes, key=lambda text: votes[text])], near[0][1]) if votes else None

    def _unit(self, bag: dict[str, int]) -> dict[str, float]:
        weights = {term: (1 + math.log(count)) * self._rarity.get(term, 0.0) for term, count in bag.items()}
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {term: weight / length for term, weight in weights.items() if weight}


def _count_words(text: str) -> dict[str, int]:
    bag: defaultdict[str, int] = defaultdict(int)
    for word in split_words(text.lower()):
        bag[word] += 1
    return bag
