"""Scorers over HTTP: list them."""

from functools import lru_cache
from typing import Any

import msgspec
from litestar import Router, get

from service.access.auth import require_scope
from service.evaluations.scorers.scorer import Need, Scorer, Unit
from service.evaluations.scorers.scorer_registry import SCORERS
from service.evaluations.scores.scorer_setup import REQUESTED_ELSEWHERE


class ScorerShown(msgspec.Struct, frozen=True, kw_only=True):
    """A rule to score answers by."""

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
    copied = ("name", "version", "definition", "unit", "higher_is_better", "deterministic")
    return ScorerShown(
        needs=sorted(scorer.needs),
        config_schema=_build_settings_schema(scorer),
        asked_for=REQUESTED_ELSEWHERE.get(scorer.name),
        **{name: getattr(scorer, name) for name in copied},
    )


def _build_settings_schema(scorer: Scorer[Any]) -> dict[str, Any]:
    """Build the JSON Schema of the settings, without `scorer`: a request names the scorer beside its settings."""
    schema = msgspec.json.schema(scorer.config)
    definition = schema["$defs"][scorer.config.__name__]
    definition["properties"].pop("scorer", None)
    definition["required"] = [name for name in definition.get("required", ()) if name != "scorer"]
    return schema


router = Router(path="/", route_handlers=[list_scorers])
