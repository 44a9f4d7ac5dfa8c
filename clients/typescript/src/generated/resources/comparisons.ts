// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { Download } from "../../download.js";
import type { RequestOptions } from "../../options.js";
import { Resource } from "../../resource.js";
import type * as types from "../types.js";

export class ComparisonsResource extends Resource {
  /**
   * Compare targets with a base.
   *
   * Only rows with a score for both are compared. Intervals are 95% bootstrap intervals, seeded by the evaluation.
   *
   * Scope: `evaluations:read`.
   */
  compareTargets(query: types.CompareTargetsQuery, options?: RequestOptions): Call<types.TargetComparison> {
    return this.api.call({ method: "GET", path: "/v1/comparisons", query }, options);
  }

  /**
   * Draw a comparison with its intervals.
   *
   * One bar per target: its mean score, with the 95% interval of its change from the base.
   *
   * Scope: `evaluations:read`.
   */
  drawChart(query: types.DrawComparisonChartQuery, options?: RequestOptions): Download {
    return this.api.download({ method: "GET", path: "/v1/comparisons/chart", query }, options);
  }
}
