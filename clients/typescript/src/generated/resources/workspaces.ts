// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class WorkspacesResource extends Resource {
  /**
   * List the workspaces this key can see.
   *
   * Scope: `access:read`.
   */
  list(query?: types.ListWorkspacesQuery, options?: RequestOptions): Pages<types.WorkspacePage, types.Workspace> {
    return this.api.pages({ method: "GET", path: "/v1/workspaces", query }, options);
  }

  /**
   * Create a workspace and its first key.
   *
   * Scope: `operator`.
   */
  create(body: types.NewWorkspace, options?: RequestOptions): Call<types.WorkspaceWithKey> {
    return this.api.call({ method: "POST", path: "/v1/workspaces", body }, options);
  }

  /**
   * End a workspace and delete all of it.
   *
   * Deletes every row of the workspace, its log and its artifacts too. Files at its providers stay; delete them first.
   *
   * Scope: `operator`.
   */
  end(workspaceId: string, body: types.EndWorkspace, options?: RequestOptions): Call<types.EndedWorkspace> {
    return this.api.call({ method: "DELETE", path: `/v1/workspaces/${segment(workspaceId)}`, body }, options);
  }
}
