// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { RequestOptions } from "../../options.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class SubjectsResource extends Resource {
  /**
   * Erase a person's texts everywhere.
   *
   * Erasing is for good, and done by a worker: 202 with the erasure, which becomes its receipt. Everything that carries
   * the key, and all that was made of it. A dry run answers with what would go.
   *
   * Scope: `erase`.
   */
  erase(key: string, body: types.EraseSubject, options?: RequestOptions): Call<types.Erasure | types.ErasurePreview> {
    return this.api.call({ method: "POST", path: `/v1/subjects/${segment(key)}/erase`, body }, options);
  }
}
