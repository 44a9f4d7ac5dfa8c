// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { ChangeOptions, RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class TasksVersionsResource extends Resource {
  /**
   * Read a version of a task.
   *
   * Each change makes a version. An example's `task_version` says which one it was checked against.
   *
   * Scope: `tasks:read`.
   */
  get(taskId: string, number: number, options?: RequestOptions): Call<types.Task> {
    return this.api.call({
      method: "GET",
      path: `/v1/tasks/${segment(taskId)}/versions/${segment(number)}`,
    }, options);
  }
}

export class TasksResource extends Resource {
  readonly versions = new TasksVersionsResource(this.api);

  /**
   * List tasks.
   *
   * Scope: `tasks:read`.
   */
  list(query?: types.ListTasksQuery, options?: RequestOptions): Pages<types.TaskPage, types.Task> {
    return this.api.pages({ method: "GET", path: "/v1/tasks", query }, options);
  }

  /**
   * Create a task.
   *
   * Scope: `tasks:write`.
   */
  create(body: types.NewTask, options?: RequestOptions): Call<types.Task> {
    return this.api.call({ method: "POST", path: "/v1/tasks", body }, options);
  }

  /**
   * Read a task, now or as of a time.
   *
   * Scope: `tasks:read`.
   */
  get(taskId: string, query?: types.GetTaskQuery, options?: RequestOptions): Call<types.Task> {
    return this.api.call({ method: "GET", path: `/v1/tasks/${segment(taskId)}`, query }, options);
  }

  /**
   * Change a task's definition.
   *
   * Scope: `tasks:write`.
   */
  update(taskId: string, body: types.TaskChanges, options?: ChangeOptions): Call<types.Task> {
    return this.api.call({ method: "PATCH", path: `/v1/tasks/${segment(taskId)}`, body }, options);
  }

  /**
   * Archive a task.
   *
   * It leaves the lists and takes no changes, and nothing new can name it (409 `archived`): no dataset, model, prompt,
   * queue or generation. What uses it already goes on, its versions and history stay, and its name is free for another.
   *
   * Scope: `tasks:write`.
   */
  archive(taskId: string, body: types.ArchiveChange, options?: RequestOptions): Call<types.Task> {
    return this.api.call({ method: "POST", path: `/v1/tasks/${segment(taskId)}/archive`, body }, options);
  }

  /**
   * List a task's history.
   *
   * Scope: `tasks:read`.
   */
  history(
    taskId: string,
    query?: types.ListTaskHistoryQuery,
    options?: RequestOptions,
  ): Pages<types.HistoryPage, types.HistoryEntry> {
    return this.api.pages({ method: "GET", path: `/v1/tasks/${segment(taskId)}/history`, query }, options);
  }

  /**
   * Preview which examples would fail other schemas.
   *
   * Checks the examples of all the task's datasets, as many per response as 10 seconds allow, at most 100,000. Nothing
   * changes.
   *
   * Scope: `tasks:read` and `datasets:read`.
   */
  previewSchemas(
    taskId: string,
    body: types.PreviewSchemas,
    query?: types.PreviewTaskSchemasQuery,
    options?: RequestOptions,
  ): Call<types.SchemaPreview> {
    return this.api.call({ method: "POST", path: `/v1/tasks/${segment(taskId)}/preview`, body, query }, options);
  }

  /**
   * Build a prompt from a task.
   *
   * Build a version from the task. Examples are from the split `train`, rated 4 or better, repaired ones first.
   *
   * They are copied into the messages. A version with `examples`, which are drawn when rendering, holds no copy.
   *
   * Scope: `prompts:read` and `datasets:read`.
   */
  buildPrompt(taskId: string, query?: types.BuildPromptQuery, options?: RequestOptions): Call<types.PromptDraft> {
    return this.api.call({ method: "GET", path: `/v1/tasks/${segment(taskId)}/prompt`, query }, options);
  }

  /**
   * Bring an archived task back.
   *
   * Refused (409) while another task has its name.
   *
   * Scope: `tasks:write`.
   */
  unarchive(taskId: string, body: types.ArchiveChange, options?: RequestOptions): Call<types.Task> {
    return this.api.call({ method: "POST", path: `/v1/tasks/${segment(taskId)}/unarchive`, body }, options);
  }
}
