# Generated from openapi/openapi.json by `make clients`.
"""`client.evaluations`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from tuneledger._calls import HttpCall, body, headers, path, query
from tuneledger._shapes import OneOf, Shape
from tuneledger._sync._api import Api, Resource
from tuneledger._sync._pages import Pager
from tuneledger.types import (
    Evaluation,
    EvaluationDetail,
    EvaluationPage,
    EvaluationResult,
    EvaluationResultPage,
    JudgeAsked,
    NewScorer,
    NewTarget,
    Operation,
    TargetComparison,
)


class EvaluationsResults(Resource):
    """`client.evaluations.results`."""

    def rate(
        self,
        evaluation_id: str,
        result_id: str,
        *,
        stars: int,
        reason: str | UnsetType | None = UNSET,
        if_match: Shape | str | int | None = None,
    ) -> EvaluationResult:
        """Rate an answer.

        Each rater has one rating, which a later one replaces. Judges are measured against people's ratings.

        Scope: `evaluations:write`.
        """
        return self._api.answer(
            HttpCall(
                method="PUT",
                path=path("/v1/evaluations/{}/results/{}/rating", evaluation_id, result_id),
                headers=headers(if_match=if_match),
                body=body({"reason": reason, "stars": stars}),
            ),
            EvaluationResult,
        )

    def list(
        self,
        evaluation_id: str,
        *,
        target: str | UnsetType = UNSET,
        passed: bool | UnsetType = UNSET,
        scorer: str | UnsetType = UNSET,
        below: float | UnsetType = UNSET,
        failure: str | UnsetType = UNSET,
        rated: bool | UnsetType = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
    ) -> Pager[EvaluationResultPage, EvaluationResult]:
        """List what was answered and scored.

        Also while the evaluation runs: the rows that are done.

        Scope: `evaluations:read`.

        `passed`: Whether all scorers that decide have passed; with `scorer`, that one.

        `below`: Only where the named `scorer` gave less than this.

        `rated`: Whether people have rated it.

        `limit`: How many at the most (default 50).

        `cursor`: `next_cursor` of the page before; opaque.
        """
        return Pager(
            self._api,
            HttpCall(
                method="GET",
                path=path("/v1/evaluations/{}/results", evaluation_id),
                query=query(
                    {
                        "target": target,
                        "passed": passed,
                        "scorer": scorer,
                        "below": below,
                        "failure": failure,
                        "rated": rated,
                        "limit": limit,
                        "cursor": cursor,
                    }
                ),
            ),
            EvaluationResultPage,
        )


class Evaluations(Resource):
    """`client.evaluations`."""

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self.results = EvaluationsResults(api)

    def compare_targets(
        self, *, evaluation: Sequence[str], base: str | UnsetType = UNSET, metric: str | UnsetType = UNSET
    ) -> TargetComparison:
        """Compare targets with the base.

        Only rows that both have answered are paired. Intervals are of 95%, drawn by the evaluation's seed.

        Scope: `evaluations:read`.

        `evaluation`: Over the same version and split.

        `base`: A target's name. Default: the first base model.

        `metric`: A scorer's label. Default: the first.
        """
        return self._api.answer(
            HttpCall(
                method="GET",
                path="/v1/comparisons",
                query=query({"evaluation": evaluation, "base": base, "metric": metric}),
            ),
            TargetComparison,
        )

    def create(
        self,
        *,
        dataset_id: str,
        name: str,
        targets: Sequence[NewTarget | Mapping[str, Any]],
        version: str,
        force_leakage: bool | UnsetType = UNSET,
        format_scorer: str | UnsetType | None = UNSET,
        fresh: bool | UnsetType = UNSET,
        judges: Sequence[JudgeAsked | Mapping[str, Any]] | UnsetType = UNSET,
        limit: int | UnsetType | None = UNSET,
        max_tokens: int | UnsetType | None = UNSET,
        options: Mapping[str, Any] | UnsetType = UNSET,
        repeats: int | UnsetType = UNSET,
        sample: int | UnsetType | None = UNSET,
        scorers: Sequence[NewScorer | Mapping[str, Any]] | UnsetType = UNSET,
        seed: int | UnsetType = UNSET,
        split: OneOf["test", "train", "validation"] | UnsetType = UNSET,
        temperature: float | UnsetType | None = UNSET,
        idempotency_key: str | None = None,
    ) -> Operation:
        """Measure models, prompts and versions over a split.

        Answers with the operation, whose `resource` is the evaluation. Each question is paid once, whatever
        crashes.

        Rows that a target was trained on, or that its prompt shows, are refused (`leakage`) unless `force_leakage`
        is set.

        Scope: `evaluations:write`.

        `options`: Further fields of the provider's request.

        `version`: A frozen version's name.
        """
        return self._api.answer(
            HttpCall(
                method="POST",
                path="/v1/evaluations",
                headers=headers(idempotency_key=idempotency_key),
                body=body(
                    {
                        "dataset_id": dataset_id,
                        "force_leakage": force_leakage,
                        "format_scorer": format_scorer,
                        "fresh": fresh,
                        "judges": judges,
                        "limit": limit,
                        "max_tokens": max_tokens,
                        "name": name,
                        "options": options,
                        "repeats": repeats,
                        "sample": sample,
                        "scorers": scorers,
                        "seed": seed,
                        "split": split,
                        "targets": targets,
                        "temperature": temperature,
                        "version": version,
                    }
                ),
            ),
            Operation,
        )

    def get(self, evaluation_id: str) -> EvaluationDetail:
        """Read an evaluation.

        What it came to, target by target. `standings` says of each judge whether people bear it out.

        Scope: `evaluations:read`.
        """
        return self._api.answer(
            HttpCall(method="GET", path=path("/v1/evaluations/{}", evaluation_id)), EvaluationDetail
        )

    def list(
        self,
        *,
        name: str | UnsetType = UNSET,
        dataset_id: str | UnsetType = UNSET,
        model_id: str | UnsetType = UNSET,
        limit: int | UnsetType = UNSET,
        cursor: str | UnsetType = UNSET,
    ) -> Pager[EvaluationPage, Evaluation]:
        """List evaluations.

        The newest first; with a `model_id` those that measured a version of it.

        Scope: `evaluations:read`.

        `limit`: How many at the most (default 50).

        `cursor`: `next_cursor` of the page before; opaque.
        """
        return Pager(
            self._api,
            HttpCall(
                method="GET",
                path="/v1/evaluations",
                query=query(
                    {"name": name, "dataset_id": dataset_id, "model_id": model_id, "limit": limit, "cursor": cursor}
                ),
            ),
            EvaluationPage,
        )
