// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class RunsPredictionsResource extends Resource {
  /**
   * List a batch run's predictions.
   *
   * List the predictions made so far, also while the run is in progress.
   *
   * Scope: `prompts:read`.
   */
  list(
    runId: string,
    query?: types.ListPredictionsQuery,
    options?: RequestOptions,
  ): Pages<types.PredictionPage, types.Prediction> {
    return this.api.pages({ method: "GET", path: `/v1/runs/${segment(runId)}/predictions`, query }, options);
  }
}

export class RunsResource extends Resource {
  readonly predictions = new RunsPredictionsResource(this.api);

  /**
   * Read a batch run.
   *
   * Scope: `prompts:read`.
   */
  get(runId: string, options?: RequestOptions): Call<types.PromptRun> {
    return this.api.call({ method: "GET", path: `/v1/runs/${segment(runId)}` }, options);
  }
}
