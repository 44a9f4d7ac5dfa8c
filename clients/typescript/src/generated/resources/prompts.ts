// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { ChangeOptions, RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class PromptsVersionsResource extends Resource {
  /**
   * List a prompt's versions.
   *
   * Scope: `prompts:read`.
   */
  list(
    promptId: string,
    query?: types.ListPromptVersionsQuery,
    options?: RequestOptions,
  ): Pages<types.PromptVersionPage, types.PromptVersion> {
    return this.api.pages({ method: "GET", path: `/v1/prompts/${segment(promptId)}/versions`, query }, options);
  }

  /**
   * Add a version.
   *
   * Add a version with the next number. The same content as the latest returns that one. The ETag is the prompt's.
   *
   * Scope: `prompts:write`.
   */
  add(promptId: string, body: types.NewPromptVersion, options?: ChangeOptions): Call<types.PromptVersion> {
    return this.api.call({ method: "POST", path: `/v1/prompts/${segment(promptId)}/versions`, body }, options);
  }

  /**
   * Read a version.
   *
   * Scope: `prompts:read`.
   */
  get(promptId: string, number: number, options?: RequestOptions): Call<types.PromptVersion> {
    return this.api.call({
      method: "GET",
      path: `/v1/prompts/${segment(promptId)}/versions/${segment(number)}`,
    }, options);
  }
}

export class PromptsRunsResource extends Resource {
  /**
   * List a prompt's batch runs.
   *
   * Scope: `prompts:read`.
   */
  list(
    promptId: string,
    query?: types.ListPromptRunsQuery,
    options?: RequestOptions,
  ): Pages<types.PromptRunPage, types.PromptRun> {
    return this.api.pages({ method: "GET", path: `/v1/prompts/${segment(promptId)}/runs`, query }, options);
  }

  /**
   * Run a prompt on many examples.
   *
   * No example is paid for twice, also after a crash. An example that fails is a failed prediction.
   *
   * Scope: `prompts:run` and `datasets:read`.
   */
  create(promptId: string, body: types.NewPromptRun, options?: RequestOptions): Call<types.Operation> {
    return this.api.call({ method: "POST", path: `/v1/prompts/${segment(promptId)}/runs`, body }, options);
  }
}

export class PromptsLabelsResource extends Resource {
  /**
   * Move a label to a version, or to several by weight.
   *
   * A new label is created. The response is the prompt.
   *
   * Scope: `prompts:write`.
   */
  move(promptId: string, label: string, body: types.MovePromptLabel, options?: ChangeOptions): Call<types.Prompt> {
    return this.api.call({
      method: "PUT",
      path: `/v1/prompts/${segment(promptId)}/labels/${segment(label)}`,
      body,
    }, options);
  }

  /**
   * List a label's moves.
   *
   * Scope: `prompts:read`.
   */
  moves(
    promptId: string,
    label: string,
    query?: types.ListPromptLabelMovesQuery,
    options?: RequestOptions,
  ): Pages<types.PromptLabelMovePage, types.PromptLabelMove> {
    return this.api.pages({
      method: "GET",
      path: `/v1/prompts/${segment(promptId)}/labels/${segment(label)}/history`,
      query,
    }, options);
  }
}

export class PromptsResource extends Resource {
  readonly labels = new PromptsLabelsResource(this.api);
  readonly runs = new PromptsRunsResource(this.api);
  readonly versions = new PromptsVersionsResource(this.api);

  /**
   * List prompts.
   *
   * Scope: `prompts:read`.
   */
  list(query?: types.ListPromptsQuery, options?: RequestOptions): Pages<types.PromptPage, types.Prompt> {
    return this.api.pages({ method: "GET", path: "/v1/prompts", query }, options);
  }

  /**
   * Create a prompt.
   *
   * Create a prompt without messages. Add them with a version.
   *
   * Scope: `prompts:write`.
   */
  create(body: types.NewPrompt, options?: RequestOptions): Call<types.Prompt> {
    return this.api.call({ method: "POST", path: "/v1/prompts", body }, options);
  }

  /**
   * Read a prompt.
   *
   * Scope: `prompts:read`.
   */
  get(promptId: string, query?: types.GetPromptQuery, options?: RequestOptions): Call<types.Prompt> {
    return this.api.call({ method: "GET", path: `/v1/prompts/${segment(promptId)}`, query }, options);
  }

  /**
   * Update a prompt.
   *
   * Scope: `prompts:write`.
   */
  update(promptId: string, body: types.PromptPatch, options?: ChangeOptions): Call<types.Prompt> {
    return this.api.call({ method: "PATCH", path: `/v1/prompts/${segment(promptId)}`, body }, options);
  }

  /**
   * Archive a prompt.
   *
   * It leaves the lists and takes no new work (409 `archived`): no edits, versions, label moves or batch runs, and no
   * generation can choose it. Rendering and single questions go on, for what calls it in production; its history stays,
   * and its name is free for another.
   *
   * Scope: `prompts:write`.
   */
  archive(promptId: string, body: types.ArchiveChange, options?: RequestOptions): Call<types.Prompt> {
    return this.api.call({ method: "POST", path: `/v1/prompts/${segment(promptId)}/archive`, body }, options);
  }

  /**
   * Compare two versions.
   *
   * Scope: `prompts:read`.
   */
  compareVersions(
    promptId: string,
    query: types.ComparePromptVersionsQuery,
    options?: RequestOptions,
  ): Call<types.PromptDiff> {
    return this.api.call({ method: "GET", path: `/v1/prompts/${segment(promptId)}/diff`, query }, options);
  }

  /**
   * List a prompt's history.
   *
   * Edits, new versions and label moves, each with who and why. To see a version's messages, read the version.
   *
   * Scope: `prompts:read`.
   */
  history(
    promptId: string,
    query?: types.ListPromptHistoryQuery,
    options?: RequestOptions,
  ): Pages<types.HistoryPage, types.HistoryEntry> {
    return this.api.pages({ method: "GET", path: `/v1/prompts/${segment(promptId)}/history`, query }, options);
  }

  /**
   * Render a prompt.
   *
   * Fill the values into the messages. A value is never read as a template.
   *
   * Scope: `prompts:read`.
   */
  render(promptId: string, body: types.RenderPrompt, options?: RequestOptions): Call<types.PromptRendering> {
    return this.api.call({ method: "POST", path: `/v1/prompts/${segment(promptId)}/render`, body }, options);
  }

  /**
   * Ask a model once.
   *
   * A repeat with the same Idempotency-Key gets the same answer. No event records it; `POST …/runs` records answers.
   *
   * If the provider refuses the request: 502 with its message. If it cannot be reached or asks to wait: 503.
   *
   * Scope: `prompts:run`.
   */
  run(promptId: string, body: types.RunPrompt, options?: RequestOptions): Call<types.PromptAnswer> {
    return this.api.call({ method: "POST", path: `/v1/prompts/${segment(promptId)}/run`, body }, options);
  }

  /**
   * Bring an archived prompt back.
   *
   * Refused (409) while another prompt has its name.
   *
   * Scope: `prompts:write`.
   */
  unarchive(promptId: string, body: types.ArchiveChange, options?: RequestOptions): Call<types.Prompt> {
    return this.api.call({ method: "POST", path: `/v1/prompts/${segment(promptId)}/unarchive`, body }, options);
  }
}
