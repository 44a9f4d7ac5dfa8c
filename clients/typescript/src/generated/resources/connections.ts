// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { ChangeOptions, RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class ConnectionsWebhookResource extends Resource {
  /**
   * Take the provider's webhooks.
   *
   * For OpenAI and its like. Create the webhook there for the URL of `path`, and send its signing secret here.
   *
   * Signed messages make workers look at the connection's jobs at once; nothing else that they say is believed. A new
   * secret replaces the old one.
   *
   * Scope: `connections:write`.
   */
  set(connectionId: string, body: types.NewConnectionHook, options?: RequestOptions): Call<types.ConnectionHook> {
    return this.api.call({
      method: "PUT",
      path: `/v1/connections/${segment(connectionId)}/webhook`,
      body,
    }, options);
  }

  /**
   * Take no more of the provider's webhooks.
   *
   * The signing secret is deleted. Jobs are followed as before, by looking.
   *
   * Scope: `connections:write`.
   */
  delete(connectionId: string, options?: RequestOptions): Call<types.ConnectionHook> {
    return this.api.call({ method: "DELETE", path: `/v1/connections/${segment(connectionId)}/webhook` }, options);
  }
}

export class ConnectionsResource extends Resource {
  readonly webhook = new ConnectionsWebhookResource(this.api);

  /**
   * List connections.
   *
   * Scope: `connections:read`.
   */
  list(query?: types.ListConnectionsQuery, options?: RequestOptions): Pages<types.ConnectionPage, types.Connection> {
    return this.api.pages({ method: "GET", path: "/v1/connections", query }, options);
  }

  /**
   * Create a connection to a provider.
   *
   * The base_url has to be https with a public address, unless an operator allows it. 422 if not.
   *
   * Scope: `connections:write`.
   */
  create(body: types.NewConnection, options?: RequestOptions): Call<types.Connection> {
    return this.api.call({ method: "POST", path: "/v1/connections", body }, options);
  }

  /**
   * Get a connection.
   *
   * Scope: `connections:read`.
   */
  get(connectionId: string, query?: types.GetConnectionQuery, options?: RequestOptions): Call<types.Connection> {
    return this.api.call({ method: "GET", path: `/v1/connections/${segment(connectionId)}`, query }, options);
  }

  /**
   * Update a connection or replace its secret.
   *
   * Scope: `connections:write`.
   */
  update(connectionId: string, body: types.ConnectionPatch, options?: ChangeOptions): Call<types.Connection> {
    return this.api.call({ method: "PATCH", path: `/v1/connections/${segment(connectionId)}`, body }, options);
  }

  /**
   * Delete a connection and its secret.
   *
   * Fails with 409 while tunes run on the connection. Its models and its history stay.
   *
   * Scope: `connections:write`.
   */
  delete(connectionId: string, options?: ChangeOptions): Call<types.Connection> {
    return this.api.call({ method: "DELETE", path: `/v1/connections/${segment(connectionId)}` }, options);
  }

  /**
   * Check that a connection works.
   *
   * Send the provider a request. 502 with its message if it refuses for good, 503 if it cannot be reached.
   *
   * Scope: `connections:write`.
   */
  check(connectionId: string, options?: RequestOptions): Call<types.ConnectionCheck> {
    return this.api.call({ method: "POST", path: `/v1/connections/${segment(connectionId)}/check` }, options);
  }

  /**
   * List a connection's history.
   *
   * Also works for a deleted connection. A replaced secret shows as a new `secret_number`.
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
