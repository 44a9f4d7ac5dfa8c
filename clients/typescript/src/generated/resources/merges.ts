// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class MergesConflictsResource extends Resource {
  /**
   * List the examples that both sides of a merge changed.
   *
   * Each with what it was when both sides were the same, what it is on both, and what was decided.
   *
   * Scope: `datasets:read`.
   */
  list(
    mergeId: string,
    query?: types.ListMergeConflictsQuery,
    options?: RequestOptions,
  ): Pages<types.ConflictPage, types.MergeConflict> {
    return this.api.pages({ method: "GET", path: `/v1/merges/${segment(mergeId)}/conflicts`, query }, options);
  }
}

export class MergesResource extends Resource {
  readonly conflicts = new MergesConflictsResource(this.api);

  /**
   * Read a merge or a fork.
   *
   * Scope: `datasets:read`.
   */
  get(mergeId: string, options?: RequestOptions): Call<types.Merge> {
    return this.api.call({ method: "GET", path: `/v1/merges/${segment(mergeId)}` }, options);
  }

  /**
   * Decide conflicts, and merge once more.
   *
   * The decisions of this merge and these are those of a new one. Where both name an example, the later counts.
   *
   * Scope: `datasets:write`.
   */
  decideConflicts(mergeId: string, body: types.Decide, options?: RequestOptions): Call<types.Operation> {
    return this.api.call({ method: "POST", path: `/v1/merges/${segment(mergeId)}/decisions`, body }, options);
  }
}
