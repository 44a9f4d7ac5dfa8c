"""Every scorer there is, by name, and how one is set up and asked."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, cast

import msgspec

from service.errors import Fault, Invalid
from service.evaluations.scorers import classification, fields, measures, tool_calls, translation
from service.evaluations.scorers import json_validity as structured
from service.evaluations.scorers import judge_scores as judged
from service.evaluations.scorers import rouge as overlap
from service.evaluations.scorers import text_match as matching
from service.evaluations.scorers.scorer import Config, Score, Scorer, Summary
from service.evaluations.scores.subject import Subject
from service.json_pointers import parse_fault, pointer

# For request bodies: a union that is told apart by `scorer`.
AnyConfig = (
    matching.ExactMatchConfig
    | matching.NormalizedMatchConfig
    | matching.SimilarityRatioConfig
    | matching.ContainsConfig
    | matching.RegexConfig
    | structured.JsonValidConfig
    | structured.JsonSchemaConfig
    | fields.FieldMatchConfig
    | classification.ClassificationConfig
    | translation.BleuConfig
    | translation.ChrfConfig
    | overlap.Rouge1Config
    | overlap.Rouge2Config
    | overlap.RougeLConfig
    | tool_calls.ToolCallMatchConfig
    | measures.ConsistencyConfig
    | measures.WordsConfig
    | measures.CharactersConfig
    | measures.LatencyConfig
    | measures.TokensConfig
    | measures.CostConfig
    | measures.HumanRatingConfig
    | judged.JudgeConfig
    | judged.PreferenceConfig
)
_ALL: tuple[Scorer[Any], ...] = (
    matching.EXACT_MATCH,
    matching.NORMALIZED_MATCH,
    matching.SIMILARITY_RATIO,
    matching.CONTAINS,
    matching.REGEX,
    structured.JSON_VALID,
    structured.JSON_SCHEMA,
    fields.FIELD_MATCH,
    classification.CLASSIFICATION,
    translation.BLEU,
    translation.CHRF,
    overlap.ROUGE_1,
    overlap.ROUGE_2,
    overlap.ROUGE_L,
    tool_calls.TOOL_CALL_MATCH,
    measures.CONSISTENCY,
    measures.WORDS,
    measures.CHARACTERS,
    measures.LATENCY,
    measures.TOKENS,
    measures.COST,
    measures.HUMAN_RATING,
    judged.JUDGE,
    judged.PREFERENCE,
)
SCORERS: Mapping[str, Scorer[Any]] = {scorer.name: scorer for scorer in _ALL}


def scorer_of(config: Config) -> Scorer[Any]:
    return SCORERS[cast("str", config.__struct_config__.tag)]


def label_of(config: Config) -> str:
    """What its column is called: the label, or the scorer's name."""
    return config.label or scorer_of(config).name


def read_config(raw: Mapping[str, Any], *, at: str = "") -> AnyConfig:
    """Settings from JSON values such as {"scorer": "regex", "pattern": "^a"}. Raises Invalid with each fault."""
    try:
        config = msgspec.convert(raw, AnyConfig)
    except msgspec.ValidationError as error:
        fault = parse_fault(str(error))
        placed = msgspec.structs.replace(fault, pointer=at + fault.pointer)
        raise Invalid(fault.detail, errors=[placed]) from error
    found = config.faults(at=at)
    if found:
        raise Invalid(found[0].detail, errors=found)
    return cast("AnyConfig", config)


def check_configs(configs: Sequence[Config], *, at: str = "") -> list[Fault]:
    """What is wrong with the scorers of one evaluation, those of the same label among them."""
    found: list[Fault] = []
    seen: set[str] = set()
    for place, config in enumerate(configs):
        where = at + pointer(place)
        found += config.faults(at=where)
        if label_of(config) in seen:
            detail = "Duplicate label. Labels must be unique in the evaluation."
            found.append(Fault(pointer=f"{where}/label", detail=detail, code="duplicate"))
        seen.add(label_of(config))
    return found


def score(subject: Subject, config: Config) -> Score:
    """One row by one scorer. Any text is survived; `details` holds labels, figures and places, and none of the text."""
    return scorer_of(config).score(subject, config)


def aggregate(scores: Sequence[Score], config: Config) -> Summary:
    """The figures of an evaluation by one scorer: `scored`, `unscored`, `mean`, `pass_rate`, and what it has beside."""
    return scorer_of(config).summarize(scores, config)


def hash_config(config: Config) -> str:
    """Equal for two settings that score alike: the scorer, its version and its settings, without the label. In hex."""
    plain = msgspec.structs.replace(config, label=None)
    named = (scorer_of(config).name, scorer_of(config).version, plain)
    return hashlib.sha256(msgspec.json.encode(named, order="sorted")).hexdigest()
