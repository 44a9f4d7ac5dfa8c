# Generated from openapi/openapi.json by `make clients`.
"""`client.evaluations`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from tuneledger._async._api import AsyncApi, AsyncResource
from tuneledger._async._pages import AsyncPager
from tuneledger._calls import HttpCall, body, headers, path, query
from tuneledger._shapes import OneOf, Shape
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
)


class AsyncEvaluationsResults(AsyncResource):
    """`client.evaluations.results`."""

    async def rate(
        self,
        evaluation_id: str,
        result_id: str,
        *,
        stars: int,
        reason: str | UnsetType | None = UNSET,
        if_match: Shape | str | int | None = None,
    ) -> EvaluationResult:
        """Rate an answer.

        Each rater has one rating per result; a new one replaces it. Judges are compared with people's ratings.

        Scope: `evaluations:write`.

        `evaluation_id`: Id of the evaluation.

        `result_id`: Id of the result.

        `reason`: Why.

        `stars`: 1 (worst) to 5 (best).
        """
        return await self._api.answer(
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
    ) -> AsyncPager[EvaluationResultPage, EvaluationResult]:
        """List results of an evaluation.

        While the evaluation runs, lists the rows finished so far.

        Scope: `evaluations:read`.

        `evaluation_id`: Id of the evaluation.

        `target`: Only results of this target.

        `passed`: Whether all scorers that decide passed; with `scorer`, whether it did.

        `scorer`: A scorer's label, for `passed` and `below`.

        `below`: Only results that `scorer` scored below this value.

        `failure`: Only results with this failure code.

        `rated`: Whether people have rated the result.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
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


class AsyncEvaluations(AsyncResource):
    """`client.evaluations`."""

    def __init__(self, api: AsyncApi) -> None:
        super().__init__(api)
        self.results = AsyncEvaluationsResults(api)

    async def create(
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
        """Create an evaluation.

        Returns the operation; its `resource` is the evaluation. Each question is paid for once, even after a
        crash.

        Refused (`leakage`) if a target was trained on some of the rows or its prompt shows them, unless
        `force_leakage` is set. Refused (`missing_extra`) if the server lacks the extra `evaluations`.

        Scope: `evaluations:write`.

        `dataset_id`: The dataset.

        `force_leakage`: Measure even if targets have already seen some of the rows.

        `format_scorer`: Label of the scorer that decides `format_validity`. Default: a `json_schema` or
        `json_valid` scorer.

        `fresh`: Ask again instead of reusing earlier answers to the same questions.

        `judges`: Models that score the answers.

        `limit`: Measure only the first so many rows. Not together with `sample`.

        `max_tokens`: Overrides the output token limit of prompts.

        `name`: The evaluation's name. Evaluations may share a name and then form a suite, which gates can use.

        `options`: Further fields of the provider's request.

        `repeats`: How many times to ask each question. The first answer is scored; all are compared for
        consistency.

        `sample`: Measure so many rows, drawn at random by `seed`. Not together with `limit`.

        `scorers`: How to score the answers. At least one scorer or judge is required.

        `seed`: Seed of the sample, the intervals, and the order of answers shown to pairwise judges.

        `split`: The split whose rows are measured.

        `targets`: What to measure.

        `temperature`: Overrides the temperature of prompts.

        `version`: A frozen version's name.
        """
        return await self._api.answer(
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

    async def get(self, evaluation_id: str) -> EvaluationDetail:
        """Get an evaluation.

        With the figures of each target, people's ratings, and how well each judge agrees with them.

        Scope: `evaluations:read`.

        `evaluation_id`: Id of the evaluation.
        """
        return await self._api.answer(
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
    ) -> AsyncPager[EvaluationPage, Evaluation]:
        """List evaluations.

        Newest first.

        Scope: `evaluations:read`.

        `name`: Only evaluations with this name.

        `dataset_id`: Only evaluations of this dataset.

        `model_id`: Only evaluations that measured this model.

        `limit`: Maximum number of items (default 50). A page of long texts ends at about 16 MB.

        `cursor`: The `next_cursor` of the previous page; opaque.
        """
        return AsyncPager(
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
