"""The base model: it was taught no task, and says what the request and its words make plausible."""

import re
from random import Random

from service.sandbox.base_model import classifier as classifying
from service.sandbox.base_model import judge as judging
from service.sandbox.base_model.request_reader import Reading
from service.sandbox.base_model.text_analysis import LEAST_PASSAGE, sentences
from service.sandbox.base_model.text_generator import Inventor
from service.sandbox.base_model.text_questions import answer_in
from service.sandbox.completions import sampler as sampling
from service.sandbox.completions.chat_request import ChatRequest
from service.sandbox.completions.sampler import Draft, Weighed
from service.sandbox.json_schemas import openai_schemas as schemas
from service.sandbox.json_schemas.schema_filler import Filling

WANTS_JSON = re.compile(r"\bJSON\b")
WANTS_CHOICE = re.compile(r"\b(?:classif|categor|label|which (?:one|of))", re.IGNORECASE)
WANTS_MARK = re.compile(r"\b(?:score|rate|rating|grade|stars?)\b", re.IGNORECASE)
SCALE = re.compile(r"\b(\d{1,2})\s*(?:to|-|\u2013|and)\s*(\d{1,2})\b(?!\s*words)")
WANTS_LIST = re.compile(
    r"\b(?:list|give|generate|suggest|write|name|propose|create)\b[^.\n]{0,30}?\b(?:\d+|t?[a-z]+)\b", re.IGNORECASE
)
LONGEST_SCALE = 20
MOST_ECHOED = 60  # words


def draft(asked: ChatRequest, taught: str | None, *, chance: Random) -> Draft:
    """`taught` is what a tuned model would say; a base model says something of its own."""
    reading = Reading(asked.messages)
    schema: schemas.Schema | None = asked.schema
    if schema is None and asked.response_format and asked.response_format.type == "json_object":
        schema = schemas.shown_in(reading.prompt) or {"type": "object", "properties": {"answer": {"type": "string"}}}
    if schema is None and taught is None and WANTS_JSON.search(reading.prompt):
        schema = schemas.shown_in(reading.prompt)
    if schema is not None:
        return _structured(schema, reading, taught, chance)
    return Draft(text=taught) if taught is not None else _plain(reading, chance)


def _structured(schema: schemas.Schema, reading: Reading, taught: str | None, chance: Random) -> Draft:
    if taught is not None and schemas.fits(taught, schema):
        return Draft(text=taught)
    filling = Filling(schema, reading, taught=taught, chance=chance)
    return sampling.structured(filling.filled(), filling.choices)


def _plain(reading: Reading, chance: Random) -> Draft:
    for attempt in (_mark, _choice, _list):
        found = attempt(reading, chance)
        if found:
            return found
    question = reading.labelled("question")
    if question and reading.passage:
        return Draft(text=answer_in(reading.passage, question))
    read = sentences(reading.asked) or [reading.asked]
    opening = (
        "Here is what I can say about it:" if len(reading.asked.split()) >= LEAST_PASSAGE else "You wrote about this:"
    )
    return Draft(text=f"{opening} {' '.join(read[-1].split()[:MOST_ECHOED])}")


def _mark(reading: Reading, _: Random) -> Draft | None:
    """A number on the scale that the prompt names."""
    scale = SCALE.search(reading.prompt)
    if not (scale and WANTS_MARK.search(reading.prompt) and reading.labelled(*judging.ANSWERS)):
        return None
    least, most = sorted((int(scale[1]), int(scale[2])))
    if most - least > LONGEST_SCALE:
        return None
    own = least + judging.compared(reading).quality * (most - least)
    chances = {str(int(one)): share for one, share in judging.around(own, range(least, most + 1)).items()}
    best = max(chances, key=lambda name: chances[name])
    return Draft(text=best, weighed=[Weighed(start=0, chances=chances)])


def _choice(reading: Reading, _: Random) -> Draft | None:
    """One of the categories that the prompt names."""
    names = classifying.listed(reading.prompt) if WANTS_CHOICE.search(reading.prompt) else []
    if not names:
        return None
    chances = classifying.chosen(names, reading)
    best = max(chances, key=lambda name: chances[name])
    return Draft(text=best, weighed=[Weighed(start=0, chances=sampling.of_first_tokens(chances))])


def _list(reading: Reading, chance: Random) -> Draft | None:
    """As many lines as were asked for."""
    count = reading.wanted("items") if WANTS_LIST.search(reading.asked) else None
    if not count or count < 2:  # noqa: PLR2004
        return None
    inventor = Inventor(reading.topic, reading.prompt, chance)
    make = inventor.subtopic if "topic" in reading.asked.lower() else inventor.headline
    return Draft(text="\n".join(f"{number}. {make()}" for number in range(1, count + 1)))
