// Generated from openapi/openapi.json by `make clients`.

import type { Call } from "../call.js";
import type { RequestOptions } from "../options.js";
import type { Pages } from "../pages.js";
import { Resource } from "../resource.js";
import type * as types from "./types.js";
import { ApiKeysResource } from "./resources/apiKeys.js";
import { ArtifactsResource } from "./resources/artifacts.js";
import { AssignmentsResource } from "./resources/assignments.js";
import { BaseModelsResource } from "./resources/baseModels.js";
import { BudgetsResource } from "./resources/budgets.js";
import { BulkResource } from "./resources/bulk.js";
import { CandidatesResource } from "./resources/candidates.js";
import { ChatResource } from "./resources/chat.js";
import { ComparisonsResource } from "./resources/comparisons.js";
import { ConnectionsResource } from "./resources/connections.js";
import { DatasetsResource } from "./resources/datasets.js";
import { DeliveriesResource } from "./resources/deliveries.js";
import { DeploymentsResource } from "./resources/deployments.js";
import { DocumentsResource } from "./resources/documents.js";
import { ErasuresResource } from "./resources/erasures.js";
import { EvaluationsResource } from "./resources/evaluations.js";
import { EventsResource } from "./resources/events.js";
import { ExamplesResource } from "./resources/examples.js";
import { GenerationsResource } from "./resources/generations.js";
import { ImportsResource } from "./resources/imports.js";
import { IntegrationsResource } from "./resources/integrations.js";
import { LabelsResource } from "./resources/labels.js";
import { LedgerResource } from "./resources/ledger.js";
import { LimitsResource } from "./resources/limits.js";
import { MembersResource } from "./resources/members.js";
import { MergesResource } from "./resources/merges.js";
import { ModelsResource } from "./resources/models.js";
import { OperationsResource } from "./resources/operations.js";
import { PromptsResource } from "./resources/prompts.js";
import { QueuesResource } from "./resources/queues.js";
import { RequestsResource } from "./resources/requests.js";
import { RolesResource } from "./resources/roles.js";
import { RunsResource } from "./resources/runs.js";
import { ScorersResource } from "./resources/scorers.js";
import { SubjectsResource } from "./resources/subjects.js";
import { SweepsResource } from "./resources/sweeps.js";
import { TasksResource } from "./resources/tasks.js";
import { TunesResource } from "./resources/tunes.js";
import { WebhooksResource } from "./resources/webhooks.js";
import { WorkspacesResource } from "./resources/workspaces.js";

export class Root extends Resource {
  readonly apiKeys = new ApiKeysResource(this.api);
  readonly artifacts = new ArtifactsResource(this.api);
  readonly assignments = new AssignmentsResource(this.api);
  readonly baseModels = new BaseModelsResource(this.api);
  readonly budgets = new BudgetsResource(this.api);
  readonly bulk = new BulkResource(this.api);
  readonly candidates = new CandidatesResource(this.api);
  readonly chat = new ChatResource(this.api);
  readonly comparisons = new ComparisonsResource(this.api);
  readonly connections = new ConnectionsResource(this.api);
  readonly datasets = new DatasetsResource(this.api);
  readonly deliveries = new DeliveriesResource(this.api);
  readonly deployments = new DeploymentsResource(this.api);
  readonly documents = new DocumentsResource(this.api);
  readonly erasures = new ErasuresResource(this.api);
  readonly evaluations = new EvaluationsResource(this.api);
  readonly events = new EventsResource(this.api);
  readonly examples = new ExamplesResource(this.api);
  readonly generations = new GenerationsResource(this.api);
  readonly imports = new ImportsResource(this.api);
  readonly integrations = new IntegrationsResource(this.api);
  readonly labels = new LabelsResource(this.api);
  readonly ledger = new LedgerResource(this.api);
  readonly limits = new LimitsResource(this.api);
  readonly members = new MembersResource(this.api);
  readonly merges = new MergesResource(this.api);
  readonly models = new ModelsResource(this.api);
  readonly operations = new OperationsResource(this.api);
  readonly prompts = new PromptsResource(this.api);
  readonly queues = new QueuesResource(this.api);
  readonly requests = new RequestsResource(this.api);
  readonly roles = new RolesResource(this.api);
  readonly runs = new RunsResource(this.api);
  readonly scorers = new ScorersResource(this.api);
  readonly subjects = new SubjectsResource(this.api);
  readonly sweeps = new SweepsResource(this.api);
  readonly tasks = new TasksResource(this.api);
  readonly tunes = new TunesResource(this.api);
  readonly webhooks = new WebhooksResource(this.api);
  readonly workspaces = new WorkspacesResource(this.api);

  /**
   * Add up costs.
   *
   * Tunes count when they end, at the provider's figure or else trained tokens times price.
   *
   * A deployment counts its hours times the price of one machine, a call or request what it cost by its prices.
   *
   * Scope: `tunes:read` and `requests:read`.
   */
  costs(query?: types.GetCostsQuery, options?: RequestOptions): Call<types.CostTable> {
    return this.api.call({ method: "GET", path: "/v1/costs", query }, options);
  }

  /**
   * List the history in sentences.
   *
   * Takes the filters of the event feed: by resource, actor, request, operation or time.
   *
   * Scope: `audit:read`.
   */
  history(query?: types.ReadHistoryQuery, options?: RequestOptions): Pages<types.Account, types.HistoryLine> {
    return this.api.pages({ method: "GET", path: "/v1/history", query }, options);
  }

  /** Get the member and API key of this request. */
  me(options?: RequestOptions): Call<types.Me> {
    return this.api.call({ method: "GET", path: "/v1/me" }, options);
  }
}
