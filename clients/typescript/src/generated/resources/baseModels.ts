// Generated from openapi/openapi.json by `make clients`.

import type { RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource } from "../../resource.js";
import type * as types from "../types.js";

export class BaseModelsResource extends Resource {
  /**
   * List base models and their prices.
   *
   * The catalog does not limit you: a tune may use any model that the provider knows.
   *
   * Scope: `connections:read`.
   */
  list(query?: types.ListBaseModelsQuery, options?: RequestOptions): Pages<types.BaseModelPage, types.BaseModel> {
    return this.api.pages({ method: "GET", path: "/v1/base-models", query }, options);
  }
}
