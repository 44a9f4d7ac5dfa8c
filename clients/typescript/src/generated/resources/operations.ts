// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource, segment } from "../../resource.js";
import { WaitsForOperations } from "../../waiting.js";
import type * as types from "../types.js";

export class OperationsCallsResource extends Resource {
  /**
   * List what an operation asked of models.
   *
   * Empty for operations that ask no model.
   *
   * Scope: `operations:read`.
   */
  list(
    operationId: string,
    query?: types.ListOperationCallsQuery,
    options?: RequestOptions,
  ): Pages<types.CallPage, types.Call> {
    return this.api.pages({ method: "GET", path: `/v1/operations/${segment(operationId)}/calls`, query }, options);
  }
}

export class OperationsResource extends WaitsForOperations {
  readonly calls = new OperationsCallsResource(this.api);

  /**
   * List operations, the newest first.
   *
   * Scope: `operations:read`.
   */
  list(query?: types.ListOperationsQuery, options?: RequestOptions): Pages<types.OperationPage, types.Operation> {
    return this.api.pages({ method: "GET", path: "/v1/operations", query }, options);
  }

  /**
   * Read an operation, or wait for its end.
   *
   * Scope: `operations:read`.
   */
  get(operationId: string, query?: types.GetOperationQuery, options?: RequestOptions): Call<types.Operation> {
    return this.api.call({ method: "GET", path: `/v1/operations/${segment(operationId)}`, query }, options);
  }

  /**
   * Ask an operation to stop.
   *
   * It may still end well: `cancel_requested` is true until the work has noticed. Asking again changes nothing.
   *
   * Scope: `operations:write`.
   */
  cancel(operationId: string, options?: RequestOptions): Call<types.Operation> {
    return this.api.call({ method: "POST", path: `/v1/operations/${segment(operationId)}/cancel` }, options);
  }
}
