// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { Download } from "../../download.js";
import type { ChangeOptions, RequestOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class ModelsVersionsResource extends Resource {
  /**
   * List a model's versions.
   *
   * Scope: `models:read`.
   */
  list(
    modelId: string,
    query?: types.ListModelVersionsQuery,
    options?: RequestOptions,
  ): Pages<types.ModelVersionPage, types.ModelVersion> {
    return this.api.pages({ method: "GET", path: `/v1/models/${segment(modelId)}/versions`, query }, options);
  }

  /**
   * Register a model version.
   *
   * A tune that names a model is registered automatically. Use this for other tunes and models trained elsewhere.
   *
   * Scope: `models:write`.
   */
  register(modelId: string, body: types.NewModelVersion, options?: RequestOptions): Call<types.ModelVersion> {
    return this.api.call({ method: "POST", path: `/v1/models/${segment(modelId)}/versions`, body }, options);
  }

  /**
   * Get a model version, by its name or by an alias.
   *
   * Scope: `models:read`.
   */
  get(modelId: string, version: string, options?: RequestOptions): Call<types.ModelVersion> {
    return this.api.call({
      method: "GET",
      path: `/v1/models/${segment(modelId)}/versions/${segment(version)}`,
    }, options);
  }

  /**
   * Update a version's notes.
   *
   * Only the notes of a version can change. The `ETag` is the model's.
   *
   * Scope: `models:write`.
   */
  update(
    modelId: string,
    version: string,
    body: types.ModelVersionPatch,
    options?: ChangeOptions,
  ): Call<types.ModelVersion> {
    return this.api.call({
      method: "PATCH",
      path: `/v1/models/${segment(modelId)}/versions/${segment(version)}`,
      body,
    }, options);
  }

  /**
   * Export a model version's weights.
   *
   * An operation; its result names the artifacts, and the forms that were skipped with the reasons.
   *
   * Weights are downloaded from the provider first. An adapter's other forms need its base model on the server. 409
   * where the provider keeps the weights.
   *
   * Scope: `models:write`.
   */
  export(
    modelId: string,
    version: string,
    body: types.NewModelExport,
    options?: RequestOptions,
  ): Call<types.Operation> {
    return this.api.call({
      method: "POST",
      path: `/v1/models/${segment(modelId)}/versions/${segment(version)}/export`,
      body,
    }, options);
  }

  /**
   * Get a version's lineage: its tune, dataset version and examples.
   *
   * Lists the examples of its dataset version, or of one split. A model trained elsewhere may have no dataset.
   *
   * Scope: `models:read`.
   */
  lineage(
    modelId: string,
    version: string,
    query?: types.GetModelVersionLineageQuery,
    options?: RequestOptions,
  ): Pages<types.ModelVersionLineage, types.ExampleUsed> {
    return this.api.pages({
      method: "GET",
      path: `/v1/models/${segment(modelId)}/versions/${segment(version)}/lineage`,
      query,
    }, options);
  }

  /**
   * Draft a version's notes.
   *
   * The draft says what changed in the data since the previous version, and has parameters and scores.
   *
   * Nothing is saved: edit the draft and save it with `PATCH /v1/models/{model_id}/versions/{version}`.
   *
   * Scope: `models:read`.
   */
  draftNotes(modelId: string, version: string, options?: RequestOptions): Call<types.NotesDraft> {
    return this.api.call({
      method: "POST",
      path: `/v1/models/${segment(modelId)}/versions/${segment(version)}/notes/draft`,
    }, options);
  }

  /**
   * Delete a version's model at its provider.
   *
   * A worker deletes it, for good: from now on nobody can run this version. The version and its history stay.
   *
   * Refused (409) while an alias is at it or a deployment runs it; `force` does not stop the deployment.
   *
   * Scope: `models:write`.
   */
  deleteProvider(
    modelId: string,
    version: string,
    query?: types.DeleteProviderModelQuery,
    options?: RequestOptions,
  ): Call<types.ModelVersion> {
    return this.api.call({
      method: "DELETE",
      path: `/v1/models/${segment(modelId)}/versions/${segment(version)}/provider-model`,
      query,
    }, options);
  }

  /**
   * Compare a version's cost and speed with its base and its teacher.
   *
   * From the cost and latency of answered calls in evaluations, prompts, generation and production.
   *
   * Calls of runs in which both were asked count alone, where there are enough. With fewer than 30 calls of either
   * there is no interval.
   *
   * Scope: `requests:read` and `models:read`.
   */
  savings(
    modelId: string,
    version: string,
    query?: types.GetVersionSavingsQuery,
    options?: RequestOptions,
  ): Call<types.VersionSavings> {
    return this.api.call({
      method: "GET",
      path: `/v1/models/${segment(modelId)}/versions/${segment(version)}/savings`,
      query,
    }, options);
  }
}

export class ModelsGateResource extends Resource {
  /**
   * Get a model's gate.
   *
   * The `ETag` is the model's.
   *
   * Scope: `models:read`.
   */
  get(modelId: string, options?: RequestOptions): Call<types.Gate> {
    return this.api.call({ method: "GET", path: `/v1/models/${segment(modelId)}/gate` }, options);
  }

  /**
   * Set a model's gate.
   *
   * The gate applies from the next alias move on. Changing or removing it needs the scope `models:override`.
   *
   * Scope: `models:write`.
   */
  set(modelId: string, body: types.SetGate, options?: ChangeOptions): Call<types.Gate> {
    return this.api.call({ method: "PUT", path: `/v1/models/${segment(modelId)}/gate`, body }, options);
  }

  /**
   * Check a version against the gate.
   *
   * Moves no alias and records nothing.
   *
   * Scope: `models:read`.
   */
  check(modelId: string, body: types.TryGate, options?: RequestOptions): Call<types.GateTrial> {
    return this.api.call({ method: "POST", path: `/v1/models/${segment(modelId)}/gate/check`, body }, options);
  }
}

export class ModelsCompletionsResource extends Resource {
  /**
   * Ask a model version for a completion.
   *
   * Asks the provider once; repeating the request with the same Idempotency-Key returns the same answer.
   *
   * No event records it. 502 if the provider refuses the request, with its own words; 503 if it cannot be reached or
   * asks to wait.
   *
   * Scope: `models:run`.
   */
  create(modelId: string, body: types.AskModel, options?: RequestOptions): Call<types.Completion> {
    return this.api.call({ method: "POST", path: `/v1/models/${segment(modelId)}/completions`, body }, options);
  }
}

export class ModelsAliasesResource extends Resource {
  /**
   * Move an alias to a version.
   *
   * Creates the alias if it does not exist yet. Returns the model.
   *
   * An alias that the model's gate protects moves only to a version that passes. Otherwise the answer is 409
   * `gate_refused`, with each failed check.
   *
   * Scope: `models:write`.
   */
  move(modelId: string, alias: string, body: types.MoveAlias, options?: ChangeOptions): Call<types.Model> {
    return this.api.call({
      method: "PUT",
      path: `/v1/models/${segment(modelId)}/aliases/${segment(alias)}`,
      body,
    }, options);
  }

  /**
   * List an alias's moves.
   *
   * Scope: `models:read`.
   */
  moves(
    modelId: string,
    alias: string,
    query?: types.ListModelAliasMovesQuery,
    options?: RequestOptions,
  ): Pages<types.AliasMovePage, types.AliasMove> {
    return this.api.pages({
      method: "GET",
      path: `/v1/models/${segment(modelId)}/aliases/${segment(alias)}/history`,
      query,
    }, options);
  }
}

export class ModelsResource extends Resource {
  readonly aliases = new ModelsAliasesResource(this.api);
  readonly completions = new ModelsCompletionsResource(this.api);
  readonly gate = new ModelsGateResource(this.api);
  readonly versions = new ModelsVersionsResource(this.api);

  /**
   * List models.
   *
   * Scope: `models:read`.
   */
  list(query?: types.ListModelsQuery, options?: RequestOptions): Pages<types.ModelPage, types.Model> {
    return this.api.pages({ method: "GET", path: "/v1/models", query }, options);
  }

  /**
   * Create a model.
   *
   * A tune that names a model which does not exist yet also creates it, when it succeeds.
   *
   * Scope: `models:write`.
   */
  create(body: types.NewModel, options?: RequestOptions): Call<types.Model> {
    return this.api.call({ method: "POST", path: "/v1/models", body }, options);
  }

  /**
   * Import a model that was tuned elsewhere.
   *
   * Asks the provider whether the connection's account has it, and makes it a version without a tune.
   *
   * Its `lineage` is `unknown`. If you know the job that made it, adopt that instead: `POST /v1/tunes/adopt`.
   *
   * Scope: `models:write`.
   */
  importModel(body: types.ImportModel, options?: RequestOptions): Call<types.ModelVersion> {
    return this.api.call({ method: "POST", path: "/v1/models/import", body }, options);
  }

  /**
   * Get a model.
   *
   * Scope: `models:read`.
   */
  get(modelId: string, query?: types.GetModelQuery, options?: RequestOptions): Call<types.Model> {
    return this.api.call({ method: "GET", path: `/v1/models/${segment(modelId)}`, query }, options);
  }

  /**
   * Rename or describe a model.
   *
   * Scope: `models:write`.
   */
  update(modelId: string, body: types.ModelPatch, options?: ChangeOptions): Call<types.Model> {
    return this.api.call({ method: "PATCH", path: `/v1/models/${segment(modelId)}`, body }, options);
  }

  /**
   * Archive a model.
   *
   * It leaves the lists and takes no changes (409 `archived`): no edits, versions, notes, gate or alias moves. Calls in
   * production, runs and evaluations that name it go on, its history stays, and its name is free for another.
   *
   * Scope: `models:write`.
   */
  archive(modelId: string, body: types.ArchiveChange, options?: RequestOptions): Call<types.Model> {
    return this.api.call({ method: "POST", path: `/v1/models/${segment(modelId)}/archive`, body }, options);
  }

  /**
   * List a model's history.
   *
   * Registered versions, notes, gates and alias moves, each with who did it and why.
   *
   * Scope: `models:read`.
   */
  history(
    modelId: string,
    query?: types.ListModelHistoryQuery,
    options?: RequestOptions,
  ): Pages<types.HistoryPage, types.HistoryEntry> {
    return this.api.pages({ method: "GET", path: `/v1/models/${segment(modelId)}/history`, query }, options);
  }

  /**
   * Read a model's monthly report.
   *
   * Volume, failures, ratings, latency and cost by version, compared with the month before, over all requests.
   *
   * Failing inputs and drift come from samples of about a thousand texts; the report says how many were read.
   *
   * Scope: `requests:read` and `models:read`.
   */
  report(modelId: string, query?: types.GetModelReportQuery, options?: RequestOptions): Call<types.ModelReport> {
    return this.api.call({ method: "GET", path: `/v1/models/${segment(modelId)}/report`, query }, options);
  }

  /**
   * Draw a model's month by version.
   *
   * One bar per version. Versions without the figure are left out.
   *
   * Scope: `requests:read` and `models:read`.
   */
  drawReportChart(modelId: string, query?: types.DrawModelReportChartQuery, options?: RequestOptions): Download {
    return this.api.download({ method: "GET", path: `/v1/models/${segment(modelId)}/report/chart`, query }, options);
  }

  /**
   * Roll an alias back to an earlier version.
   *
   * Rolling back again goes further back. Returns the model and the rollback.
   *
   * The gate is not checked. A protected alias needs a reason.
   *
   * Scope: `models:write`.
   */
  rollBack(modelId: string, body: types.RollBack, options?: ChangeOptions): Call<types.RolledBackModel> {
    return this.api.call({ method: "POST", path: `/v1/models/${segment(modelId)}/rollback`, body }, options);
  }

  /**
   * Bring an archived model back.
   *
   * Refused (409) while another model has its name.
   *
   * Scope: `models:write`.
   */
  unarchive(modelId: string, body: types.ArchiveChange, options?: RequestOptions): Call<types.Model> {
    return this.api.call({ method: "POST", path: `/v1/models/${segment(modelId)}/unarchive`, body }, options);
  }
}
