// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { RequestOptions } from "../../options.js";
import { Resource } from "../../resource.js";
import type * as types from "../types.js";

export class ScorersResource extends Resource {
  /**
   * List scorers.
   *
   * Scope: `evaluations:read`.
   */
  list(options?: RequestOptions): Call<types.ScorerList> {
    return this.api.call({ method: "GET", path: "/v1/scorers" }, options);
  }
}
