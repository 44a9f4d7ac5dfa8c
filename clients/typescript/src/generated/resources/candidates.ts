// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class CandidatesResource extends Resource {
  /**
   * Read a candidate.
   *
   * Scope: `generations:read`.
   */
  get(candidateId: string, options?: RequestOptions): Call<types.Candidate> {
    return this.api.call({ method: "GET", path: `/v1/candidates/${segment(candidateId)}` }, options);
  }

  /**
   * List a candidate's history.
   *
   * Scope: `generations:read`.
   */
  history(
    candidateId: string,
    query?: types.ListCandidateHistoryQuery,
    options?: RequestOptions,
  ): Pages<types.HistoryPage, types.HistoryEntry> {
    return this.api.pages({
      method: "GET",
      path: `/v1/candidates/${segment(candidateId)}/history`,
      query,
    }, options);
  }
}
