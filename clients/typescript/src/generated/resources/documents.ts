// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { RequestOptions } from "../../options.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class DocumentsResource extends Resource {
  /**
   * Read a document's findings.
   *
   * Scope: `generations:read`.
   */
  get(documentId: string, options?: RequestOptions): Call<types.UploadedDocument> {
    return this.api.call({ method: "GET", path: `/v1/documents/${segment(documentId)}` }, options);
  }
}
