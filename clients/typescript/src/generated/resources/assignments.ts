// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { RequestOptions } from "../../options.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class AssignmentsResource extends Resource {
  /**
   * Get an assignment.
   *
   * Scope: `labels:read`.
   */
  get(assignmentId: string, options?: RequestOptions): Call<types.Assignment> {
    return this.api.call({ method: "GET", path: `/v1/assignments/${segment(assignmentId)}` }, options);
  }

  /**
   * Release a claimed example.
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
   * Accept a label or send it back.
   *
   * A label that was sent back does not count until the same annotator submits again.
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
   * Skip a claimed example.
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
   * Submit the label of a claimed example.
   *
   * After the lease has ended, this works only while nobody else has taken the example. Repeating the same answers
   * records nothing.
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

  /**
   * Take a submitted label back.
   *
   * For a mis-click: the label counts no more, and its annotator has the example again under a new lease. Refused (409
   * `decided`) once a reviewer has accepted the label or a consensus has counted it. The label's history keeps both
   * answers. Repeating it records nothing.
   *
   * Scope: `labels:write`.
   */
  withdraw(assignmentId: string, body: types.WithdrawLabel, options?: RequestOptions): Call<types.Assignment> {
    return this.api.call({
      method: "POST",
      path: `/v1/assignments/${segment(assignmentId)}/withdraw`,
      body,
    }, options);
  }
}
