"""Generate short texts about a topic without repetition: subtopics, headlines, summaries, questions."""

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import TypeVar

from service.sandbox.base_model.banks import load_banks
from service.sandbox.base_model.text_analysis import find_content_words

T = TypeVar("T")
MAX_TOPIC_WORDS = 4  # words; a longer topic is cut to its content words


class TextGenerator:
    """Fills frames in random order; never repeats itself or a text in `known`."""

    def __init__(self, topic: str, known: str, random: Random) -> None:
        self._topic = (
            topic if len(topic.split()) <= MAX_TOPIC_WORDS else " ".join(find_content_words(topic)[:3]) or topic
        )
        self._known = known.lower()
        self._random = random
        self._used: set[str] = set()
        frames = load_banks()
        self._actors = _shuffle_forever(frames.actors, random)
        self._deeds = _shuffle_forever(frames.deeds, random)
        self._places = _shuffle_forever(frames.places, random)
        self._whens = _shuffle_forever(frames.whens, random)
        self._reactions = _shuffle_forever(frames.reactions, random)
        self._details = _shuffle_forever(frames.details, random)
        self._subtopics = _shuffle_forever(frames.subtopics, random)
        self._questions = _shuffle_forever(frames.questions, random)

    def subtopic(self) -> str:
        return self._new(lambda: next(self._subtopics).format(t=self._topic))

    def headline(self) -> str:
        return self._new(self._headline)

    def summary(self) -> str:
        """Three sentences: an event, a reaction, and a number."""
        return self._new(self._summary)

    def question(self) -> str:
        return self._new(lambda: self._fill(next(self._questions)))

    def _headline(self) -> str:
        who, does, when = next(self._actors)[0], next(self._deeds)[0], next(self._whens)
        plural = who.endswith("s") or who == "police"
        verb, _, rest = self._fill(does).partition(" ")
        text = f"{next(self._places)} {who} {_to_plural_verb(verb) if plural else verb} {rest} {when}"
        return text[0].upper() + text[1:]

    def _summary(self) -> str:
        who = self._fill(next(self._actors)[1])
        deed = self._fill(next(self._deeds)[1])
        first = f"{'An' if who[0] in 'aeio' else 'A'} {who} {deed}, {next(self._whens)}."
        return f"{first} {next(self._reactions)} {self._fill(next(self._details))}"

    def _fill(self, frame: str) -> str:
        number, small = self._random.randrange(120, 9_900, 10), self._random.randint(7, 48)
        place = next(self._places) if "{p}" in frame else ""
        return frame.format(t=self._topic, p=place, n=f"{number:,}", m=small)

    def _new(self, generate: Callable[[], str]) -> str:
        text = generate()
        for number in range(2, 200):
            if text.lower() not in self._used and text.lower() not in self._known:
                break
            text = generate() if number < 120 else f"{generate()} {number}"  # noqa: PLR2004 - the frames are used up
        self._used.add(text.lower())
        return text


def _shuffle_forever(frames: Sequence[T], random: Random) -> Iterator[T]:
    """Yield all frames in a random order, again and again."""
    while True:
        yield from random.sample(frames, len(frames))


def _to_plural_verb(verb: str) -> str:
    """`open` for `opens`: the verb of a plural subject."""
    return verb[:-2] if verb.endswith(("shes", "ches")) else verb.removesuffix("s")
