// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { RequestOptions } from "../../options.js";
import { Resource } from "../../resource.js";
import type * as types from "../types.js";

export class RolesResource extends Resource {
  /**
   * List the roles.
   *
   * A key may have less than its member's role, never more.
   *
   * Scope: `access:read`.
   */
  list(options?: RequestOptions): Call<types.RoleList> {
    return this.api.call({ method: "GET", path: "/v1/roles" }, options);
  }
}
