// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { Download } from "../../download.js";
import type { RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class ArtifactsResource extends Resource {
  /**
   * List artifacts.
   *
   * Without those that were deleted.
   *
   * Scope: `tunes:read`.
   */
  list(query?: types.ListArtifactsQuery, options?: RequestOptions): Pages<types.ArtifactPage, types.Artifact> {
    return this.api.pages({ method: "GET", path: "/v1/artifacts", query }, options);
  }

  /**
   * Get an artifact's digest, size and owner.
   *
   * Scope: `tunes:read`.
   */
  get(artifactId: string, options?: RequestOptions): Call<types.Artifact> {
    return this.api.call({ method: "GET", path: `/v1/artifacts/${segment(artifactId)}` }, options);
  }

  /**
   * Delete an artifact's content.
   *
   * Its digest and size stay readable. Deleting it again is fine.
   *
   * Scope: `tunes:write`.
   */
  delete(artifactId: string, query?: types.DeleteArtifactQuery, options?: RequestOptions): Call<types.Artifact> {
    return this.api.call({ method: "DELETE", path: `/v1/artifacts/${segment(artifactId)}`, query }, options);
  }

  /**
   * Download an artifact's content, or a range of it.
   *
   * The ETag is the sha256. A download that broke off goes on with `Range: bytes=N-` and `If-Range`.
   *
   * Scope: `tunes:read`.
   */
  read(artifactId: string, options?: RequestOptions): Download {
    return this.api.download({ method: "GET", path: `/v1/artifacts/${segment(artifactId)}/content` }, options);
  }

  /**
   * Read an artifact's content and compare it with the log.
   *
   * Reads all of it, so it takes as long as a download.
   *
   * Scope: `tunes:read`.
   */
  verify(artifactId: string, options?: RequestOptions): Call<types.Verification> {
    return this.api.call({ method: "POST", path: `/v1/artifacts/${segment(artifactId)}/verify` }, options);
  }
}
