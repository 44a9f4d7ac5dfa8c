// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { ChangeOptions, RequestOptions, UploadOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import type { Upload } from "../../upload.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class GenerationsTopicsResource extends Resource {
  /**
   * Read the topic tree, now or as of a time.
   *
   * Scope: `generations:read`.
   */
  get(generationId: string, query?: types.GetTopicsQuery, options?: RequestOptions): Call<types.TopicTree> {
    return this.api.call({
      method: "GET",
      path: `/v1/generations/${segment(generationId)}/topics`,
      query,
    }, options);
  }

  /**
   * Ask a model to name topics.
   *
   * When the model names none below a topic, the tree has a finding there.
   *
   * Scope: `generations:write`.
   */
  suggest(generationId: string, body: types.NewTopics, options?: RequestOptions): Call<types.Operation> {
    return this.api.call({
      method: "POST",
      path: `/v1/generations/${segment(generationId)}/topics`,
      body,
    }, options);
  }

  /**
   * Add, rename and remove topics.
   *
   * Scope: `generations:write`.
   */
  update(generationId: string, body: types.TopicChanges, options?: ChangeOptions): Call<types.TopicTree> {
    return this.api.call({
      method: "PATCH",
      path: `/v1/generations/${segment(generationId)}/topics`,
      body,
    }, options);
  }
}

export class GenerationsDocumentsResource extends Resource {
  /**
   * List documents.
   *
   * Scope: `generations:read`.
   */
  list(
    generationId: string,
    query?: types.ListDocumentsQuery,
    options?: RequestOptions,
  ): Pages<types.DocumentPage, types.UploadedDocument> {
    return this.api.pages({
      method: "GET",
      path: `/v1/generations/${segment(generationId)}/documents`,
      query,
    }, options);
  }

  /**
   * Upload a document.
   *
   * Text, Markdown, HTML, PDF or DOCX. A file that cannot be read is stored too, with findings.
   *
   * Scope: `generations:write`.
   */
  add(
    generationId: string,
    file: Upload,
    query?: types.AddDocumentQuery,
    options?: UploadOptions,
  ): Call<types.UploadedDocument> {
    return this.api.call({
      method: "POST",
      path: `/v1/generations/${segment(generationId)}/documents`,
      upload: file,
      types: ["application/octet-stream", "application/pdf", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "text/html", "text/markdown", "text/plain"],
      query,
    }, options);
  }
}

export class GenerationsCandidatesResource extends Resource {
  /**
   * List candidates.
   *
   * Scope: `generations:read`.
   */
  list(
    generationId: string,
    query?: types.ListCandidatesQuery,
    options?: RequestOptions,
  ): Pages<types.CandidatePage, types.Candidate> {
    return this.api.pages({
      method: "GET",
      path: `/v1/generations/${segment(generationId)}/candidates`,
      query,
    }, options);
  }

  /**
   * Add candidates from another program.
   *
   * Scope: `generations:write`.
   */
  send(generationId: string, body: types.NewCandidates, options?: RequestOptions): Call<types.CandidateIds> {
    return this.api.call({
      method: "POST",
      path: `/v1/generations/${segment(generationId)}/candidates`,
      body,
    }, options);
  }
}

export class GenerationsResource extends Resource {
  readonly candidates = new GenerationsCandidatesResource(this.api);
  readonly documents = new GenerationsDocumentsResource(this.api);
  readonly topics = new GenerationsTopicsResource(this.api);

  /**
   * List generations.
   *
   * Scope: `generations:read`.
   */
  list(query?: types.ListGenerationsQuery, options?: RequestOptions): Pages<types.GenerationPage, types.Generation> {
    return this.api.pages({ method: "GET", path: "/v1/generations", query }, options);
  }

  /**
   * Create a generation.
   *
   * Store what to generate for a dataset. No model is asked until you start a run.
   *
   * Scope: `generations:write`.
   */
  create(body: types.NewGeneration, options?: RequestOptions): Call<types.Generation> {
    return this.api.call({ method: "POST", path: "/v1/generations", body }, options);
  }

  /**
   * Read a generation, now or as of a time.
   *
   * Scope: `generations:read`.
   */
  get(generationId: string, query?: types.GetGenerationQuery, options?: RequestOptions): Call<types.Generation> {
    return this.api.call({ method: "GET", path: `/v1/generations/${segment(generationId)}`, query }, options);
  }

  /**
   * Update a generation.
   *
   * Scope: `generations:write`.
   */
  update(generationId: string, body: types.GenerationChanges, options?: ChangeOptions): Call<types.Generation> {
    return this.api.call({ method: "PATCH", path: `/v1/generations/${segment(generationId)}`, body }, options);
  }

  /**
   * Accept candidates.
   *
   * Each candidate becomes an example, once. One that was already rejected is `refused`; 409 if all are.
   *
   * Scope: `generations:write`.
   */
  acceptCandidates(
    generationId: string,
    body: types.AcceptCandidates,
    options?: RequestOptions,
  ): Call<types.CandidateDecisions> {
    return this.api.call({
      method: "POST",
      path: `/v1/generations/${segment(generationId)}/accept`,
      body,
    }, options);
  }

  /**
   * Add a prompt's predictions as candidates.
   *
   * Each of a run's first 10,000 predictions becomes a candidate, once.
   *
   * Scope: `generations:write`.
   */
  proposePredictions(
    generationId: string,
    body: types.FromPredictions,
    options?: RequestOptions,
  ): Call<types.CandidateIds> {
    return this.api.call({
      method: "POST",
      path: `/v1/generations/${segment(generationId)}/from-predictions`,
      body,
    }, options);
  }

  /**
   * List a generation's history.
   *
   * Scope: `generations:read`.
   */
  history(
    generationId: string,
    query?: types.ListGenerationHistoryQuery,
    options?: RequestOptions,
  ): Pages<types.HistoryPage, types.HistoryEntry> {
    return this.api.pages({
      method: "GET",
      path: `/v1/generations/${segment(generationId)}/history`,
      query,
    }, options);
  }

  /**
   * Write candidates from documents.
   *
   * Write question-and-answer pairs grounded in each chunk, or the prompt that would have led to it.
   *
   * Scope: `generations:write`.
   */
  makePairs(generationId: string, body: types.NewPairs, options?: RequestOptions): Call<types.Operation> {
    return this.api.call({
      method: "POST",
      path: `/v1/generations/${segment(generationId)}/pairs`,
      body,
    }, options);
  }

  /**
   * Reject candidates.
   *
   * A candidate that was already accepted is `refused`; 409 if all are.
   *
   * Scope: `generations:write`.
   */
  rejectCandidates(
    generationId: string,
    body: types.RejectCandidates,
    options?: RequestOptions,
  ): Call<types.CandidateDecisions> {
    return this.api.call({
      method: "POST",
      path: `/v1/generations/${segment(generationId)}/reject`,
      body,
    }, options);
  }

  /**
   * Generate candidates.
   *
   * Write inputs about each topic, then answer each input. No call is paid twice; a failed row stops no other.
   *
   * Scope: `generations:write`.
   */
  run(generationId: string, body: types.NewGenerationRun, options?: RequestOptions): Call<types.Operation> {
    return this.api.call({ method: "POST", path: `/v1/generations/${segment(generationId)}/run`, body }, options);
  }
}
