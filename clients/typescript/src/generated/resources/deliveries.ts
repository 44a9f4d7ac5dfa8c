// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { RequestOptions } from "../../options.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class DeliveriesResource extends Resource {
  /**
   * Get a delivery.
   *
   * Scope: `webhooks:read`.
   */
  get(deliveryId: string, options?: RequestOptions): Call<types.Delivery> {
    return this.api.call({ method: "GET", path: `/v1/deliveries/${segment(deliveryId)}` }, options);
  }

  /**
   * Send a delivery's message again.
   *
   * Sent once, with the same message id, independent of other messages. A test is repeated as a new test.
   *
   * Scope: `webhooks:write`.
   */
  redeliver(deliveryId: string, options?: RequestOptions): Call<types.Delivery> {
    return this.api.call({ method: "POST", path: `/v1/deliveries/${segment(deliveryId)}/redeliver` }, options);
  }
}
