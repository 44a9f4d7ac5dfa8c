// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { Download } from "../../download.js";
import type { RequestOptions } from "../../options.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class SweepsResource extends Resource {
  /**
   * Get a sweep and its tunes.
   *
   * Scope: `tunes:read`.
   */
  get(sweepId: string, options?: RequestOptions): Call<types.Sweep> {
    return this.api.call({ method: "GET", path: `/v1/sweeps/${segment(sweepId)}` }, options);
  }

  /**
   * Draw a sweep's curves over each other.
   *
   * One line per tune: validation loss where it was measured, else training loss.
   *
   * Scope: `tunes:read`.
   */
  drawChart(sweepId: string, query?: types.DrawSweepChartQuery, options?: RequestOptions): Download {
    return this.api.download({ method: "GET", path: `/v1/sweeps/${segment(sweepId)}/chart`, query }, options);
  }

  /**
   * Compare a sweep's tunes in a table.
   *
   * Each tune with its parameters, losses, best checkpoint, cost, version, and the version's newest scores.
   *
   * Scope: `tunes:read` and `evaluations:read`.
   */
  table(sweepId: string, query?: types.GetSweepTableQuery, options?: RequestOptions): Call<types.SweepTable> {
    return this.api.call({ method: "GET", path: `/v1/sweeps/${segment(sweepId)}/table`, query }, options);
  }

  /**
   * Download the table of a sweep as CSV.
   *
   * A column for each hyperparameter and each score.
   *
   * Scope: `tunes:read` and `evaluations:read`.
   */
  downloadTable(sweepId: string, query?: types.DownloadSweepTableQuery, options?: RequestOptions): Download {
    return this.api.download({ method: "GET", path: `/v1/sweeps/${segment(sweepId)}/table/csv`, query }, options);
  }
}
