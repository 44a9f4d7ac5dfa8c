// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class BaseModelsResource extends Resource {
  /**
   * List base models and their prices.
   *
   * The catalogue, with the workspace's own entries in place of its rows. It does not limit you: a tune may use any
   * model that the provider knows.
   *
   * With `connection_id` the account is asked which models it lists; those that the catalogue lacks are added.
   *
   * Scope: `connections:read`.
   */
  list(query?: types.ListBaseModelsQuery, options?: RequestOptions): Pages<types.BaseModelPage, types.BaseModel> {
    return this.api.pages({ method: "GET", path: "/v1/base-models", query }, options);
  }

  /**
   * Add a base model, or override one.
   *
   * Estimates and checks use the entry in place of the catalogue's row with the same provider and id.
   *
   * Scope: `connections:write`.
   */
  describe(body: types.DescribeBaseModel, options?: RequestOptions): Call<types.BaseModel> {
    return this.api.call({ method: "PUT", path: "/v1/base-models", body }, options);
  }

  /**
   * Remove the workspace's entry of a base model.
   *
   * What the catalogue says of the model counts again.
   *
   * Scope: `connections:write`.
   */
  forget(entryId: string, options?: RequestOptions): Call<void> {
    return this.api.nothing({ method: "DELETE", path: `/v1/base-models/${segment(entryId)}` }, options);
  }
}
