// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../../call.js";
import type { Download } from "../../download.js";
import type { ChangeOptions, RequestOptions, UploadOptions } from "../../options.js";
import type { Pages } from "../../pages.js";
import type { Upload } from "../../upload.js";
import { Resource, segment } from "../../resource.js";
import type * as types from "../types.js";

export class DatasetsVersionsResource extends Resource {
  /**
   * List versions.
   *
   * Scope: `datasets:read`.
   */
  list(
    datasetId: string,
    query?: types.ListDatasetVersionsQuery,
    options?: RequestOptions,
  ): Pages<types.DatasetVersionPage, types.DatasetVersion> {
    return this.api.pages({ method: "GET", path: `/v1/datasets/${segment(datasetId)}/versions`, query }, options);
  }

  /**
   * Freeze a version.
   *
   * Scope: `datasets:write`.
   */
  freeze(datasetId: string, body: types.FreezeVersion, options?: RequestOptions): Call<types.DatasetVersion> {
    return this.api.call({ method: "POST", path: `/v1/datasets/${segment(datasetId)}/versions`, body }, options);
  }

  /**
   * Read a version.
   *
   * Scope: `datasets:read`.
   */
  get(datasetId: string, name: string, options?: RequestOptions): Call<types.DatasetVersion> {
    return this.api.call({
      method: "GET",
      path: `/v1/datasets/${segment(datasetId)}/versions/${segment(name)}`,
    }, options);
  }
}

export class DatasetsQueuesResource extends Resource {
  /**
   * List a dataset's queues.
   *
   * An annotator's key, with labels:write alone, lists its own with GET /v1/me/queue.
   *
   * Scope: `labels:read`.
   */
  list(
    datasetId: string,
    query?: types.ListQueuesQuery,
    options?: RequestOptions,
  ): Pages<types.QueuePage, types.Queue> {
    return this.api.pages({ method: "GET", path: `/v1/datasets/${segment(datasetId)}/queues`, query }, options);
  }

  /**
   * Create a labeling queue.
   *
   * Adds examples by id or by filter, each for `overlap` annotators, and mixes in honeypots.
   *
   * Scope: `labels:write`.
   */
  create(datasetId: string, body: types.NewQueue, options?: RequestOptions): Call<types.Queue> {
    return this.api.call({ method: "POST", path: `/v1/datasets/${segment(datasetId)}/queues`, body }, options);
  }
}

export class DatasetsMergesResource extends Resource {
  /**
   * List the merges into a dataset, the newest first.
   *
   * Scope: `datasets:read`.
   */
  list(
    datasetId: string,
    query?: types.ListMergesQuery,
    options?: RequestOptions,
  ): Pages<types.MergePage, types.Merge> {
    return this.api.pages({ method: "GET", path: `/v1/datasets/${segment(datasetId)}/merges`, query }, options);
  }
}

export class DatasetsLabelsResource extends Resource {
  /**
   * List a dataset's labels.
   *
   * A key with only the scope labels:write sees others' labels of an example after giving its own; labels from queues
   * that are not blind it sees at once.
   *
   * Scope: `labels:read`.
   */
  list(
    datasetId: string,
    query?: types.ListLabelsQuery,
    options?: RequestOptions,
  ): Pages<types.LabelPage, types.Label> {
    return this.api.pages({ method: "GET", path: `/v1/datasets/${segment(datasetId)}/labels`, query }, options);
  }

  /**
   * Create one label, or up to 1,000.
   *
   * All are saved, or none. An annotator has one label per example and task: a new one replaces it, and repeating the
   * same label records nothing. With `text`, the answer is read from what a model or person wrote. Labels of another
   * annotator than the key, and of models, need the scope `labels:impersonate`, too.
   *
   * Scope: `labels:write`.
   */
  create(
    datasetId: string,
    body: types.CreateLabels & { labels: unknown[] },
    options?: RequestOptions,
  ): Call<types.LabelBatch>;
  create(datasetId: string, body: types.CreateLabels, options?: RequestOptions): Call<types.Label>;
  create(datasetId: string, body: types.CreateLabels, options?: RequestOptions): Call<types.Label | types.LabelBatch> {
    return this.api.call({ method: "POST", path: `/v1/datasets/${segment(datasetId)}/labels`, body }, options);
  }
}

export class DatasetsImportsResource extends Resource {
  /**
   * List the imports of a dataset.
   *
   * Scope: `datasets:read`.
   */
  list(
    datasetId: string,
    query?: types.ListImportsQuery,
    options?: RequestOptions,
  ): Pages<types.ImportPage, types.Import> {
    return this.api.pages({ method: "GET", path: `/v1/datasets/${segment(datasetId)}/imports`, query }, options);
  }

  /**
   * Import a file.
   *
   * Answers when the whole file was received and checked; the examples are added in the background. With on_error=abort
   * one bad row means that nothing is added; with skip the good rows are. The operation's result says the format and
   * what became of the rows.
   *
   * Scope: `datasets:write`.
   */
  create(
    datasetId: string,
    file: Upload,
    query?: types.ImportExamplesQuery,
    options?: UploadOptions,
  ): Call<types.Operation> {
    return this.api.call({
      method: "POST",
      path: `/v1/datasets/${segment(datasetId)}/imports`,
      upload: file,
      types: ["application/json", "application/octet-stream", "application/x-ndjson", "text/csv"],
      query,
    }, options);
  }

  /**
   * Import from a source.
   *
   * The source is opened before the answer, and read in the background; the import records where it came from, the
   * revision and the digest of its bytes. Keys of a connection need the scope connections:write. The parameters are
   * those of an import of a file.
   *
   * Scope: `datasets:write`.
   */
  fetch(
    datasetId: string,
    body: types.ImportFromSource,
    query?: types.FetchImportQuery,
    options?: RequestOptions,
  ): Call<types.Operation> {
    return this.api.call({
      method: "POST",
      path: `/v1/datasets/${segment(datasetId)}/imports/fetch`,
      body,
      query,
    }, options);
  }

  /**
   * Preview an import.
   *
   * Reads the whole file and writes nothing: the first 20 rows as they would come in, what they would lose, and the
   * first bad rows with all their faults.
   *
   * Scope: `datasets:read`.
   */
  preview(
    datasetId: string,
    file: Upload,
    query?: types.PreviewImportQuery,
    options?: UploadOptions,
  ): Call<types.ImportPreview> {
    return this.api.call({
      method: "POST",
      path: `/v1/datasets/${segment(datasetId)}/imports/preview`,
      upload: file,
      types: ["application/json", "application/octet-stream", "application/x-ndjson", "text/csv"],
      query,
    }, options);
  }
}

export class DatasetsExportsResource extends Resource {
  /**
   * List the kept exports of a dataset.
   *
   * Artifacts of the kind `export`, without those that were deleted.
   *
   * Scope: `datasets:read`.
   */
  list(
    datasetId: string,
    query?: types.ListDatasetExportsQuery,
    options?: RequestOptions,
  ): Pages<types.ArtifactPage, types.Artifact> {
    return this.api.pages({ method: "GET", path: `/v1/datasets/${segment(datasetId)}/exports`, query }, options);
  }

  /**
   * Export into the artifact store, or elsewhere.
   *
   * An operation, for exports that take longer than a request. Its result names the artifact and counts losses.
   *
   * Scope: `datasets:read`.
   */
  create(datasetId: string, body: types.NewDatasetExport, options?: RequestOptions): Call<types.Operation> {
    return this.api.call({ method: "POST", path: `/v1/datasets/${segment(datasetId)}/exports`, body }, options);
  }
}

export class DatasetsExamplesResource extends Resource {
  /**
   * List examples, now or as of a past time.
   *
   * Scope: `datasets:read`.
   */
  list(
    datasetId: string,
    query?: types.ListExamplesQuery,
    options?: RequestOptions,
  ): Pages<types.ExamplePage, types.Example> {
    return this.api.pages({ method: "GET", path: `/v1/datasets/${segment(datasetId)}/examples`, query }, options);
  }

  /**
   * Add one example, or up to 1,000.
   *
   * Adds all or none. The faults of all of them are reported at once.
   *
   * Scope: `datasets:write`.
   */
  create(
    datasetId: string,
    body: types.CreateExamples & { examples: unknown[] },
    options?: RequestOptions,
  ): Call<types.ExampleBatch>;
  create(datasetId: string, body: types.CreateExamples, options?: RequestOptions): Call<types.Example>;
  create(
    datasetId: string,
    body: types.CreateExamples,
    options?: RequestOptions,
  ): Call<types.Example | types.ExampleBatch> {
    return this.api.call({ method: "POST", path: `/v1/datasets/${segment(datasetId)}/examples`, body }, options);
  }
}

export class DatasetsChecksFindingsResource extends Resource {
  /**
   * List the examples of a finding.
   *
   * Scope: `datasets:read`.
   */
  listRows(
    datasetId: string,
    checkId: string,
    code: string,
    query?: types.ListFindingRowsQuery,
    options?: RequestOptions,
  ): Pages<types.FindingRowPage, types.FindingRow> {
    return this.api.pages({
      method: "GET",
      path: `/v1/datasets/${segment(datasetId)}/checks/${segment(checkId)}/findings/${segment(code)}`,
      query,
    }, options);
  }
}

export class DatasetsChecksResource extends Resource {
  readonly findings = new DatasetsChecksFindingsResource(this.api);

  /**
   * List a dataset's checks.
   *
   * The newest first. Findings come without their examples.
   *
   * Scope: `datasets:read`.
   */
  list(
    datasetId: string,
    query?: types.ListDatasetChecksQuery,
    options?: RequestOptions,
  ): Pages<types.DatasetCheckPage, types.DatasetCheck> {
    return this.api.pages({ method: "GET", path: `/v1/datasets/${segment(datasetId)}/checks`, query }, options);
  }

  /**
   * Check whether examples are ready to be tuned on.
   *
   * An operation; its resource is the check with its report. It changes no example.
   *
   * Scope: `datasets:write`.
   */
  create(datasetId: string, body: types.StartCheck, options?: RequestOptions): Call<types.Operation> {
    return this.api.call({ method: "POST", path: `/v1/datasets/${segment(datasetId)}/checks`, body }, options);
  }

  /**
   * Read a check and its report.
   *
   * Scope: `datasets:read`.
   */
  get(
    datasetId: string,
    checkId: string,
    query?: types.GetDatasetCheckQuery,
    options?: RequestOptions,
  ): Call<types.DatasetCheck> {
    return this.api.call({
      method: "GET",
      path: `/v1/datasets/${segment(datasetId)}/checks/${segment(checkId)}`,
      query,
    }, options);
  }
}

export class DatasetsChangesResource extends Resource {
  /**
   * List the changes between two versions.
   *
   * Every change of an example, also those undone later; `/compare` has the result of all of them.
   *
   * Scope: `datasets:read`.
   */
  list(
    datasetId: string,
    query: types.ListDatasetChangesQuery,
    options?: RequestOptions,
  ): Pages<types.ChangePage, types.HistoryLine> {
    return this.api.pages({ method: "GET", path: `/v1/datasets/${segment(datasetId)}/changes`, query }, options);
  }
}

export class DatasetsBulkResource extends Resource {
  /**
   * List the bulk changes of a dataset, the newest first.
   *
   * Scope: `datasets:read`.
   */
  listChanges(
    datasetId: string,
    query?: types.ListBulkChangesQuery,
    options?: RequestOptions,
  ): Pages<types.BulkChangePage, types.BulkChange> {
    return this.api.pages({ method: "GET", path: `/v1/datasets/${segment(datasetId)}/bulk`, query }, options);
  }

  /**
   * Change many examples at once.
   *
   * Tags, moves, rates, repairs, deletes or restores the examples that match a filter, in the background. Each example
   * gets its own event. A change of an example that comes meanwhile is kept.
   *
   * Scope: `datasets:write`.
   */
  change(datasetId: string, body: types.StartBulk, options?: RequestOptions): Call<types.Operation> {
    return this.api.call({ method: "POST", path: `/v1/datasets/${segment(datasetId)}/bulk`, body }, options);
  }
}

export class DatasetsResource extends Resource {
  readonly bulk = new DatasetsBulkResource(this.api);
  readonly changes = new DatasetsChangesResource(this.api);
  readonly checks = new DatasetsChecksResource(this.api);
  readonly examples = new DatasetsExamplesResource(this.api);
  readonly exports = new DatasetsExportsResource(this.api);
  readonly imports = new DatasetsImportsResource(this.api);
  readonly labels = new DatasetsLabelsResource(this.api);
  readonly merges = new DatasetsMergesResource(this.api);
  readonly queues = new DatasetsQueuesResource(this.api);
  readonly versions = new DatasetsVersionsResource(this.api);

  /**
   * List datasets.
   *
   * Scope: `datasets:read`.
   */
  list(query?: types.ListDatasetsQuery, options?: RequestOptions): Pages<types.DatasetPage, types.Dataset> {
    return this.api.pages({ method: "GET", path: "/v1/datasets", query }, options);
  }

  /**
   * Create a dataset.
   *
   * Scope: `datasets:write`.
   */
  create(body: types.NewDataset, options?: RequestOptions): Call<types.Dataset> {
    return this.api.call({ method: "POST", path: "/v1/datasets", body }, options);
  }

  /**
   * Read a dataset.
   *
   * Scope: `datasets:read`.
   */
  get(datasetId: string, query?: types.GetDatasetQuery, options?: RequestOptions): Call<types.Dataset> {
    return this.api.call({ method: "GET", path: `/v1/datasets/${segment(datasetId)}`, query }, options);
  }

  /**
   * Edit a dataset.
   *
   * Scope: `datasets:write`.
   */
  update(datasetId: string, body: types.EditDataset, options?: ChangeOptions): Call<types.Dataset> {
    return this.api.call({ method: "PATCH", path: `/v1/datasets/${segment(datasetId)}`, body }, options);
  }

  /**
   * Measure how far annotators agree.
   *
   * docs/agreement.md defines each metric by name and version. An undefined value is null, with a reason. Answers to
   * honeypots are not measured.
   *
   * Scope: `labels:read`.
   */
  agreement(
    datasetId: string,
    query?: types.GetAgreementQuery,
    options?: RequestOptions,
  ): Pages<types.AgreementPage, types.AgreementRow> {
    return this.api.pages({ method: "GET", path: `/v1/datasets/${segment(datasetId)}/agreement`, query }, options);
  }

  /**
   * Archive a dataset.
   *
   * It leaves the lists and takes no new work: edits, examples, imports, versions, tunes and labels are refused (409
   * `archived`). Reads, exports, history and lineage go on, and its name is free for another.
   *
   * Scope: `datasets:write`.
   */
  archive(datasetId: string, body: types.ArchiveChange, options?: RequestOptions): Call<types.Dataset> {
    return this.api.call({ method: "POST", path: `/v1/datasets/${segment(datasetId)}/archive`, body }, options);
  }

  /**
   * Compare two moments of a dataset.
   *
   * Lists what was added, edited and removed, with before and after: `changed` says whether an edited example has
   * another text, other ratings, tags or metadata, or another split. A version's filter applies. With a fork, copies
   * are compared with what they are copies of.
   *
   * Scope: `datasets:read`.
   */
  compare(
    datasetId: string,
    query: types.CompareDatasetQuery,
    options?: RequestOptions,
  ): Pages<types.DifferencePage, types.Difference> {
    return this.api.pages({ method: "GET", path: `/v1/datasets/${segment(datasetId)}/compare`, query }, options);
  }

  /**
   * Compare two moments of a dataset, as lines.
   *
   * All that `/compare` lists, a JSON object a line.
   *
   * Scope: `datasets:read`.
   */
  exportComparison(datasetId: string, query: types.ExportComparisonQuery, options?: RequestOptions): Download {
    return this.api.download({
      method: "GET",
      path: `/v1/datasets/${segment(datasetId)}/compare/export`,
      query,
    }, options);
  }

  /**
   * Make consensus labels from votes.
   *
   * Writes each label and its votes into the example's history. Tied examples get no label and are listed. Adjudicated
   * labels stay, and answers to honeypots are no votes. Repeating the request records nothing.
   *
   * Scope: `datasets:write`.
   */
  makeConsensus(datasetId: string, body: types.MakeConsensus, options?: RequestOptions): Call<types.Consensus> {
    return this.api.call({ method: "POST", path: `/v1/datasets/${segment(datasetId)}/consensus`, body }, options);
  }

  /**
   * Compare two versions or times.
   *
   * The earlier name of `/compare`.
   *
   * Scope: `datasets:read`.
   */
  diff(
    datasetId: string,
    query: types.DiffDatasetQuery,
    options?: RequestOptions,
  ): Pages<types.DifferencePage, types.Difference> {
    return this.api.pages({ method: "GET", path: `/v1/datasets/${segment(datasetId)}/diff`, query }, options);
  }

  /**
   * Erase examples of a dataset.
   *
   * Erasing is for good, and done by a worker: 202 with the erasure, which becomes its receipt. Those that match a
   * filter, or carry a person's key. A dry run answers with what would go.
   *
   * Scope: `erase`.
   */
  eraseExamples(
    datasetId: string,
    body: types.EraseDataset,
    options?: RequestOptions,
  ): Call<types.Erasure | types.ErasurePreview> {
    return this.api.call({ method: "POST", path: `/v1/datasets/${segment(datasetId)}/erase`, body }, options);
  }

  /**
   * Export a version, or the examples as of a time.
   *
   * Rows stand in the order of adding. A version always gives the same bytes, until some of its examples are erased:
   * these are left out, and the header `Erased-Examples` counts them. `Export-Losses` counts what rows lose in this
   * format, `Export-Left-Out` the examples that have no place in it. The export of a version is kept as an artifact:
   * from the second time on it has an ETag and takes ranges.
   *
   * Scope: `datasets:read`.
   */
  export(datasetId: string, query?: types.ExportDatasetQuery, options?: RequestOptions): Download {
    return this.api.download({ method: "GET", path: `/v1/datasets/${segment(datasetId)}/export`, query }, options);
  }

  /**
   * Tell what an export would lose.
   *
   * Writes the export with the same parameters, and answers what its format cannot carry, with examples.
   *
   * Scope: `datasets:read`.
   */
  reportExport(datasetId: string, query?: types.ReportExportQuery, options?: RequestOptions): Call<types.ExportReport> {
    return this.api.call({
      method: "GET",
      path: `/v1/datasets/${segment(datasetId)}/export/report`,
      query,
    }, options);
  }

  /**
   * Fork a dataset.
   *
   * Creates a dataset with the examples of a version or a moment of this one, in the background. Each remembers what it
   * is a copy of. Changes come back with a merge.
   *
   * Scope: `datasets:write`.
   */
  fork(datasetId: string, body: types.ForkDataset, options?: RequestOptions): Call<types.Operation> {
    return this.api.call({ method: "POST", path: `/v1/datasets/${segment(datasetId)}/fork`, body }, options);
  }

  /**
   * List a dataset's history.
   *
   * Changes of the dataset and its frozen versions; each example has its own history.
   *
   * Scope: `datasets:read`.
   */
  history(
    datasetId: string,
    query?: types.ListDatasetHistoryQuery,
    options?: RequestOptions,
  ): Pages<types.HistoryPage, types.HistoryEntry> {
    return this.api.pages({ method: "GET", path: `/v1/datasets/${segment(datasetId)}/history`, query }, options);
  }

  /**
   * Merge the changes of a fork, or of what it was forked from.
   *
   * What the other side alone changed since both were the same comes over, in the background. Where both sides changed
   * an example, decide; until all are decided, nothing changes. Merging again changes nothing.
   *
   * Scope: `datasets:write`.
   */
  merge(datasetId: string, body: types.StartMerge, options?: RequestOptions): Call<types.Operation> {
    return this.api.call({ method: "POST", path: `/v1/datasets/${segment(datasetId)}/merge`, body }, options);
  }

  /**
   * Claim examples to label.
   *
   * An annotator never labels an example twice, and at most `overlap` annotators label each. When a lease ends without
   * a label, the example is offered to others again. For another annotator than the key, and for models, the key needs
   * the scope `labels:impersonate`, too.
   *
   * Scope: `labels:write`.
   */
  claimExamples(datasetId: string, body: types.ClaimExamples, options?: RequestOptions): Call<types.Claimed> {
    return this.api.call({
      method: "POST",
      path: `/v1/datasets/${segment(datasetId)}/queue/claim`,
      body,
    }, options);
  }

  /**
   * Return a dataset to a moment.
   *
   * Each example becomes what it was then, by an event of its own, as a bulk change that can be undone. What was added
   * since is deleted, what was deleted is restored; what was erased stays erased, and is listed.
   *
   * Scope: `datasets:write`.
   */
  revert(datasetId: string, body: types.RevertDataset, options?: RequestOptions): Call<types.Operation> {
    return this.api.call({ method: "POST", path: `/v1/datasets/${segment(datasetId)}/revert`, body }, options);
  }

  /**
   * Change how new examples are split.
   *
   * Existing examples keep their split.
   *
   * Scope: `datasets:write`.
   */
  setSplitPolicy(datasetId: string, body: types.SplitPolicyIn, options?: ChangeOptions): Call<types.Dataset> {
    return this.api.call({
      method: "PUT",
      path: `/v1/datasets/${segment(datasetId)}/split-policy`,
      body,
    }, options);
  }

  /**
   * Get a dataset's statistics.
   *
   * Scope: `datasets:read`.
   */
  stats(datasetId: string, query?: types.GetDatasetStatsQuery, options?: RequestOptions): Call<types.DatasetStats> {
    return this.api.call({ method: "GET", path: `/v1/datasets/${segment(datasetId)}/stats`, query }, options);
  }

  /**
   * Bring an archived dataset back.
   *
   * Refused (409) while another dataset has its name.
   *
   * Scope: `datasets:write`.
   */
  unarchive(datasetId: string, body: types.ArchiveChange, options?: RequestOptions): Call<types.Dataset> {
    return this.api.call({ method: "POST", path: `/v1/datasets/${segment(datasetId)}/unarchive`, body }, options);
  }
}
