// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { RequestOptions, StreamOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import type { EventStream } from "../../stream.js";
import { Resource, segment } from "../../resource.js";
import { WaitsForOperations } from "../../waiters.js";
import type * as types from "../types.js";

export class OperationsCallsResource extends Resource {
  /**
   * List an operation's model calls.
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

  /**
   * Follow an operation.
   *
   * Server-sent events: the operation as it is now, and again after each change.
   *
   * A slow client may miss states in between, but always gets the last one, then a message named `end`. If the stream
   * breaks before that, reconnect with Last-Event-ID.
   *
   * Scope: `operations:read`.
   */
  stream(
    operationId: string,
    query?: types.StreamOperationQuery,
    options?: StreamOptions,
  ): EventStream<types.Operation> {
    return this.api.stream({
      method: "GET",
      path: `/v1/operations/${segment(operationId)}/stream`,
      query,
    }, options);
  }
}
