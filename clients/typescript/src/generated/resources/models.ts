// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
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
   * Register a version by hand.
   *
   * A tune that names a model registers itself; this is for one that named none, or was run elsewhere.
   *
   * Scope: `models:write`.
   */
  register(modelId: string, body: types.NewModelVersion, options?: RequestOptions): Call<types.ModelVersion> {
    return this.api.call({ method: "POST", path: `/v1/models/${segment(modelId)}/versions`, body }, options);
  }

  /**
   * Read a version, by its name or by an alias.
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
   * Write a version's notes.
   *
   * All else of a version stays as it was registered. The ETag is the model's.
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
   * Read what a version was made from, down to each example.
   *
   * The examples of its dataset version, or of one split of it. What was trained elsewhere may name no dataset.
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
   * Draft a version's notes from what is on record.
   *
   * The data since the version before, base and parameters, and scores. Nothing is saved.
   *
   * A person goes on from it and saves it with `PATCH /v1/models/{model_id}/versions/{version}`.
   *
   * Scope: `models:read`.
   */
  draftNotes(modelId: string, version: string, options?: RequestOptions): Call<types.NotesDraft> {
    return this.api.call({
      method: "POST",
      path: `/v1/models/${segment(modelId)}/versions/${segment(version)}/notes/draft`,
    }, options);
  }
}

export class ModelsGateResource extends Resource {
  /**
   * Read what a version has to show.
   *
   * The ETag is the model's.
   *
   * Scope: `models:read`.
   */
  get(modelId: string, options?: RequestOptions): Call<types.Gate> {
    return this.api.call({ method: "GET", path: `/v1/models/${segment(modelId)}/gate` }, options);
  }

  /**
   * Say what a version has to show before a protected alias may stand at it.
   *
   * It holds from the next move on. To change or take away one that is there takes the scope `models:override`.
   *
   * Scope: `models:write`.
   */
  set(modelId: string, body: types.SetGate, options?: ChangeOptions): Call<types.Gate> {
    return this.api.call({ method: "PUT", path: `/v1/models/${segment(modelId)}/gate`, body }, options);
  }

  /**
   * Ask what the gate would say of a version.
   *
   * Nothing moves and nothing is recorded.
   *
   * Scope: `models:read`.
   */
  check(modelId: string, body: types.TryGate, options?: RequestOptions): Call<types.GateTrial> {
    return this.api.call({ method: "POST", path: `/v1/models/${segment(modelId)}/gate/check`, body }, options);
  }
}

export class ModelsCompletionsResource extends Resource {
  /**
   * Ask a version of a model.
   *
   * The provider is asked once, and a repeat with the same Idempotency-Key gets its answer. No event records it.
   *
   * What the provider refuses for good is a 502 in its own words; when it cannot be reached or asks to wait, a 503.
   *
   * Scope: `models:run`.
   */
  create(modelId: string, body: types.AskModel, options?: RequestOptions): Call<types.Completion> {
    return this.api.call({ method: "POST", path: `/v1/models/${segment(modelId)}/completions`, body }, options);
  }
}

export class ModelsAliasesResource extends Resource {
  /**
   * Let an alias stand at a version.
   *
   * It is made when it is not there yet. Answers with the model.
   *
   * What the model's gate protects moves only to a version that passes: else 409 `gate_refused`, which names each
   * number that fell short.
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
   * Read where an alias stood, when and why.
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
   * Begin a model.
   *
   * A tune that names a model which is not there yet begins one, too.
   *
   * Scope: `models:write`.
   */
  create(body: types.NewModel, options?: RequestOptions): Call<types.Model> {
    return this.api.call({ method: "POST", path: "/v1/models", body }, options);
  }

  /**
   * Read a model.
   *
   * Scope: `models:read`.
   */
  get(modelId: string, options?: RequestOptions): Call<types.Model> {
    return this.api.call({ method: "GET", path: `/v1/models/${segment(modelId)}` }, options);
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
   * Read a model's history.
   *
   * Versions registered, notes, and moves of aliases, each with who and why.
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
   * Volume, failures, ratings, latency and cost by version, against the month before; figures count every request.
   *
   * Failing inputs and drift are read from samples of about a thousand texts, and say how many they read.
   *
   * Scope: `requests:read`.
   */
  report(modelId: string, query?: types.GetModelReportQuery, options?: RequestOptions): Call<types.ModelReport> {
    return this.api.call({ method: "GET", path: `/v1/models/${segment(modelId)}/report`, query }, options);
  }

  /**
   * Bring an alias back to where it stood before.
   *
   * Rolling back again goes further back. Answers with the model, and with what was returned to and why.
   *
   * No gate is asked. A protected alias needs a reason.
   *
   * Scope: `models:write`.
   */
  rollBack(modelId: string, body: types.RollBack, options?: ChangeOptions): Call<types.RolledBackModel> {
    return this.api.call({ method: "POST", path: `/v1/models/${segment(modelId)}/rollback`, body }, options);
  }
}
