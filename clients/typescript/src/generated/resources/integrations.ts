// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class IntegrationsResource extends Resource {
  /**
   * List integrations.
   *
   * Scope: `connections:read`.
   */
  list(query?: types.ListIntegrationsQuery, options?: RequestOptions): Pages<types.IntegrationPage, types.Integration> {
    return this.api.pages({ method: "GET", path: "/v1/integrations", query }, options);
  }

  /**
   * Create an integration.
   *
   * Its address has to be https and public, unless an operator allows it. 422 if not.
   *
   * Scope: `connections:write`.
   */
  create(body: types.NewIntegration, options?: RequestOptions): Call<types.Integration> {
    return this.api.call({ method: "POST", path: "/v1/integrations", body }, options);
  }

  /**
   * Get an integration.
   *
   * Scope: `connections:read`.
   */
  get(integrationId: string, options?: RequestOptions): Call<types.Integration> {
    return this.api.call({ method: "GET", path: `/v1/integrations/${segment(integrationId)}` }, options);
  }

  /**
   * Replace an integration's secret.
   *
   * Its other settings do not change: create another one.
   *
   * Scope: `connections:write`.
   */
  update(integrationId: string, body: types.IntegrationPatch, options?: RequestOptions): Call<types.Integration> {
    return this.api.call({ method: "PATCH", path: `/v1/integrations/${segment(integrationId)}`, body }, options);
  }

  /**
   * Delete an integration and its secret.
   *
   * What was published and shown stays where it is.
   *
   * Scope: `connections:write`.
   */
  delete(integrationId: string, options?: RequestOptions): Call<types.Integration> {
    return this.api.call({ method: "DELETE", path: `/v1/integrations/${segment(integrationId)}` }, options);
  }
}
