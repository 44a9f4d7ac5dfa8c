// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { RequestOptions } from "../../options.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class AssignmentsResource extends Resource {
  /**
   * Read an assignment.
   *
   * Scope: `labels:read`.
   */
  get(assignmentId: string, options?: RequestOptions): Call<types.Assignment> {
    return this.api.call({ method: "GET", path: `/v1/assignments/${segment(assignmentId)}` }, options);
  }

  /**
   * Give the example back unlabelled.
   *
   * Scope: `labels:write`.
   */
  release(assignmentId: string, body: types.ReleaseAssignment, options?: RequestOptions): Call<types.Assignment> {
    return this.api.call({
      method: "POST",
      path: `/v1/assignments/${segment(assignmentId)}/release`,
      body,
    }, options);
  }

  /**
   * Accept a label, or send it back.
   *
   * A label that was sent back counts for nothing until the same annotator has answered again.
   *
   * Scope: `labels:write`.
   */
  review(assignmentId: string, body: types.ReviewAssignment, options?: RequestOptions): Call<types.Assignment> {
    return this.api.call({
      method: "POST",
      path: `/v1/assignments/${segment(assignmentId)}/review`,
      body,
    }, options);
  }

  /**
   * Leave the example to others, and say why.
   *
   * Scope: `labels:write`.
   */
  skip(assignmentId: string, body: types.SkipAssignment, options?: RequestOptions): Call<types.Assignment> {
    return this.api.call({
      method: "POST",
      path: `/v1/assignments/${segment(assignmentId)}/skip`,
      body,
    }, options);
  }

  /**
   * Label the claimed example.
   *
   * After the lease only as long as nobody else has the place. The same answer again records nothing.
   *
   * Scope: `labels:write`.
   */
  submit(assignmentId: string, body: types.Answered, options?: RequestOptions): Call<types.Assignment> {
    return this.api.call({
      method: "POST",
      path: `/v1/assignments/${segment(assignmentId)}/submit`,
      body,
    }, options);
  }
}
