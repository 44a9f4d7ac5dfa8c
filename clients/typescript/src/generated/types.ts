// Generated from openapi/openapi.json by `make clients`.

/**
 * Which are to become examples: by id, edited, or all that wait and match, up to 1,000 at once.
 *
 * `on_invalid` is about edited contents that fail the task's schema.
 */
export interface AcceptCandidates {
  candidate_ids?: string[];
  edits?: CandidateEdit[];
  matching?: CandidateFilter | null;
  /** What happens to an output that fails its task's schema: 422, or kept and marked invalid. */
  on_invalid?: "mark" | "refuse";
  reason?: string | null;
  tags?: string[];
}

/**
 * One page of a history in words, the oldest line first. It may be short while there is a `next_cursor`.
 *
 * `reached` is the seq up to which nothing is left out. `lineage` is the path that names every dataset version and
 * model which an example reached, where the history is one example's.
 */
export interface Account {
  data: HistoryLine[];
  next_cursor: string | null;
  reached: number;
  count?: number | null;
  lineage?: string | null;
}

/** The parameters of `POST /v1/generations/{generation_id}/documents`. */
export interface AddDocumentQuery {
  /** The file's name, which tells its format. */
  name?: string;
}

/** A person's final word on one example. */
export interface Adjudication {
  example_id: string;
  answers?: Record<string, string[]> | null;
  category?: string | null;
  reason?: string | null;
  text?: string | null;
}

/**
 * Against the month before: shares of it (0.1 is 10% more), but for error rate and rating, which are differences.
 *
 * Null where either month has no such figure.
 */
export interface AgainstMonthBefore {
  requests: number | null;
  latency_p50: number | null;
  latency_p95: number | null;
  cost_per_request: number | null;
  error_rate: number | null;
  average_rating: number | null;
}

/** Rows of agreement; by example they come in pages, which all show the moment of the first. */
export interface AgreementPage {
  data: AgreementRow[];
  next_cursor: string | null;
  count?: number | null;
}

/**
 * Agreement on one question, over the examples that have at least two labels. `values` is by metric and version.
 *
 * What it is by is named: one of `example_id`, `annotator` (of a pair the first, with `other`) and `category`.
 */
export interface AgreementRow {
  question: string;
  examples: number;
  labels: number;
  values: Record<string, Value>;
  annotator?: Annotator | null;
  category?: string | null;
  example_id?: string | null;
  other?: Annotator | null;
}

/**
 * A move of an alias; `seq` is its event in the workspace's log.
 *
 * `ruling` is what the gate said, with the facts it went by, where one was asked; `overridden`: moved against it.
 */
export interface AliasMove {
  seq: number;
  alias: string;
  version: string;
  previous: string | null;
  reason: string | null;
  rollback: boolean;
  ruling: Ruling | null;
  overridden: boolean;
  moved_at: string;
  moved_by: string;
}

/** One page of an alias's moves, the newest first. */
export interface AliasMovePage {
  data: AliasMove[];
  next_cursor: string | null;
  count?: number | null;
}

/** Who labels. A person and a model of the same name are two. */
export interface Annotator {
  name: string;
  kind?: "model" | "person";
}

/** Everyone who has had an example of the queue, by name. */
export interface AnnotatorList {
  data: AnnotatorWork[];
}

/** An annotator's assignments in a queue by their state, and how honeypots were answered there. */
export interface AnnotatorWork {
  annotator: Annotator;
  states: Record<string, number>;
  honeypots: HoneypotScore;
}

/** An answer in one of three ways: by question, as the one category, or as text to read it from. */
export interface Answered {
  answers?: Record<string, string[]> | null;
  category?: string | null;
  text?: string | null;
}

/** A key without its secret; `hint` is the secret's end. */
export interface ApiKey {
  id: string;
  name: string;
  scopes: Array<"access:read" | "access:write" | "admin" | "audit:read" | "connections:read" | "connections:write" | "datasets:read" | "datasets:write" | "evaluations:read" | "evaluations:write" | "generations:read" | "generations:write" | "labels:read" | "labels:write" | "models:override" | "models:read" | "models:run" | "models:write" | "operations:read" | "operations:write" | "operator" | "prompts:read" | "prompts:run" | "prompts:write" | "requests:read" | "requests:write" | "tasks:read" | "tasks:write" | "tunes:read" | "tunes:write" | "webhooks:read" | "webhooks:write">;
  hint: string;
  expires_at: string | null;
  revoked_at: string | null;
  created_at: string;
  created_by: string;
}

/** One page of API keys. */
export interface ApiKeyPage {
  data: ApiKey[];
  next_cursor: string | null;
  count?: number | null;
}

/** A new key. Its `secret` is shown once; in a repeated answer it is null, because it is kept nowhere. */
export interface ApiKeyWithSecret {
  id: string;
  name: string;
  scopes: Array<"access:read" | "access:write" | "admin" | "audit:read" | "connections:read" | "connections:write" | "datasets:read" | "datasets:write" | "evaluations:read" | "evaluations:write" | "generations:read" | "generations:write" | "labels:read" | "labels:write" | "models:override" | "models:read" | "models:run" | "models:write" | "operations:read" | "operations:write" | "operator" | "prompts:read" | "prompts:run" | "prompts:write" | "requests:read" | "requests:write" | "tasks:read" | "tasks:write" | "tunes:read" | "tunes:write" | "webhooks:read" | "webhooks:write">;
  hint: string;
  expires_at: string | null;
  revoked_at: string | null;
  created_at: string;
  created_by: string;
  secret: string | null;
}

/** What is asked, and of which version, by name or by alias: one of the two. */
export interface AskModel {
  messages: Array<System | User | Assistant | ToolResult>;
  alias?: string | null;
  max_tokens?: number | null;
  /** Further fields in the provider's names: top_p, seed, tools, response_format, … */
  options?: Record<string, unknown>;
  temperature?: number | null;
  version?: string | null;
}

/** Keep these examples for an annotator: they are the first that this annotator's claims bring. */
export interface AssignExamples {
  annotator: NewAnnotator;
  examples: string[];
}

/** An example that an annotator has, had or is to have. `reason` is why it was sent back, skipped or released. */
export interface Assignment {
  id: string;
  queue_id: string;
  dataset_id: string;
  example_id: string;
  annotator: Annotator;
  state: "accepted" | "assigned" | "claimed" | "released" | "sent_back" | "skipped" | "submitted";
  leased_until: string | null;
  label_id: string | null;
  reason: string | null;
  updated_at: string;
}

/** One page of assignments, by id. */
export interface AssignmentPage {
  data: Assignment[];
  next_cursor: string | null;
  count?: number | null;
}

/** `weight` 0 keeps the message out of the training loss. */
export interface Assistant {
  role: "assistant";
  content?: string | TextPart[] | null;
  name?: string | null;
  reasoning?: string | null;
  tool_calls?: ToolCall[] | null;
  weight?: 0 | 1 | null;
}

/** One actor's part: how many changes of how many examples, from when to when. */
export interface Author {
  actor: string;
  changes: number;
  examples: number;
  first_at: string;
  last_at: string;
}

/** A model that providers of one kind tune; `id` is what a tune's target names. Contexts are in tokens. */
export interface BaseModel {
  id: string;
  kind: "openai" | "sandbox";
  name: string;
  methods: Array<"dpo" | "supervised">;
  prices: Prices | null;
  context_tokens: number | null;
  training_context_tokens: number | null;
  no_new_tunes_from: string | null;
  notes: string | null;
}

/** One page of base models. */
export interface BaseModelPage {
  data: BaseModel[];
  next_cursor: string | null;
  count?: number | null;
}

/** The parameters of `GET /v1/tasks/{task_id}/prompt`. */
export interface BuildPromptQuery {
  /** How the prompt is built. */
  style?: "basic" | "few_shot" | "multi_shot" | "repairs" | "chain_of_thought" | "training";
  /** Where the examples are from; few_shot, multi_shot and repairs need it. */
  dataset_id?: string;
  /** How many examples; 4, 25 or 10, by style, unless said. */
  count?: number;
  /** The same seed draws the same examples. */
  seed?: number;
}

/** What a version was built from, where a task was asked for it. */
export interface BuiltFrom {
  task_id: string;
  task_version: number;
  style: "basic" | "chain_of_thought" | "few_shot" | "multi_shot" | "repairs" | "training";
  examples?: DrawnExample[];
}

/**
 * One question. `key` says which of the run; `text` is null once erased; of a failed one, what was said instead.
 *
 * `repeats`: the call whose answer this one took for free. `in_doubt`: an attempt may have been paid for and lost.
 * `latency_ms` in milliseconds, of the last attempt; `cost` is null where no price is known.
 */
export interface Call {
  id: string;
  key: string;
  state: "answered" | "failed";
  connection_id: string;
  provider_model: string;
  model_id: string | null;
  model_version: string | null;
  text: string | null;
  tool_calls: Record<string, unknown>[];
  finish_reason: string | null;
  input_tokens: number | null;
  output_tokens: number | null;
  cost: Record<string, string> | null;
  latency_ms: number;
  attempts: number;
  in_doubt: boolean;
  repeats: string | null;
  error_code: string | null;
  error_detail: string | null;
  recorded_at: string;
}

/** Why there was no answer. */
export interface CallError {
  code: string;
  message?: string | null;
}

/** One page of a run's calls, in the order in which they ended. */
export interface CallPage {
  data: Call[];
  next_cursor: string | null;
  count?: number | null;
}

/** `arguments` is JSON in a string, as models write it. */
export interface CalledFunction {
  name: string;
  arguments: string;
}

export interface CancelTune {
  reason?: string | null;
}

/**
 * A proposed example, with where it is from. `content` is null where there is none, or once erased.
 *
 * `code` and `detail` say why it was dropped or failed, or could not be judged. `calls` are the model's answers that
 * led to it, by step; `score` is the judge's, 1 to 5. `twin` is what it repeats, by a `similarity` of 0 to 1.
 * `grounding` is the share of the answer's telling words that stand in the document.
 */
export interface Candidate {
  id: string;
  generation_id: string;
  state: "accepted" | "dropped" | "failed" | "proposed" | "rejected";
  origin: "document" | "prediction" | "sent" | "topic";
  content: Content | null;
  metadata: Record<string, unknown> | null;
  edited: boolean;
  code: string | null;
  detail: string | null;
  run_id: string | null;
  calls: Record<string, string>;
  served: Served | null;
  prompt_id: string | null;
  prompt_version: number | null;
  topic_id: string | null;
  topic_path: string[];
  category: string | null;
  temperature: number | null;
  score: number | null;
  twin: string | null;
  similarity: number | null;
  document: DocumentPlace | null;
  grounding: number | null;
  predicted_for: string | null;
  valid: boolean;
  mismatches: Mismatch[];
  task_version: number | null;
  example_id: string | null;
  reason: string | null;
  version: number;
  created_at: string;
  created_by: string;
  decided_at: string | null;
  decided_by: string | null;
}

/** `key` is the sender's own name for it: what was sent under a key before is not made again. */
export interface CandidateContent {
  content: Content;
  key?: string | null;
  metadata?: Record<string, unknown> | null;
}

/** What became of a candidate. `new` is false where it was decided so before; `refused`: where it was otherwise. */
export interface CandidateDecision {
  candidate_id: string;
  outcome: "accepted" | "refused" | "rejected";
  new: boolean;
  code?: string | null;
  detail?: string | null;
  example_id?: string | null;
}

/** One entry a candidate, in the order of the request. `remaining` still wait, of those that match. */
export interface CandidateDecisions {
  data: CandidateDecision[];
  remaining: number;
}

/** The candidate with another content; it is accepted so. */
export interface CandidateEdit {
  candidate_id: string;
  content: Content;
}

/** Conditions that all must hold; absent ones ask for nothing. */
export interface CandidateFilter {
  document_id?: string | null;
  run_id?: string | null;
  score_gte?: number | null;
  topic_id?: string | null;
}

/** The candidates that there are now, in the order of what was given; `new` of them were made by this request. */
export interface CandidateIds {
  data: string[];
  new: number;
}

/** One page of candidates, in the order in which they were made. */
export interface CandidatePage {
  data: Candidate[];
  next_cursor: string | null;
  count?: number | null;
}

/**
 * What an account's server offers beyond jobs and files; a server that lacks one is asked without it.
 *
 * `stored_completions`: it keeps chat answers and finds them by metadata, so an answer that was lost on its way is
 * fetched rather than paid for again; null: as servers of its kind do. `structured_output`: it takes a JSON Schema for
 * an answer.
 */
export interface Capabilities {
  checkpoints?: boolean;
  events?: boolean;
  metadata?: boolean;
  metadata_filter?: boolean;
  results?: boolean;
  stored_completions?: boolean | null;
  structured_output?: boolean;
}

/** One answer there is; `children` are asked only of what got it. */
export interface Category {
  name: string;
  children?: Question[];
  description?: string | null;
}

/** A field's value before and after; null where there was none. */
export interface Change {
  before: unknown;
  after: unknown;
}

/** One page of changes in words, the oldest first; `authors` has each actor's part when asked for. */
export interface ChangePage {
  data: HistoryLine[];
  next_cursor: string | null;
  authors?: Author[] | null;
  count?: number | null;
}

/** How many examples of the dataset version were not in the one before, differ from it, or are there no more. */
export interface Changes {
  added: number;
  edited: number;
  removed: number;
}

/** The provider's answer as it came. With `stream`, server-sent events of `chat.completion.chunk` instead. */
export interface ChatCompletion {
  choices: ChatCompletionChoice[];
  created?: number | null;
  id?: string | null;
  model?: string | null;
  object?: string | null;
  usage?: Record<string, unknown> | null;
}

/** One answer, in OpenAI's shape. */
export interface ChatCompletionChoice {
  finish_reason?: string | null;
  index?: number;
  message?: Record<string, unknown>;
}

/** OpenAI's request, any field of it. `model` is a model's name or id, a colon, and an alias or version. */
export interface ChatCompletionRequest {
  model: string;
  messages: Record<string, unknown>[];
  stream?: boolean | null;
  stream_options?: StreamOptions | null;
}

/** A model kept on the way, and what was measured of it. */
export interface Checkpoint {
  id: string;
  step: number;
  model: string;
  at: string | null;
  metrics: MetricPoint;
}

/** One page of checkpoints, by step. */
export interface CheckpointPage {
  data: Checkpoint[];
  next_cursor: string | null;
  count?: number | null;
}

/** Take examples to label. The queue may be left out where the dataset has one that is open. */
export interface ClaimExamples {
  annotator?: NewAnnotator | null;
  limit?: number;
  queue_id?: string | null;
}

/** What was claimed, to be answered by the task's `questions`; no `data` when nothing is to be had. */
export interface Claimed {
  data: ClaimedExample[];
  questions: Question[];
}

/**
 * An example to label, under this assignment, until the lease ends. `content` is all of it, or `input` its prompt.
 *
 * `reason` is why an earlier label was sent back; `labels` are those of others, where the queue is not blind.
 */
export interface ClaimedExample {
  assignment_id: string;
  queue_id: string;
  example_id: string;
  annotator: Annotator;
  leased_until: string;
  content: Content | null;
  input: ExampleInput | null;
  reason: string | null;
  labels: Label[];
}

/** The parameters of `GET /v1/prompts/{prompt_id}/diff`. */
export interface ComparePromptVersionsQuery {
  before: number;
  after: number;
}

/** The parameters of `GET /v1/comparisons`. */
export interface CompareTargetsQuery {
  /** Over the same version and split. */
  evaluation: string[];
  /** A target's name. Default: the first base model. */
  base?: string;
  /** A scorer's label. Default: the first. */
  metric?: string;
}

/**
 * A line of the table: `mean` over all `rows` that were scored; `change` is null for the base itself.
 *
 * `leaked`: so many of the rows it had seen in training or in its prompt, so its figures say little.
 */
export interface ComparedTarget {
  evaluation_id: string;
  target: EvaluationTarget;
  is_compared_with: boolean;
  rows: number;
  scored: number;
  mean: number | null;
  change: TargetChange | null;
  verdict: string;
  latency_ms: TargetTimes;
  consistency: number | null;
  format_validity: number | null;
  cost: TargetCost;
  leaked: number;
}

/** `text` is the first answer's; `provider_answer` is all that the provider said, tool calls included. */
export interface Completion {
  model_id: string;
  version: string;
  provider_model: string;
  text: string;
  finish_reason: string | null;
  usage: Usage;
  provider_answer: Record<string, unknown>;
}

/** An account at a provider, without its secret, which is write-only. */
export interface Connection {
  id: string;
  name: string;
  kind: "openai" | "sandbox";
  base_url: string;
  header_name: string;
  header_prefix: string;
  capabilities: Capabilities;
  extra_body: Record<string, unknown>;
  timeout_seconds: number;
  concurrency: number;
  prices: Record<string, ModelPrice>;
  created_at: string;
  created_by: string;
  updated_at: string;
}

/** The provider took the secret and lists its jobs to it; `models` are those it shows, empty where it lists none. */
export interface ConnectionCheck {
  connection_id: string;
  ok: boolean;
  models: string[];
  checked_at: string;
}

/** One page of connections. */
export interface ConnectionPage {
  data: Connection[];
  next_cursor: string | null;
  count?: number | null;
}

/** What is left out stays. A new `base_url` needs the secret again. */
export interface ConnectionPatch {
  /** http or https. */
  base_url?: string;
  capabilities?: NewCapabilities;
  /** Questions that a worker has open at once. */
  concurrency?: number;
  extra_body?: Record<string, unknown>;
  header_name?: string;
  header_prefix?: string;
  name?: string;
  prices?: Record<string, NewPrice>;
  reason?: string | null;
  /** The provider's API key. Write-only: it is kept encrypted and never shown again. */
  secret?: string;
  timeout_seconds?: number;
}

/**
 * What came of it: examples that were `labelled`, that said so already, or had too few votes.
 *
 * `kept` were adjudicated before. `tied` examples got no label; the first 1,000 are told.
 */
export interface Consensus {
  labelled: number;
  unchanged: number;
  too_few: number;
  kept: number;
  tied: number;
  ties: ExampleTie[];
}

/** That the tree over the first `from_size` events is the beginning of the tree over the first `to_size`. */
export interface ConsistencyProof {
  from_size: number;
  to_size: number;
  from_root: string;
  to_root: string;
  hashes: string[];
}

/** A conversation that ends with the answer to learn; a preference has `chosen` and `rejected` in its place. */
export interface Content {
  messages: Array<System | User | Assistant | ToolResult>;
  chosen?: Assistant | null;
  parallel_tool_calls?: boolean | null;
  rejected?: Assistant | null;
  tools?: Tool[] | null;
}

/** An exact amount, as a decimal number in a string. */
export interface Cost {
  amount: string;
  /** Such as USD. */
  currency: string;
}

/** An exact amount, as a decimal number in a string. */
export interface CostPaid {
  amount: string;
  currency: string;
}

/** The cost of 1,000 answers: a decimal and its currency (ISO 4217). */
export interface CostPerThousand {
  amount: string;
  currency?: string;
}

/** What the `requests` that told it cost in one currency; `total` is exact, percentiles are to half a percent. */
export interface Costs {
  currency: string;
  requests: number;
  total: string;
  p50: number;
  p90: number;
  p95: number;
  p99: number;
}

export interface Counts {
  added: number;
  edited: number;
  removed: number;
}

/** One example, or up to 1,000 under `examples`; either all are added or none. */
export interface CreateExamples {
  content?: Content | null;
  examples?: NewExample[] | null;
  external_id?: string | null;
  metadata?: Record<string, unknown> | null;
  /** What happens to an output that fails its task's schema: 422, or kept and marked invalid. */
  on_invalid?: "mark" | "refuse";
  rating?: Rating | null;
  source?: SourceIn;
  split?: "test" | "train" | "validation" | null;
  tags?: string[];
}

/** One label, or up to 1,000 under `labels`; either all are kept or none. Labels are for the dataset's task. */
export interface CreateLabels {
  annotator?: NewAnnotator | null;
  answers?: Record<string, string[]> | null;
  category?: string | null;
  example_id?: string | null;
  labels?: NewLabel[] | null;
  reason?: string | null;
  task_id?: string | null;
  text?: string | null;
}

/** A collection of examples for a task. Its split policy holds for examples added from now on. */
export interface Dataset {
  id: string;
  name: string;
  description: string;
  task_id: string | null;
  split_policy: SplitPolicy;
  version: number;
  created_at: string;
  created_by: string;
  updated_at: string;
}

/** One page of datasets, in the order they were made. */
export interface DatasetPage {
  data: Dataset[];
  next_cursor: string | null;
  count?: number | null;
}

/**
 * Counts of the examples that are there now. `quantity` is what the quantity guide expects of tuning on them.
 *
 * `reviewed` counts by source those that people have rated, repaired or labelled.
 */
export interface DatasetStats {
  examples: number;
  rated: number;
  repaired: number;
  invalid: number;
  average_rating: number | null;
  splits: Record<string, number>;
  sources: Record<string, number>;
  reviewed: Record<string, number>;
  tags: Record<string, number>;
  quantity: string;
  ladder: Ladder;
}

/** A moment (`seq`) under a name. `digest` is sha256 over the sorted content digests of its examples, in hex. */
export interface DatasetVersion {
  dataset_id: string;
  name: string;
  seq: number;
  filter: Filter;
  digest: string;
  examples: number;
  splits: Record<string, number>;
  notes: string;
  created_at: string;
  created_by: string;
}

/** One page of versions, the newest first. */
export interface DatasetVersionPage {
  data: DatasetVersion[];
  next_cursor: string | null;
  count?: number | null;
}

/** A dataset version that holds the example, at which of its revisions, and what was made of that version. */
export interface DatasetVersionWith {
  dataset_version: string;
  seq: number;
  revision: number;
  digest: string;
  created_at: string;
  model_versions: ModelVersionMade[];
}

/** The parameters of `DELETE /v1/examples/{example_id}`. */
export interface DeleteExampleQuery {
  reason?: string;
}

/**
 * One attempt to tell a webhook of the event `seq`. A `test` tells of none, so its seq is 0.
 *
 * `error` says why there is no `answer`. What was not accepted is tried again at `next_attempt_at`, as a delivery of
 * its own; a test or a redelivery is sent once.
 */
export interface Delivery {
  id: string;
  webhook_id: string;
  kind: "event" | "redelivery" | "test";
  state: "accepted" | "failed" | "pending";
  seq: number;
  type: string;
  message_id: string;
  attempt: number;
  created_at: string;
  sent_at: string | null;
  latency_ms: number | null;
  answer: DeliveryAnswer | null;
  error: string | null;
  next_attempt_at: string | null;
}

/** What the receiver said; `body` is its first KiB. */
export interface DeliveryAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** One page of deliveries, the newest first. */
export interface DeliveryPage {
  data: Delivery[];
  next_cursor: string | null;
  count?: number | null;
}

/** The parameters of `GET /v1/datasets/{dataset_id}/diff`. */
export interface DiffDatasetQuery {
  /** A version, an RFC 3339 time or a seq. */
  from: string;
  /** The same; default: now. */
  to?: string;
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
  /** Whether to count all matches, which costs more than a page. */
  count?: boolean;
}

/** An example that differs: `before` is null when it was added, `after` when it was removed. */
export interface Difference {
  example_id: string;
  change: "added" | "edited" | "removed";
  before: Side | null;
  after: Side | null;
}

/** One page of the examples that differ, by example id; `changes` counts them all when asked for. */
export interface DifferencePage {
  data: Difference[];
  next_cursor: string | null;
  changes?: Counts | null;
  count?: number | null;
}

/** One page of documents, the oldest first. */
export interface DocumentPage {
  data: UploadedDocument[];
  next_cursor: string | null;
  count?: number | null;
}

/** Where in a document it is from: characters of its text, and the page where the format has pages, from 1. */
export interface DocumentPlace {
  document_id: string;
  start: number;
  end: number;
  page?: number | null;
}

/** An example at one of its versions. */
export interface DrawnExample {
  example_id: string;
  version: number;
}

/**
 * From the training inputs of `dataset_version` to a month's. `times_baseline` near 1 means none to speak of.
 *
 * `value` compares samples of `texts` texts each; `baseline` two such samples of the training inputs alone.
 */
export interface Drift {
  measure: "jensen_shannon_unigrams";
  dataset_version: string;
  texts: number;
  value: number;
  baseline: number;
  times_baseline: number | null;
  words: NewWord[];
}

/** What is to change; absent fields stay. Null in `task_id` takes the dataset off its task. */
export interface EditDataset {
  description?: string | null;
  name?: string | null;
  reason?: string | null;
  task_id?: string | null;
}

/** What is to change; absent fields stay. A new content ends the old one's ratings. Null metadata removes it. */
export interface EditExample {
  content?: Content;
  metadata?: Record<string, unknown> | null;
  /** What happens to an output that fails its task's schema: 422, or kept and marked invalid. */
  on_invalid?: "mark" | "refuse";
  reason?: string | null;
  tags?: string[];
}

/** The parameters of `DELETE /v1/requests/{request_id}`. */
export interface EraseRequestQuery {
  reason?: string;
}

/** Targets measured side by side over a split of a frozen version. `summaries` are there once it has succeeded. */
export interface Evaluation {
  id: string;
  name: string;
  state: "cancelled" | "failed" | "queued" | "running" | "succeeded";
  dataset_id: string;
  dataset_version: string;
  split: string;
  rows: number;
  limit: number | null;
  sample: number | null;
  seed: number;
  task_id: string | null;
  task_version: number | null;
  targets: EvaluationTarget[];
  scorers: EvaluationScorer[];
  judges: EvaluationJudge[];
  format_scorer: string | null;
  repeats: number;
  temperature: number | null;
  max_tokens: number | null;
  options: Record<string, unknown>;
  fresh: boolean;
  leakage: EvaluationLeakage;
  summaries: TargetFigures[] | null;
  operation_id: string;
  created_at: string;
  created_by: string;
  finished_at: string | null;
}

/** An evaluation with what people think of the answers by now, and how its judges compare with that. */
export interface EvaluationDetail {
  id: string;
  name: string;
  state: "cancelled" | "failed" | "queued" | "running" | "succeeded";
  dataset_id: string;
  dataset_version: string;
  split: string;
  rows: number;
  limit: number | null;
  sample: number | null;
  seed: number;
  task_id: string | null;
  task_version: number | null;
  targets: EvaluationTarget[];
  scorers: EvaluationScorer[];
  judges: EvaluationJudge[];
  format_scorer: string | null;
  repeats: number;
  temperature: number | null;
  max_tokens: number | null;
  options: Record<string, unknown>;
  fresh: boolean;
  leakage: EvaluationLeakage;
  summaries: TargetFigures[] | null;
  operation_id: string;
  created_at: string;
  created_by: string;
  finished_at: string | null;
  ratings: TargetRating[];
  standings: JudgeStanding[];
}

/** A model that scores, as it was used. `requirements` null: the task's. `against`: whom a pair is with. */
export interface EvaluationJudge {
  label: string;
  kind: "geval" | "pairwise" | "rubric";
  served: Served;
  config: Record<string, unknown>;
  instruction: string | null;
  requirements: Requirement[] | null;
  against: string | null;
}

/** What the targets had seen of the rows. `forced`: they were measured all the same. */
export interface EvaluationLeakage {
  forced: boolean;
  targets: TargetLeak[];
}

/** One page of evaluations, the newest first. */
export interface EvaluationPage {
  data: Evaluation[];
  next_cursor: string | null;
  count?: number | null;
}

/** The version of a prompt that asks; `examples` are those that it shows before every row. */
export interface EvaluationPrompt {
  prompt_id: string;
  version: number;
  inputs: Record<string, string>;
  examples: DrawnExample[];
}

/**
 * What one target answered to one example. `output` and `reference` are null once erased, or where there is none.
 *
 * `calls` are the questions, of which the operation tells more; `rating` is the mean of `ratings`, which are by rater.
 */
export interface EvaluationResult {
  id: string;
  evaluation_id: string;
  target: string;
  example_id: string;
  output: string | null;
  tool_calls: Record<string, unknown>[];
  reference: string | null;
  scores: Record<string, ResultScore>;
  passed: boolean | null;
  failure: ResultFailure | null;
  latency_ms: number | null;
  input_tokens: number | null;
  output_tokens: number | null;
  cost: Record<string, string> | null;
  calls: string[];
  rating: number | null;
  ratings: Record<string, ResultRating>;
  created_at: string;
  updated_at: string;
  version: number;
}

/** One page of results, by example and target. */
export interface EvaluationResultPage {
  data: EvaluationResult[];
  next_cursor: string | null;
  count?: number | null;
}

/** A scorer as it was used; results and summaries have its scores under its label. */
export interface EvaluationScorer {
  label: string;
  name: string;
  version: number;
  config: Record<string, unknown>;
}

/** One who answers. `is_base`: a model of a provider, no version of ours. */
export interface EvaluationTarget {
  name: string;
  served: Served;
  is_base: boolean;
  prompt: EvaluationPrompt | null;
}

/**
 * One page of events, the oldest first. With filters it may be short, even empty, while there is a `next_cursor`.
 *
 * `reached` is the seq up to which nothing is left out: to follow the log, ask again with it as `after`.
 */
export interface EventPage {
  data: FeedEvent[];
  next_cursor: string | null;
  reached: number;
  count?: number | null;
}

/**
 * An example at one revision. `content` is null once erased; `mismatches` says where it fails its task's schema.
 *
 * `task_version` is that of the task it was checked against. `label` is what its annotators came to, by the rule and
 * the `votes` beside it.
 */
export interface Example {
  id: string;
  dataset_id: string;
  version: number;
  external_id: string | null;
  content: Content | null;
  tags: string[];
  source: Source;
  split: "test" | "train" | "validation";
  rating: RatingSummary;
  repaired: boolean;
  repair: Repair | null;
  valid: boolean;
  mismatches: Mismatch[];
  task_version: number | null;
  label: ExampleLabel | null;
  votes: Vote[];
  metadata: Record<string, unknown> | null;
  created_at: string;
  created_by: string;
  updated_at: string;
  updated_by: string;
}

/** The examples that were added, in the order they were sent. */
export interface ExampleBatch {
  data: Example[];
}

/**
 * Which `k` examples of a dataset are shown before the question, each as a question and its answer.
 *
 * In an order that follows from the seed, the repaired ones first where that is wanted. `version` (of the dataset) or
 * `as_of` says of which moment; without either it is that of the rendering. Of all `tags`, each has to be there. A
 * repaired example that nobody has rated since counts as good enough.
 */
export interface ExampleDraw {
  dataset_id: string;
  k: number;
  as_of?: string | null;
  rating_gte?: number | null;
  repaired_first?: boolean;
  seed?: number;
  split?: "test" | "train" | "validation" | null;
  tags?: string[];
  version?: string | null;
}

/** An example's input, without the answer. */
export interface ExampleInput {
  messages: Array<System | User | Assistant | ToolResult>;
  tools?: Tool[] | null;
}

/** The categories chosen, by question, and how they were found. */
export interface ExampleLabel {
  answers: Record<string, string[]>;
  rule: "adjudicated" | "majority" | "weighted";
}

/** One page of the dataset versions that hold the example, the newest first. */
export interface ExampleLineage {
  data: DatasetVersionWith[];
  next_cursor: string | null;
  example_id: string;
  dataset_id: string;
  split: "test" | "train" | "validation";
  count?: number | null;
}

/** One page of examples, in the order they were added; all pages show the moment of the first. */
export interface ExamplePage {
  data: Example[];
  next_cursor: string | null;
  count?: number | null;
}

/** An example that got no label, and the questions that stand in its way. */
export interface ExampleTie {
  example_id: string;
  ties: Tie[];
}

/**
 * An example as the dataset version holds it. `digest` commits to its content, also after that was erased.
 *
 * `use` is what the model version did with it; null for one that it never saw. `changed_by` made this `revision`.
 */
export interface ExampleUsed {
  example_id: string;
  revision: number;
  split: "test" | "train" | "validation";
  use: "training" | "validation" | null;
  digest: string;
  source: Record<string, unknown>;
  external_id: string | null;
  changed_at: string;
  changed_by: string;
}

/** How many examples came into the queue, and how many of those asked for are left for another call. */
export interface ExamplesQueued {
  added: number;
  honeypots: number;
  left: number;
}

/** The parameters of `GET /v1/datasets/{dataset_id}/export`. */
export interface ExportDatasetQuery {
  format?: "openai-chat";
  /** A frozen version's name. */
  version?: string;
  /** The moment to read at: an RFC 3339 time, a seq, or a dataset version's name. Default: now. */
  as_of?: string;
  /** Only this split. */
  split?: "train" | "validation" | "test";
}

/**
 * What was known when the gate was asked: the versions by name, and the base model of the one that is to pass.
 *
 * The intervals are of its improvement over the base and over the current version.
 */
export interface Facts {
  base?: MeasuredVersion | null;
  higher_is_better?: boolean;
  over_base?: MeasuredGain | null;
  over_current?: MeasuredGain | null;
  versions?: Record<string, MeasuredVersion>;
}

/** The latest failures, at most 1,000, `read`; near-duplicates by MinHash of 3-word runs, Jaccard from about 0.6. */
export interface Failing {
  read: number;
  clusters: FailureCluster[];
}

/** An example that would not match; each pointer leads into the JSON of `/input` or of `/output`. */
export interface FailingExample {
  example_id: string;
  dataset_id: string;
  version: number;
  faults: Fault[];
}

/** Why a tune failed: `message` in the provider's own words where it spoke, `hint` what may be done about it. */
export interface Failure {
  code: string;
  message: string;
  hint?: string | null;
  param?: string | null;
}

/** Inputs that are nearly the same. `input` begins the latest one; `request_ids`: at most 20, the latest first. */
export interface FailureCluster {
  requests: number;
  input: string;
  ways: Record<string, number>;
  error_codes: Record<string, number>;
  versions: Record<string, number>;
  request_ids: string[];
}

/** One thing wrong with what was sent: `pointer` is a JSON pointer into the body, or `?name` of a parameter. */
export interface Fault {
  detail: string;
  code?: string;
  line?: number | null;
  pointer?: string;
}

/**
 * A fact. `data` is its content as it was recorded, byte by byte; `leaf` is its hash in the log, in hex.
 *
 * `seq` numbers the workspace's events without a gap, `version` those of the stream. `actor` is who caused it, in the
 * request `request_id`.
 */
export interface FeedEvent {
  seq: number;
  stream: string;
  stream_id: string;
  version: number;
  type: string;
  data: Record<string, unknown>;
  actor: string;
  request_id: string;
  recorded_at: string;
  leaf: string;
}

/** Conditions that all must hold; absent ones ask for nothing. `rating_gte` compares the mean in stars. */
export interface Filter {
  external_id?: string | null;
  label?: string | null;
  labelled?: boolean | null;
  q?: string | null;
  rated?: boolean | null;
  rating_gte?: number | null;
  repaired?: boolean | null;
  source?: "document" | "human" | "import" | "log" | "synthetic" | null;
  split?: "test" | "train" | "validation" | null;
  tag?: string | null;
  valid?: boolean | null;
}

/** What is wrong with a file, or with one page of it (from 1). */
export interface Finding {
  type: "finding";
  code: "empty" | "encoding_guessed" | "encrypted" | "not_readable" | "partial" | "scanned" | "too_large" | "type_mismatch" | "unsupported" | "zip_bomb";
  detail: string;
  page?: number | null;
}

/** What to freeze: everything that is there now, or what matches the filter. */
export interface FreezeVersion {
  /** Such as v1; unique in the dataset. */
  name: string;
  filter?: Filter;
  notes?: string;
}

/** A prompt's batch run whose predictions are to be candidates; those that failed are left out. */
export interface FromPredictions {
  run_id: string;
}

/** `parameters` is a JSON Schema; its keys keep their order, since the model reads them in it. */
export interface Function {
  name: string;
  description?: string | null;
  parameters?: Record<string, unknown> | null;
  strict?: boolean | null;
}

/** What a version of the model has to show before a protected alias may stand at it; null where nothing is asked. */
export interface Gate {
  model_id: string;
  policy: GatePolicy | null;
}

/** One thing that the gate asked for. `found` is null where nobody measured it; `because` says it in words. */
export interface GateCheck {
  name: string;
  wanted: number;
  found: number | null;
  unit: string;
  passed: boolean;
  because: string;
}

/**
 * What a version has to show. A number that is null is not asked for.
 *
 * `over_base` and `over_current` are improvements of the score: over the base model it was tuned from, and over the
 * version at which the alias stands. With `interval_excludes_zero`, the whole confidence interval of the improvement
 * has to lie above zero: over the base, and over the current version where more than 0 is asked for.
 */
export interface GatePolicy {
  evaluation: WantedEvaluation;
  cost_per_thousand?: CostPerThousand | null;
  format_validity?: number | null;
  human_rating?: WantedRating | null;
  interval_excludes_zero?: boolean;
  latency_p95_ms?: number | null;
  over_base?: number | null;
  over_current?: number | null;
  protects?: string[];
}

/**
 * What would come of a move: whether it would be `allowed`, and what the gate says of the version.
 *
 * Where the gate does not protect the alias it is allowed in any case. `current` is where the alias stands; `ruling` is
 * null where the model has no gate.
 */
export interface GateTrial {
  model_id: string;
  alias: string;
  version: string;
  current: string | null;
  protected: boolean;
  allowed: boolean;
  ruling: Ruling | null;
}

/** What is made for a dataset. `topics` counts those of its tree; `runs` are its operations, the oldest first. */
export interface Generation {
  id: string;
  dataset_id: string;
  task_id: string | null;
  name: string;
  target: PromptTarget;
  guidance: Guidance;
  template: "bugs_seen" | "edge_cases" | "general" | "safety";
  prompt: PromptChoice | null;
  topics: number;
  runs: OrderedRun[];
  version: number;
  created_at: string;
  created_by: string;
  updated_at: string;
  updated_by: string;
}

/** What is to be different: an absent field stays as it is. Runs that are under way go on as they were asked for. */
export interface GenerationChanges {
  guidance?: Guidance;
  name?: string;
  prompt?: PromptChoice | null;
  reason?: string | null;
  target?: ModelChoice;
  template?: "bugs_seen" | "edge_cases" | "general" | "safety";
}

/** One page of generations, the newest first. */
export interface GenerationPage {
  data: Generation[];
  next_cursor: string | null;
  count?: number | null;
}

/** The parameters of `GET /v1/datasets/{dataset_id}/agreement`. */
export interface GetAgreementQuery {
  /** What a row is. */
  by?: "task" | "example" | "annotator" | "pair" | "category";
  /**
   * Names with commas between, of: raw_share@1, pairwise@1, majority_share@1, jaccard@1, kili_consensus@1,
   * cohen_kappa@1, fleiss_kappa@1, krippendorff_alpha@1. Default: all.
   */
  metric?: string;
  /** Whose labels are measured. */
  annotators?: "people" | "models" | "all";
  /** Hold this model's labels against the people's. */
  model?: string;
  /** This question only. Default: each. */
  question?: string;
  /** Default: the dataset's task. */
  task_id?: string;
  /** Only labels from this queue. */
  queue?: string;
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
  /** The moment to read at: an RFC 3339 time, a seq, or a dataset version's name. Default: now. */
  as_of?: string;
}

/** The parameters of `GET /v1/datasets/{dataset_id}`. */
export interface GetDatasetQuery {
  /** The moment to read at: an RFC 3339 time or a seq, not in the future. Default: now. */
  as_of?: string;
}

/** The parameters of `GET /v1/examples/{example_id}/lineage`. */
export interface GetExampleLineageQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/examples/{example_id}`. */
export interface GetExampleQuery {
  /** The moment to read at: an RFC 3339 time, a seq, or a dataset version's name. Default: now. */
  as_of?: string;
}

/** The parameters of `GET /v1/models/{model_id}/report`. */
export interface GetModelReportQuery {
  /** Such as 2026-11, in UTC. Default: this one. */
  month?: string;
}

/** The parameters of `GET /v1/models/{model_id}/versions/{version}/lineage`. */
export interface GetModelVersionLineageQuery {
  split?: "train" | "validation" | "test";
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/operations/{operation_id}`. */
export interface GetOperationQuery {
  /** Seconds to wait for its end; it is answered as soon as it ends. */
  wait?: number;
}

/** The parameters of `GET /v1/tasks/{task_id}`. */
export interface GetTaskQuery {
  /** The moment to read at: an RFC 3339 time or a seq, not in the future. Default: now. */
  as_of?: string;
}

/** What a model is told beside the task when it names topics, and writes inputs and outputs. */
export interface Guidance {
  inputs?: string | null;
  outputs?: string | null;
  topics?: string | null;
}

/** A resource whose event `seq` was not accepted so far, and whose later events wait for that. */
export interface HeldStream {
  stream_id: string;
  seq: number;
  attempts: number;
  next_attempt_at: string;
}

/** One change of a resource. `seq` is its event in the workspace's log, `version` the ETag that came of it. */
export interface HistoryEntry {
  seq: number;
  version: number;
  type: string;
  at: string;
  actor: string;
  request_id: string;
  reason: string | null;
  changes: Record<string, Change>;
}

/**
 * What happened, in a sentence. `resource` is what it happened to, as the filter of that name takes it.
 *
 * `seq` is the event's number in the log, `version` the ETag the resource got by it.
 */
export interface HistoryLine {
  seq: number;
  version: number;
  at: string;
  actor: string;
  request_id: string;
  resource: string;
  type: string;
  sentence: string;
  reason: string | null;
}

/** One page of a history, the oldest change first. */
export interface HistoryPage {
  data: HistoryEntry[];
  next_cursor: string | null;
  count?: number | null;
}

/** `score` is (right + 1) / (answered + 2): ½ for who has answered none, and never certain. */
export interface HoneypotScore {
  answered?: number;
  right?: number;
  score?: number;
}

export interface ImagePart {
  type: "image_url";
  image_url: ImageUrl;
}

export interface ImageUrl {
  url: string;
  detail?: "auto" | "high" | "low" | null;
}

/** A file on its way in. `rows` are good, `bad` are not; of the good, `duplicates` were there already. */
export interface Import {
  id: string;
  dataset_id: string;
  format: "alpaca" | "csv" | "openai-chat";
  on_error: "abort" | "skip";
  name: string | null;
  state: "adding" | "cancelled" | "failed" | "staged" | "succeeded" | "uploading" | "withdrawing";
  rows: number;
  bad: number;
  bytes: number;
  added: number;
  duplicates: number;
  failure: ImportFailure | null;
  created_at: string;
  created_by: string;
  updated_at: string;
}

/** The parameters of `POST /v1/datasets/{dataset_id}/imports`. */
export interface ImportExamplesQuery {
  /** The shape of the rows. */
  format?: "openai-chat" | "alpaca" | "csv";
  /** What one bad row means. */
  on_error?: "abort" | "skip";
  /** An output that fails its schema: bad, or only marked. */
  on_invalid?: "refuse" | "mark";
  /** For rows that name none. Default: the policy's. */
  split?: "train" | "validation" | "test";
  /** The file's name. */
  name?: string;
}

/** Why nothing of the file is in the dataset; `line` where it is one line's fault. */
export interface ImportFailure {
  code: string;
  detail: string;
  line: number | null;
}

/** One page of imports, the newest first. */
export interface ImportPage {
  data: Import[];
  next_cursor: string | null;
  count?: number | null;
}

/** That event `seq` is leaf `seq` - 1 of the tree over the first `size` events. Hashes in base64, from the leaf. */
export interface InclusionProof {
  seq: number;
  size: number;
  leaf: string;
  root: string;
  hashes: string[];
}

/** An estimate from `n` rows with the ends of its interval, None where there are too few rows for one. */
export interface Interval {
  n: number;
  estimate: number | null;
  low: number | null;
  high: number | null;
  confidence?: number;
  method?: "bca" | "constant" | "none" | "normal" | "percentile" | "wilson";
}

/**
 * A model that scores: each answer by requirements (`rubric`) or by one criterion (`geval`), or pairs of answers.
 *
 * Without requirements or an instruction of its own it goes by the dataset's task. A pair is with the answer of
 * `against`: the name of a target, or `reference`; by default the first base model. `least` passes.
 */
export interface JudgeAsked {
  target: ModelChoice;
  against?: string | null;
  criterion?: string | null;
  instruction?: string | null;
  kind?: "geval" | "pairwise" | "rubric";
  label?: string | null;
  least?: number | null;
  requirements?: NewCriterion[] | null;
  scale?: "one_to_five" | "pass_fail";
  steps?: string[];
}

/** A judge beside people. `trusted` from 10 rated answers and a kappa (weighted by distance) of 0.41 on. */
export interface JudgeStanding {
  label: string;
  trusted: boolean;
  because: string;
  trust: Trust;
}

/**
 * What an annotator says of an example. `text` is what the answers were read from, null once erased.
 *
 * `example_version` is the version of the example that they saw, `review` a reviewer's verdict.
 */
export interface Label {
  id: string;
  version: number;
  dataset_id: string;
  example_id: string;
  task_id: string;
  annotator: Annotator;
  answers: Record<string, string[]>;
  text: string | null;
  task_version: number;
  example_version: number;
  queue_id: string | null;
  review: "accepted" | "sent_back" | null;
  reason: string | null;
  given_at: string;
  given_by: string;
}

/** The labels as they are now, in the order they were sent. */
export interface LabelBatch {
  data: Label[];
}

/** One page of labels, by example; all pages show the moment of the first. */
export interface LabelPage {
  data: Label[];
  next_cursor: string | null;
  count?: number | null;
}

/**
 * Each example stands on one step, by its source and by whether a person has checked it since.
 *
 * `by_hand`: written by people, or imported. `reviewed`: made by a model or from a document, and rated, repaired or
 * labelled since. `synthesized`: made so, and not. `served`: from production. A step that has its number makes up for
 * those before it.
 */
export interface Ladder {
  steps: LadderStep[];
  next: LadderNext;
}

/** The first step that wants more, how many (null for the last), and what to do. */
export interface LadderNext {
  step: "by_hand" | "reviewed" | "served" | "synthesized";
  missing: number | null;
  advice: string;
}

/** How many examples stand on a step, of about how many it wants; the last wants no number. */
export interface LadderStep {
  step: "by_hand" | "reviewed" | "served" | "synthesized";
  examples: number;
  aim: number | null;
}

/** In milliseconds, by nearest rank over the `requests` that said how long they took. */
export interface Latencies {
  requests: number;
  mean: number;
  p50: number;
  p90: number;
  p95: number;
  p99: number;
}

/**
 * A signed head of the log. `note` is what is signed, in C2SP's tlog-checkpoint form: keep it, word for word.
 *
 * `root` is the RFC 9162 root over the first `size` events, in base64; `keys` are those that have signed.
 */
export interface LedgerCheckpoint {
  origin: string;
  size: number;
  root: string;
  note: string;
  keys: string[];
  sealed_at: string;
}

/** The parameters of `GET /v1/api-keys`. */
export interface ListApiKeysQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/queues/{queue_id}/assignments`. */
export interface ListAssignmentsQuery {
  /** In this state. */
  state?: "assigned" | "claimed" | "submitted" | "accepted" | "sent_back" | "skipped" | "released";
  annotator?: string;
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/base-models`. */
export interface ListBaseModelsQuery {
  /** Only what providers of this kind tune. */
  kind?: "openai" | "sandbox";
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/candidates/{candidate_id}/history`. */
export interface ListCandidateHistoryQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/generations/{generation_id}/candidates`. */
export interface ListCandidatesQuery {
  /** Only these. */
  state?: "proposed" | "dropped" | "failed" | "accepted" | "rejected";
  /** Only those that this run made. */
  run_id?: string;
  /** Only those about this topic. */
  topic_id?: string;
  /** Only those from this document. */
  document_id?: string;
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/connections/{connection_id}/history`. */
export interface ListConnectionHistoryQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/connections`. */
export interface ListConnectionsQuery {
  /** The one of this name. */
  name?: string;
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/datasets/{dataset_id}/changes`. */
export interface ListDatasetChangesQuery {
  /** After this: a version, an RFC 3339 time or a seq. */
  from: string;
  /** Until and with this. Default: now. */
  to?: string;
  /** Only what one actor caused: an API key's name. */
  actor?: string;
  /** Whether to count by actor, which costs as much as all changes. */
  by_actor?: boolean;
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/datasets/{dataset_id}/history`. */
export interface ListDatasetHistoryQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/datasets/{dataset_id}/versions`. */
export interface ListDatasetVersionsQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/datasets`. */
export interface ListDatasetsQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
  /** The one of this name. */
  name?: string;
  /** Only datasets of this task. */
  task_id?: string;
}

/** The parameters of `GET /v1/generations/{generation_id}/documents`. */
export interface ListDocumentsQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/evaluations/{evaluation_id}/results`. */
export interface ListEvaluationResultsQuery {
  target?: string;
  /** Whether all scorers that decide have passed; with `scorer`, that one. */
  passed?: boolean;
  scorer?: string;
  /** Only where the named `scorer` gave less than this. */
  below?: number;
  failure?: string;
  /** Whether people have rated it. */
  rated?: boolean;
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/evaluations`. */
export interface ListEvaluationsQuery {
  name?: string;
  dataset_id?: string;
  model_id?: string;
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/events`. */
export interface ListEventsQuery {
  /** Only these types, such as `ExampleRepaired`; repeated or with commas. */
  types?: string[];
  /** Only one kind of stream, such as `example`. */
  stream?: string;
  /** Only the events of one resource, by its id. */
  stream_id?: string;
  /** Only the events of one resource: `example:` and its id, or its path, such as `/v1/examples/{id}`. */
  resource?: string;
  /** Only what one actor caused: an API key's name. */
  actor?: string;
  /** Only what one request caused, by its X-Request-Id. */
  request_id?: string;
  /** Only what an operation caused: all events under the request that began it. */
  operation?: string;
  /** From this RFC 3339 time on. */
  from?: string;
  /** Before this RFC 3339 time. */
  to?: string;
  /** The events after this seq. 0, the default, begins with the first. */
  after?: number;
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before: a seq. It goes before `after`. */
  cursor?: string;
}

/** The parameters of `GET /v1/examples/{example_id}/history`. */
export interface ListExampleHistoryQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/datasets/{dataset_id}/examples`. */
export interface ListExamplesQuery {
  /** Has this tag. */
  tag?: string;
  /** Is from this kind of source. */
  source?: "human" | "import" | "synthetic" | "log" | "document";
  /** Is in this split. */
  split?: "train" | "validation" | "test";
  /** Mean rating in stars. */
  rating_gte?: number;
  /** Has a rating, or has none. */
  rated?: boolean;
  /** Was repaired, or was not. */
  repaired?: boolean;
  /** Matches its task's schema, or does not. */
  valid?: boolean;
  external_id?: string;
  /** Has a label, or has none. */
  labelled?: boolean;
  /** Was labelled with this category. */
  label?: string;
  /** Has this text in it. */
  q?: string;
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
  /** Whether to count all matches, which costs more than a page. */
  count?: boolean;
  /** The moment to read at: an RFC 3339 time, a seq, or a dataset version's name. Default: now. */
  as_of?: string;
}

/** The parameters of `GET /v1/generations/{generation_id}/history`. */
export interface ListGenerationHistoryQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/generations`. */
export interface ListGenerationsQuery {
  /** Only those for this dataset. */
  dataset_id?: string;
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/imports/{import_id}/errors`. */
export interface ListImportErrorsQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/datasets/{dataset_id}/imports`. */
export interface ListImportsQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/labels/{label_id}/history`. */
export interface ListLabelHistoryQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/datasets/{dataset_id}/labels`. */
export interface ListLabelsQuery {
  /** Of this example. */
  example_id?: string;
  /** For this task. */
  task_id?: string;
  /** From this queue. */
  queue_id?: string;
  annotator?: string;
  /** Of people, or of models. */
  kind?: "person" | "model";
  /** Accepted, or sent back. */
  review?: "accepted" | "sent_back";
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
  /** The moment to read at: an RFC 3339 time, a seq, or a dataset version's name. Default: now. */
  as_of?: string;
}

/** The parameters of `GET /v1/models/{model_id}/aliases/{alias}/history`. */
export interface ListModelAliasMovesQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/models/{model_id}/history`. */
export interface ListModelHistoryQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/models/{model_id}/versions`. */
export interface ListModelVersionsQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/models`. */
export interface ListModelsQuery {
  /** The one of this name. */
  name?: string;
  task_id?: string;
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/operations/{operation_id}/calls`. */
export interface ListOperationCallsQuery {
  /** Only these. */
  state?: "answered" | "failed";
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/operations`. */
export interface ListOperationsQuery {
  /** Only those in this state. */
  state?: "queued" | "running" | "succeeded" | "failed" | "cancelled";
  /** Only those of this kind, such as `import`. */
  kind?: string;
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/runs/{run_id}/predictions`. */
export interface ListPredictionsQuery {
  /** Only these. */
  state?: "succeeded" | "failed";
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/prompts/{prompt_id}/history`. */
export interface ListPromptHistoryQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/prompts/{prompt_id}/labels/{label}/history`. */
export interface ListPromptLabelMovesQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/prompts/{prompt_id}/runs`. */
export interface ListPromptRunsQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/prompts/{prompt_id}/versions`. */
export interface ListPromptVersionsQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/prompts`. */
export interface ListPromptsQuery {
  /** The one of this name. */
  name?: string;
  task_id?: string;
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/datasets/{dataset_id}/queues`. */
export interface ListQueuesQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/requests/{request_id}/history`. */
export interface ListRequestHistoryQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/requests`. */
export interface ListRequestsQuery {
  model_id?: string;
  version?: string;
  /** Calls at this time or later. */
  since?: string;
  /** Calls before this time. */
  until?: string;
  /** In stars. */
  rating_gte?: number;
  /** In stars. */
  rating_lte?: number;
  /** Those that ended in an error, or the others. */
  error?: boolean;
  /** By the task's schema for outputs. */
  valid?: boolean;
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/tasks/{task_id}/history`. */
export interface ListTaskHistoryQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/tasks`. */
export interface ListTasksQuery {
  /** The one of this name. */
  name?: string;
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/tunes/{tune_id}/checkpoints`. */
export interface ListTuneCheckpointsQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/tunes/{tune_id}/events`. */
export interface ListTuneEventsQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/tunes/{tune_id}/history`. */
export interface ListTuneHistoryQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/tunes/{tune_id}/metrics`. */
export interface ListTuneMetricsQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/tunes`. */
export interface ListTunesQuery {
  /** Where the tune stands. */
  state?: "pending" | "validating" | "queued" | "running" | "paused" | "succeeded" | "failed" | "cancelled";
  dataset_id?: string;
  sweep_id?: string;
  /** The line of model versions. */
  model?: string;
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/webhooks/{webhook_id}/deliveries`. */
export interface ListWebhookDeliveriesQuery {
  /** Only those in this state. */
  state?: "pending" | "accepted" | "failed";
  /** Only those that tell of this event. */
  seq?: number;
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/webhooks/{webhook_id}/history`. */
export interface ListWebhookHistoryQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/webhooks`. */
export interface ListWebhooksQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/workspaces`. */
export interface ListWorkspacesQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** Up to 1,000 calls. One that is refused does not keep the others from being logged. */
export interface LogRequests {
  requests: LoggedCall[];
}

/** The outcome of each call, in the order they were sent, and why any were refused. */
export interface LoggedBatch {
  new: number;
  repeated: number;
  refused: number;
  data: LoggedOutcome[];
  errors: Fault[];
}

/**
 * A call of a model in production.
 *
 * The version by its name, or by the alias that was called: it counts for the version at which the alias stood then.
 */
export interface LoggedCall {
  model_id: string;
  /** A text, or messages in OpenAI's chat shape. */
  input: string | Record<string, unknown>[];
  alias?: string | null;
  at?: string | null;
  client_id?: string | null;
  cost?: Cost | null;
  error?: CallError | null;
  feedback?: NewFeedback | null;
  input_tokens?: number | null;
  latency_ms?: number | null;
  metadata?: Record<string, unknown> | null;
  output?: string | null;
  output_tokens?: number | null;
  tool_calls?: Record<string, unknown>[] | null;
  user_hash?: string | null;
  version?: string | null;
}

/** How many calls of a file were new, repeated or refused; `errors` are the first 1,000 faults, by line. */
export interface LoggedLines {
  new: number;
  repeated: number;
  refused: number;
  errors: Fault[];
}

/** What became of one call. A repeated one was there already, under this `id`, and stays as it was. */
export interface LoggedOutcome {
  outcome: "new" | "refused" | "repeated";
  client_id?: string | null;
  id?: string | null;
}

/**
 * A logged call. `valid`: did the output match the model's task when it was logged; null where none asks for it.
 *
 * Erased, only its figures are left: `input`, `output`, `metadata` and whose it was are null.
 */
export interface LoggedRequest {
  id: string;
  client_id: string | null;
  at: string;
  model_id: string;
  version: string;
  alias: string | null;
  input: unknown;
  output: string | null;
  tool_calls: unknown;
  error: CallError | null;
  valid: boolean | null;
  latency_ms: number | null;
  input_tokens: number | null;
  output_tokens: number | null;
  cost: CostPaid | null;
  user_hash: string | null;
  metadata: Record<string, unknown> | null;
  feedback: RequestFeedback | null;
  examples: PromotedTo[];
  logged_by: string;
  received_at: string;
  erased_at: string | null;
}

/** Write what the annotators came to into their examples. `decisions` are for the rule `adjudicated` alone. */
export interface MakeConsensus {
  rule: "adjudicated" | "majority" | "weighted";
  decisions?: Adjudication[] | null;
  examples?: string[] | null;
  include_models?: boolean;
  /** How many votes an example needs. */
  minimum?: number;
  queue_id?: string | null;
  reason?: string | null;
  task_id?: string | null;
}

/** Pairs of pass and fail: `fixed` failed before and pass now, `broken` passed before and fail now. */
export interface McNemar {
  fixed: number;
  broken: number;
  p_value: number;
}

/** Whose key this is and what it may do. */
export interface Me {
  workspace_id: string;
  key_id: string;
  name: string;
  scopes: Array<"access:read" | "access:write" | "admin" | "audit:read" | "connections:read" | "connections:write" | "datasets:read" | "datasets:write" | "evaluations:read" | "evaluations:write" | "generations:read" | "generations:write" | "labels:read" | "labels:write" | "models:override" | "models:read" | "models:run" | "models:write" | "operations:read" | "operations:write" | "operator" | "prompts:read" | "prompts:run" | "prompts:write" | "requests:read" | "requests:write" | "tasks:read" | "tasks:write" | "tunes:read" | "tunes:write" | "webhooks:read" | "webhooks:write">;
  expires_at: string | null;
}

/** The interval of an improvement, in the score's own unit; above 0 is better, also where lower scores are. */
export interface MeasuredGain {
  low: number | null;
  high: number | null;
}

/** A score over `n` rows, with the interval it lies in. `on` says in words what it was measured on. */
export interface MeasuredScore {
  evaluation_ids: string[];
  scorer: string;
  value: number | null;
  high?: number | null;
  low?: number | null;
  n?: number;
  on?: string;
}

/**
 * What evaluations say of one version, or of its base model. A number that nobody measured is null.
 *
 * `score` is the one that the gate asks for, `others` are further ones. Format validity is a share.
 */
export interface MeasuredVersion {
  cost_per_thousand?: CostPerThousand | null;
  format_validity?: number | null;
  human_rating?: number | null;
  human_ratings?: number;
  latency_p95_ms?: number | null;
  others?: MeasuredScore[];
  score?: MeasuredScore | null;
}

/** One page of the curves, by step. */
export interface MetricPage {
  data: MetricPoint[];
  next_cursor: string | null;
  count?: number | null;
}

/** Measured at a step: losses in nats per token, accuracies 0 to 1; `not_finite` names the NaNs and infinities. */
export interface MetricPoint {
  step: number;
  full_valid_accuracy?: number | null;
  full_valid_loss?: number | null;
  not_finite?: string[];
  train_accuracy?: number | null;
  train_loss?: number | null;
  valid_accuracy?: number | null;
  valid_loss?: number | null;
}

/** Where an example fails its task's schema. Only the place: the event holds no content. */
export interface Mismatch {
  pointer: string;
  code: string;
}

/** A line of versions. `aliases` says at which version each stands. */
export interface Model {
  id: string;
  name: string;
  description: string | null;
  task_id: string | null;
  latest_version: string | null;
  aliases: Record<string, string>;
  created_at: string;
  created_by: string;
  updated_at: string;
  updated_by: string;
}

/** What answers: `connection_id` and the provider's name of a `model`, or `model_id` with a `version` or `alias`. */
export interface ModelChoice {
  alias?: string | null;
  connection_id?: string | null;
  model?: string | null;
  model_id?: string | null;
  version?: string | null;
}

/** One page of models, the oldest first. */
export interface ModelPage {
  data: Model[];
  next_cursor: string | null;
  count?: number | null;
}

/** What is left out stays, null empties it. */
export interface ModelPatch {
  description?: string | null;
  /** Unique in the workspace; a tune names its line by it. */
  name?: string;
  reason?: string | null;
  task_id?: string | null;
}

/** US dollars for a million tokens, as decimal texts. */
export interface ModelPrice {
  input: string;
  output: string;
}

/** A month (UTC) of a model, all versions together and each by itself, the latest version first. */
export interface ModelReport {
  model_id: string;
  month: string;
  figures: MonthFigures;
  before: MonthFigures | null;
  change: AgainstMonthBefore | null;
  versions: VersionMonth[];
  failing: Failing;
}

/**
 * A model as the provider knows it, and what it was made from.
 *
 * `changes` counts what differs between its dataset version and that of the version `previous`; null where the two are
 * not of one dataset. Without a tune it was trained elsewhere. `aliases` are those that stand at it.
 */
export interface ModelVersion {
  model_id: string;
  version: string;
  aliases: string[];
  connection_id: string;
  base_model: string;
  provider_model: string;
  tune_id: string | null;
  dataset_id: string | null;
  dataset_version: string | null;
  dataset_seq: number | null;
  dataset_digest: string | null;
  train_split: string | null;
  validation_split: string | null;
  notes: string | null;
  previous: string | null;
  changes: Changes | null;
  created_at: string;
  created_by: string;
}

/** One page of the examples, in the order they were added, under what they went through to become this version. */
export interface ModelVersionLineage {
  data: ExampleUsed[];
  next_cursor: string | null;
  model_id: string;
  version: string;
  base_model: string;
  provider_model: string;
  tune: TrainedBy | null;
  dataset: TrainedOn | null;
  count?: number | null;
}

/** A model version made from a dataset version that holds the example; `use` is null where it never saw it. */
export interface ModelVersionMade {
  model_id: string;
  model: string;
  version: string;
  tune_id: string | null;
  use: "training" | "validation" | null;
}

/** One page of versions, the newest first. */
export interface ModelVersionPage {
  data: ModelVersion[];
  next_cursor: string | null;
  count?: number | null;
}

/** Null takes the notes away. */
export interface ModelVersionPatch {
  notes: string | null;
  reason?: string | null;
}

/** An exact amount, as a decimal number in a string. */
export interface Money {
  amount: string;
  currency: string;
}

/** `invalid` of the `checked` outputs failed the task's schema when they were logged. */
export interface MonthFigures {
  requests: number;
  errors: number;
  error_rate: number;
  checked: number;
  invalid: number;
  input_tokens: number;
  output_tokens: number;
  latency_ms: Latencies | null;
  costs: Costs[];
  ratings: Ratings;
}

/** `override` moves a protected alias though the gate refuses; it needs a reason and the scope models:override. */
export interface MoveAlias {
  /** Such as v1.0. */
  version: string;
  override?: boolean;
  reason?: string | null;
}

/** One `version`, or several by weight: `{"3": 0.9, "4": 0.1}`. */
export interface MovePromptLabel {
  reason?: string | null;
  version?: number | null;
  weights?: Record<string, number> | null;
}

/** Who labels; without one it is the API key, as a person. */
export interface NewAnnotator {
  name: string;
  kind?: "model" | "person";
}

export interface NewApiKey {
  /** Unique in the workspace; the actor in the history. */
  name: string;
  scopes: Array<"access:read" | "access:write" | "admin" | "audit:read" | "connections:read" | "connections:write" | "datasets:read" | "datasets:write" | "evaluations:read" | "evaluations:write" | "generations:read" | "generations:write" | "labels:read" | "labels:write" | "models:override" | "models:read" | "models:run" | "models:write" | "operations:read" | "operations:write" | "operator" | "prompts:read" | "prompts:run" | "prompts:write" | "requests:read" | "requests:write" | "tasks:read" | "tasks:write" | "tunes:read" | "tunes:write" | "webhooks:read" | "webhooks:write">;
  expires_at?: string | null;
}

/** What another program proposes, to be reviewed like what is made here. */
export interface NewCandidates {
  candidates: CandidateContent[];
}

/** What the provider's server offers beyond files and jobs; one that lacks something is asked without it. */
export interface NewCapabilities {
  checkpoints?: boolean;
  events?: boolean;
  metadata?: boolean;
  metadata_filter?: boolean;
  results?: boolean;
  /**
   * It keeps chat answers and finds them by metadata, so that one which was lost on its way is not paid twice. Default:
   * true for OpenAI itself and for the sandbox.
   */
  stored_completions?: boolean | null;
  /** It takes a JSON Schema for an answer. */
  structured_output?: boolean;
}

/** One answer there is; `children` are asked only of what got it. */
export interface NewCategory {
  name: string;
  children?: NewQuestion[];
  description?: string | null;
}

/** An account at a provider. Azure, Nebius and others speak OpenAI's wire format: kind `openai`, their base_url. */
export interface NewConnection {
  name: string;
  kind: "openai" | "sandbox";
  /** The provider's API key. Write-only: it is kept encrypted and never shown again. */
  secret: string;
  /** Default for openai: https://api.openai.com/v1. */
  base_url?: string | null;
  capabilities?: NewCapabilities;
  /** Questions that a worker has open at once. */
  concurrency?: number;
  /** Added to each job that is created. */
  extra_body?: Record<string, unknown>;
  header_name?: string;
  header_prefix?: string;
  /** By the provider's name of a model. */
  prices?: Record<string, NewPrice>;
  timeout_seconds?: number;
}

/** One thing that a good answer does, as a judge is told of it. */
export interface NewCriterion {
  name: string;
  instruction: string;
  priority?: number;
}

export interface NewDataset {
  /** Unique in the workspace. */
  name: string;
  description?: string;
  split_policy?: SplitPolicyIn;
  task_id?: string | null;
}

/**
 * Over a split of a frozen version: all of it, the first `limit` rows, or a `sample` that follows from `seed`.
 *
 * `repeats` asks each question so often: the first answer is scored, all of them tell the consistency. What was
 * answered before under the same settings is taken from there, unless it is to be `fresh`.
 */
export interface NewEvaluation {
  name: string;
  dataset_id: string;
  /** A frozen version's name. */
  version: string;
  targets: NewTarget[];
  force_leakage?: boolean;
  format_scorer?: string | null;
  fresh?: boolean;
  judges?: JudgeAsked[];
  limit?: number | null;
  max_tokens?: number | null;
  /** Further fields of the provider's request. */
  options?: Record<string, unknown>;
  repeats?: number;
  sample?: number | null;
  scorers?: NewScorer[];
  seed?: number;
  split?: "test" | "train" | "validation";
  temperature?: number | null;
}

/** An example to add. Without a `split`, the dataset's policy assigns one for good. */
export interface NewExample {
  content: Content;
  external_id?: string | null;
  metadata?: Record<string, unknown> | null;
  rating?: Rating | null;
  source?: SourceIn;
  split?: "test" | "train" | "validation" | null;
  tags?: string[];
}

/** What somebody thinks of the answer; at least one of the four. It takes the place of what was said before. */
export interface NewFeedback {
  comment?: string | null;
  correction?: string | null;
  stars?: number | null;
  thumbs?: "down" | "up" | null;
}

/**
 * What is to be made for a dataset, and by which model. Without `task_id` it is for the dataset's task.
 *
 * `guidance` is told to the model at each step, after what the `template` says. `prompt` asks for outputs in place of
 * the task's instruction.
 */
export interface NewGeneration {
  dataset_id: string;
  target: ModelChoice;
  guidance?: Guidance;
  name?: string;
  prompt?: PromptChoice | null;
  task_id?: string | null;
  template?: "bugs_seen" | "edge_cases" | "general" | "safety";
}

/**
 * How many inputs are written: so many a topic, in `total`, or by the category they are to be answered with.
 *
 * An input that repeats one of the dataset, of the generation or of the run is dropped: the same text always, others
 * from a Jaccard similarity of `near_duplicates` on (null looks for the same texts only).
 */
export interface NewGenerationRun {
  categories?: Record<string, number> | null;
  inputs_per_topic?: number | null;
  judge?: NewJudge | null;
  max_tokens?: number | null;
  near_duplicates?: number | null;
  temperature?: TemperatureSpread;
  total?: number | null;
}

/** An example whose right answers are known; annotators get it like any other. */
export interface NewHoneypot {
  example_id: string;
  answers?: Record<string, string[]> | null;
  category?: string | null;
}

/**
 * A model that marks each candidate 1 to 5 by the task's requirements; those under `minimum` are dropped.
 *
 * Without a `target` the generation's own model judges.
 */
export interface NewJudge {
  minimum?: number;
  target?: ModelChoice | null;
}

/** One annotator's label of an example; it takes the place of the one they gave before. */
export interface NewLabel {
  example_id: string;
  annotator?: NewAnnotator | null;
  answers?: Record<string, string[]> | null;
  category?: string | null;
  reason?: string | null;
  text?: string | null;
}

export interface NewModel {
  /** Unique in the workspace; a tune names its line by it. */
  name: string;
  description?: string | null;
  task_id?: string | null;
}

/** A tune that succeeded (`tune_id`), or a model that was trained elsewhere: all of the provider's three fields. */
export interface NewModelVersion {
  base_model?: string | null;
  bump?: "major" | "minor";
  connection_id?: string | null;
  dataset_id?: string | null;
  dataset_version?: string | null;
  notes?: string | null;
  provider_model?: string | null;
  tune_id?: string | null;
}

/**
 * Documents to examples: questions that a chunk answers (`pairs`), or the prompt that leads to it (`style`).
 *
 * A chunk has about `chunk_words` words. Of its answer, at least the share `grounding` of the telling words has to
 * stand in the chunk, and always one.
 */
export interface NewPairs {
  document_ids: string[];
  chunk_words?: number;
  grounding?: number;
  instruction?: string | null;
  mode?: "pairs" | "style";
  pairs_per_chunk?: number;
  temperature?: number | null;
}

/** What a model costs here. */
export interface NewPrice {
  /** US dollars for a million tokens. */
  input: string;
  /** US dollars for a million tokens. */
  output: string;
}

export interface NewPrompt {
  /** Unique in the workspace. */
  name: string;
  description?: string | null;
  task_id?: string | null;
}

/**
 * Which version is to answer for which examples of a dataset.
 *
 * The version by number or by label (with several, each example has its own for good); the latest without either. The
 * examples of a frozen `dataset_version`, or those there `as_of` a moment (now), that match. `variables` are the same
 * for all examples; `inputs` says from where in each the others are filled, where the version does not. `reuse`: where
 * an earlier run that said so has asked the very same, its answer is taken, for free.
 */
export interface NewPromptRun {
  dataset_id: string;
  as_of?: string | null;
  dataset_version?: string | null;
  filter?: Filter;
  /**
   * From where in an example each variable is filled: a JSON pointer into `input` (the last question, also into its
   * JSON), `output`, `system`, `metadata`, `tags`, `external_id` and `id`.
   */
  inputs?: Record<string, string>;
  label?: string | null;
  limit?: number | null;
  reuse?: boolean;
  split?: "test" | "train" | "validation" | null;
  target?: ModelChoice | null;
  variables?: Record<string, unknown>;
  version?: number | null;
}

/**
 * Messages with variables, what fills them, and what is to answer.
 *
 * `use_task_schema`: answers are to follow the output schema that the prompt's task has now. `examples` are drawn when
 * the prompt is rendered. `built` is what `GET /tasks/{task_id}/prompt` said, where the version came from there.
 */
export interface NewPromptVersion {
  messages: PromptTurn[];
  built?: BuiltFrom | null;
  examples?: ExampleDraw | null;
  /**
   * From where in an example each variable is filled: a JSON pointer into `input` (the last question, also into its
   * JSON), `output`, `system`, `metadata`, `tags`, `external_id` and `id`.
   */
  inputs?: Record<string, string>;
  notes?: string | null;
  parameters?: PromptParameters;
  target?: ModelChoice | null;
  use_task_schema?: boolean;
  variables?: PromptVariable[];
}

/** What a label says of an example: one category or several. The fallback is for what fits none. */
export interface NewQuestion {
  /** Unique in the ontology; answers are given by it. */
  name: string;
  categories: NewCategory[];
  choice?: "multiple" | "single";
  fallback?: string | null;
  instruction?: string | null;
  required?: boolean;
}

/** Examples for annotators to label, with the dataset's task unless another is named. */
export interface NewQueue {
  /** Unique in the dataset. */
  name: string;
  /** Who may claim; empty lets everyone. */
  annotators?: string[];
  /** Annotators see no other's label of an example before they gave their own. */
  blind?: boolean;
  examples?: string[] | null;
  filter?: Filter | null;
  honeypots?: NewHoneypot[];
  /** After so long a claimed example is offered to others again. */
  lease_seconds?: number;
  /** How many annotators label each example; honeypots go to everyone. */
  overlap?: number;
  /** What annotators see: all of an example, or its input without the answer. */
  shows?: "example" | "input";
  task_id?: string | null;
}

/** One thing a good answer does. Priority 0 matters the most, 3 the least. */
export interface NewRequirement {
  /** Unique in the task; ratings are given by it. */
  name: string;
  instruction: string;
  priority?: number;
  rating_type?: "pass_fail" | "pass_fail_critical" | "stars";
}

/** A scorer of `GET /scorers` by its name, with settings as its `config_schema` has them. */
export interface NewScorer {
  name: string;
  config?: Record<string, unknown>;
}

/** What answers, and with a prompt what it is asked; without one it is asked what the examples ask. */
export interface NewTarget {
  alias?: string | null;
  connection_id?: string | null;
  model?: string | null;
  model_id?: string | null;
  name?: string | null;
  prompt?: PromptAsked | null;
  version?: string | null;
}

export interface NewTask {
  /** Unique in the workspace. */
  name: string;
  instruction: string;
  /** The answers there are, each once. */
  categories?: string[];
  description?: string | null;
  fallback_category?: string | null;
  input_schema?: Record<string, unknown> | null;
  /** The questions that labels answer; `categories` are short for a single one. */
  ontology?: NewQuestion[];
  output_schema?: Record<string, unknown> | null;
  requirements?: NewRequirement[];
  thinking_instruction?: string | null;
}

export interface NewTopic {
  name: string;
  parent?: string | null;
}

/** So many subtopics of each topic, `depth` levels down from `parent`, or from the root. */
export interface NewTopics {
  count?: number;
  depth?: number;
  parent?: string | null;
}

/** One target makes one tune, several a sweep over the same dataset version. */
export interface NewTunes {
  dataset_id: string;
  dataset_version: string;
  targets: Target[];
  bump?: "major" | "minor";
  method?: "dpo" | "supervised";
  model?: string | null;
  notes?: string | null;
  seed?: number | null;
  splits?: Splits;
}

export interface NewWebhook {
  /** https, and reachable by anybody: private and link-local addresses are refused. */
  url: string;
  active?: boolean;
  description?: string;
  /**
   * What waits while a message is not accepted: later events of the same resource (`stream`), or everything (`log`).
   */
  order?: "log" | "stream";
  /** Of which events it is told, such as `TuneSucceeded`; none: all. */
  types?: string[];
}

/** A word with its share of all words, then and now. */
export interface NewWord {
  word: string;
  trained: number;
  asked: number;
}

export interface NewWorkspace {
  name: string;
}

/** Notes for a version, in Markdown, made from what is on record of it. Examples are named by their ids alone. */
export interface NotesDraft {
  model_id: string;
  version: string;
  text: string;
}

/** Work in the background. `resource` is the path of what it makes; `result` is there once it has succeeded. */
export interface Operation {
  id: string;
  kind: string;
  state: "cancelled" | "failed" | "queued" | "running" | "succeeded";
  progress: Progress;
  result: Record<string, unknown> | null;
  error: OperationError | null;
  resource: string | null;
  cancel_requested: boolean;
  created_at: string;
  created_by: string;
  updated_at: string;
  finished_at: string | null;
}

/** Why it failed: `code` is stable and for programs, `detail` for people. */
export interface OperationError {
  code: string;
  detail: string;
}

/** One page of operations, the newest first. */
export interface OperationPage {
  data: Operation[];
  next_cursor: string | null;
  count?: number | null;
}

export interface OrderedRun {
  run_id: string;
  kind: "documents" | "generation" | "topics";
}

/** Good enough or not. */
export interface PassFail {
  type: "pass_fail";
  value: "fail" | "pass";
}

/** Good enough, not, or harmful. */
export interface PassFailCritical {
  type: "pass_fail_critical";
  value: "critical" | "fail" | "pass";
}

/**
 * What came of an example. `text` is null once erased, or where nothing was said; `failure` says why it is no use.
 *
 * `cost` is null where no price is known; `reused`: the answer of an earlier run was taken for free. `latency_ms` in
 * milliseconds. `call_id` is null where no model was asked.
 */
export interface Prediction {
  example_id: string;
  example_version: number;
  prompt_version: number;
  state: "failed" | "succeeded";
  text: string | null;
  tool_calls: Record<string, unknown>[];
  finish_reason: string | null;
  failure: PromptFailure | null;
  call_id: string | null;
  provider_model: string | null;
  input_tokens: number | null;
  output_tokens: number | null;
  cost: Record<string, string> | null;
  latency_ms: number | null;
  reused: boolean;
  recorded_at: string;
}

/** One page of predictions, by example id. */
export interface PredictionPage {
  data: Prediction[];
  next_cursor: string | null;
  count?: number | null;
}

/** The schemas to try: an absent one is the task's own, null is none. The input is the user's last message. */
export interface PreviewSchemas {
  input_schema?: Record<string, unknown> | null;
  output_schema?: Record<string, unknown> | null;
}

/** The parameters of `POST /v1/tasks/{task_id}/preview`. */
export interface PreviewTaskSchemasQuery {
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before; opaque. */
  cursor?: string;
}

/** Per million tokens, as they were on `as_of`. What is not `verified` is hearsay from `source`: not to bill by. */
export interface Prices {
  training: Money | null;
  input: Money | null;
  output: Money | null;
  as_of: string;
  source: string;
  verified: boolean;
}

/** What went wrong. `code` is stable and for programs; `errors` names each fault with a JSON pointer. */
export interface ProblemDetails {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  request_id: string;
  errors?: Fault[];
}

/** How much is done; `total` is null while it is not known. `unit` says of what: `rows`, `bytes`. */
export interface Progress {
  done: number;
  total: number | null;
  unit: string;
}

/** The requests to make examples of. `use_correction` lets the feedback's correction repair the answer. */
export interface PromoteRequests {
  request_ids: string[];
  dataset_id: string;
  reason?: string | null;
  tags?: string[];
  use_correction?: boolean;
}

/** The example that was made of it in a dataset. */
export interface PromotedTo {
  dataset_id: string;
  example_id: string;
}

/** The example of a request; not `new` when it was made before. `repaired`: by the correction, just now. */
export interface Promotion {
  request_id: string;
  example_id: string;
  new: boolean;
  repaired: boolean;
}

/** One for each request, in the order they were asked for. */
export interface Promotions {
  data: Promotion[];
}

/** A line of numbered versions. `labels` says at which versions each stands, and with what weight. */
export interface Prompt {
  id: string;
  name: string;
  description: string | null;
  task_id: string | null;
  latest_version: number | null;
  labels: Record<string, Record<string, number>>;
  created_at: string;
  created_by: string;
  updated_at: string;
  updated_by: string;
}

/**
 * What the model answered. `failure` says why it is of no use, where it is of none; `cost` is null without a price.
 *
 * `latency_ms` is what the provider took, in milliseconds.
 */
export interface PromptAnswer {
  prompt_id: string;
  version: number;
  label: string | null;
  served: Served;
  text: string;
  tool_calls: Record<string, unknown>[];
  finish_reason: string | null;
  failure: PromptFailure | null;
  input_tokens: number | null;
  output_tokens: number | null;
  cost: Record<string, string> | null;
  latency_ms: number;
  provider_model: string;
  examples: DrawnExample[];
}

/** A version by number or label, the latest without either. `inputs` go before those that the version names. */
export interface PromptAsked {
  prompt_id: string;
  /**
   * From where in an example each variable is filled: a JSON pointer into `input` (the last question, also into its
   * JSON), `output`, `system`, `metadata`, `tags`, `external_id` and `id`.
   */
  inputs?: Record<string, string>;
  label?: string | null;
  version?: number | null;
}

/** The prompt that outputs are asked with: a version by number, those of a label by weight, or the latest. */
export interface PromptChoice {
  prompt_id: string;
  label?: string | null;
  version?: number | null;
}

/** What differs: `fields` names what does, `text` shows it line by line, as `diff -u` would. */
export interface PromptDiff {
  prompt_id: string;
  before: number;
  after: number;
  fields: string[];
  text: string;
}

/** A version as it can be sent to `POST /prompts/{prompt_id}/versions`. `built` names each example it shows. */
export interface PromptDraft {
  messages: PromptTurn[];
  variables: PromptVariable[];
  parameters: PromptParameters;
  inputs: Record<string, string>;
  built: BuiltFrom;
}

/** Why there is no answer to be used; `faults` says where one does not match its schema. */
export interface PromptFailure {
  code: string;
  detail: string;
  faults?: Fault[];
}

/** A move of a label; `seq` is its event in the workspace's log. */
export interface PromptLabelMove {
  seq: number;
  label: string;
  weights: Record<string, number>;
  previous: Record<string, number> | null;
  reason: string | null;
  moved_at: string;
  moved_by: string;
}

/** One page of a label's moves, the newest first. */
export interface PromptLabelMovePage {
  data: PromptLabelMove[];
  next_cursor: string | null;
  count?: number | null;
}

/** One page of prompts, the oldest first. */
export interface PromptPage {
  data: Prompt[];
  next_cursor: string | null;
  count?: number | null;
}

/** How a model is to answer. An answer is to be JSON of the schema, where there is one. */
export interface PromptParameters {
  max_tokens?: number | null;
  response_schema?: Record<string, unknown> | null;
  seed?: number | null;
  stop?: string[];
  temperature?: number | null;
  top_p?: number | null;
}

/** What is left out stays, null empties it. */
export interface PromptPatch {
  description?: string | null;
  /** Unique in the workspace. */
  name?: string;
  reason?: string | null;
  task_id?: string | null;
}

/** What a model would be asked. `examples` are those shown, in order, drawn at the seq `drawn_at`. */
export interface PromptRendering {
  prompt_id: string;
  version: number;
  label: string | null;
  messages: Array<System | User | Assistant | ToolResult>;
  parameters: PromptParameters;
  target: ModelChoice | null;
  examples: DrawnExample[];
  drawn_at: number | null;
}

/**
 * A batch run; its id is its operation's. `weights` and `served` by version number; `seq` is the moment asked of.
 *
 * Of `total` examples, `done` are done.
 */
export interface PromptRun {
  id: string;
  prompt_id: string;
  label: string | null;
  weights: Record<string, number>;
  served: Record<string, Served>;
  dataset_id: string;
  dataset_version: string | null;
  seq: number;
  filter: Filter;
  split: "test" | "train" | "validation" | null;
  limit: number | null;
  inputs: Record<string, string>;
  state: "cancelled" | "failed" | "queued" | "running" | "succeeded";
  done: number;
  total: number | null;
  created_at: string;
  created_by: string;
  finished_at: string | null;
}

/** One page of batch runs, the newest first. */
export interface PromptRunPage {
  data: PromptRun[];
  next_cursor: string | null;
  count?: number | null;
}

/** Which model is to answer: one of a connection's by the provider's name, or ours by version or by alias. */
export interface PromptTarget {
  alias?: string | null;
  connection_id?: string | null;
  model?: string | null;
  model_id?: string | null;
  version?: string | null;
}

/** A message. `{{name}}` is where the value of a variable goes; `{{{{` stands for `{{`. */
export interface PromptTurn {
  role: "assistant" | "system" | "user";
  content: string;
}

/** What may be put in. With a default it need not be given; otherwise, not required, it is an empty text. */
export interface PromptVariable {
  name: string;
  default?: unknown;
  description?: string | null;
  required?: boolean;
  type?: "boolean" | "integer" | "json" | "number" | "text";
}

/**
 * A version, which never changes. `messages` and `variables` are null once erased.
 *
 * `task_version` is that of the task whose schema it took over.
 */
export interface PromptVersion {
  prompt_id: string;
  number: number;
  messages: PromptTurn[] | null;
  variables: PromptVariable[] | null;
  parameters: PromptParameters;
  target: ModelChoice | null;
  examples: ExampleDraw | null;
  inputs: Record<string, string>;
  built: BuiltFrom | null;
  task_version: number | null;
  notes: string | null;
  created_at: string;
  created_by: string;
}

/** One page of versions, the newest first. */
export interface PromptVersionPage {
  data: PromptVersion[];
  next_cursor: string | null;
  count?: number | null;
}

/** The parameters of `GET /v1/ledger/proofs/inclusion`. */
export interface ProveEventQuery {
  /** Which event. */
  seq: number;
  /** How many events the tree is over; at most sealed. */
  size: number;
}

/** The parameters of `GET /v1/ledger/proofs/consistency`. */
export interface ProveGrowthQuery {
  /** How many events the tree is over; at most sealed. */
  from_size: number;
  /** How many events the tree is over; at most sealed. */
  to_size: number;
}

/** What is asked of an example. The fallback is for what fits no category; it need not be listed as one. */
export interface Question {
  name: string;
  categories: Category[];
  choice?: "multiple" | "single";
  fallback?: string | null;
  instruction?: string | null;
  required?: boolean;
}

/** Examples that annotators take in turn: `overlap` of them each, for as long as a lease lasts. */
export interface Queue {
  id: string;
  dataset_id: string;
  task_id: string;
  name: string;
  overlap: number;
  lease_seconds: number;
  blind: boolean;
  shows: "example" | "input";
  annotators: string[];
  closed: boolean;
  progress: QueueProgress;
  version: number;
  created_at: string;
  created_by: string;
  updated_at: string;
}

/** What is to be different: an absent field stays as it is. A closed queue offers nothing more. */
export interface QueueChanges {
  /** Who may claim; empty lets everyone. */
  annotators?: string[];
  /** Annotators see no other's label of an example before they gave their own. */
  blind?: boolean;
  closed?: boolean;
  /** After so long a claimed example is offered to others again. */
  lease_seconds?: number;
  name?: string;
  reason?: string | null;
}

/** Which examples: by id, or those that match a filter (without either, all of them), at most 5,000 at once. */
export interface QueueExamples {
  examples?: string[] | null;
  filter?: Filter | null;
  honeypots?: NewHoneypot[];
}

/** One page of queues, the oldest first. */
export interface QueuePage {
  data: Queue[];
  next_cursor: string | null;
  count?: number | null;
}

/** `done` examples have all their labels; `labels` counts those given so far. Honeypots are beside the count. */
export interface QueueProgress {
  examples: number;
  honeypots: number;
  done: number;
  labels: number;
}

/** The caller's rating, in place of an earlier one: an overall mark, marks by requirement name, or both. */
export interface RateExample {
  overall?: Stars | PassFail | PassFailCritical | null;
  reason?: string | null;
  requirements?: Record<string, Stars | PassFail | PassFailCritical>;
}

/** Stars from 1 to 5; each rater has one rating of a result. */
export interface RateResult {
  stars: number;
  reason?: string | null;
}

/** One rater's judgement of an answer, overall and by the names of the task's requirements. */
export interface Rating {
  overall?: Stars | PassFail | PassFailCritical | null;
  requirements?: Record<string, Stars | PassFail | PassFailCritical>;
}

/** `average` is in stars, over the raters (pass counts 5, fail 2, critical 1); null when nobody has rated. */
export interface RatingSummary {
  average: number | null;
  raters: Record<string, Rating>;
}

/** `average` is in stars (thumbs up count 5, down 1); `low` of the `rated` have at most 2. */
export interface Ratings {
  rated: number;
  average: number | null;
  low: number;
  stars: Record<string, number>;
  thumbs: Record<string, number>;
}

/** The parameters of `GET /v1/history`. */
export interface ReadHistoryQuery {
  /** Only these types, such as `ExampleRepaired`; repeated or with commas. */
  types?: string[];
  /** Only one kind of stream, such as `example`. */
  stream?: string;
  /** Only the events of one resource, by its id. */
  stream_id?: string;
  /** Only the events of one resource: `example:` and its id, or its path, such as `/v1/examples/{id}`. */
  resource?: string;
  /** Only what one actor caused: an API key's name. */
  actor?: string;
  /** Only what one request caused, by its X-Request-Id. */
  request_id?: string;
  /** Only what an operation caused: all events under the request that began it. */
  operation?: string;
  /** From this RFC 3339 time on. */
  from?: string;
  /** Before this RFC 3339 time. */
  to?: string;
  /** How many at the most (default 50). */
  limit?: number;
  /** `next_cursor` of the page before: a seq. It goes before `after`. */
  cursor?: string;
}

/** Which are not to become examples, and why: by id, or all that wait and match, up to 1,000 at once. */
export interface RejectCandidates {
  /** Why; kept in the history. */
  reason: string;
  candidate_ids?: string[];
  matching?: CandidateFilter | null;
}

/** Give the place back, to be offered again. */
export interface ReleaseAssignment {
  reason?: string | null;
}

/**
 * Of which version, by number or by label; of the latest without either. `variables` by name.
 *
 * `examples`: those that an earlier rendering has drawn, to be shown again.
 */
export interface RenderPrompt {
  examples?: DrawnExample[] | null;
  key?: string | null;
  label?: string | null;
  variables?: Record<string, unknown>;
  version?: number | null;
}

/** What the repair was asked to do; null once erased. What it replaced is in the example's history. */
export interface Repair {
  instruction: string | null;
}

/** A better output, and the instruction that says what was wrong with the old one. */
export interface RepairExample {
  instruction: string;
  /** Takes the place of the last assistant message's text. */
  output: string;
  /** What happens to an output that fails its task's schema: 422, or kept and marked invalid. */
  on_invalid?: "mark" | "refuse";
  reason?: string | null;
}

export interface Replay {
  /** The first event that it is told again. */
  from_seq: number;
  reason?: string | null;
}

/** What was said last, and by whom. `rating` is in stars (thumbs up count 5, down 1); erased texts are null. */
export interface RequestFeedback {
  stars: number | null;
  thumbs: "down" | "up" | null;
  rating: number | null;
  comment: string | null;
  correction: string | null;
  by: string;
  at: string;
}

/** One page of logged requests, the latest call first. */
export interface RequestPage {
  data: LoggedRequest[];
  next_cursor: string | null;
  count?: number | null;
}

/** One thing a good answer does, rated by its own measure. Priority 0 matters the most, 3 the least. */
export interface Requirement {
  name: string;
  instruction: string;
  priority?: number;
  rating_type?: "pass_fail" | "pass_fail_critical" | "stars";
}

/** The version (ETag) to go back to. */
export interface RestoreExample {
  version: number;
  reason?: string | null;
}

/** Why there is no answer to be used: `code` is for programs. */
export interface ResultFailure {
  code: string;
  detail: string;
}

/** One person's stars, from 1 to 5. */
export interface ResultRating {
  stars: number;
  reason: string | null;
}

/** A score; `value` is null where the scorer does not apply, and `details.reason` says why. `call_id`: a judge's. */
export interface ResultScore {
  value: number | null;
  passed: boolean | null;
  details: Record<string, unknown>;
  call_id: string | null;
}

/** For how many days after the call requests are kept; null: until they are erased. */
export interface RetentionSetting {
  days: number | null;
}

/** Accept a label, or send it back with the reason: the same annotator is asked again. */
export interface ReviewAssignment {
  verdict: "accept" | "send_back";
  reason?: string | null;
}

/** To the version the alias stood at before; `to` names an earlier one. A protected alias needs a reason. */
export interface RollBack {
  /** Such as production. */
  alias: string;
  reason?: string | null;
  to?: string | null;
}

/** What an alias was brought back to, from where, and why. */
export interface Rollback {
  alias: string;
  returned_to: string;
  returned_from: string;
  reason: string | null;
}

/** The model after an alias was brought back. */
export interface RolledBackModel {
  id: string;
  name: string;
  description: string | null;
  task_id: string | null;
  latest_version: string | null;
  aliases: Record<string, string>;
  created_at: string;
  created_by: string;
  updated_at: string;
  updated_by: string;
  rollback: Rollback;
}

export interface RotateSecret {
  /** Seconds for which the secrets before go on signing beside the new one. */
  overlap_seconds?: number;
}

/** A row that was not taken: its line (for a JSON array its number), and each fault. */
export interface RowError {
  line: number;
  errors: Fault[];
}

/** One page of the rows that were not taken, by line. The first 10,000 of an import are kept. */
export interface RowErrorPage {
  data: RowError[];
  next_cursor: string | null;
  count?: number | null;
}

/** What the gate said of `candidate` where `current` stood, check by check, and the facts it went by. */
export interface Ruling {
  passed: boolean;
  candidate: string;
  current: string | null;
  checks: GateCheck[];
  facts: Facts;
}

/** As for rendering; `target` answers in place of the version's own. */
export interface RunPrompt {
  examples?: DrawnExample[] | null;
  key?: string | null;
  label?: string | null;
  target?: ModelChoice | null;
  variables?: Record<string, unknown>;
  version?: number | null;
}

/**
 * One page of the examples that would fail.
 *
 * `checked` and `failing` count all that were looked at for this answer, from the cursor on; `complete` says whether
 * that is the end. `erased` ones have no text to be checked.
 */
export interface SchemaPreview {
  data: FailingExample[];
  next_cursor: string | null;
  task_version: number;
  seq: number;
  checked: number;
  failing: number;
  erased: number;
  complete: boolean;
  count?: number | null;
}

/** All scorers, by name. */
export interface ScorerList {
  data: ScorerShown[];
}

/**
 * A rule to score by. `definition` says how, and after whom; `config_schema` is the JSON Schema of its settings.
 *
 * `needs` is what a row has to have for it. `deterministic`: the same answer is not scored twice. `asked_for` says
 * where, if not among the `scorers` of an evaluation.
 */
export interface ScorerShown {
  name: string;
  version: number;
  definition: string;
  unit: "characters" | "judge's scale" | "money" | "score from 0 to 100" | "seconds" | "share" | "stars" | "tokens" | "words";
  higher_is_better: boolean | null;
  deterministic: boolean;
  needs: Array<"categories" | "cost" | "judge" | "latency" | "rating" | "reference" | "repeats" | "rival" | "schema" | "tokens">;
  config_schema: Record<string, unknown>;
  asked_for: string | null;
}

/** A file as the provider got it: `digest` is the sha256 of its bytes in hex, `file_id` the provider's name. */
export interface SentFile {
  file_id: string;
  digest: string;
  bytes: number;
  rows: number;
}

/** What answers: a model of a connection by the provider's name, and which version of ours that is, if it is one. */
export interface Served {
  connection_id: string;
  provider_model: string;
  base_model?: string | null;
  model_id?: string | null;
  model_version?: string | null;
}

/** What a version has to show from now on; null takes the gate away. */
export interface SetGate {
  policy: GatePolicy | null;
  reason?: string | null;
}

/** Null keeps requests until they are erased. */
export interface SetRetention {
  days: number | null;
  reason?: string | null;
}

/** An example at one end of a diff. `content` is null once erased. */
export interface Side {
  version: number;
  content: unknown;
  metadata: unknown;
  tags: string[];
  rating: number | null;
  repaired: boolean;
  label: ExampleLabel | null;
}

/** Why it is left to others. */
export interface SkipAssignment {
  /** Why; kept in the history. */
  reason: string;
}

/**
 * Where an example is from: for an import, which one, its format and the line; for a log, which request.
 *
 * For what was made by a `model`: the generation and the candidate, and where in a document it stands (characters of
 * its text from `start` to `end`, and the page from 1).
 */
export interface Source {
  type: "document" | "human" | "import" | "log" | "synthetic";
  candidate_id?: string | null;
  document_id?: string | null;
  end?: number | null;
  format?: string | null;
  generation_id?: string | null;
  import_id?: string | null;
  line?: number | null;
  model?: string | null;
  name?: string | null;
  page?: number | null;
  request_id?: string | null;
  start?: number | null;
}

/** Where an example is from. */
export interface SourceIn {
  name?: string | null;
  type?: "document" | "human" | "import" | "log" | "synthetic";
}

/** Shares of new examples, which sum to 1, and the seed that says which example goes where. */
export interface SplitPolicy {
  seed?: number;
  test?: number;
  train?: number;
  validation?: number;
}

/** Shares of new examples, which sum to 1. The seed says which example goes where. */
export interface SplitPolicyIn {
  reason?: string | null;
  seed?: number;
  test?: number;
  train?: number;
  validation?: number;
}

/** Which splits of the version to train on and to validate with; without examples there, or null, no validation. */
export interface Splits {
  train?: "test" | "train" | "validation";
  validation?: "test" | "train" | "validation" | null;
}

/** One to five stars. */
export interface Stars {
  type: "stars";
  value: number;
}

/** The parameters of `GET /v1/events/stream`. */
export interface StreamEventsQuery {
  /** Only these types, such as `ExampleRepaired`; repeated or with commas. */
  types?: string[];
  /** Only one kind of stream, such as `example`. */
  stream?: string;
  /** Only the events of one resource, by its id. */
  stream_id?: string;
  /** Only the events of one resource: `example:` and its id, or its path, such as `/v1/examples/{id}`. */
  resource?: string;
  /** Only what one actor caused: an API key's name. */
  actor?: string;
  /** Only what one request caused, by its X-Request-Id. */
  request_id?: string;
  /** Only what an operation caused: all events under the request that began it. */
  operation?: string;
  /** The events after this seq; 0 begins with the first. Default: from now on. */
  after?: number;
  /**
   * Seconds after which the server ends the stream, for a client to come again. With 0 it ends when everything there is
   * has been sent.
   */
  seconds?: number;
}

/** The parameters of `GET /v1/operations/{operation_id}/stream`. */
export interface StreamOperationQuery {
  /**
   * Seconds after which the server ends the stream, for a client to come again. With 0 it ends when everything there is
   * has been sent.
   */
  seconds?: number;
}

export interface StreamOptions {
  include_usage?: boolean | null;
}

/** The parameters of `GET /v1/tunes/{tune_id}/stream`. */
export interface StreamTuneQuery {
  /**
   * Seconds after which the server ends the stream, for a client to come again. With 0 it ends when everything there is
   * has been sent.
   */
  seconds?: number;
}

/** The tunes of one request, in the order of its targets; retried ones follow. `states` counts them by state. */
export interface Sweep {
  id: string;
  tunes: Tune[];
  states: Record<string, number>;
  finished: boolean;
}

export interface System {
  role: "system";
  content: string | TextPart[];
  name?: string | null;
}

/** What to tune, and through which connection. Any base model that the provider knows will do. */
export interface Target {
  connection_id: string;
  base_model: string;
  /** In the provider's names: n_epochs, batch_size, learning_rate_multiplier, … */
  hyperparameters?: Record<string, number | string>;
  suffix?: string | null;
}

/**
 * What is different from the base over the `pairs` rows that both have a score of: `base` is its mean on those.
 *
 * `relative` 0.12 is 12% more; null where the base is 0. `better` is null where no change is certain. `mcnemar` is
 * there for scores of 0 and 1 alone.
 */
export interface TargetChange {
  pairs: number;
  base: number | null;
  value: number | null;
  absolute: Interval;
  relative: Interval | null;
  mcnemar: McNemar | null;
  better: boolean | null;
}

/** Every target against the base, by one scorer; `metrics` are the labels of those that could be taken. */
export interface TargetComparison {
  metric: string;
  metrics: string[];
  unit: "characters" | "judge's scale" | "money" | "score from 0 to 100" | "seconds" | "share" | "stars" | "tokens" | "words";
  higher_is_better: boolean | null;
  base: string;
  data: ComparedTarget[];
}

/** What the scored answers cost, and what 1,000 would; null where a price is missing, of so many answers. */
export interface TargetCost {
  total: Record<string, string> | null;
  per_thousand: Record<string, string> | null;
  without_price: number;
}

/**
 * What one target came to. `scores` by label: `mean`, `scored`, `pass_rate`, `interval` and what a scorer has else.
 *
 * `format_validity` is the share of answers that keep their format, `consistency` the mean agreement of repeats.
 */
export interface TargetFigures {
  target: string;
  rows: number;
  failed: number;
  failures: Record<string, number>;
  scores: Record<string, Record<string, unknown>>;
  latency_ms: TargetTimes;
  input_tokens: number;
  output_tokens: number;
  cost: TargetCost;
  format_validity: number | null;
  consistency: number | null;
}

/**
 * Rows that a target was `trained` on, that have an `equal` text, that its prompt has `shown`, and the first few.
 *
 * `validated`: rows that its tuning was validated with, which is told, but not refused.
 */
export interface TargetLeak {
  target: string;
  trained: number;
  equal: number;
  shown: number;
  validated: number;
  examples: string[];
}

/** What people gave a target's answers: `mean` in stars over the rated results, from so many `ratings`. */
export interface TargetRating {
  target: string;
  results: number;
  ratings: number;
  mean: number;
}

/** Of `n` answers, in milliseconds: the median and the 95th percentile. */
export interface TargetTimes {
  n: number;
  p50: number | null;
  p95: number | null;
}

/** What a model is to do, what its input and output look like, and what makes an answer good. */
export interface Task {
  id: string;
  name: string;
  instruction: string;
  description: string | null;
  thinking_instruction: string | null;
  requirements: Requirement[];
  input_schema: Record<string, unknown> | null;
  output_schema: Record<string, unknown> | null;
  categories: string[];
  fallback_category: string | null;
  ontology: Question[];
  version: number;
  created_at: string;
  created_by: string;
  updated_at: string;
  updated_by: string;
}

/** What is to be different: an absent field stays as it is, null empties it. */
export interface TaskChanges {
  /** The answers there are, each once. */
  categories?: string[];
  description?: string | null;
  fallback_category?: string | null;
  input_schema?: Record<string, unknown> | null;
  instruction?: string;
  /** Unique in the workspace. */
  name?: string;
  /** The questions that labels answer; `categories` are short for a single one. */
  ontology?: NewQuestion[];
  output_schema?: Record<string, unknown> | null;
  reason?: string | null;
  requirements?: NewRequirement[];
  thinking_instruction?: string | null;
}

/** One page of tasks, the oldest first. */
export interface TaskPage {
  data: Task[];
  next_cursor: string | null;
  count?: number | null;
}

/** From `min` to `max` in equal steps over the rows. */
export interface TemperatureSpread {
  max?: number;
  min?: number;
}

export interface TextPart {
  type: "text";
  text: string;
}

/** A question without a winner, and the weight behind each category. */
export interface Tie {
  question: string;
  weights: Record<string, number>;
}

/** 256 hashes of the tree, in base64: of leaves on level 0, of subtrees of 256 to the power of `level` above. */
export interface Tile {
  level: number;
  number: number;
  hashes: string[];
}

export interface Tool {
  type: "function";
  function: Function;
}

export interface ToolCall {
  id: string;
  type: "function";
  function: CalledFunction;
}

export interface ToolResult {
  role: "tool";
  content: string | TextPart[];
  tool_call_id: string;
  name?: string | null;
}

/** What a person changes of the tree, all of it or nothing. With a topic, all below it is removed. */
export interface TopicChanges {
  add?: NewTopic[];
  reason?: string | null;
  remove?: string[];
  rename?: TopicRename[];
}

/** Why a model named no topics below this one, or below the root where it has no `topic_id`. */
export interface TopicFinding {
  code: string;
  detail: string;
  call_id?: string | null;
  topic_id?: string | null;
}

/** A topic and what is below it. `run_id` is the run in which a model named it, null where a person did. */
export interface TopicNode {
  id: string;
  name: string;
  run_id: string | null;
  finding: TopicFinding | null;
  children: TopicNode[];
}

export interface TopicRename {
  id: string;
  name: string;
}

/** The topics of a generation. A `finding` says why a model named none there; the root's own is here. */
export interface TopicTree {
  generation_id: string;
  version: number;
  count: number;
  finding: TopicFinding | null;
  topics: TopicNode[];
}

/** A request with its feedback, and the way of each example that was made of it. */
export interface Trail {
  request: LoggedRequest;
  examples: TrailExample[];
}

/**
 * An evaluation that measured the version: the mean of each scorer, and whether this very example passed in it.
 *
 * `passed` is null where the example was not among its rows, or no scorer of it decides.
 */
export interface TrailEvaluation {
  evaluation_id: string;
  name: string;
  dataset_id: string;
  dataset_version: string;
  split: string;
  target: string;
  rows: number;
  means: Record<string, number | null>;
  passed: boolean | null;
  finished_at: string;
}

/** The example that the request became in a dataset, and where it went; its latest 200 dataset versions. */
export interface TrailExample {
  dataset_id: string;
  example_id: string;
  promoted_at: string;
  promoted_by: string;
  repair: TrailRepair | null;
  dataset_versions: TrailVersion[];
}

/** A model version that was trained on it, and the evaluations that measured it, the newest first. */
export interface TrailModel {
  model_id: string;
  model: string;
  version: string;
  tune_id: string | null;
  use: "training" | "validation" | null;
  evaluations: TrailEvaluation[];
}

/** How the example was repaired, at which of its revisions. The instruction is null once erased. */
export interface TrailRepair {
  revision: number;
  instruction: string | null;
  reason: string | null;
  by: string;
  at: string;
}

/** A dataset version that holds the example, `repaired` or as it was logged, and the models trained on it. */
export interface TrailVersion {
  dataset_version: string;
  seq: number;
  revision: number;
  repaired: boolean;
  created_at: string;
  model_versions: TrailModel[];
}

/** The tune: its job at the provider, and the files the provider got, with the sha256 of their bytes. */
export interface TrainedBy {
  tune_id: string;
  sweep_id: string;
  connection_id: string;
  job_id: string | null;
  method: "dpo" | "supervised";
  seed: number | null;
  hyperparameters: Record<string, number | string>;
  training_file: SentFile | null;
  validation_file: SentFile | null;
  requested_by: string;
  finished_at: string | null;
}

/** The frozen dataset version; `digest` is sha256 over its sorted content digests, in hex. */
export interface TrainedOn {
  dataset_id: string;
  version: string;
  seq: number;
  digest: string;
  examples: number;
  splits: Record<string, number>;
}

/**
 * A judge against people on `n` answers. `agreement` is the share on which both say the same with its interval; the
 * others correct it for chance (kappa; weighted, the farther apart the worse) or compare ranks. A figure is None where
 * it is not defined, as when one side always says the same.
 */
export interface Trust {
  n: number;
  agreement: Interval;
  kappa: number | null;
  weighted_kappa: number | null;
  spearman: number | null;
  kendall: number | null;
  enough: boolean;
  words: string;
}

export interface TryGate {
  /** Such as v1.0. */
  version: string;
  /** Such as production. */
  alias: string;
}

/**
 * One job at one provider. `state` is our word for where it stands, `raw_status` the provider's own.
 *
 * `retries` is the tune that this one tries again. The files are those that the provider got: the sha256 of their
 * bytes, and the provider's ids. `error` has the provider's own words, and a hint of ours. `trouble` is what the last
 * attempt to reach the provider ended with, when it is tried again.
 */
export interface Tune {
  id: string;
  sweep_id: string;
  state: "cancelled" | "failed" | "paused" | "pending" | "queued" | "running" | "succeeded" | "validating";
  raw_status: string | null;
  connection_id: string;
  connection_kind: string;
  base_model: string;
  method: "dpo" | "supervised";
  hyperparameters: Record<string, number | string>;
  suffix: string | null;
  seed: number | null;
  dataset_id: string;
  dataset_version: string;
  dataset_seq: number;
  dataset_digest: string;
  train_split: "test" | "train" | "validation";
  train_examples: number;
  validation_split: "test" | "train" | "validation" | null;
  validation_examples: number;
  training_file: SentFile | null;
  validation_file: SentFile | null;
  job_id: string | null;
  provider_model: string | null;
  trained_tokens: number | null;
  error: Failure | null;
  trouble: string | null;
  cancel_requested: boolean;
  model: string | null;
  bump: "major" | "minor";
  notes: string | null;
  retries: string | null;
  created_at: string;
  created_by: string;
  submitted_at: string | null;
  estimated_finish: string | null;
  finished_at: string | null;
  updated_at: string;
}

/** A line of the job's own log, in the provider's words. */
export interface TuneLogLine {
  id: string;
  at: string | null;
  level: string;
  message: string;
}

/** One page of the job's log, the oldest line first. */
export interface TuneLogPage {
  data: TuneLogLine[];
  next_cursor: string | null;
  count?: number | null;
}

/** One page of tunes, the newest first. */
export interface TunePage {
  data: Tune[];
  next_cursor: string | null;
  count?: number | null;
}

/**
 * A file that was sent, and how much was read of it: `unreadable` where nothing was. `findings` say what is wrong.
 *
 * `size` in bytes; `pages` where the format has them.
 */
export interface UploadedDocument {
  id: string;
  generation_id: string;
  name: string | null;
  state: "read" | "unreadable";
  kind: "docx" | "html" | "markdown" | "pdf" | "text" | null;
  size: number;
  pages: number | null;
  characters: number | null;
  findings: Finding[];
  created_at: string;
  created_by: string;
}

/** In tokens; null where the provider does not count them. */
export interface Usage {
  input_tokens: number | null;
  output_tokens: number | null;
}

export interface User {
  role: "user";
  content: string | Array<TextPart | ImagePart>;
  name?: string | null;
}

/** A measured value; null where it is undefined, with the reason. */
export interface Value {
  value: number | null;
  reason?: string | null;
}

/** A version's month. `drift` is null where its training data is not known here, or either is too little. */
export interface VersionMonth {
  version: string;
  figures: MonthFigures;
  before: MonthFigures | null;
  change: AgainstMonthBefore | null;
  drift: Drift | null;
}

/** What one annotator said, and how much it counted. */
export interface Vote {
  annotator: string;
  answers: Record<string, string[]>;
  kind?: "model" | "person";
  weight?: number;
}

/**
 * Which evaluation counts: a scorer's, over a split of a dataset or over a suite of that name, one of the two.
 *
 * Without a `dataset_version`, over whichever frozen version it was run last.
 */
export interface WantedEvaluation {
  /** Such as exact_match. */
  scorer: string;
  dataset_id?: string | null;
  dataset_version?: string | null;
  split?: "test" | "train" | "validation";
  suite?: string | null;
}

/** What people have to think of its answers: the mean in stars, of at least so many ratings. */
export interface WantedRating {
  ratings?: number;
  stars?: number;
}

/** Somebody's server that is told of events. `notice` says why it is not active, when that was not your doing. */
export interface Webhook {
  id: string;
  url: string;
  types: string[];
  description: string;
  order: "log" | "stream";
  active: boolean;
  notice: WebhookNotice | null;
  created_at: string;
  created_by: string;
  updated_at: string;
}

/** A webhook and how far it was told; `standing` is null until a worker has first seen it. */
export interface WebhookDetail {
  id: string;
  url: string;
  types: string[];
  description: string;
  order: "log" | "stream";
  active: boolean;
  notice: WebhookNotice | null;
  created_at: string;
  created_by: string;
  updated_at: string;
  standing: WebhookStanding | null;
}

/** Why we disabled it: `gone` when it answered 410, `failing` when for days it accepted nothing. */
export interface WebhookNotice {
  why: "failing" | "gone";
  detail: string;
  at: string;
}

/** One page of webhooks. */
export interface WebhookPage {
  data: Webhook[];
  next_cursor: string | null;
  count?: number | null;
}

export interface WebhookPatch {
  active?: boolean;
  description?: string;
  /**
   * What waits while a message is not accepted: later events of the same resource (`stream`), or everything (`log`).
   */
  order?: "log" | "stream";
  reason?: string | null;
  /** Of which events it is told, such as `TuneSucceeded`; none: all. */
  types?: string[];
  /** https, and reachable by anybody: private and link-local addresses are refused. */
  url?: string;
}

/** How far it was told: everything up to the event `reached`, but of the streams `held`. The log ends at `head`. */
export interface WebhookStanding {
  reached: number;
  head: number;
  held: HeldStream[];
  failing_since: string | null;
  accepted_at: string | null;
}

/** With its new secret, which is shown once; in a repeated answer it is null. */
export interface WebhookWithSecret {
  id: string;
  url: string;
  types: string[];
  description: string;
  order: "log" | "stream";
  active: boolean;
  notice: WebhookNotice | null;
  created_at: string;
  created_by: string;
  updated_at: string;
  secret: string | null;
}

/** A tenant: its data is invisible to every other. */
export interface Workspace {
  id: string;
  name: string;
  created_at: string;
  created_by: string;
}

/** One page of workspaces. */
export interface WorkspacePage {
  data: Workspace[];
  next_cursor: string | null;
  count?: number | null;
}

/** A new workspace and its first key, which has the scope `admin`. Null in a repeated answer: it is kept nowhere. */
export interface WorkspaceWithKey {
  id: string;
  name: string;
  created_at: string;
  created_by: string;
  api_key: string | null;
}
