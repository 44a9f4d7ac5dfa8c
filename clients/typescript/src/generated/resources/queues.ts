// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { ChangeOptions, RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class QueuesAssignmentsResource extends Resource {
  /**
   * List who has which example of a queue.
   *
   * For a review: those that are `submitted`. A key with labels:write alone sees its own.
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
   * Tell who works on a queue, and how they answered its honeypots.
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
   * Read a queue and how far it is.
   *
   * Scope: `labels:read`.
   */
  get(queueId: string, options?: RequestOptions): Call<types.Queue> {
    return this.api.call({ method: "GET", path: `/v1/queues/${segment(queueId)}` }, options);
  }

  /**
   * Change a queue, or close it.
   *
   * Scope: `labels:write`.
   */
  update(queueId: string, body: types.QueueChanges, options?: ChangeOptions): Call<types.Queue> {
    return this.api.call({ method: "PATCH", path: `/v1/queues/${segment(queueId)}`, body }, options);
  }

  /**
   * Keep examples for an annotator.
   *
   * They count among the places of each example, and are the first that this annotator's claims bring.
   *
   * Scope: `labels:write`.
   */
  assignExamples(queueId: string, body: types.AssignExamples, options?: RequestOptions): Call<types.AssignmentPage> {
    return this.api.call({ method: "POST", path: `/v1/queues/${segment(queueId)}/assign`, body }, options);
  }

  /**
   * Add examples or honeypots to a queue.
   *
   * Those that are in it already are passed over. At most 5,000 at once; `left` says how many more match.
   *
   * Scope: `labels:write`.
   */
  add(queueId: string, body: types.QueueExamples, options?: RequestOptions): Call<types.ExamplesQueued> {
    return this.api.call({ method: "POST", path: `/v1/queues/${segment(queueId)}/examples`, body }, options);
  }
}
