"""All scorers by name; read their settings, score rows, and summarize."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, cast

import msgspec

from service.errors import Fault, Invalid
from service.evaluations.scorers import (
    classification,
    fields,
    json_validity,
    judge_scores,
    measures,
    rouge,
    text_match,
    tool_calls,
    translation,
)
from service.evaluations.scorers.scorer import Config, Score, Scorer, Summary
from service.evaluations.scores.subject import Subject
from service.json_pointers import parse_fault, pointer

# A tagged union: the field `scorer` says which.
AnyConfig = (
    text_match.ExactMatchConfig
    | text_match.NormalizedMatchConfig
    | text_match.SimilarityRatioConfig
    | text_match.ContainsConfig
    | text_match.RegexConfig
    | json_validity.JsonValidConfig
    | json_validity.JsonSchemaConfig
    | fields.FieldMatchConfig
    | classification.ClassificationConfig
    | translation.BleuConfig
    | translation.ChrfConfig
    | rouge.Rouge1Config
    | rouge.Rouge2Config
    | rouge.RougeLConfig
    | tool_calls.ToolCallMatchConfig
    | measures.ConsistencyConfig
    | measures.WordsConfig
    | measures.CharactersConfig
    | measures.LatencyConfig
    | measures.TokensConfig
    | measures.CostConfig
    | measures.HumanRatingConfig
    | judge_scores.JudgeConfig
    | judge_scores.PreferenceConfig
)
_ALL: tuple[Scorer[Any], ...] = (
    text_match.EXACT_MATCH,
    text_match.NORMALIZED_MATCH,
    text_match.SIMILARITY_RATIO,
    text_match.CONTAINS,
    text_match.REGEX,
    json_validity.JSON_VALID,
    json_validity.JSON_SCHEMA,
    fields.FIELD_MATCH,
    classification.CLASSIFICATION,
    translation.BLEU,
    translation.CHRF,
    rouge.ROUGE_1,
    rouge.ROUGE_2,
    rouge.ROUGE_L,
    tool_calls.TOOL_CALL_MATCH,
    measures.CONSISTENCY,
    measures.WORDS,
    measures.CHARACTERS,
    measures.LATENCY,
    measures.TOKENS,
    measures.COST,
    measures.HUMAN_RATING,
    judge_scores.JUDGE,
    judge_scores.PREFERENCE,
)
SCORERS: Mapping[str, Scorer[Any]] = {scorer.name: scorer for scorer in _ALL}


def get_scorer(config: Config) -> Scorer[Any]:
    return SCORERS[cast("str", config.__struct_config__.tag)]


def get_label(config: Config) -> str:
    """Get the label of its scores. Default: the scorer's name."""
    return config.label or get_scorer(config).name


def read_config(raw: Mapping[str, Any], *, at: str = "") -> AnyConfig:
    """Read settings such as {"scorer": "regex", "pattern": "^a"}. Raises Invalid with all faults."""
    try:
        config = msgspec.convert(raw, AnyConfig)
    except msgspec.ValidationError as error:
        fault = parse_fault(str(error))
        fault = msgspec.structs.replace(fault, pointer=at + fault.pointer)
        raise Invalid(fault.detail, errors=[fault]) from error
    faults = config.faults(at=at)
    if faults:
        raise Invalid(faults[0].detail, errors=faults)
    return cast("AnyConfig", config)


def check_configs(configs: Sequence[Config], *, at: str = "") -> list[Fault]:
    """Find the faults of one evaluation's scorers, duplicate labels included."""
    faults: list[Fault] = []
    seen: set[str] = set()
    for index, config in enumerate(configs):
        where = at + pointer(index)
        faults += config.faults(at=where)
        if get_label(config) in seen:
            detail = "Duplicate label. Labels must be unique in the evaluation."
            faults.append(Fault(pointer=f"{where}/label", detail=detail, code="duplicate"))
        seen.add(get_label(config))
    return faults


def score(subject: Subject, config: Config) -> Score:
    """Score one row. Works for any text; `details` has labels, figures and positions, but never the text."""
    return get_scorer(config).score(subject, config)


def aggregate(scores: Sequence[Score], config: Config) -> Summary:
    """Summarize all scores by one scorer: `scored`, `unscored`, `mean`, `pass_rate`, and the scorer's own figures."""
    return get_scorer(config).summarize(scores, config)


def hash_config(config: Config) -> str:
    """Hash the scorer, its version and its settings without the label: equal for equal scoring. In hex."""
    unlabeled = msgspec.structs.replace(config, label=None)
    identity = (get_scorer(config).name, get_scorer(config).version, unlabeled)
    return hashlib.sha256(msgspec.json.encode(identity, order="sorted")).hexdigest()
