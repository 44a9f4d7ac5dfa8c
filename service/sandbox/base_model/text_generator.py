"""Short texts about a topic, none like another: subtopics, headlines, summaries, questions."""

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import TypeVar

from service.sandbox.base_model.banks import banks
from service.sandbox.base_model.text_analysis import telling

T = TypeVar("T")
LONGEST_CORE = 4  # words of a topic that go into a frame; a longer one is cut to its telling words


class Inventor:
    """Goes through its frames in an order of chance, and says nothing twice, nor what stands in `known` already."""

    def __init__(self, topic: str, known: str, chance: Random) -> None:
        self._topic = topic if len(topic.split()) <= LONGEST_CORE else " ".join(telling(topic)[:3]) or topic
        self._known = known.lower()
        self._chance = chance
        self._said: set[str] = set()
        frames = banks()
        self._actors = _rounds(frames.actors, chance)
        self._deeds = _rounds(frames.deeds, chance)
        self._places = _rounds(frames.places, chance)
        self._whens = _rounds(frames.whens, chance)
        self._reactions = _rounds(frames.reactions, chance)
        self._details = _rounds(frames.details, chance)
        self._subtopics = _rounds(frames.subtopics, chance)
        self._questions = _rounds(frames.questions, chance)

    def subtopic(self) -> str:
        return self._new(lambda: next(self._subtopics).format(t=self._topic))

    def headline(self) -> str:
        return self._new(self._headline)

    def summary(self) -> str:
        """Three sentences: who did what, what was said of it, and a number."""
        return self._new(self._summary)

    def question(self) -> str:
        return self._new(lambda: self._filled(next(self._questions)))

    def _headline(self) -> str:
        who, does, when = next(self._actors)[0], next(self._deeds)[0], next(self._whens)
        plural = who.endswith("s") or who == "police"
        verb, _, rest = self._filled(does).partition(" ")
        said = f"{next(self._places)} {who} {_bare(verb) if plural else verb} {rest} {when}"
        return said[0].upper() + said[1:]

    def _summary(self) -> str:
        who = self._filled(next(self._actors)[1])
        done = self._filled(next(self._deeds)[1])
        first = f"{'An' if who[0] in 'aeio' else 'A'} {who} {done}, {next(self._whens)}."
        return f"{first} {next(self._reactions)} {self._filled(next(self._details))}"

    def _filled(self, frame: str) -> str:
        number, small = self._chance.randrange(120, 9_900, 10), self._chance.randint(7, 48)
        place = next(self._places) if "{p}" in frame else ""
        return frame.format(t=self._topic, p=place, n=f"{number:,}", m=small)

    def _new(self, make: Callable[[], str]) -> str:
        said = make()
        for number in range(2, 200):
            if said.lower() not in self._said and said.lower() not in self._known:
                break
            said = make() if number < 120 else f"{make()} {number}"  # noqa: PLR2004 - the frames are used up
        self._said.add(said.lower())
        return said


def _rounds(frames: Sequence[T], chance: Random) -> Iterator[T]:
    """All of them in one order, then all in another, without end."""
    while True:
        yield from chance.sample(frames, len(frames))


def _bare(verb: str) -> str:
    """`opens`, `fights` and `publishes` as plurals say them."""
    return verb[:-2] if verb.endswith(("shes", "ches")) else verb.removesuffix("s")
