// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { ChangeOptions, RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class EvaluationsResultsResource extends Resource {
  /**
   * List what was answered and scored.
   *
   * Also while the evaluation runs: the rows that are done.
   *
   * Scope: `evaluations:read`.
   */
  list(
    evaluationId: string,
    query?: types.ListEvaluationResultsQuery,
    options?: RequestOptions,
  ): Pages<types.EvaluationResultPage, types.EvaluationResult> {
    return this.api.pages({
      method: "GET",
      path: `/v1/evaluations/${segment(evaluationId)}/results`,
      query,
    }, options);
  }

  /**
   * Rate an answer.
   *
   * Each rater has one rating, which a later one replaces. Judges are measured against people's ratings.
   *
   * Scope: `evaluations:write`.
   */
  rate(
    evaluationId: string,
    resultId: string,
    body: types.RateResult,
    options?: ChangeOptions,
  ): Call<types.EvaluationResult> {
    return this.api.call({
      method: "PUT",
      path: `/v1/evaluations/${segment(evaluationId)}/results/${segment(resultId)}/rating`,
      body,
    }, options);
  }
}

export class EvaluationsResource extends Resource {
  readonly results = new EvaluationsResultsResource(this.api);

  /**
   * Compare targets with the base.
   *
   * Only rows that both have answered are paired. Intervals are of 95%, drawn by the evaluation's seed.
   *
   * Scope: `evaluations:read`.
   */
  compareTargets(query: types.CompareTargetsQuery, options?: RequestOptions): Call<types.TargetComparison> {
    return this.api.call({ method: "GET", path: "/v1/comparisons", query }, options);
  }

  /**
   * List evaluations.
   *
   * The newest first; with a `model_id` those that measured a version of it.
   *
   * Scope: `evaluations:read`.
   */
  list(query?: types.ListEvaluationsQuery, options?: RequestOptions): Pages<types.EvaluationPage, types.Evaluation> {
    return this.api.pages({ method: "GET", path: "/v1/evaluations", query }, options);
  }

  /**
   * Measure models, prompts and versions over a split.
   *
   * Answers with the operation, whose `resource` is the evaluation. Each question is paid once, whatever crashes.
   *
   * Rows that a target was trained on, or that its prompt shows, are refused (`leakage`) unless `force_leakage` is set.
   *
   * Scope: `evaluations:write`.
   */
  create(body: types.NewEvaluation, options?: RequestOptions): Call<types.Operation> {
    return this.api.call({ method: "POST", path: "/v1/evaluations", body }, options);
  }

  /**
   * Read an evaluation.
   *
   * What it came to, target by target. `standings` says of each judge whether people bear it out.
   *
   * Scope: `evaluations:read`.
   */
  get(evaluationId: string, options?: RequestOptions): Call<types.EvaluationDetail> {
    return this.api.call({ method: "GET", path: `/v1/evaluations/${segment(evaluationId)}` }, options);
  }
}
