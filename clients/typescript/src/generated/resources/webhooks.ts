// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { ChangeOptions, RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class WebhooksDeliveriesResource extends Resource {
  /**
   * List what a webhook was sent and answered, the newest first.
   *
   * Those of the last 30 days.
   *
   * Scope: `webhooks:read`.
   */
  list(
    webhookId: string,
    query?: types.ListWebhookDeliveriesQuery,
    options?: RequestOptions,
  ): Pages<types.DeliveryPage, types.Delivery> {
    return this.api.pages({
      method: "GET",
      path: `/v1/webhooks/${segment(webhookId)}/deliveries`,
      query,
    }, options);
  }
}

export class WebhooksResource extends Resource {
  readonly deliveries = new WebhooksDeliveriesResource(this.api);

  /**
   * List webhooks.
   *
   * Scope: `webhooks:read`.
   */
  list(query?: types.ListWebhooksQuery, options?: RequestOptions): Pages<types.WebhookPage, types.Webhook> {
    return this.api.pages({ method: "GET", path: "/v1/webhooks", query }, options);
  }

  /**
   * Create a webhook.
   *
   * It is told of every event from now on. The secret, which verifies what it receives, is shown this once.
   *
   * Scope: `webhooks:write`.
   */
  create(body: types.NewWebhook, options?: RequestOptions): Call<types.WebhookWithSecret> {
    return this.api.call({ method: "POST", path: "/v1/webhooks", body }, options);
  }

  /**
   * Read a webhook, and how far it was told.
   *
   * Scope: `webhooks:read`.
   */
  get(webhookId: string, options?: RequestOptions): Call<types.WebhookDetail> {
    return this.api.call({ method: "GET", path: `/v1/webhooks/${segment(webhookId)}` }, options);
  }

  /**
   * Change a webhook, or set it active again.
   *
   * One that was not active is told what it has missed. Every change makes what waits be tried at once.
   *
   * Scope: `webhooks:write`.
   */
  update(webhookId: string, body: types.WebhookPatch, options?: ChangeOptions): Call<types.Webhook> {
    return this.api.call({ method: "PATCH", path: `/v1/webhooks/${segment(webhookId)}`, body }, options);
  }

  /**
   * Delete a webhook and its secrets.
   *
   * Scope: `webhooks:write`.
   */
  delete(webhookId: string, options?: ChangeOptions): Call<types.Webhook> {
    return this.api.call({ method: "DELETE", path: `/v1/webhooks/${segment(webhookId)}` }, options);
  }

  /**
   * Read a webhook's history.
   *
   * A deleted webhook's, too: who changed it, when it was disabled, replays and rotations.
   *
   * Scope: `webhooks:read`.
   */
  history(
    webhookId: string,
    query?: types.ListWebhookHistoryQuery,
    options?: RequestOptions,
  ): Pages<types.HistoryPage, types.HistoryEntry> {
    return this.api.pages({ method: "GET", path: `/v1/webhooks/${segment(webhookId)}/history`, query }, options);
  }

  /**
   * Tell a webhook again what was recorded from a seq on.
   *
   * The messages have the ids that they had before. What it was not told so far comes anyway.
   *
   * Scope: `webhooks:write`.
   */
  replay(webhookId: string, body: types.Replay, options?: RequestOptions): Call<types.Webhook> {
    return this.api.call({ method: "POST", path: `/v1/webhooks/${segment(webhookId)}/replay`, body }, options);
  }

  /**
   * Give a webhook a new secret.
   *
   * Until the overlap ends, every message carries a signature of the new secret and of those before.
   *
   * Scope: `webhooks:write`.
   */
  rotateSecret(
    webhookId: string,
    body?: types.RotateSecret | null,
    options?: RequestOptions,
  ): Call<types.WebhookWithSecret> {
    return this.api.call({
      method: "POST",
      path: `/v1/webhooks/${segment(webhookId)}/rotate-secret`,
      body,
    }, options);
  }

  /**
   * Send a webhook a test.
   *
   * A worker sends it once, also when the webhook is not active; read the delivery to see the answer.
   *
   * Scope: `webhooks:write`.
   */
  test(webhookId: string, options?: RequestOptions): Call<types.Delivery> {
    return this.api.call({ method: "POST", path: `/v1/webhooks/${segment(webhookId)}/test` }, options);
  }
}
