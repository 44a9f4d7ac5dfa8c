// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { ChangeOptions, RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class QueuesAssignmentsResource extends Resource {
  /**
   * List a queue's assignments.
   *
   * To review labels, list the assignments in the state `submitted`. A key with only the scope labels:write sees its
   * own assignments.
   *
   * Scope: `labels:read`.
   */
  list(
    queueId: string,
    query?: types.ListAssignmentsQuery,
    options?: RequestOptions,
  ): Pages<types.AssignmentPage, types.Assignment> {
    return this.api.pages({ method: "GET", path: `/v1/queues/${segment(queueId)}/assignments`, query }, options);
  }
}

export class QueuesAnnotatorsResource extends Resource {
  /**
   * List a queue's annotators and their honeypot scores.
   *
   * Scope: `labels:read`.
   */
  list(queueId: string, options?: RequestOptions): Call<types.AnnotatorList> {
    return this.api.call({ method: "GET", path: `/v1/queues/${segment(queueId)}/annotators` }, options);
  }
}

export class QueuesResource extends Resource {
  readonly annotators = new QueuesAnnotatorsResource(this.api);
  readonly assignments = new QueuesAssignmentsResource(this.api);

  /**
   * Get a queue and its progress, now or as of a time.
   *
   * Not for an annotator's key, with labels:write alone; see GET /v1/me/queue.
   *
   * Scope: `labels:read`.
   */
  get(queueId: string, query?: types.GetQueueQuery, options?: RequestOptions): Call<types.Queue> {
    return this.api.call({ method: "GET", path: `/v1/queues/${segment(queueId)}`, query }, options);
  }

  /**
   * Update or close a queue.
   *
   * Scope: `labels:write`.
   */
  update(queueId: string, body: types.QueueChanges, options?: ChangeOptions): Call<types.Queue> {
    return this.api.call({ method: "PATCH", path: `/v1/queues/${segment(queueId)}`, body }, options);
  }

  /**
   * Archive a queue.
   *
   * It leaves the lists and takes no work (409 `archived`): no edits, examples, claims, labels or reviews. The labels
   * it gathered count as before, its history stays, and its name is free for another.
   *
   * Scope: `labels:write`.
   */
  archive(queueId: string, body: types.ArchiveChange, options?: RequestOptions): Call<types.Queue> {
    return this.api.call({ method: "POST", path: `/v1/queues/${segment(queueId)}/archive`, body }, options);
  }

  /**
   * Reserve examples for an annotator.
   *
   * A reservation takes one of each example's `overlap` slots. The annotator's claims return reserved examples first.
   *
   * Scope: `labels:write`.
   */
  assignExamples(queueId: string, body: types.AssignExamples, options?: RequestOptions): Call<types.AssignmentPage> {
    return this.api.call({ method: "POST", path: `/v1/queues/${segment(queueId)}/assign`, body }, options);
  }

  /**
   * Add examples or honeypots to a queue.
   *
   * Skips those already in the queue. Adds at most 5,000 at once; `left` says how many more match.
   *
   * Scope: `labels:write`.
   */
  add(queueId: string, body: types.QueueExamples, options?: RequestOptions): Call<types.ExamplesQueued> {
    return this.api.call({ method: "POST", path: `/v1/queues/${segment(queueId)}/examples`, body }, options);
  }

  /**
   * Bring an archived queue back.
   *
   * Refused (409) while another queue of the dataset has its name.
   *
   * Scope: `labels:write`.
   */
  unarchive(queueId: string, body: types.ArchiveChange, options?: RequestOptions): Call<types.Queue> {
    return this.api.call({ method: "POST", path: `/v1/queues/${segment(queueId)}/unarchive`, body }, options);
  }
}
