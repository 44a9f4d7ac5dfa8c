// Generated from openapi/openapi.json by `make clients`.

import type { RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource } from "../../resource.js";
import type * as types from "../types.js";

export class BaseModelsResource extends Resource {
  /**
   * List the base models that can be tuned, with prices.
   *
   * The catalogue is no limit: a tune may name any model that the provider knows.
   *
   * Scope: `connections:read`.
   */
  list(query?: types.ListBaseModelsQuery, options?: RequestOptions): Pages<types.BaseModelPage, types.BaseModel> {
    return this.api.pages({ method: "GET", path: "/v1/base-models", query }, options);
  }
}
