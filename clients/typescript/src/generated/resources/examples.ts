// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { ChangeOptions, RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class ExamplesResource extends Resource {
  /**
   * Read an example.
   *
   * Scope: `datasets:read`.
   */
  get(exampleId: string, query?: types.GetExampleQuery, options?: RequestOptions): Call<types.Example> {
    return this.api.call({ method: "GET", path: `/v1/examples/${segment(exampleId)}`, query }, options);
  }

  /**
   * Edit an example.
   *
   * Scope: `datasets:write`.
   */
  update(exampleId: string, body: types.EditExample, options?: ChangeOptions): Call<types.Example> {
    return this.api.call({ method: "PATCH", path: `/v1/examples/${segment(exampleId)}`, body }, options);
  }

  /**
   * Delete an example.
   *
   * Removes it from the dataset. Its history, and versions that contain it, stay.
   *
   * Scope: `datasets:write`.
   */
  delete(exampleId: string, query?: types.DeleteExampleQuery, options?: ChangeOptions): Call<void> {
    return this.api.nothing({ method: "DELETE", path: `/v1/examples/${segment(exampleId)}`, query }, options);
  }

  /**
   * Erase an example.
   *
   * Erasing is for good, and done by a worker: 202 with the erasure, which becomes its receipt. All its revisions go,
   * and all that was made of it. A dry run answers with what would go.
   *
   * Scope: `erase`.
   */
  erase(exampleId: string, body: types.Erase, options?: RequestOptions): Call<types.Erasure | types.ErasurePreview> {
    return this.api.call({ method: "POST", path: `/v1/examples/${segment(exampleId)}/erase`, body }, options);
  }

  /**
   * List an example's history.
   *
   * Every change with its author, time and reason, and each field before and after.
   *
   * Scope: `datasets:read`.
   */
  history(
    exampleId: string,
    query?: types.ListExampleHistoryQuery,
    options?: RequestOptions,
  ): Pages<types.HistoryPage, types.HistoryEntry> {
    return this.api.pages({ method: "GET", path: `/v1/examples/${segment(exampleId)}/history`, query }, options);
  }

  /**
   * Get an example's lineage: its dataset versions and their models.
   *
   * Works for deleted examples too.
   *
   * Scope: `models:read`.
   */
  lineage(
    exampleId: string,
    query?: types.GetExampleLineageQuery,
    options?: RequestOptions,
  ): Pages<types.ExampleLineage, types.DatasetVersionWith> {
    return this.api.pages({ method: "GET", path: `/v1/examples/${segment(exampleId)}/lineage`, query }, options);
  }

  /**
   * Read the row that an example was added from.
   *
   * The imported row as it was sent, of a table its cells by column. An example that came as it is stored, or was added
   * one by one, answers with its first content. Edits and repairs change nothing of it.
   *
   * Scope: `datasets:read`.
   */
  original(exampleId: string, options?: RequestOptions): Call<types.ExampleOriginal> {
    return this.api.call({ method: "GET", path: `/v1/examples/${segment(exampleId)}/original` }, options);
  }

  /**
   * Rate an example.
   *
   * Each rater has one rating of an example; rating again replaces it.
   *
   * Scope: `datasets:write`.
   */
  rate(exampleId: string, body: types.RateExample, options?: ChangeOptions): Call<types.Example> {
    return this.api.call({ method: "PUT", path: `/v1/examples/${segment(exampleId)}/rating`, body }, options);
  }

  /**
   * Repair an example's output.
   *
   * Replaces the output. The instruction and the old output are kept.
   *
   * Scope: `datasets:write`.
   */
  repair(exampleId: string, body: types.RepairExample, options?: ChangeOptions): Call<types.Example> {
    return this.api.call({ method: "POST", path: `/v1/examples/${segment(exampleId)}/repair`, body }, options);
  }

  /**
   * Restore an earlier revision.
   *
   * Also restores a deleted example.
   *
   * Scope: `datasets:write`.
   */
  restore(exampleId: string, body: types.RestoreExample, options?: ChangeOptions): Call<types.Example> {
    return this.api.call({ method: "POST", path: `/v1/examples/${segment(exampleId)}/restore`, body }, options);
  }
}
