// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class ErasuresResource extends Resource {
  /**
   * List erasures.
   *
   * Scope: `erase`.
   */
  list(query?: types.ListErasuresQuery, options?: RequestOptions): Pages<types.ErasurePage, types.Erasure> {
    return this.api.pages({ method: "GET", path: "/v1/erasures", query }, options);
  }

  /**
   * Read an erasure, the receipt.
   *
   * What was erased, by digest; who held it; what is done and what remains; signed once complete.
   *
   * Scope: `erase`.
   */
  get(erasureId: string, options?: RequestOptions): Call<types.Erasure> {
    return this.api.call({ method: "GET", path: `/v1/erasures/${segment(erasureId)}` }, options);
  }
}
