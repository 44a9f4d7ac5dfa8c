// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { ChangeOptions, RequestOptions, UploadOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import type { Upload } from "../../upload.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class GenerationsTopicsResource extends Resource {
  /**
   * Read the tree of topics.
   *
   * Scope: `generations:read`.
   */
  get(generationId: string, options?: RequestOptions): Call<types.TopicTree> {
    return this.api.call({ method: "GET", path: `/v1/generations/${segment(generationId)}/topics` }, options);
  }

  /**
   * Have a model name topics.
   *
   * Where the model names none, the tree has a finding at that topic.
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
   * Send a document.
   *
   * Text, Markdown, HTML, PDF or DOCX. A file that cannot be read is kept all the same, with findings.
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
   * Propose examples made elsewhere.
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
   * Say what is to be synthesized.
   *
   * Nothing is asked of a model yet: runs do that.
   *
   * Scope: `generations:write`.
   */
  create(body: types.NewGeneration, options?: RequestOptions): Call<types.Generation> {
    return this.api.call({ method: "POST", path: "/v1/generations", body }, options);
  }

  /**
   * Read a generation.
   *
   * Scope: `generations:read`.
   */
  get(generationId: string, options?: RequestOptions): Call<types.Generation> {
    return this.api.call({ method: "GET", path: `/v1/generations/${segment(generationId)}` }, options);
  }

  /**
   * Change what is to be synthesized.
   *
   * Scope: `generations:write`.
   */
  update(generationId: string, body: types.GenerationChanges, options?: ChangeOptions): Call<types.Generation> {
    return this.api.call({ method: "PATCH", path: `/v1/generations/${segment(generationId)}`, body }, options);
  }

  /**
   * Make candidates examples.
   *
   * Each becomes an example once. One that somebody else decided otherwise is refused alone; 409 if all were.
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
   * Propose what a prompt has predicted.
   *
   * Each prediction becomes a candidate once, the first 10,000 of a run.
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
   * Who changed a generation or its topics, when and why.
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
   * Make documents into candidates.
   *
   * Question-and-answer pairs grounded in each chunk, or the prompt that would have led to it.
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
   * Keep candidates out.
   *
   * One that somebody else accepted is refused alone; 409 if all were.
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
   * Synthesize candidates.
   *
   * Inputs about each topic, then an answer to each. No row is paid twice, and one that goes wrong fails alone.
   *
   * Scope: `generations:write`.
   */
  run(generationId: string, body: types.NewGenerationRun, options?: RequestOptions): Call<types.Operation> {
    return this.api.call({ method: "POST", path: `/v1/generations/${segment(generationId)}/run`, body }, options);
  }
}
