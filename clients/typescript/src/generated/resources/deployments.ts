// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class DeploymentsResource extends Resource {
  /**
   * List deployments, newest first.
   *
   * Scope: `tunes:read`.
   */
  list(query?: types.ListDeploymentsQuery, options?: RequestOptions): Pages<types.DeploymentPage, types.Deployment> {
    return this.api.pages({ method: "GET", path: "/v1/deployments", query }, options);
  }

  /**
   * Deploy a model.
   *
   * A worker starts it exactly once. From then on requests to the model go there, and it costs by the hour.
   *
   * It is stopped by `DELETE`, by the provider's idle time, and after `stop_after_hours` at the latest.
   *
   * Scope: `tunes:write`.
   */
  create(body: types.NewDeployment, options?: RequestOptions): Call<types.Deployment> {
    return this.api.call({ method: "POST", path: "/v1/deployments", body }, options);
  }

  /**
   * Get a deployment, now or as of a time.
   *
   * The state that workers saw last, with its hours and cost until now.
   *
   * Scope: `tunes:read`.
   */
  get(deploymentId: string, query?: types.GetDeploymentQuery, options?: RequestOptions): Call<types.Deployment> {
    return this.api.call({ method: "GET", path: `/v1/deployments/${segment(deploymentId)}`, query }, options);
  }

  /**
   * Stop a deployment.
   *
   * A worker stops it at the provider; it is `stopped` once nothing is paid any more. Stopping it again is fine.
   *
   * Scope: `tunes:write`.
   */
  stop(deploymentId: string, options?: RequestOptions): Call<types.Deployment> {
    return this.api.call({ method: "DELETE", path: `/v1/deployments/${segment(deploymentId)}` }, options);
  }

  /**
   * List a deployment's history.
   *
   * Scope: `tunes:read`.
   */
  history(
    deploymentId: string,
    query?: types.GetDeploymentHistoryQuery,
    options?: RequestOptions,
  ): Pages<types.HistoryPage, types.HistoryEntry> {
    return this.api.pages({
      method: "GET",
      path: `/v1/deployments/${segment(deploymentId)}/history`,
      query,
    }, options);
  }
}
