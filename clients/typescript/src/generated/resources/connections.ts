// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { ChangeOptions, RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class ConnectionsResource extends Resource {
  /**
   * List connections.
   *
   * Scope: `connections:read`.
   */
  list(query?: types.ListConnectionsQuery, options?: RequestOptions): Pages<types.ConnectionPage, types.Connection> {
    return this.api.pages({ method: "GET", path: "/v1/connections", query }, options);
  }

  /**
   * Connect an account at a provider.
   *
   * Scope: `connections:write`.
   */
  create(body: types.NewConnection, options?: RequestOptions): Call<types.Connection> {
    return this.api.call({ method: "POST", path: "/v1/connections", body }, options);
  }

  /**
   * Read a connection.
   *
   * Scope: `connections:read`.
   */
  get(connectionId: string, options?: RequestOptions): Call<types.Connection> {
    return this.api.call({ method: "GET", path: `/v1/connections/${segment(connectionId)}` }, options);
  }

  /**
   * Change a connection, or replace its secret.
   *
   * Scope: `connections:write`.
   */
  update(connectionId: string, body: types.ConnectionPatch, options?: ChangeOptions): Call<types.Connection> {
    return this.api.call({ method: "PATCH", path: `/v1/connections/${segment(connectionId)}`, body }, options);
  }

  /**
   * Delete a connection and its secret.
   *
   * Refused while tunes run on it. What was tuned through it stays in the history.
   *
   * Scope: `connections:write`.
   */
  delete(connectionId: string, options?: ChangeOptions): Call<types.Connection> {
    return this.api.call({ method: "DELETE", path: `/v1/connections/${segment(connectionId)}` }, options);
  }

  /**
   * Ask the provider whether the connection works.
   *
   * What the provider refuses for good is a 502 in its own words; when it cannot be reached, a 503.
   *
   * Scope: `connections:write`.
   */
  check(connectionId: string, options?: RequestOptions): Call<types.ConnectionCheck> {
    return this.api.call({ method: "POST", path: `/v1/connections/${segment(connectionId)}/check` }, options);
  }

  /**
   * Read a connection's history.
   *
   * A deleted connection's, too. A new secret shows in `secret_number`.
   *
   * Scope: `connections:read`.
   */
  history(
    connectionId: string,
    query?: types.ListConnectionHistoryQuery,
    options?: RequestOptions,
  ): Pages<types.HistoryPage, types.HistoryEntry> {
    return this.api.pages({
      method: "GET",
      path: `/v1/connections/${segment(connectionId)}/history`,
      query,
    }, options);
  }
}
