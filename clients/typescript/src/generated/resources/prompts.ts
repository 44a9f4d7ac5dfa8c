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
   * It gets the next number. What says the same as the latest version is that version. The ETag is the prompt's.
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
   * No row is paid for twice, whatever stops and starts again. A row that goes wrong is a failed prediction.
   *
   * Scope: `prompts:run`.
   */
  create(promptId: string, body: types.NewPromptRun, options?: RequestOptions): Call<types.Operation> {
    return this.api.call({ method: "POST", path: `/v1/prompts/${segment(promptId)}/runs`, body }, options);
  }
}

export class PromptsLabelsResource extends Resource {
  /**
   * Move a label to a version, or to several by weight.
   *
   * It is made when it is not there yet. Answers with the prompt.
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
   * Its messages come with its versions.
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
  get(promptId: string, options?: RequestOptions): Call<types.Prompt> {
    return this.api.call({ method: "GET", path: `/v1/prompts/${segment(promptId)}` }, options);
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
   * Edits, versions and moves of labels, each with who and why. A version's messages are read with the version.
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
   * The messages with each value in its place. Values are never read as templates themselves.
   *
   * Scope: `prompts:read`.
   */
  render(promptId: string, body: types.RenderPrompt, options?: RequestOptions): Call<types.PromptRendering> {
    return this.api.call({ method: "POST", path: `/v1/prompts/${segment(promptId)}/render`, body }, options);
  }

  /**
   * Ask a model once.
   *
   * A repeat with the same Idempotency-Key gets the same answer. No event records it; `POST …/runs` records each.
   *
   * What the provider refuses for good is a 502 in its own words; when it cannot be reached or asks to wait, a 503.
   *
   * Scope: `prompts:run`.
   */
  run(promptId: string, body: types.RunPrompt, options?: RequestOptions): Call<types.PromptAnswer> {
    return this.api.call({ method: "POST", path: `/v1/prompts/${segment(promptId)}/run`, body }, options);
  }
}
