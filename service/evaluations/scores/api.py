"""Scorers over HTTP."""

from functools import lru_cache
from typing import Any

import msgspec
from litestar import Router, get

from service.access.auth import require_scope
from service.evaluations.scorers.scorer import Need, Scorer, Unit
from service.evaluations.scorers.scorer_registry import SCORERS
from service.evaluations.scores.scorer_setup import REQUESTED_ELSEWHERE


class ScorerShown(msgspec.Struct, frozen=True, kw_only=True):
    """A rule to score by. `definition` says how, and after whom; `config_schema` is the JSON Schema of its settings.

    `needs` is what a row has to have for it. `deterministic`: the same answer is not scored twice. `asked_for` says
    where, if not among the `scorers` of an evaluation.
    """

    name: str
    """Name to use in an evaluation's `scorers`."""
    version: int
    """Changes when the scorer could give a different score to the same answer."""
    definition: str
    """How the score is computed, with its source."""
    unit: Unit
    """Unit of the score."""
    higher_is_better: bool | None
    """False where less is better. Null where neither is."""
    deterministic: bool
    """True if the same answer always gets the same score; it is then scored only once."""
    needs: list[Need]
    """What a row must have to be scored."""
    config_schema: dict[str, Any]
    """JSON Schema of the settings."""
    asked_for: str | None
    """Where to request it, if not among an evaluation's `scorers`. Null otherwise."""


class ScorerList(msgspec.Struct, frozen=True, kw_only=True):
    """All scorers, by name."""

    data: list[ScorerShown]
    """All scorers, by name."""


@get(
    "/scorers",
    operation_id="list_scorers",
    summary="List scorers",
    guards=[require_scope("evaluations:read")],
    sync_to_thread=False,
    tags=["evaluations"],
)
def list_scorers() -> ScorerList:
    return _list_all()


@lru_cache(maxsize=1)
def _list_all() -> ScorerList:
    return ScorerList(data=[_describe(SCORERS[name]) for name in sorted(SCORERS)])


def _describe(scorer: Scorer[Any]) -> ScorerShown:
    same = ("name", "version", "definition", "unit", "higher_is_better", "deterministic")
    return ScorerShown(
        needs=sorted(scorer.needs),
        config_schema=_settings_schema(scorer),
        asked_for=REQUESTED_ELSEWHERE.get(scorer.name),
        **{name: getattr(scorer, name) for name in same},
    )


def _settings_schema(scorer: Scorer[Any]) -> dict[str, Any]:
    """That of the settings, without the tag that names the scorer: a request names it beside them."""
    schema = msgspec.json.schema(scorer.config)
    own = schema["$defs"][scorer.config.__name__]
    own["properties"].pop("scorer", None)
    own["required"] = [name for name in own.get("required", ()) if name != "scorer"]
    return schema


router = Router(path="/", route_handlers=[list_scorers])
