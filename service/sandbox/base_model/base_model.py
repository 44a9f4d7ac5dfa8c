"""The base model: untrained, it drafts an answer from the request's own words."""

import re
from random import Random

from service.sandbox.base_model import classifier, judge
from service.sandbox.base_model.request_reader import RequestReader
from service.sandbox.base_model.text_analysis import MIN_PASSAGE_WORDS, split_sentences
from service.sandbox.base_model.text_generator import TextGenerator
from service.sandbox.base_model.text_questions import find_answer
from service.sandbox.completions import sampler
from service.sandbox.completions.chat_request import ChatRequest
from service.sandbox.completions.sampler import Draft, WeighedChoice
from service.sandbox.json_schemas import openai_schemas
from service.sandbox.json_schemas.schema_filler import SchemaFiller

WANTS_JSON = re.compile(r"\bJSON\b")
WANTS_CHOICE = re.compile(r"\b(?:classif|categor|label|which (?:one|of))", re.IGNORECASE)
WANTS_MARK = re.compile(r"\b(?:score|rate|rating|grade|stars?)\b", re.IGNORECASE)
SCALE = re.compile(r"\b(\d{1,2})\s*(?:to|-|\u2013|and)\s*(\d{1,2})\b(?!\s*words)")
WANTS_LIST = re.compile(
    r"\b(?:list|give|generate|suggest|write|name|propose|create)\b[^.\n]{0,30}?\b(?:\d+|t?[a-z]+)\b", re.IGNORECASE
)
MAX_SCALE = 20
MAX_ECHOED_WORDS = 60  # words


def build_draft(request: ChatRequest, tuned_text: str | None, *, random: Random) -> Draft:
    """Draft an answer. `tuned_text` is a tuned model's answer; None for the base model."""
    reader = RequestReader(request.messages)
    schema: openai_schemas.Schema | None = request.schema
    if schema is None and request.response_format and request.response_format.type == "json_object":
        schema = openai_schemas.find_schema(reader.prompt) or {
            "type": "object",
            "properties": {"answer": {"type": "string"}},
        }
    if schema is None and tuned_text is None and WANTS_JSON.search(reader.prompt):
        schema = openai_schemas.find_schema(reader.prompt)
    if schema is not None:
        return _draft_json(schema, reader, tuned_text, random)
    return Draft(text=tuned_text) if tuned_text is not None else _draft_text(reader, random)


def _draft_json(schema: openai_schemas.Schema, reader: RequestReader, tuned_text: str | None, random: Random) -> Draft:
    if tuned_text is not None and openai_schemas.has_required_keys(tuned_text, schema):
        return Draft(text=tuned_text)
    filler = SchemaFiller(schema, reader, tuned_text=tuned_text, random=random)
    return sampler.build_structured_draft(filler.fill(), filler.choices)


def _draft_text(reader: RequestReader, random: Random) -> Draft:
    for attempt in (_draft_mark, _draft_choice, _draft_list):
        result = attempt(reader, random)
        if result:
            return result
    question = reader.find_labelled("question")
    if question and reader.passage:
        return Draft(text=find_answer(reader.passage, question))
    parts = split_sentences(reader.last_user_text) or [reader.last_user_text]
    opening = (
        "Here is what I can say about it:"
        if len(reader.last_user_text.split()) >= MIN_PASSAGE_WORDS
        else "You wrote about this:"
    )
    return Draft(text=f"{opening} {' '.join(parts[-1].split()[:MAX_ECHOED_WORDS])}")


def _draft_mark(reader: RequestReader, _: Random) -> Draft | None:
    """Draft a number on the scale that the prompt names."""
    scale = SCALE.search(reader.prompt)
    if not (scale and WANTS_MARK.search(reader.prompt) and reader.find_labelled(*judge.ANSWERS)):
        return None
    low, high = sorted((int(scale[1]), int(scale[2])))
    if high - low > MAX_SCALE:
        return None
    mark = low + judge.judge_request(reader).quality * (high - low)
    chances = {str(int(one)): share for one, share in judge.spread_around(mark, range(low, high + 1)).items()}
    best = max(chances, key=lambda name: chances[name])
    return Draft(text=best, weighed=[WeighedChoice(start=0, chances=chances)])


def _draft_choice(reader: RequestReader, _: Random) -> Draft | None:
    """Draft one of the categories that the prompt names."""
    names = classifier.find_categories(reader.prompt) if WANTS_CHOICE.search(reader.prompt) else []
    if not names:
        return None
    chances = classifier.rank_options(names, reader)
    best = max(chances, key=lambda name: chances[name])
    return Draft(text=best, weighed=[WeighedChoice(start=0, chances=sampler.sum_by_first_token(chances))])


def _draft_list(reader: RequestReader, random: Random) -> Draft | None:
    """Draft as many lines as the prompt requests."""
    count = reader.find_count("items") if WANTS_LIST.search(reader.last_user_text) else None
    if not count or count < 2:  # noqa: PLR2004
        return None
    generator = TextGenerator(reader.topic, reader.prompt, random)
    generate = generator.subtopic if "topic" in reader.last_user_text.lower() else generator.headline
    return Draft(text="\n".join(f"{number}. {generate()}" for number in range(1, count + 1)))
