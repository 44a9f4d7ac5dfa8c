// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { RequestOptions } from "../../options.js";
import { Resource } from "../../resource.js";
import type * as types from "../types.js";

export class LimitsResource extends Resource {
  /**
   * List the workspace's limits and their use.
   *
   * Any key may ask. At a limit, requests that need more answer 429 `limit_reached` with the limit's name.
   */
  list(options?: RequestOptions): Call<types.WorkspaceLimitList> {
    return this.api.call({ method: "GET", path: "/v1/limits" }, options);
  }
}
