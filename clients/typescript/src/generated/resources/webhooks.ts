// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { ChangeOptions, RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class WebhooksDeliveriesResource extends Resource {
  /**
   * List a webhook's deliveries, newest first.
   *
   * Deliveries are stored for 30 days.
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
   * Events from now on are sent to it. The response shows the secret that verifies its messages, this once only.
   *
   * Scope: `webhooks:write`.
   */
  create(body: types.NewWebhook, options?: RequestOptions): Call<types.WebhookWithSecret> {
    return this.api.call({ method: "POST", path: "/v1/webhooks", body }, options);
  }

  /**
   * Get a webhook and its delivery progress, now or as of a time.
   *
   * How far it had been told at a past time is not kept: `standing` is null with `as_of`.
   *
   * Scope: `webhooks:read`.
   */
  get(webhookId: string, query?: types.GetWebhookQuery, options?: RequestOptions): Call<types.WebhookDetail> {
    return this.api.call({ method: "GET", path: `/v1/webhooks/${segment(webhookId)}`, query }, options);
  }

  /**
   * Update or reactivate a webhook.
   *
   * A reactivated webhook receives the events it missed. Any change retries waiting messages at once.
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
   * List a webhook's history.
   *
   * Changes, automatic disabling, replays and rotations. Also works for a deleted webhook.
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
   * Send past events to a webhook again.
   *
   * Repeated messages keep their ids. Events it has not received yet are sent as usual.
   *
   * Scope: `webhooks:write`.
   */
  replay(webhookId: string, body: types.Replay, options?: RequestOptions): Call<types.Webhook> {
    return this.api.call({ method: "POST", path: `/v1/webhooks/${segment(webhookId)}/replay`, body }, options);
  }

  /**
   * Rotate a webhook's secret.
   *
   * Until the overlap ends, messages carry a signature of the new secret and of each older one.
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
   * Send a test message to a webhook.
   *
   * A worker sends it once, even if the webhook is inactive. Get the delivery to see the receiver's response.
   *
   * Scope: `webhooks:write`.
   */
  test(webhookId: string, options?: RequestOptions): Call<types.Delivery> {
    return this.api.call({ method: "POST", path: `/v1/webhooks/${segment(webhookId)}/test` }, options);
  }
}
