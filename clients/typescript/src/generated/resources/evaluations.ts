// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { ChangeOptions, RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class EvaluationsResultsResource extends Resource {
  /**
   * List results of an evaluation.
   *
   * While the evaluation runs, lists the rows finished so far.
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
   * Each rater has one rating per result; a new one replaces it. Judges are compared with people's ratings.
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
   * List evaluations.
   *
   * Newest first.
   *
   * Scope: `evaluations:read`.
   */
  list(query?: types.ListEvaluationsQuery, options?: RequestOptions): Pages<types.EvaluationPage, types.Evaluation> {
    return this.api.pages({ method: "GET", path: "/v1/evaluations", query }, options);
  }

  /**
   * Create an evaluation.
   *
   * Returns the operation; its `resource` is the evaluation. Each question is paid for once, even after a crash.
   *
   * Refused (`leakage`) if a target was trained on some of the rows or its prompt shows them, unless `force_leakage` is
   * set. Refused (`missing_extra`) if the server lacks the extra `evaluations`.
   *
   * Scope: `evaluations:write`.
   */
  create(body: types.NewEvaluation, options?: RequestOptions): Call<types.Operation> {
    return this.api.call({ method: "POST", path: "/v1/evaluations", body }, options);
  }

  /**
   * Get an evaluation.
   *
   * With the figures of each target, people's ratings, and how well each judge agrees with them.
   *
   * Scope: `evaluations:read`.
   */
  get(evaluationId: string, options?: RequestOptions): Call<types.EvaluationDetail> {
    return this.api.call({ method: "GET", path: `/v1/evaluations/${segment(evaluationId)}` }, options);
  }
}
