// Generated from openapi/openapi.json by `make clients`.

/** The candidates to accept: by id, with edits, or all proposed ones that match a filter; up to 1,000 at once. */
export interface AcceptCandidates {
  /** Candidates to accept as they are; up to 1,000. */
  candidate_ids?: string[];
  /** Candidates to accept with another content; up to 1,000. */
  edits?: CandidateEdit[];
  /** Accept proposed candidates that match this filter, up to 1,000 in one request. */
  matching?: CandidateFilter | null;
  /** What happens to an output that fails its task's schema: 422, or kept and marked invalid. */
  on_invalid?: "mark" | "refuse";
  /** Why they are accepted; the history shows it. */
  reason?: string | null;
  /** Tags for the new examples. */
  tags?: string[];
}

/** One page of a history in sentences, oldest first. A page may be short while `next_cursor` is set. */
export interface Account {
  /** The items of this page. */
  data: HistoryLine[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** Every matching event up to this seq has been returned. */
  reached: number;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
  /**
   * Path that lists the dataset versions and models which contain the example. Null unless this is one example's
   * history.
   */
  lineage?: string | null;
}

/** The parameters of `POST /v1/generations/{generation_id}/documents`. */
export interface AddDocumentQuery {
  /** The file's name; its suffix tells the format. */
  name?: string;
  /** Key of the person it is about: erasing the subject erases it, too. */
  subject?: string;
}

/** A person's final decision on one example. */
export interface Adjudication {
  /** The example to decide on. */
  example_id: string;
  /** The chosen categories by question of the task's ontology. */
  answers?: Record<string, string[]> | null;
  /** The answer to the task's only question. */
  category?: string | null;
  /** Why; the example's history shows it. */
  reason?: string | null;
  /** Free text to read the answer from: the first category it names, else the fallback. */
  text?: string | null;
}

/** A job that was made elsewhere. */
export interface AdoptTune {
  /** The connection to the account that has the job. */
  connection_id: string;
  /** The job's id at the provider. */
  job_id: string;
  /** The dataset that the job was trained on. */
  dataset_id: string;
  /** The name of a frozen version of the dataset. */
  dataset_version: string;
  /** The base model's id at the provider; null for the one that the provider says. */
  base_model?: string | null;
  /** Whether the new model version gets a minor (v1.1) or a major number (v2.0). */
  bump?: "major" | "minor";
  /** The training method. */
  method?: "dpo" | "kto" | "reinforcement" | "supervised";
  /** The model that gets a new version when the job succeeds. Created if it does not exist. */
  model?: string | null;
  /** Notes for the new model version, in Markdown. */
  notes?: string | null;
  /** The splits that it was trained on and validated with. */
  splits?: Splits;
}

/**
 * Change since the month before: relative (0.1 is 10% more), or a difference for error rate and rating.
 *
 * Null when either month lacks the figure.
 */
export interface AgainstMonthBefore {
  /** Change in requests, as a share: 0.1 is 10% more. */
  requests: number | null;
  /** Change in median latency, as a share. */
  latency_p50: number | null;
  /** Change in the 95th percentile of latency, as a share. */
  latency_p95: number | null;
  /** Change in cost per request, as a share; null unless all costs have one currency. */
  cost_per_request: number | null;
  /** Error rate minus that of the month before. */
  error_rate: number | null;
  /** Average rating minus that of the month before, in stars. */
  average_rating: number | null;
}

/** One page of agreement rows. Only rows by example come in pages; all pages show the state of the first. */
export interface AgreementPage {
  /** The items of this page. */
  data: AgreementRow[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** Examples whose labels are not measured because they answer a honeypot. */
  honeypots: number;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/**
 * Agreement on one question, over examples with at least two labels.
 *
 * Depending on `by`, one of `example_id`, `annotator` (with `other` for a pair) or `category` is set.
 */
export interface AgreementRow {
  /** The question of the task's ontology. */
  question: string;
  /** How many examples were measured. */
  examples: number;
  /** How many labels these examples have. */
  labels: number;
  /** The measured value of each metric, by its name and version. */
  values: Record<string, Value>;
  /** The annotator, or the first of a pair; null unless rows are by annotator or pair. */
  annotator?: Annotator | null;
  /** The category; null unless rows are by category. */
  category?: string | null;
  /** The example; null unless rows are by example. */
  example_id?: string | null;
  /**
   * How many of them somebody else gave in their annotator's name. By annotator or pair: of the labels in these names.
   */
  impersonated?: number;
  /** The second annotator of a pair; null unless rows are by pair. */
  other?: Annotator | null;
}

/** A move of an alias, and the gate's check of it. */
export interface AliasMove {
  /** The event's seq in the workspace's log. */
  seq: number;
  /** The alias that moved. */
  alias: string;
  /** The version it moved to. */
  version: string;
  /** The version it moved from; null for its first move. */
  previous: string | null;
  /** Why it was moved. */
  reason: string | null;
  /** Whether it was a rollback. */
  rollback: boolean;
  /** The gate's checks, with their measurements; null where no gate was checked. */
  ruling: Ruling | null;
  /** Whether it moved although the gate refused. */
  overridden: boolean;
  /** When it moved. */
  moved_at: string;
  /** The API key or person that moved it. */
  moved_by: string;
}

/** One page of an alias's moves, the newest first. */
export interface AliasMovePage {
  /** The items of this page. */
  data: AliasMove[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** Who labels. A person and a model with the same name are two annotators. */
export interface Annotator {
  /** The name of the person or model. */
  name: string;
  /** Person or model. */
  kind?: "model" | "person";
}

/** Everyone who has an assignment in the queue, by name. */
export interface AnnotatorList {
  /** One entry per annotator, by name. */
  data: AnnotatorWork[];
}

/** An annotator's number of assignments by state, and honeypot score, in one queue. */
export interface AnnotatorWork {
  /** The annotator. */
  annotator: Annotator;
  /** Number of assignments in each state. */
  states: Record<string, number>;
  /** How well the annotator answered this queue's honeypots. */
  honeypots: HoneypotScore;
}

/** How the label becomes the answer. With none of the fields, the answer is the category of the only question. */
export interface AnswerForm {
  /** Write it into this field of a JSON answer, by its JSON pointer; the other fields stay. */
  field?: string | null;
  /** Which examples: those without an answer, or all, whose answers are then replaced. */
  over?: "all" | "unanswered";
  /** The question whose category is the answer; several categories are separated by commas. */
  question?: string | null;
  /** A text with `{question}` where the category of a question belongs. */
  template?: string | null;
}

/** Answers in one of three forms: by question, as a single category, or as text to read the category from. */
export interface Answered {
  /** The chosen categories by question of the task's ontology. */
  answers?: Record<string, string[]> | null;
  /** The answer to the task's only question. */
  category?: string | null;
  /** Free text to read the answer from: the first category it names, else the fallback. */
  text?: string | null;
}

/** An API key without its secret. */
export interface ApiKey {
  /** The key's id. */
  id: string;
  /** Tells a member's keys apart. */
  name: string;
  /** The member whose key it is. */
  member_id: string | null;
  /** The member's name; the actor in the history. */
  member: string | null;
  /** What the key may do, as far as the member's role covers it. */
  scopes: Array<"access:read" | "access:write" | "admin" | "audit:read" | "connections:read" | "connections:write" | "datasets:read" | "datasets:write" | "erase" | "evaluations:read" | "evaluations:write" | "generations:read" | "generations:write" | "labels:impersonate" | "labels:read" | "labels:write" | "models:override" | "models:read" | "models:run" | "models:write" | "operations:read" | "operations:write" | "operator" | "prompts:read" | "prompts:run" | "prompts:write" | "requests:read" | "requests:write" | "tasks:read" | "tasks:write" | "tunes:read" | "tunes:write" | "webhooks:read" | "webhooks:write">;
  /** The last four characters of the secret. */
  hint: string;
  /** When the key stops working. Null: never. */
  expires_at: string | null;
  /** When the key was last used, to the minute. Null: not yet. */
  last_used_at: string | null;
  /** The key that this one was rotated into. Null when it was not. */
  successor_id: string | null;
  /** When the key was revoked. Null while it is valid. */
  revoked_at: string | null;
  /** When the key was created. */
  created_at: string;
  /** Name of the member, or other actor, that created it. */
  created_by: string;
}

/** One page of API keys. */
export interface ApiKeyPage {
  /** The items of this page. */
  data: ApiKey[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** A new API key and its secret. */
export interface ApiKeyWithSecret {
  /** The key's id. */
  id: string;
  /** Tells a member's keys apart. */
  name: string;
  /** The member whose key it is. */
  member_id: string | null;
  /** The member's name; the actor in the history. */
  member: string | null;
  /** What the key may do, as far as the member's role covers it. */
  scopes: Array<"access:read" | "access:write" | "admin" | "audit:read" | "connections:read" | "connections:write" | "datasets:read" | "datasets:write" | "erase" | "evaluations:read" | "evaluations:write" | "generations:read" | "generations:write" | "labels:impersonate" | "labels:read" | "labels:write" | "models:override" | "models:read" | "models:run" | "models:write" | "operations:read" | "operations:write" | "operator" | "prompts:read" | "prompts:run" | "prompts:write" | "requests:read" | "requests:write" | "tasks:read" | "tasks:write" | "tunes:read" | "tunes:write" | "webhooks:read" | "webhooks:write">;
  /** The last four characters of the secret. */
  hint: string;
  /** When the key stops working. Null: never. */
  expires_at: string | null;
  /** When the key was last used, to the minute. Null: not yet. */
  last_used_at: string | null;
  /** The key that this one was rotated into. Null when it was not. */
  successor_id: string | null;
  /** When the key was revoked. Null while it is valid. */
  revoked_at: string | null;
  /** When the key was created. */
  created_at: string;
  /** Name of the member, or other actor, that created it. */
  created_by: string;
  /**
   * The key to send in the Authorization header. Shown once; null in a repeated response, since the server does not
   * store it.
   */
  secret: string | null;
}

/** Take the answers of a run of a prompt over the dataset, each as a repair; what waits for an answer gets one. */
export interface ApplyRun {
  /** Always `apply_run`: which kind this is. */
  type: "apply_run";
  /** The run, which has ended. Examples without an answer of it stay as they are. */
  run_id: string;
  /** An output that then fails its task's schema is skipped, or kept and marked invalid. */
  on_invalid?: "mark" | "skip";
}

/** Archive an item, or bring it back. */
export interface ArchiveChange {
  /** Why; the history shows it. */
  reason?: string | null;
}

/** A file in the artifact store. */
export interface Artifact {
  /** The artifact's id. */
  id: string;
  /** What it is. */
  kind: "export" | "model" | "weights";
  /** The file's name. */
  name: string;
  /** SHA-256 of the content, in hex. The log has it. */
  digest: string;
  /** The size of the content. */
  bytes: number;
  /** The media type of the content. */
  media_type: string;
  /** What it is of. */
  of: ArtifactOwner;
  /** When it was stored. */
  created_at: string;
  /** The actor who stored it. */
  created_by: string;
  /** When its content was deleted. Null while it is there. */
  deleted_at: string | null;
}

/** What an artifact is of. */
export interface ArtifactOwner {
  /** What kind of resource. */
  kind: "dataset" | "model" | "tune";
  /** Its id. */
  id: string;
}

/** One page of artifacts. */
export interface ArtifactPage {
  /** The items of this page. */
  data: Artifact[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** The conversation to answer, and the version to ask: `version` or `alias`. */
export interface AskModel {
  /** The conversation so far, oldest message first. */
  messages: Array<System | Developer | User | Assistant | ToolResult>;
  /** The alias whose version to ask. Give this or `version`. */
  alias?: string | null;
  /** The most tokens the answer may have; null leaves it to the provider. */
  max_tokens?: number | null;
  /** Further request fields, in the provider's names: top_p, seed, tools, response_format, … */
  options?: Record<string, unknown>;
  /** Sampling temperature, 0 to 2; null leaves it to the provider. */
  temperature?: number | null;
  /** The version to ask, such as v1.0. Give this or `alias`. */
  version?: string | null;
}

/** Reserve examples for an annotator, whose claims return them first. */
export interface AssignExamples {
  /** The annotator to reserve them for. */
  annotator: NewAnnotator;
  /** The examples to reserve; up to 1,000, all of them in the queue. */
  examples: string[];
}

/** An annotator's slot of an example in a queue. */
export interface Assignment {
  /** The assignment's id. */
  id: string;
  /** The queue it belongs to. */
  queue_id: string;
  /** The dataset the example is from. */
  dataset_id: string;
  /** The example to label. */
  example_id: string;
  /** Who has the example. */
  annotator: Annotator;
  /** Assigned (reserved), claimed, submitted, accepted, sent back, skipped or released. */
  state: "accepted" | "assigned" | "claimed" | "released" | "sent_back" | "skipped" | "submitted";
  /** When the lease ends; null unless claimed. */
  leased_until: string | null;
  /** The submitted label; null until there is one. */
  label_id: string | null;
  /** Why it was sent back, skipped or released. */
  reason: string | null;
  /** When it last changed. */
  updated_at: string;
}

/** One page of assignments, by id. */
export interface AssignmentPage {
  /** The items of this page. */
  data: Assignment[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** `weight` 0 keeps the message out of the training loss. */
export interface Assistant {
  /** Always `assistant`: which kind this is. */
  role: "assistant";
  /** The answer, as text or text parts. Null if the message only calls tools. */
  content?: string | TextPart[] | null;
  /** A name for the author of the message. */
  name?: string | null;
  /** The model's reasoning before the answer. */
  reasoning?: string | null;
  /** The tools that the message calls. */
  tool_calls?: ToolCall[] | null;
  /** 0 keeps the message out of the training loss. */
  weight?: 0 | 1 | null;
}

export interface AudioPart {
  /** Always `input_audio`: which kind this is. */
  type: "input_audio";
  /** The audio. */
  input_audio: InputAudio;
}

export interface AudioUrlPart {
  /** Always `audio_url`: which kind this is. */
  type: "audio_url";
  /** The audio. */
  audio_url: MediaUrl;
}

/** What one actor changed: how many changes of how many examples, from when to when. */
export interface Author {
  /** Who made the changes. */
  actor: string;
  /** How many changes the actor made. */
  changes: number;
  /** How many examples the actor changed. */
  examples: number;
  /** When the actor's first change was made. */
  first_at: string;
  /** When the actor's last change was made. */
  last_at: string;
}

export interface AwsAccessKeys {
  /** The id of the key. */
  access_key_id: string;
  /** The key. */
  secret_access_key: string;
  /** The token of temporary keys. */
  session_token?: string | null;
}

/** A model that can be tuned at one provider, or on own hardware. */
export interface BaseModel {
  /** The value to pass as a tune's `base_model`. */
  id: string;
  /** The provider; `local` for own hardware. */
  provider: string;
  /** Kind of connection that tunes it; null for own hardware. */
  kind: "bedrock" | "files" | "fireworks" | "local" | "openai" | "ray" | "sandbox" | "together" | "vertex" | null;
  /** Name for people. */
  name: string;
  /** Tuning methods it supports. Empty: it can only be deployed. */
  methods: Array<"dpo" | "kto" | "reinforcement" | "supervised">;
  /** The hyperparameters of each method, with ranges and defaults. */
  hyperparameters: Record<string, Record<string, Parameter>>;
  /** Null when unknown. */
  prices: Prices | null;
  /** Its size, in billions of parameters. Null when unknown. */
  parameters_billion: number | null;
  /** How many of them one token uses, in a mixture of experts. Null: all. */
  active_parameters_billion: number | null;
  /** What training on own hardware needs. Null unless the weights are open and the size is known. */
  memory: Memory | null;
  /** Longest input and output together, in tokens. Null when unknown. */
  context_tokens: number | null;
  /** Longest training example, in tokens. Null when unknown. */
  training_context_tokens: number | null;
  /** The licence. Null when unknown. */
  licence: string | null;
  /** Whether the weights can be taken home. */
  open_weights: boolean;
  /** What it is a good first choice for. Null: others are better to begin with. */
  first_choice_for: string | null;
  /** From this day on the provider takes no new tunes of it. Null: no such day is known. */
  no_new_tunes_from: string | null;
  /** From this day on it and its tuned models answer no more. Null: no such day is known. */
  shutdown_date: string | null;
  /** Where this row was read. */
  source: string;
  /** The day it was read. */
  source_date: string;
  /** Whether the connection's account lists it now. Null unless `connection_id` is given. */
  listed: boolean | null;
  /** The id of the workspace's own entry. Null: the row is the catalogue's. */
  entry_id: string | null;
  /** Anything else to know, such as limits. Null when there is nothing. */
  notes: string | null;
}

/** One page of base models. */
export interface BaseModelPage {
  /** The items of this page. */
  data: BaseModel[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** Why it is done. */
export interface Because {
  /** Why; kept in the history. */
  reason?: string | null;
}

/** The checkpoint with the lowest validation loss. */
export interface BestCheckpoint {
  /** The checkpoint's id at the provider. */
  id: string;
  /** The training step it was saved at. */
  step: number;
  /** Its model name at the provider. */
  model: string;
  /** Its validation loss, in nats per token. */
  validation_loss: number;
}

/** The most that all tunes of the request may cost by their estimate. */
export interface Budget {
  /** A decimal number, as a string. */
  amount: string;
  /** ISO 4217 code. */
  currency?: string;
}

/** The parameters of `GET /v1/tasks/{task_id}/prompt`. */
export interface BuildPromptQuery {
  /** How the prompt is built. */
  style?: "basic" | "few_shot" | "multi_shot" | "repairs" | "chain_of_thought" | "training";
  /** The dataset to take examples from; few_shot, multi_shot and repairs need it. */
  dataset_id?: string;
  /** How many examples. Default: 4, 25 or 10, by style. */
  count?: number;
  /** The same seed draws the same examples. */
  seed?: number;
}

/** The task and examples that a version was built from. */
export interface BuiltFrom {
  /** The task. */
  task_id: string;
  /** The task's version, from 1. */
  task_version: number;
  /** The style in which the prompt was built. */
  style: "basic" | "chain_of_thought" | "few_shot" | "multi_shot" | "repairs" | "training";
  /** The examples copied into the messages. */
  examples?: DrawnExample[];
}

/** A request that does something about all rows of a finding at once. Add `"dry_run": true` to look first. */
export interface BulkCall {
  /** The method. */
  method: "POST";
  /** The path. */
  path: string;
  /** The body. Its filter can also be used in lists, exports, queues and freezes. */
  body: Record<string, unknown>;
}

/** A change of many examples, as one operation with the same id. */
export interface BulkChange {
  /** The id of the change and of its operation. */
  id: string;
  /** The dataset. */
  dataset_id: string;
  /** What is done with each example. */
  action: TagExamples | UntagExamples | DeleteExamples | RestoreExamples | MoveExamples | DealSplits | RateExamples | ReplaceText | PatchOutput | RedactExamples | ApplyRun | DropDuplicates | RevertExamples | UndoChange;
  /** Which examples; null when they were given by id. */
  filter: Filter | null;
  /** The position in the event log at which the selection was fixed. */
  moment: number;
  /** Whether it only counts. */
  dry_run: boolean;
  /** How far it is. */
  state: "cancelled" | "failed" | "queued" | "running" | "succeeded";
  /** How many examples are meant; null until they are counted. */
  total: number | null;
  /** How many of them were looked at. */
  done: number;
  /** How many were changed, or would be. */
  changed: number;
  /** How many already were as they should be. */
  unchanged: number;
  /** How many could not be changed. */
  skipped: number;
  /** The first 20 of these, and why; the operation `list_skipped_examples` has all. */
  first_skipped: Skip[];
  /** Of a dry run: the first 20 examples that would change. */
  samples: BulkSample[];
  /** The change that this one undoes. */
  undoes: string | null;
  /** The last change that undoes this one. */
  undone_by: string | null;
  /** Why it failed; null unless it did. */
  failure: BulkFailed | null;
  /** Why it was made. */
  reason: string | null;
  /** When it was requested. */
  created_at: string;
  /** Who requested it. */
  created_by: string;
  /** When it last went on. */
  updated_at: string;
}

/** One page of bulk changes, the newest first. */
export interface BulkChangePage {
  /** The items of this page. */
  data: BulkChange[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** A bulk change that ended before it was done. */
export interface BulkFailed {
  /** A word for programs. */
  code: string;
  /** What went wrong, for people. */
  detail: string;
}

/** An example as it is, and as the change would leave it; null for a deleted one. */
export interface BulkSample {
  /** The example. */
  example_id: string;
  /** What it is now. */
  before: Record<string, unknown> | null;
  /** What it would be. */
  after: Record<string, unknown> | null;
}

/** One question to a model, and its answer or failure. */
export interface Call {
  /** The call's id. */
  id: string;
  /** The question's name in the run, such as `example/<id>`. */
  key: string;
  /** `answered`, or `failed` when there is no usable answer. */
  state: "answered" | "failed";
  /** The connection that was asked. */
  connection_id: string;
  /** The model, by the provider's name. */
  provider_model: string;
  /** Your model; null when a base model was asked. */
  model_id: string | null;
  /** The version of your model; null when a base model was asked. */
  model_version: string | null;
  /** The answer; of a failed call, the text the model returned instead. Null if there is none or it was erased. */
  text: string | null;
  /** The answer's tool calls, in OpenAI's shape. */
  tool_calls: Record<string, unknown>[];
  /** Why the model stopped, in the provider's words. */
  finish_reason: string | null;
  /** Input tokens, as counted by the provider. */
  input_tokens: number | null;
  /** Output tokens, as counted by the provider. */
  output_tokens: number | null;
  /** Those of the input tokens that the provider had cached; null when unknown. */
  cached_tokens: number | null;
  /** Those of the output tokens that were spent on reasoning; null when unknown. */
  reasoning_tokens: number | null;
  /** `amount` and `currency`; null when no price is known. */
  cost: Record<string, string> | null;
  /** Duration of the last attempt, in milliseconds. */
  latency_ms: number;
  /** How many times the provider was asked. */
  attempts: number;
  /** True if the answer to an earlier attempt may have been lost. You may have paid for that attempt too. */
  in_doubt: boolean;
  /** The earlier call whose answer was reused for free; null otherwise. */
  repeats: string | null;
  /** Code of the failure; null when the call was answered. */
  error_code: string | null;
  /** The failure in words; null when the call was answered. */
  error_detail: string | null;
  /** The provider's own code, such as context_length_exceeded; null without one. */
  provider_code: string | null;
  /** The provider's id of the request, for its support; null when unknown. */
  provider_request_id: string | null;
  /** When the call was recorded. */
  recorded_at: string;
}

/** Why there was no answer. */
export interface CallError {
  /** A short code, such as timeout. */
  code: string;
  /** The error in words. */
  message?: string | null;
  /** The provider's own code, such as context_length_exceeded. */
  provider_code?: string | null;
}

/** One page of a run's calls, in the order in which they ended. */
export interface CallPage {
  /** The items of this page. */
  data: Call[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** `arguments` is JSON in a string, as models write it. */
export interface CalledFunction {
  /** The name of the function. */
  name: string;
  /** The arguments, as JSON in a string. */
  arguments: string;
}

export interface CancelTune {
  /** Why, for the history. */
  reason?: string | null;
}

/** A proposed example, and where it is from. */
export interface Candidate {
  /** The candidate's id. */
  id: string;
  /** The generation it belongs to. */
  generation_id: string;
  /** Proposed, or dropped or failed before review, or accepted or rejected by a person. */
  state: "accepted" | "dropped" | "failed" | "proposed" | "rejected";
  /** Where it is from: a topic, a document, a prompt's prediction, or another program that sent it. */
  origin: "document" | "prediction" | "sent" | "topic";
  /** The proposed example; null if there is none or it was erased. */
  content: Content | null;
  /** The JSON object stored with it; null if there is none or it was erased. */
  metadata: Record<string, unknown> | null;
  /** True if a person changed the content when accepting it. */
  edited: boolean;
  /** Machine-readable reason why it was dropped, failed or could not be judged. */
  code: string | null;
  /** The same reason as a sentence. */
  detail: string | null;
  /** The run that created it; null if another program sent it. */
  run_id: string | null;
  /** Ids of the model calls that led to it, by step. */
  calls: Record<string, string>;
  /** The model and connection that answered. */
  served: Served | null;
  /** The prompt that wrote the output; null if none was used. */
  prompt_id: string | null;
  /** The version of that prompt. */
  prompt_version: number | null;
  /** The topic it is about. */
  topic_id: string | null;
  /** The topic's name with the names above it, outermost first. */
  topic_path: string[];
  /** The category that the input was written for. */
  category: string | null;
  /** The sampling temperature used for the input or, from documents, for the pair. */
  temperature: number | null;
  /** The judge's score, 1 to 5; null if no judge scored it. */
  score: number | null;
  /** The example or candidate that it repeats. */
  twin: string | null;
  /** Similarity to `twin`, 0 to 1. */
  similarity: number | null;
  /** Where in a document its text is from. */
  document: DocumentPlace | null;
  /** Share of the answer's content words that occur in the source text, 0 to 1. */
  grounding: number | null;
  /** The example whose input the prompt answered. */
  predicted_for: string | null;
  /** False if the content does not match the task's schema. */
  valid: boolean;
  /** Where the content does not match the task's schema. */
  mismatches: Mismatch[];
  /** The version of the task it was checked against. */
  task_version: number | null;
  /** The example it became; null unless accepted. */
  example_id: string | null;
  /** The reason given when it was accepted or rejected. */
  reason: string | null;
  /** Grows by 1 with every change. */
  version: number;
  /** When it was created. */
  created_at: string;
  /** Who created it. */
  created_by: string;
  /** When it was accepted or rejected; null until then. */
  decided_at: string | null;
  /** Who accepted or rejected it; null until then. */
  decided_by: string | null;
}

/** An example that another program proposes. */
export interface CandidateContent {
  /** The proposed example: its messages and tools. */
  content: Content;
  /** Your own key for this candidate. A key that was sent before creates no second candidate. */
  key?: string | null;
  /** Any JSON object to store with it. */
  metadata?: Record<string, unknown> | null;
}

/** The outcome for one candidate. */
export interface CandidateDecision {
  /** The candidate decided on. */
  candidate_id: string;
  /** What is true of it now; `refused` if this request could not change it. */
  outcome: "accepted" | "refused" | "rejected";
  /** False if the same decision had been made before. */
  new: boolean;
  /** Error code, if refused. */
  code?: string | null;
  /** Why it was refused, as a sentence. */
  detail?: string | null;
  /** The example it became, if accepted. */
  example_id?: string | null;
}

/** The outcomes for all candidates of a request. */
export interface CandidateDecisions {
  /** One entry per candidate, in the order of the request. */
  data: CandidateDecision[];
  /** How many matching candidates are still proposed; repeat the request for them. */
  remaining: number;
}

/** A candidate to accept with another content. */
export interface CandidateEdit {
  /** The candidate to accept with this content. */
  candidate_id: string;
  /** The content of the example; it replaces the candidate's own. */
  content: Content;
}

/** Candidates that meet all of these conditions; absent ones are ignored. */
export interface CandidateFilter {
  /** Only candidates from this document. */
  document_id?: string | null;
  /** Only candidates of this run. */
  run_id?: string | null;
  /** Only candidates that the judge scored at least this high, 1 to 5. */
  score_gte?: number | null;
  /** Only candidates about this topic. */
  topic_id?: string | null;
}

/** The candidates of a request, created by it or before. */
export interface CandidateIds {
  /** Ids of the candidates, in the order of the request. */
  data: string[];
  /** How many of them this request created. */
  new: number;
}

/** One page of candidates, oldest first. */
export interface CandidatePage {
  /** The items of this page. */
  data: Candidate[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/**
 * Optional features of a provider's server. Requests do not use those that it lacks.
 *
 * With `stored_completions`, a lost response is fetched again instead of paid for twice.
 */
export interface Capabilities {
  /** Whether a job's checkpoints can be listed. */
  checkpoints?: boolean;
  /** Whether a job's events can be listed. */
  events?: boolean;
  /** Whether jobs carry metadata; without it, a job is found again by its suffix. */
  metadata?: boolean;
  /** Whether jobs can be listed by metadata. */
  metadata_filter?: boolean;
  /** Whether a finished job has a result file with its curves. */
  results?: boolean;
  /** Whether it stores chat completions and finds them by metadata. Null: the default of its kind. */
  stored_completions?: boolean | null;
  /** Whether it accepts a JSON Schema for the response. */
  structured_output?: boolean;
}

/** A possible answer; `children` are asked only when it was chosen. */
export interface Category {
  /** Unique among the categories of its question. */
  name: string;
  /** Questions asked only of examples that got this category. */
  children?: Question[];
  /** When this category is the right answer. */
  description?: string | null;
}

/** A field's value before and after a change. */
export interface Change {
  /** The value before the change; null where there was none. */
  before: unknown;
  /** The value after the change; null where there is none. */
  after: unknown;
}

/** One page of changes in words, the oldest first; `authors` counts them by actor if asked for. */
export interface ChangePage {
  /** The items of this page. */
  data: HistoryLine[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The actors and their number of changes, if asked for. */
  authors?: Author[] | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** How a version's dataset version differs from the previous version's, in examples. */
export interface Changes {
  /** Examples that only the new dataset version has. */
  added: number;
  /** Examples that both versions have, with a difference. */
  edited: number;
  /** Examples that only the previous dataset version has. */
  removed: number;
}

/** The provider's answer as it came. With `stream`, server-sent events of `chat.completion.chunk` instead. */
export interface ChatCompletion {
  /** The answers. */
  choices: ChatCompletionChoice[];
  /** When the answer was created, in Unix seconds. */
  created?: number | null;
  /** The provider's id of the answer. */
  id?: string | null;
  /** The model that answered, by the provider's name. */
  model?: string | null;
  /** Always `chat.completion`. */
  object?: string | null;
  /** The tokens used, as the provider counted them. */
  usage?: Record<string, unknown> | null;
}

/** One answer, in OpenAI's shape. */
export interface ChatCompletionChoice {
  /** Why the model stopped. */
  finish_reason?: string | null;
  /** The answer's number, from 0. */
  index?: number;
  /** The assistant's message. */
  message?: Record<string, unknown>;
}

/** OpenAI's request, with any of its fields. `model` is a model's name or id, a colon, and an alias or version. */
export interface ChatCompletionRequest {
  /** A model's name or id, a colon, and an alias or version: `support:production`. */
  model: string;
  /** The conversation, in OpenAI's chat shape. */
  messages: Record<string, unknown>[];
  /** Whether to send the answer as server-sent events. */
  stream?: boolean | null;
  /** Options for a streamed answer. */
  stream_options?: StreamOptions | null;
}

/** What is new and what is gone since another check. */
export interface CheckComparison {
  /** The other check. */
  check_id: string;
  /** The position in the event log that the other check saw. */
  seq: number;
  /** Its verdict. */
  verdict: "not_ready" | "ready" | "ready_with_warnings";
  /** The findings of either check. */
  findings: FindingChange[];
}

/** What the rows are like in numbers. */
export interface CheckFigures {
  /** How many rows were read. */
  rows: number;
  /** Number of rows by split. */
  splits: Record<string, number>;
  /** Number of rows by category of the task, by label or answer. Empty without categories. */
  categories: Record<string, number>;
  /** Number of rows by type of source. */
  sources: Record<string, number>;
  /** Number of rows by language, of those that are long enough to tell. */
  languages: Record<string, number>;
  /** How many rows have a rating. */
  rated: number;
  /** How many rows a person has rated, repaired or labelled. */
  reviewed: number;
  /** Lengths in tokens. Null without rows. */
  tokens: TokenFigures | null;
}

/** What the rows are for: their structure and lengths are held against it, as it was at the request. */
export interface CheckTarget {
  /** The provider, as `GET /v1/base-models` names it. */
  provider: string;
  /** The base model's id at the provider. Null: only the provider's format is checked. */
  base_model?: string | null;
  /** The kind of connection. Null where none is needed, as on own hardware. */
  kind?: string | null;
  /** The most tokens of a row. Null where it is not known. */
  max_tokens?: number | null;
  /** The training method. */
  method?: "dpo" | "kto" | "reinforcement" | "supervised";
}

/** One of the eight checks. */
export interface ChecklistItem {
  /** The check. */
  name: "duplicates" | "format" | "leakage" | "outliers" | "personal_data" | "quantity" | "schema" | "source_diversity";
  /** What should be the case. */
  title: string;
  /** Whether it is. */
  result: "failed" | "passed" | "warning";
  /** The codes of what was found. */
  findings: string[];
}

/** A model saved during training, and its metrics. */
export interface Checkpoint {
  /** The checkpoint's id at the provider. */
  id: string;
  /** The training step it was saved at. */
  step: number;
  /** The checkpoint's model name at the provider. */
  model: string;
  /** When it was saved; null where the provider does not say. */
  at: string | null;
  /** The measures at that step. */
  metrics: MetricPoint;
}

/** One page of checkpoints, by step. */
export interface CheckpointPage {
  /** The items of this page. */
  data: Checkpoint[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** Claim examples to label. `queue_id` may be left out if the dataset has exactly one open queue. */
export interface ClaimExamples {
  /** Who claims. Default: the API key, as a person. Anybody else needs the scope labels:impersonate. */
  annotator?: NewAnnotator | null;
  /** How many examples to claim, 1 to 100. */
  limit?: number;
  /** The queue. Default: the dataset's only open queue. */
  queue_id?: string | null;
}

/** The claimed examples, and the task's questions to answer for each. */
export interface Claimed {
  /** The claimed examples; empty if none are available. */
  data: ClaimedExample[];
  /** The questions to answer for each example. */
  questions: Question[];
}

/** A claimed example to label before the lease ends: its whole `content`, or only its `input`. */
export interface ClaimedExample {
  /** The assignment to submit, skip or release. */
  assignment_id: string;
  /** The queue it is from. */
  queue_id: string;
  /** The example to label. */
  example_id: string;
  /** Who claimed it. */
  annotator: Annotator;
  /** When the lease ends. */
  leased_until: string;
  /** The whole example; null if the queue shows inputs only. */
  content: Content | null;
  /** The example without its answer; null if the queue shows the whole example. */
  input: ExampleInput | null;
  /** Why an earlier label was sent back. */
  reason: string | null;
  /** Others' labels, if the queue is not blind. */
  labels: Label[];
}

/** The parameters of `GET /v1/datasets/{dataset_id}/compare`. */
export interface CompareDatasetQuery {
  /** A version, an RFC 3339 time or a seq. */
  from: string;
  /** The same; default: now. */
  to?: string;
  /** The dataset that `to` is a moment of, such as a fork. Default: this one. */
  with?: string;
  /** Only examples that were added, edited or removed, or edited ones that differ in this field. */
  only?: "added" | "edited" | "removed" | "content" | "metadata" | "tags" | "ratings" | "repair" | "label" | "split";
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
  /** Also count all matches; slower than the page alone. */
  count?: boolean;
}

/** The parameters of `GET /v1/prompts/{prompt_id}/diff`. */
export interface ComparePromptVersionsQuery {
  /** Number of the earlier version. */
  before: number;
  /** Number of the later version. */
  after: number;
}

/** The parameters of `GET /v1/comparisons`. */
export interface CompareTargetsQuery {
  /** Evaluations of the same dataset version and split. */
  evaluation: string[];
  /** A target's name. Default: the first base model. */
  base?: string;
  /** A scorer's label. Default: the first. */
  metric?: string;
}

/** One target of a comparison. */
export interface ComparedTarget {
  /** The evaluation that measured the target. */
  evaluation_id: string;
  /** The target. */
  target: EvaluationTarget;
  /** True for the base. */
  is_compared_with: boolean;
  /** Number of rows. */
  rows: number;
  /** Number of rows with a score. */
  scored: number;
  /** Mean over all scored rows. Null if none was scored. */
  mean: number | null;
  /** Change from the base. Null for the base itself. */
  change: TargetChange | null;
  /** The change in words. */
  verdict: string;
  /** How long the answers took. */
  latency_ms: TargetTimes;
  /** Mean agreement of repeated answers, 0 to 1. Null without repeats. */
  consistency: number | null;
  /** Share of answers in the right format, 0 to 1. Null without a `format_scorer`. */
  format_validity: number | null;
  /** Cost of the scored answers. */
  cost: TargetCost;
  /** Rows the target had already seen in training or in its prompt. If above 0, do not trust its figures. */
  leaked: number;
}

/** A training that has succeeded. */
export interface CompleteTune {
  /** The tuned model: its name at the connection's server, if one answers for it, or else where it is. */
  model: string;
  /** What it cost, such as the hire of a machine. */
  cost?: Budget | null;
  /** Tokens trained on, all epochs included. */
  trained_tokens?: number | null;
  /** The files of the weights, with their digests. */
  weights?: NewReportedFile[];
}

/** A model version's answer. */
export interface Completion {
  /** The model that answered. */
  model_id: string;
  /** The version that answered. */
  version: string;
  /** The version's model name at the provider. */
  provider_model: string;
  /** The text of the first answer. */
  text: string;
  /** Why the answer ended, in the provider's words: stop, length, … */
  finish_reason: string | null;
  /** How many tokens were used. */
  usage: Usage;
  /** The provider's whole answer, tool calls included. */
  provider_answer: Record<string, unknown>;
}

/** One page of conflicts, by our example's id. */
export interface ConflictPage {
  /** The items of this page. */
  data: MergeConflict[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** An account at a provider. The secret is write-only and not shown. */
export interface Connection {
  /** The connection's id. */
  id: string;
  /** Unique in the workspace. */
  name: string;
  /** Which provider. */
  kind: "bedrock" | "files" | "fireworks" | "local" | "openai" | "ray" | "sandbox" | "together" | "vertex";
  /** Where the provider's API is. */
  base_url: string;
  /** Header that carries the secret. */
  header_name: string;
  /** Text before the secret in that header. */
  header_prefix: string;
  /** What the provider's server supports. */
  capabilities: Capabilities;
  /** Added to the body of every job that is created. */
  extra_body: Record<string, unknown>;
  /** Longest wait for a chat response, in seconds; for other responses at most 120. */
  timeout_seconds: number;
  /** Requests a worker has open at once. */
  concurrency: number;
  /** By the provider's model name. They override the catalog's prices. */
  prices: Record<string, ModelPrice>;
  /** Settings of this kind of provider alone. */
  options: Record<string, string>;
  /** Added to the URL of every request. */
  query: Record<string, string>;
  /** Whether signed webhooks of the provider are taken. */
  takes_webhooks: boolean;
  /** When the connection was created. */
  created_at: string;
  /** Name of the member who created it. */
  created_by: string;
  /** When the connection last changed. */
  updated_at: string;
}

/** The provider accepted the secret and listed its jobs. */
export interface ConnectionCheck {
  /** The connection that was checked. */
  connection_id: string;
  /** Always true; a failed check is an error response. */
  ok: boolean;
  /** Models the provider lists; empty when it lists none. */
  models: string[];
  /** When the provider was asked. */
  checked_at: string;
}

/** Where the provider is to send its webhooks. */
export interface ConnectionHook {
  /** The connection. */
  connection_id: string;
  /** Below this server's address; give the provider the whole URL. */
  path: string;
  /** Whether a secret is known, so that what comes is believed to be the provider's. */
  active: boolean;
}

/** One page of connections. */
export interface ConnectionPage {
  /** The items of this page. */
  data: Connection[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** Fields that are left out stay unchanged. A new `base_url` needs the secret again. */
export interface ConnectionPatch {
  /** https, with a public address. Others need the operator's setting TUNELEDGER_CONNECTIONS_ALLOW. */
  base_url?: string;
  /** What the provider's server supports. Replaces all capabilities. */
  capabilities?: NewCapabilities;
  /** Requests that a worker has open at once. */
  concurrency?: number;
  /** Added to the body of every job that is created. Replaces the old value. */
  extra_body?: Record<string, unknown>;
  /** Header that carries the secret. */
  header_name?: string;
  /** Text before the secret in that header. */
  header_prefix?: string;
  /** Unique in the workspace. */
  name?: string;
  /** Settings of this kind alone, such as Vertex's project, location and bucket. */
  options?: Record<string, string>;
  /** By the provider's model name. Replaces all prices. */
  prices?: Record<string, NewPrice>;
  /** Added to the URL of every request, such as Azure's api-version. */
  query?: Record<string, string>;
  /** Why; kept in the history. */
  reason?: string | null;
  /** The provider's API key, or its credentials as JSON. Write-only: stored encrypted and never shown. */
  secret?: string;
  /** Longest wait for a chat response, in seconds; for other responses at most 120. */
  timeout_seconds?: number;
}

/** Number of examples by outcome, and the first 1,000 tied examples. */
export interface Consensus {
  /** Examples that got a new label. */
  labelled: number;
  /** Examples that already had the same label from the same votes. */
  unchanged: number;
  /** Examples with fewer votes than `minimum`. */
  too_few: number;
  /** Examples left alone because a person adjudicated them before. */
  kept: number;
  /** Examples that got no label because votes were tied. */
  tied: number;
  /** Examples with answers to a honeypot, which are no votes. */
  honeypots: number;
  /** Votes that somebody else gave in their annotator's name. */
  impersonated: number;
  /** The first 1,000 tied examples. */
  ties: ExampleTie[];
  /** Examples into whose answer the label was written; only with `write`. */
  answered: number;
  /** The first 1,000 whose answer would not fit the task's schema; they keep the label beside the old answer. */
  refused: string[];
}

/** Proof that the log only grew: the first `from_size` of `to_size` events are unchanged. */
export interface ConsistencyProof {
  /** Events in the earlier tree. */
  from_size: number;
  /** Events in the later tree. */
  to_size: number;
  /** Root of the earlier tree, in base64. */
  from_root: string;
  /** Root of the later tree, in base64. */
  to_root: string;
  /** The RFC 9162 consistency proof: hashes in base64. */
  hashes: string[];
}

/** A conversation that ends with the answer to learn; a preference has `chosen` and `rejected` instead. */
export interface Content {
  /** The conversation. It ends with the assistant's answer, unless there are `chosen` and `rejected`. */
  messages: Array<System | Developer | User | Assistant | ToolResult>;
  /** The better answer of a preference. */
  chosen?: Assistant | null;
  /** Whether the model may call several tools in one message. */
  parallel_tool_calls?: boolean | null;
  /** The worse answer of a preference. */
  rejected?: Assistant | null;
  /** The tools that the model may call. */
  tools?: Tool[] | null;
}

/** What an example was copied from by a fork or a merge. */
export interface Copied {
  /** The dataset it was copied from. */
  dataset_id: string;
  /** The example it is a copy of. */
  example_id: string;
  /** The version of that example. */
  version: number;
  /** The first of the row of copies, the same for all of them. */
  root_id: string;
}

/** An exact amount, as a decimal number in a string. */
export interface Cost {
  /** A decimal number in a string, from 0 to less than 1,000,000, with at most 12 decimal places. */
  amount: string;
  /** Such as USD. */
  currency: string;
}

/** What a tune was estimated to cost when it was requested. It is no bill. */
export interface CostEstimate {
  /** A decimal number, in the currency. */
  amount: string;
  /** ISO 4217 code, such as `USD`. */
  currency: string;
  /** The price of a million training tokens that it follows from. */
  per_million: string;
  /** Where that price was read. */
  source: string;
  /** The day it was read. */
  as_of: string;
  /** The training tokens it counts, all epochs included. */
  tokens?: number | null;
  /** Whether it is the provider's own. */
  verified?: boolean;
}

/** What something cost, in one currency. */
export interface CostLine {
  /** The category, connection, base model, model or month. Null: it belongs to none. */
  key: string | null;
  /** The sum. Null when no cost of this line is known. */
  total: Money | null;
  /** How many tunes, deployments, calls or requests the sum is of. */
  priced: number;
  /** How many have no known cost. */
  unpriced: number;
  /** Whether every amount is the provider's own figure. False: some are computed from prices and tokens. */
  by_provider: boolean;
}

/** An exact amount, as a decimal number in a string. */
export interface CostPaid {
  /** A decimal number in a string. */
  amount: string;
  /** Such as USD. */
  currency: string;
}

/** The cost of 1,000 answers: an amount and its currency. */
export interface CostPerThousand {
  /** A decimal from 0 to 1,000,000 with at most six places. */
  amount: string;
  /** The currency's ISO 4217 code. */
  currency?: string;
}

/** What a workspace has paid in a time: tunes, deployments, generation, evaluations, prompts and production. */
export interface CostTable {
  /** What it was added up by. */
  by: "base_model" | "category" | "connection" | "model" | "month";
  /** From this time on. */
  since: string;
  /** Before this time. */
  until: string;
  /** One line for each key and currency. */
  lines: CostLine[];
  /** Everything together, by currency. */
  totals: Money[];
}

/** Costs in one currency; `total` is exact, percentiles are accurate to half a percent. */
export interface Costs {
  /** Such as USD. */
  currency: string;
  /** How many requests reported a cost in this currency. */
  requests: number;
  /** The exact sum, as a decimal number in a string. */
  total: string;
  /** Median cost of a request. */
  p50: number;
  /** 90th percentile of a request's cost. */
  p90: number;
  /** 95th percentile of a request's cost. */
  p95: number;
  /** 99th percentile of a request's cost. */
  p99: number;
}

export interface Counts {
  /** How many examples were added. */
  added: number;
  /** How many examples were edited. */
  edited: number;
  /** How many examples were removed. */
  removed: number;
  /** In how many of the edited ones each field differs: `ratings` if rated again, `split` if moved. */
  fields: Record<string, number>;
}

/** One example, or up to 1,000 under `examples`; either all are added or none. */
export interface CreateExamples {
  /** The messages. */
  content?: Content | null;
  /** Several examples, instead of one. */
  examples?: NewExample[] | null;
  /** Your own id of it, unique in the dataset. */
  external_id?: string | null;
  /** Free-form JSON of yours. */
  metadata?: Record<string, unknown> | null;
  /** What happens to an output that fails its task's schema: 422, or kept and marked invalid. */
  on_invalid?: "mark" | "refuse";
  /** What happens to a conversation that ends without an answer: `keep` lets it wait for a repair or a label. */
  on_unanswered?: "keep" | "refuse";
  /** Your rating of it. */
  rating?: Rating | null;
  /** Where it comes from. */
  source?: SourceIn;
  /** Its split; without one the dataset's policy decides. */
  split?: "test" | "train" | "validation" | null;
  /** Tags to find it by. */
  tags?: string[];
}

/** One label, or up to 1,000 under `labels`: all are saved, or none. */
export interface CreateLabels {
  /** Who labels. Default: the API key, as a person. Anybody else needs the scope labels:impersonate. */
  annotator?: NewAnnotator | null;
  /** The chosen categories by question of the task's ontology. */
  answers?: Record<string, string[]> | null;
  /** The answer to the task's only question. */
  category?: string | null;
  /** The example to label. */
  example_id?: string | null;
  /** Up to 1,000 labels, in place of the single one. */
  labels?: NewLabel[] | null;
  /** Why; the label's history shows it. */
  reason?: string | null;
  /** The task to label for. Default: the dataset's task. */
  task_id?: string | null;
  /** Free text to read the answer from: the first category it names, else the fallback. */
  text?: string | null;
}

/** Something the curves show. */
export interface CurveFinding {
  /** What it is, for programs; stable. */
  symptom: "diverging" | "flat" | "healthy" | "no_curve" | "not_finite" | "out_of_memory" | "overfitting" | "slow" | "too_little_data" | "too_many_epochs";
  /** How bad it is. */
  severity: "critical" | "good" | "hint" | "warning";
  /** What was seen, with figures. */
  detail: string;
  /** What to do. */
  advice: string;
  /** Id of the checkpoint that is better than the last one; null for other symptoms. */
  checkpoint?: string | null;
  /** The step where it shows; null where it is about all of them. */
  step?: number | null;
}

/** A collection of examples for a task. Its split policy applies to examples added from now on. */
export interface Dataset {
  /** The dataset's id. */
  id: string;
  /** Unique in the workspace. */
  name: string;
  /** Notes for people. */
  description: string;
  /** The task its examples are checked against; null for none. */
  task_id: string | null;
  /** How new examples are split. */
  split_policy: SplitPolicy;
  /** Number of changes so far; also the ETag. */
  version: number;
  /** When the dataset was created. */
  created_at: string;
  /** Who created the dataset. */
  created_by: string;
  /** When the dataset last changed. */
  updated_at: string;
  /** When it was archived; null unless it is. */
  archived_at: string | null;
  /** What it was forked from; null if it was not. */
  forked_from: ForkedFrom | null;
}

/** A check of a dataset, and its report once it has succeeded. */
export interface DatasetCheck {
  /** The check's id, which is also its operation's. */
  id: string;
  /** The dataset. */
  dataset_id: string;
  /** How far it is. `succeeded`, `failed` and `cancelled` are final. */
  state: "cancelled" | "cancelling" | "failed" | "queued" | "running" | "succeeded";
  /** The position in the event log that it sees. */
  seq: number;
  /** The frozen version that was asked for. Null for a moment. */
  version: string | null;
  /** Which examples of the version or moment were meant: the version's own filter, or that of the request. */
  filter: Filter;
  /** The request's filter on top of a version's. */
  also: Filter;
  /** The split that was asked for. Null for all. */
  split: "test" | "train" | "validation" | null;
  /** What the rows were held against. */
  targets: CheckTarget[];
  /** Whether the rows are ready to be tuned on. Null until it has succeeded. */
  verdict: "not_ready" | "ready" | "ready_with_warnings" | null;
  /** The digest of a version with the same texts. Null until it has succeeded. */
  digest: string | null;
  /** The version of the task that answers were held to. Null without a task. */
  task_version: number | null;
  /** What the rows are like in numbers. Null until it has succeeded. */
  figures: CheckFigures | null;
  /** The eight checks. Empty until it has succeeded. */
  checklist: ChecklistItem[];
  /** The five common mistakes. Empty until it has succeeded. */
  mistakes: MistakeItem[];
  /** What was found, errors first. In a list without examples. */
  findings: ReadinessFinding[];
  /** What has changed since the check named in `compare`. Null unless asked for. */
  comparison: CheckComparison | null;
  /** When it was requested. */
  created_at: string;
  /** Name of the member who requested it. */
  created_by: string;
  /** When it ended. Null until then. */
  finished_at: string | null;
}

/** One page of checks, the newest first. */
export interface DatasetCheckPage {
  /** The items of this page. */
  data: DatasetCheck[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** One page of datasets, the oldest first. */
export interface DatasetPage {
  /** The items of this page. */
  data: Dataset[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/**
 * Counts of the present examples. `quantity` is what to expect of tuning on that many.
 *
 * `reviewed` counts by source those that people have rated, repaired or labelled.
 */
export interface DatasetStats {
  /** How many examples the dataset has. */
  examples: number;
  /** How many have a rating. */
  rated: number;
  /** How many were repaired. */
  repaired: number;
  /** How many fail their task's schema. */
  invalid: number;
  /** Mean rating in stars. Null if nothing is rated. */
  average_rating: number | null;
  /** Number of examples by split. */
  splits: Record<string, number>;
  /** Number of examples by type of source. */
  sources: Record<string, number>;
  /** Number of examples that were rated, repaired or labelled, by type of source. */
  reviewed: Record<string, number>;
  /** Number of examples by tag, the 1,000 most frequent. */
  tags: Record<string, number>;
  /** What tuning on this many examples is expected to bring. */
  quantity: string;
  /** The steps by which a dataset grows, and the next one to take. */
  ladder: Ladder;
}

/** A named, frozen state of a dataset. `digest` is SHA-256 over its sorted content digests, in hex. */
export interface DatasetVersion {
  /** The dataset. */
  dataset_id: string;
  /** The name of the version, unique in its dataset. */
  name: string;
  /** The position in the event log that the version froze. */
  seq: number;
  /** Which examples belong to the version. */
  filter: Filter;
  /** SHA-256 over the sorted content digests of the examples, in hex; `incomplete: n erased` once some were erased. */
  digest: string;
  /** How many examples the version has. */
  examples: number;
  /** How many of them were erased since. */
  erased: number;
  /** Number of examples by split. */
  splits: Record<string, number>;
  /** Notes on the version. */
  notes: string;
  /** What the last check of the same examples said. Null if they were never checked. */
  readiness: Readiness | null;
  /** When the version was frozen. */
  created_at: string;
  /** The actor who froze it. */
  created_by: string;
}

/** One page of versions, the newest first. */
export interface DatasetVersionPage {
  /** The items of this page. */
  data: DatasetVersion[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** A dataset version that contains the example, and the model versions made from it. */
export interface DatasetVersionWith {
  /** The name of the dataset version. */
  dataset_version: string;
  /** The last event of the workspace's log that the version contains. */
  seq: number;
  /** The example's revision in this version, from 1. */
  revision: number;
  /** SHA-256 that commits to the example's content at that revision, in hex. */
  digest: string;
  /** When the dataset version was frozen. */
  created_at: string;
  /** The model versions made from this dataset version. */
  model_versions: ModelVersionMade[];
}

/**
 * Deal the examples to splits anew, by the dataset's split policy, exactly instead of by a hash.
 *
 * Equal texts, the policy's groups and, with `near`, near duplicates stay on one side; pins hold.
 */
export interface DealSplits {
  /** Always `deal`: which kind this is. */
  type: "deal";
  /** Whether examples of frozen versions keep their sides, so that no test example was trained on before. */
  frozen?: "keep" | "move";
  /** Whether near duplicates, as a check finds them, share a side. */
  near?: boolean;
  /** Whether the shares hold in each category of the dataset's task, to the example. */
  stratify?: boolean;
}

/** Decisions about conflicts. */
export interface Decide {
  /** Example by example. A decision counts as long as our example is as it is now. */
  decisions?: MergeDecision[];
  /** What to take for all other conflicts. Default: nothing; a merge with undecided conflicts changes nothing. */
  others?: "ours" | "theirs" | null;
}

export interface DecideTune {
  /** `adopt` the job `job_id`, `send_again` where there is no job, or `give_up`. */
  decision: "adopt" | "give_up" | "send_again";
  /** The job to adopt, by the provider's id; null for the other decisions. */
  job_id?: string | null;
  /** Why, for the history. */
  reason?: string | null;
}

/** The parameters of `DELETE /v1/artifacts/{artifact_id}`. */
export interface DeleteArtifactQuery {
  /** The reason; the history shows it. */
  reason?: string;
}

/** The parameters of `DELETE /v1/examples/{example_id}`. */
export interface DeleteExampleQuery {
  /** The reason; the history shows it. */
  reason?: string;
}

/** Delete the examples; their histories, and versions that contain them, stay. */
export interface DeleteExamples {
  /** Always `delete`: which kind this is. */
  type: "delete";
}

/** The parameters of `DELETE /v1/models/{model_id}/versions/{version}/provider-model`. */
export interface DeleteProviderModelQuery {
  /** Delete it although an alias is at it or a deployment runs it. */
  force?: boolean;
  /** The reason; the history shows it. */
  reason?: string;
}

/**
 * One attempt to send a message to a webhook.
 *
 * A failed event is retried as a new delivery; tests and redeliveries are sent once.
 */
export interface Delivery {
  /** The delivery's id. */
  id: string;
  /** The webhook it was sent to. */
  webhook_id: string;
  /** `event`, or `test` or `redelivery` for one that was asked for. */
  kind: "event" | "redelivery" | "test";
  /** `accepted` when the receiver responded with a 2xx status. */
  state: "accepted" | "failed" | "pending";
  /** Number of the event in the log. 0 for a test. */
  seq: number;
  /** The event's type, or `WebhookTest`. */
  type: string;
  /** The `webhook-id` header. It stays the same when a message is sent again. */
  message_id: string;
  /** 1 for the first attempt to send this message. */
  attempt: number;
  /** When the delivery was created. */
  created_at: string;
  /** When it was sent. Null while pending. */
  sent_at: string | null;
  /** Milliseconds until the response or the error. Null while pending. */
  latency_ms: number | null;
  /** The receiver's response. Null without one. */
  answer: DeliveryAnswer | null;
  /** Why there was no response. Null when there was one. */
  error: string | null;
  /** When the message is retried. Null when it is not. */
  next_attempt_at: string | null;
}

/** The receiver's response. */
export interface DeliveryAnswer {
  /** HTTP status. */
  status: number;
  /** The first 50 response headers, by lower-case name. */
  headers: Record<string, string>;
  /** The first 1,024 bytes of the response body, as text. */
  body: string;
}

/** One page of deliveries, the newest first. */
export interface DeliveryPage {
  /** The items of this page. */
  data: Delivery[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** A model that runs on machines of its own. */
export interface Deployment {
  /** The deployment's id. */
  id: string;
  /** What it does, the same words for all providers. `cold`: it wakes up at the next request. */
  state: "cold" | "creating" | "failed" | "pending" | "ready" | "stopped" | "stopping";
  /** The status that the provider reports, unchanged. */
  raw_status: string | null;
  /** The connection to the provider. */
  connection_id: string;
  /** The kind of provider. */
  connection_kind: string;
  /** The provider's name of the model. */
  model: string;
  /** The name that the provider shows. */
  name: string;
  /** The machine that was asked for. */
  hardware: string | null;
  /** The fewest machines. */
  min_replicas: number;
  /** The most machines. */
  max_replicas: number;
  /** Minutes without a request after which machines are given back. */
  idle_minutes: number | null;
  /** The provider's id of it. Null until it exists. */
  deployment_id: string | null;
  /** What requests name as their model; Tuneledger does so by itself. Null until it is known. */
  address: string | null;
  /** Why it failed or is in trouble. */
  error: string | null;
  /** What one machine costs by the hour. Null when unknown. */
  price_per_hour: Money | null;
  /** Hours since it was first seen at the provider, to its end. */
  hours: number;
  /** Hours times price for one machine: the most it can have cost with `max_replicas` 1. Null when unknown. */
  cost: Money | null;
  /** Whether it is to be stopped. */
  stop_requested: boolean;
  /** When it is stopped at the latest. */
  stop_after: string;
  /** When it was asked for. */
  created_at: string;
  /** Name of the member who asked for it. */
  created_by: string;
  /** When it last changed. */
  updated_at: string;
  /** When it ended. Null while it may cost something. */
  ended_at: string | null;
}

/** One page of deployments. */
export interface DeploymentPage {
  /** The items of this page. */
  data: Deployment[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** A base model as this workspace knows it. It replaces the catalogue's row with the same provider and id. */
export interface DescribeBaseModel {
  /** The model's id at the provider. */
  id: string;
  /** The provider, such as `openai`, `azure`, `together` or `openai_compatible`. */
  provider: string;
  /** Kind of connection that tunes it; null for own hardware. */
  kind: "bedrock" | "files" | "fireworks" | "local" | "openai" | "ray" | "sandbox" | "together" | "vertex" | null;
  /** Name for people. */
  name: string;
  /** Tuning methods it supports. */
  methods: Array<"dpo" | "kto" | "reinforcement" | "supervised">;
  /** Longest input and output together, in tokens. */
  context_tokens?: number | null;
  /** The licence. */
  licence?: string | null;
  /** From this day on the provider takes no new tunes of it. */
  no_new_tunes_from?: string | null;
  /** Anything else to know. */
  notes?: string | null;
  /** Whether the weights can be taken home. */
  open_weights?: boolean;
  /** Its size, in billions of parameters. */
  parameters_billion?: number | null;
  /** Null when unknown. */
  prices?: NewPrices | null;
  /** Why; kept in the history. */
  reason?: string | null;
  /** From this day on it and its tuned models answer no more. */
  shutdown_date?: string | null;
  /** Longest training example, in tokens. */
  training_context_tokens?: number | null;
}

/** A system message under the name that newer models of OpenAI read; other targets get it as `system`. */
export interface Developer {
  /** Always `developer`: which kind this is. */
  role: "developer";
  /** The instructions, as text or text parts. */
  content: string | TextPart[];
  /** A name for the author of the message. */
  name?: string | null;
}

/** The parameters of `GET /v1/datasets/{dataset_id}/diff`. */
export interface DiffDatasetQuery {
  /** A version, an RFC 3339 time or a seq. */
  from: string;
  /** The same; default: now. */
  to?: string;
  /** The dataset that `to` is a moment of, such as a fork. Default: this one. */
  with?: string;
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
  /** Also count all matches; slower than the page alone. */
  count?: boolean;
}

/** An example that differs: `before` is null when it was added, `after` when it was removed. */
export interface Difference {
  /** The example that differs; between a dataset and its fork, the first that both are copies of. */
  example_id: string;
  /** Whether the example was added, edited or removed. */
  change: "added" | "edited" | "removed";
  /** What differs of an edited example. Empty if it was added or removed. */
  changed: Array<"content" | "label" | "metadata" | "ratings" | "repair" | "split" | "tags">;
  /** The example before. Null if it was added. */
  before: Side | null;
  /** The example after. Null if it was removed. */
  after: Side | null;
}

/** One page of the examples that differ, by example id; `changes` counts them all when asked for. */
export interface DifferencePage {
  /** The items of this page. */
  data: Difference[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** How many examples were added, edited and removed in all, if asked for. */
  changes?: Counts | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** One page of documents, the oldest first. */
export interface DocumentPage {
  /** The items of this page. */
  data: UploadedDocument[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** The part of a document that a text is from. */
export interface DocumentPlace {
  /** The document the text is from. */
  document_id: string;
  /** First character, counted from 0 in the document's text. */
  start: number;
  /** The character after the last one. */
  end: number;
  /** Page number from 1; null where the format has no pages. */
  page?: number | null;
}

/** The parameters of `GET /v1/sweeps/{sweep_id}/table/csv`. */
export interface DownloadSweepTableQuery {
  /** What to sort by, the best first. Default: the metric, else the validation loss. */
  sort?: "requested" | "validation_loss" | "training_loss" | "cost" | "seconds" | "metric";
  /** A scorer's label. Default: the first. */
  metric?: string;
}

/** Which weights to download. */
export interface DownloadWeights {
  /** A checkpoint's id. Null: the weights at the job's end. */
  checkpoint?: string | null;
}

/** The parameters of `GET /v1/comparisons/chart`. */
export interface DrawComparisonChartQuery {
  /** Evaluations of the same dataset version and split. */
  evaluation: string[];
  /** A target's name. Default: the first base model. */
  base?: string;
  /** A scorer's label. Default: the first. */
  metric?: string;
  /** SVG, with texts as texts, or PNG. */
  format?: "svg" | "png";
  /** Light or dark paper. */
  theme?: "light" | "dark";
}

/** The parameters of `GET /v1/models/{model_id}/report/chart`. */
export interface DrawModelReportChartQuery {
  /** In UTC, such as 2026-11. Default: this month. */
  month?: string;
  /** What to draw. */
  show?: "requests" | "error_rate" | "latency_p95" | "average_rating" | "cost";
  /** SVG, with texts as texts, or PNG. */
  format?: "svg" | "png";
  /** Light or dark paper. */
  theme?: "light" | "dark";
}

/** The parameters of `GET /v1/sweeps/{sweep_id}/chart`. */
export interface DrawSweepChartQuery {
  /** SVG, with texts as texts, or PNG. */
  format?: "svg" | "png";
  /** Light or dark paper. */
  theme?: "light" | "dark";
}

/** The parameters of `GET /v1/tunes/{tune_id}/chart`. */
export interface DrawTuneChartQuery {
  /** SVG, with texts as texts, or PNG. */
  format?: "svg" | "png";
  /** Light or dark paper. */
  theme?: "light" | "dark";
}

/** An example at one of its versions. */
export interface DrawnExample {
  /** The example. */
  example_id: string;
  /** The example's revision, from 1. */
  version: number;
}

/**
 * The distance between a month's inputs and the training inputs; `times_baseline` near 1 means no drift.
 *
 * `value` compares two samples of `texts` texts each; `baseline` compares two samples of the training inputs.
 */
export interface Drift {
  /** How the distance is measured. */
  measure: "jensen_shannon_unigrams";
  /** The dataset version that the model version was trained on. */
  dataset_version: string;
  /** How many texts each sample has. */
  texts: number;
  /** The distance between requests and training inputs, 0 (equal) to 1 (disjoint). */
  value: number;
  /** The distance between two samples of the training inputs: what chance alone gives. */
  baseline: number;
  /** `value` divided by `baseline`; near 1 means no drift. Null when the baseline is 0. */
  times_baseline: number | null;
  /** The words whose share rose the most. */
  words: NewWord[];
}

/** Delete examples whose content repeats another's of the selection. The best rated stays, else the oldest. */
export interface DropDuplicates {
  /** Always `drop_duplicates`: which kind this is. */
  type: "drop_duplicates";
  /** Whether contents that share about 70% of their runs of words count as repeats, as in a check. */
  near?: boolean;
}

/** The fields to change; absent ones stay. Null in `task_id` removes the task. */
export interface EditDataset {
  /** Notes for people. */
  description?: string | null;
  /** Unique in the workspace. */
  name?: string | null;
  /** Why; shown in the history. */
  reason?: string | null;
  /** The task its examples are checked against; null for none. */
  task_id?: string | null;
}

/** What is to change; absent fields stay. A new content ends the old one's ratings. Null metadata removes it. */
export interface EditExample {
  /** The new messages. */
  content?: Content;
  /** The new metadata; null removes it. */
  metadata?: Record<string, unknown> | null;
  /** What happens to an output that fails its task's schema: 422, or kept and marked invalid. */
  on_invalid?: "mark" | "refuse";
  /** What happens if the new content ends without an answer. */
  on_unanswered?: "keep" | "refuse";
  /** Why; shown in the history. */
  reason?: string | null;
  /** The new tags, in place of all old ones. */
  tags?: string[];
}

/** The workspace's name, so that no other one is ended by mistake. */
export interface EndWorkspace {
  /** The name of the workspace. */
  confirm: string;
}

/** A workspace of which nothing is left but this. */
export interface EndedWorkspace {
  /** The workspace's id. */
  id: string;
  /** Its name. */
  name: string;
  /** How many events its log had. */
  size: number;
  /** The last signed checkpoint of its log. Keep it: nothing else proves what the log said. */
  note: string;
}

/** Erasing is for good: send `dry_run` first to see what would go, then `confirm`. */
export interface Erase {
  /** Why. It stays: do not name the person. */
  reason: string;
  /** True to erase for good. */
  confirm?: boolean;
  /** True to delete the tuned models that were trained on the texts, at their providers, even if they are in use. */
  delete_models?: boolean;
  /** True to list what would go, and erase nothing. */
  dry_run?: boolean;
}

/** Which examples of the dataset: those that match the filter now, or that carry a person's key. Give one. */
export interface EraseDataset {
  /** Why. It stays: do not name the person. */
  reason: string;
  /** True to erase for good. */
  confirm?: boolean;
  /** True to delete the tuned models that were trained on the texts, at their providers, even if they are in use. */
  delete_models?: boolean;
  /** True to list what would go, and erase nothing. */
  dry_run?: boolean;
  /** The present examples that match, by an expression or by fields; an empty filter matches all. */
  filter?: string | Filter | null;
  /** The examples that carry a person's key, deleted ones too. */
  subject?: SubjectChoice | null;
}

/** The parameters of `DELETE /v1/requests/{request_id}`. */
export interface EraseRequestQuery {
  /** The reason; the history shows it. */
  reason?: string;
}

/** The person's key is in the path of the URL. */
export interface EraseSubject {
  /** Why. It stays: do not name the person. */
  reason: string;
  /** True to erase for good. */
  confirm?: boolean;
  /** True to delete the tuned models that were trained on the texts, at their providers, even if they are in use. */
  delete_models?: boolean;
  /** True to list what would go, and erase nothing. */
  dry_run?: boolean;
  /** Where the person's key stands in metadata, such as `metadata.subject`. */
  path?: string;
}

/** The texts of one kind that are gone. */
export interface ErasedTextsOut {
  /** What they were texts of. */
  kind: "answers" | "calls" | "candidates" | "documents" | "examples" | "exports" | "import_errors" | "import_rows" | "labels" | "prompts" | "requests";
  /** How many examples, calls, documents, … they belonged to. */
  count: number;
  /** The ids of these, where they have ids. */
  ids: string[];
  /** The salted digests that the events have of the texts, in hex. Their salts are gone, too. */
  digests: string[];
}

/** An erasure and its receipt: what went, who held it, what remains to be done. Signed once it is complete. */
export interface Erasure {
  /** Always `erasure`: which kind this is. */
  type: "erasure";
  /** The erasure's id. */
  id: string;
  /** Working until nothing remains. */
  state: "complete" | "working";
  /** Whether an example, a dataset or a person was to be erased. */
  scope: "dataset" | "example" | "subject";
  /** The example. */
  example_id: string | null;
  /** The dataset. */
  dataset_id: string | null;
  /** Why. */
  reason: string;
  /** What was erased, by kind. */
  erased: ErasedTextsOut[];
  /** Who held it. */
  held_by: Holders;
  /** What is still open, as sentences. */
  remains: string[];
  /** The receipt as a signed note, in the form of the log's checkpoints; null until complete. */
  note: string | null;
  /** When it was asked for. */
  requested_at: string;
  /** Who asked for it. */
  requested_by: string;
  /** When it was complete. */
  completed_at: string | null;
}

/** One page of erasures, the newest first. */
export interface ErasurePage {
  /** The items of this page. */
  data: Erasure[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** What an erasure would erase. */
export interface ErasurePreview {
  /** Always `preview`: which kind this is. */
  type: "preview";
  /** How many of each kind. */
  would_erase: Record<string, number>;
  /** Who holds them. */
  held_by: Holders;
  /** Nothing was erased. */
  dry_run?: true;
}

/** The parameters of `POST /v1/tunes/estimate`. */
export interface EstimateTunesQuery {
  /**
   * Ask providers that tell one for their own price. The training file is sent there for it, unless it is there
   * already, and deleted afterwards.
   */
  quote?: boolean;
}

/** What training will cost, by the provider's quote or by the catalogue's price. It is no bill. */
export interface EstimatedCost {
  /** For all tokens and epochs. */
  total: Money;
  /** The price it follows from. */
  per_million_tokens: Money;
  /** Where the price was read. */
  source: string;
  /** The day the price was read. */
  as_of: string;
  /** Whether the price is the provider's own. */
  verified: boolean;
}

/** One tune: tokens, cost, time, and what is wrong with it. */
export interface EstimatedTarget {
  /** The place of its target in the request, from 0. A target with a grid makes several tunes. */
  target: number;
  /** The connection. */
  connection_id: string;
  /** The base model's id at the provider. */
  base_model: string;
  /** Its hyperparameters, those of the grid included. */
  hyperparameters: Record<string, boolean | number | string>;
  /** The model that gets a new version. Null for none. */
  model: string | null;
  /** How often each example is trained on. */
  epochs: number;
  /** Whether that is certain. False: the provider chooses, and 3 are assumed. */
  epochs_known: boolean;
  /** Tokens of all epochs. Null where no row could be read. */
  training_tokens: number | null;
  /** What counted them, such as `o200k_base`; without a tokenizer it is `characters/4`. */
  tokenizer: string;
  /** Whether that is the base model's own tokenizer, and all rows were read. False: an estimate. */
  tokens_exact: boolean;
  /** Null when the price or the tokens are not known. */
  cost: EstimatedCost | null;
  /** Why there is no quote of the provider, where one was asked for. */
  quote_note: string | null;
  /** Where each figure is from. */
  sources: FigureSources;
  /**
   * How long the job will take, by this workspace's tunes of the same model; on own hardware without any, by a formula,
   * on one CPU. Null where neither is known.
   */
  seconds: number | null;
  /** How many earlier tunes the time follows from. */
  tunes_measured: number;
  /** The memory that it will need on own hardware. Null at a provider, or where the model's size is not known. */
  memory_gb: number | null;
  /** Why it cannot be sent. All have to go. */
  faults: Fault[];
  /** What looks odd. `force` sends it all the same. */
  warnings: Fault[];
}

/** Targets measured side by side on a split of a frozen dataset version. */
export interface Evaluation {
  /** The evaluation's id. */
  id: string;
  /** The evaluation's name. Not unique: evaluations that share a name form a suite. */
  name: string;
  /** State of its operation. */
  state: "cancelled" | "failed" | "queued" | "running" | "succeeded";
  /** The dataset. */
  dataset_id: string;
  /** Name of the frozen dataset version. */
  dataset_version: string;
  /** The split whose rows are measured. */
  split: string;
  /** Number of rows to measure. */
  rows: number;
  /** Only the first so many rows are measured. Null: no limit. */
  limit: number | null;
  /** So many rows are drawn at random, by `seed`. Null: no sample. */
  sample: number | null;
  /** Seed of the sample, the intervals, and the order of answers shown to pairwise judges. */
  seed: number;
  /** The dataset's task. Null if it has none. */
  task_id: string | null;
  /** Version of the task when the evaluation was requested. */
  task_version: number | null;
  /** What is measured. */
  targets: EvaluationTarget[];
  /** The scorers, with those added automatically. */
  scorers: EvaluationScorer[];
  /** The judge models. */
  judges: EvaluationJudge[];
  /** Label of the scorer that decides `format_validity`. Null: format validity is not measured. */
  format_scorer: string | null;
  /** How many times each question is asked. */
  repeats: number;
  /** Overrides the temperature of prompts. Null: the prompt's, or the provider's default. */
  temperature: number | null;
  /** Overrides the output token limit of prompts. Null: the prompt's, or the provider's default. */
  max_tokens: number | null;
  /** Further fields of the provider's request. */
  options: Record<string, unknown>;
  /** True: earlier answers to the same questions are not reused. */
  fresh: boolean;
  /** Which rows the targets had already seen. */
  leakage: EvaluationLeakage;
  /** Figures by target. Null until the evaluation has succeeded. */
  summaries: TargetFigures[] | null;
  /** The operation that runs the evaluation. */
  operation_id: string;
  /** When the evaluation was requested. */
  created_at: string;
  /** Who requested it. */
  created_by: string;
  /** When it succeeded. Null until then. */
  finished_at: string | null;
}

/** An evaluation with people's ratings so far, and how well its judges agree with them. */
export interface EvaluationDetail {
  /** The evaluation's id. */
  id: string;
  /** The evaluation's name. Not unique: evaluations that share a name form a suite. */
  name: string;
  /** State of its operation. */
  state: "cancelled" | "failed" | "queued" | "running" | "succeeded";
  /** The dataset. */
  dataset_id: string;
  /** Name of the frozen dataset version. */
  dataset_version: string;
  /** The split whose rows are measured. */
  split: string;
  /** Number of rows to measure. */
  rows: number;
  /** Only the first so many rows are measured. Null: no limit. */
  limit: number | null;
  /** So many rows are drawn at random, by `seed`. Null: no sample. */
  sample: number | null;
  /** Seed of the sample, the intervals, and the order of answers shown to pairwise judges. */
  seed: number;
  /** The dataset's task. Null if it has none. */
  task_id: string | null;
  /** Version of the task when the evaluation was requested. */
  task_version: number | null;
  /** What is measured. */
  targets: EvaluationTarget[];
  /** The scorers, with those added automatically. */
  scorers: EvaluationScorer[];
  /** The judge models. */
  judges: EvaluationJudge[];
  /** Label of the scorer that decides `format_validity`. Null: format validity is not measured. */
  format_scorer: string | null;
  /** How many times each question is asked. */
  repeats: number;
  /** Overrides the temperature of prompts. Null: the prompt's, or the provider's default. */
  temperature: number | null;
  /** Overrides the output token limit of prompts. Null: the prompt's, or the provider's default. */
  max_tokens: number | null;
  /** Further fields of the provider's request. */
  options: Record<string, unknown>;
  /** True: earlier answers to the same questions are not reused. */
  fresh: boolean;
  /** Which rows the targets had already seen. */
  leakage: EvaluationLeakage;
  /** Figures by target. Null until the evaluation has succeeded. */
  summaries: TargetFigures[] | null;
  /** The operation that runs the evaluation. */
  operation_id: string;
  /** When the evaluation was requested. */
  created_at: string;
  /** Who requested it. */
  created_by: string;
  /** When it succeeded. Null until then. */
  finished_at: string | null;
  /** People's ratings by target, so far. */
  ratings: TargetRating[];
  /** For each judge, whether people's ratings confirm its scores. */
  standings: JudgeStanding[];
}

/** A judge model with the settings used. */
export interface EvaluationJudge {
  /** The key of its scores in results and summaries. */
  label: string;
  /** `rubric` scores each requirement, `geval` scores one criterion, `pairwise` picks the better of two answers. */
  kind: "geval" | "pairwise" | "rubric";
  /** The model that judges, as resolved when the evaluation was requested. */
  served: Served;
  /** The settings used. */
  config: Record<string, unknown>;
  /** What the answers should do, as the judge was told. Null: the task's instruction. */
  instruction: string | null;
  /** What the judge scores by. Null: the task's requirements. */
  requirements: Requirement[] | null;
  /** The target, or `reference`, that a pairwise judge compares with. Null for other kinds. */
  against: string | null;
}

/** Which rows the targets had already seen. */
export interface EvaluationLeakage {
  /** True if the evaluation ran although rows had leaked (`force_leakage`). */
  forced: boolean;
  /** One entry for each target that had seen some of the rows. */
  targets: TargetLeak[];
}

/** One page of evaluations, newest first. */
export interface EvaluationPage {
  /** The items of this page. */
  data: Evaluation[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** The prompt version that builds a target's questions. */
export interface EvaluationPrompt {
  /** The prompt. */
  prompt_id: string;
  /** The number of the prompt's version. */
  version: number;
  /** Where each variable is filled from, by variable; in addition to the version's own inputs. */
  inputs: Record<string, string>;
  /** The few-shot examples shown before every row. */
  examples: DrawnExample[];
}

/** One target's answer to one example, with its scores and ratings. */
export interface EvaluationResult {
  /** The result's id. */
  id: string;
  /** The evaluation. */
  evaluation_id: string;
  /** The target's name. */
  target: string;
  /** The example. */
  example_id: string;
  /** The answer. Null if there is none or its text was erased. */
  output: string | null;
  /** The tool calls of the answer. */
  tool_calls: Record<string, unknown>[];
  /** The example's own answer. Null if it has none or was erased. */
  reference: string | null;
  /** Scores by label of the scorer or judge. */
  scores: Record<string, ResultScore>;
  /** Whether all scorers that decide passed. Null if none decides. */
  passed: boolean | null;
  /** Why there is no usable answer. Null if there is one. */
  failure: ResultFailure | null;
  /** Duration of the call, in milliseconds. */
  latency_ms: number | null;
  /** Input tokens, as counted by the provider. */
  input_tokens: number | null;
  /** Output tokens, as counted by the provider. */
  output_tokens: number | null;
  /** Cost of the call. Null if the price is unknown. */
  cost: Record<string, string> | null;
  /** The model calls, one for each repeat; see the operation's calls. */
  calls: string[];
  /** Mean of `ratings`, in stars. Null if nobody has rated the answer. */
  rating: number | null;
  /** People's ratings, by rater. */
  ratings: Record<string, ResultRating>;
  /** When the result was recorded. */
  created_at: string;
  /** When it was last rated, or recorded. */
  updated_at: string;
  /** The result's version, for `If-Match`. */
  version: number;
}

/** One page of results, by example and target. */
export interface EvaluationResultPage {
  /** The items of this page. */
  data: EvaluationResult[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** A scorer with the settings used. */
export interface EvaluationScorer {
  /** The key of its scores in results and summaries. */
  label: string;
  /** The scorer's name in `GET /v1/scorers`. */
  name: string;
  /** The scorer's version. */
  version: number;
  /** The settings used. */
  config: Record<string, unknown>;
}

/** A model or model version to measure, with an optional prompt. */
export interface EvaluationTarget {
  /** Unique in the evaluation. */
  name: string;
  /** The model that answers, as resolved when the evaluation was requested. */
  served: Served;
  /** True for a provider's model, false for a version of one of your models. */
  is_base: boolean;
  /** The prompt version that builds the question. Null: the example's own messages are sent. */
  prompt: EvaluationPrompt | null;
}

/** One page of events, oldest first. With filters a page may be short or empty while `next_cursor` is set. */
export interface EventPage {
  /** The items of this page. */
  data: FeedEvent[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** Every matching event up to this seq has been returned. To follow the log, send it as `after`. */
  reached: number;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/**
 * An example at one revision. `content` is null once erased; `mismatches` says where it fails its task's schema.
 *
 * `task_version` is that of the task it was checked against. `label` is what its annotators came to, by the rule and
 * the `votes` beside it.
 */
export interface Example {
  /** The example's id. */
  id: string;
  /** The dataset it belongs to. */
  dataset_id: string;
  /** Number of changes so far; also the ETag. */
  version: number;
  /** Your own id of it, unique in the dataset. */
  external_id: string | null;
  /** The messages; null once erased. */
  content: Content | null;
  /** Whether its texts were erased. An erased example is in no list of the present, and takes no change. */
  erased: boolean;
  /** Its tags. */
  tags: string[];
  /** Where it comes from. */
  source: Source;
  /** Its split, assigned once. */
  split: "test" | "train" | "validation";
  /** The average and each rater's rating. */
  rating: RatingSummary;
  /** Whether it waits for an answer. Until then it is in no version, and in no training. */
  unanswered: boolean;
  /** Whether its output is a repair. */
  repaired: boolean;
  /** The repair's instruction; null unless repaired. */
  repair: Repair | null;
  /** Whether the output matches its task's schema. */
  valid: boolean;
  /** Where the output fails its task's schema. */
  mismatches: Mismatch[];
  /** The version of the task it was checked against. */
  task_version: number | null;
  /** The label its annotators agreed on; null without one. */
  label: ExampleLabel | null;
  /** What each annotator answered. */
  votes: Vote[];
  /** Free-form JSON of yours. */
  metadata: Record<string, unknown> | null;
  /** When it was added. */
  created_at: string;
  /** Who added it. */
  created_by: string;
  /** When it last changed. */
  updated_at: string;
  /** Who changed it last. */
  updated_by: string;
}

/** The examples that were added, in the order they were sent. */
export interface ExampleBatch {
  /** The examples, in the order they were sent. */
  data: Example[];
}

/**
 * Which examples of a dataset to show before the question, each as a question and its answer.
 *
 * The seed decides the order. Without `version` and `as_of` the dataset is read as it is when rendering. A repaired
 * example without a newer rating counts as good enough.
 */
export interface ExampleDraw {
  /** The dataset to draw from. */
  dataset_id: string;
  /** How many examples to show, 1 to 50. */
  k: number;
  /** A past state of the dataset to draw from: a time, an event's seq, or the name of a version. */
  as_of?: string | null;
  /** The lowest rating in stars; null draws unrated examples too. */
  rating_gte?: number | null;
  /** Whether repaired examples come first. */
  repaired_first?: boolean;
  /** The same seed draws the same examples. */
  seed?: number;
  /** Only examples of this split; null draws from all. */
  split?: "test" | "train" | "validation" | null;
  /** Only examples that have all these tags. */
  tags?: string[];
  /** A frozen dataset version to draw from. */
  version?: string | null;
}

/** An example's input, without the answer. */
export interface ExampleInput {
  /** The messages before the answer. */
  messages: Array<System | Developer | User | Assistant | ToolResult>;
  /** The tools the model may call. */
  tools?: Tool[] | null;
}

/** The categories chosen, by question, and how they were found. */
export interface ExampleLabel {
  /** The chosen categories, by question. */
  answers: Record<string, string[]>;
  /** How the answers were decided. */
  rule: "adjudicated" | "majority" | "weighted";
}

/** One page of the dataset versions that contain the example, the newest first. */
export interface ExampleLineage {
  /** The items of this page. */
  data: DatasetVersionWith[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The example. */
  example_id: string;
  /** The example's dataset. */
  dataset_id: string;
  /** The example's split. */
  split: "test" | "train" | "validation";
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** The row that an example was added from. */
export interface ExampleOriginal {
  /** The row as it was sent. */
  row: unknown;
}

/** One page of examples, in the order they were added; all pages show the moment of the first. */
export interface ExamplePage {
  /** The items of this page. */
  data: Example[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** An example that got no label, and its tied questions. */
export interface ExampleTie {
  /** The example that got no label. */
  example_id: string;
  /** Its questions without a winner. */
  ties: Tie[];
}

/** An example of the dataset version, and how the model version used it. */
export interface ExampleUsed {
  /** The example. */
  example_id: string;
  /** The example's revision in this dataset version, from 1. */
  revision: number;
  /** The example's split. */
  split: "test" | "train" | "validation";
  /** What the model version used it for; null where it did not use it. */
  use: "training" | "validation" | null;
  /** SHA-256 that commits to the content, in hex. It stays after the content was erased. */
  digest: string;
  /** Where the example came from. */
  source: Record<string, unknown>;
  /** The client's own id of the example. */
  external_id: string | null;
  /** When this revision was made. */
  changed_at: string;
  /** The API key or person that made this revision. */
  changed_by: string;
  /** With `include=content`, the content at that revision. Null once erased. */
  content?: unknown;
}

/** How many examples were added to the queue, and how many more match. */
export interface ExamplesQueued {
  /** Examples added to the queue. */
  added: number;
  /** Honeypots added to the queue. */
  honeypots: number;
  /** Matching examples that were not added; repeat the request for them. */
  left: number;
}

/** The parameters of `GET /v1/datasets/{dataset_id}/compare/export`. */
export interface ExportComparisonQuery {
  /** A version, an RFC 3339 time or a seq. */
  from: string;
  /** The same; default: now. */
  to?: string;
  /** The dataset that `to` is a moment of, such as a fork. Default: this one. */
  with?: string;
  /** Only examples that were added, edited or removed, or edited ones that differ in this field. */
  only?: "added" | "edited" | "removed" | "content" | "metadata" | "tags" | "ratings" | "repair" | "label" | "split";
}

/** The parameters of `GET /v1/datasets/{dataset_id}/export`. */
export interface ExportDatasetQuery {
  /** The format of the rows; see Formats for what each carries. */
  format?: "openai-chat" | "tuneledger" | "openai-preference" | "openai-rft" | "prompt-completion" | "question-answer" | "alpaca" | "sharegpt" | "trl" | "trl-preference" | "kto" | "vertex" | "vertex-preference" | "bedrock" | "mistral" | "cohere" | "typed-parts" | "text" | "csv";
  /**
   * `fields` adds external_id (without one, the id), tags, split, rating and metadata to each row, as an import takes
   * them. `original` writes a row as it was imported, if it still says the same in this format. `history` adds to rows
   * of `format=tuneledger` their events with all texts.
   */
  include?: "fields" | "history" | "original";
  /**
   * What becomes of the reasoning before an answer: kept where the format has it, dropped, in the answer between
   * `<think>` tags, or in a turn of its own before the answer.
   */
  reasoning?: "keep" | "drop" | "think" | "turns";
  /** A system prompt for each row. */
  system?: string;
  /** Whether `system` takes the place of the row's, serves rows without one, or comes before it. */
  system_mode?: "replace" | "default" | "prepend";
  /**
   * Preferences from the record instead of the rows: `repairs` are answers with what they replaced, `judgements` the
   * winners and losers of pairwise judges in evaluations of the dataset.
   */
  pairs?: "repairs" | "judgements";
  /** Whether rows stand in lines, or in a Parquet file with typed columns. */
  container?: "lines" | "parquet";
  /**
   * A zip with the rows of train and validation and the settings of this tool, to train as it stands. With a format of
   * preferences, or pairs, it trains preferences (DPO).
   */
  recipe?: "axolotl" | "llama-factory" | "unsloth" | "trl";
  /** The recipe's base model, as on the Hugging Face Hub. */
  base_model?: string;
  /** A frozen version's name. */
  version?: string;
  /** Read the state as of an RFC 3339 time, a seq, or a version of the dataset. Default: now. */
  as_of?: string;
  /** Only this split. */
  split?: "train" | "validation" | "test";
  /** A filter expression, such as `tag = gold and rating >= 4`; see the page Filters. */
  filter?: string;
  /** Refuse with 422 what the format cannot carry, naming the first examples. */
  strict?: boolean;
}

/** What an export has, and what its format cannot carry. */
export interface ExportReport {
  /** How many rows the file has. */
  rows: number;
  /** The size of the file. */
  bytes: number;
  /** SHA-256 of the file, in hex. */
  digest: string;
  /** How many examples are left out because they were erased. */
  erased: number;
  /** What rows lose, by what it is. */
  losses: Record<string, Loss>;
  /** The examples that have no place in the format, by why. */
  left_out: Record<string, Loss>;
}

/** The measurements that the gate checks: of the candidate, the current version and the candidate's base model. */
export interface Facts {
  /** The measurements of the candidate's base model; null where there are none. */
  base?: MeasuredVersion | null;
  /** Whether a higher score is better. */
  higher_is_better?: boolean;
  /** The candidate's improvement over its base model; null where it was not measured. */
  over_base?: MeasuredGain | null;
  /** The candidate's improvement over the current version; null where it was not measured. */
  over_current?: MeasuredGain | null;
  /** The measurements of each version, by version name. */
  versions?: Record<string, MeasuredVersion>;
}

/** A training that has failed. */
export interface FailTune {
  /** What went wrong. */
  message: string;
  /** A word for programs. */
  code?: string;
}

/** The latest failed requests, grouped by similar inputs (MinHash of 3-word runs, Jaccard of about 0.6 or more). */
export interface Failing {
  /** How many failed requests were read, at most 1,000. */
  read: number;
  /** The largest groups of similar inputs, at most 20. */
  clusters: FailureCluster[];
}

/** An example that would not match; each pointer leads into the JSON of `/input` or of `/output`. */
export interface FailingExample {
  /** The example that would fail. */
  example_id: string;
  /** The dataset of the example. */
  dataset_id: string;
  /** The version of the example that was checked. */
  version: number;
  /** What fails, at most 20. Pointers start with `/input` or `/output`. */
  faults: Fault[];
}

/** Why a tune failed. */
export interface Failure {
  /** The provider's error code, or one of ours. */
  code: string;
  /** What went wrong, in the provider's words where it gave any. */
  message: string;
  /** Another way to tune the same dataset; null where there is none. */
  hint?: string | null;
  /** The field of the provider's request that was wrong; null where none is named. */
  param?: string | null;
}

/** Failed requests with nearly the same input. */
export interface FailureCluster {
  /** How many requests are in the cluster. */
  requests: number;
  /** The first 500 characters of the latest input. */
  input: string;
  /** How many requests failed in each way: `error`, `invalid`, `low_rating`. One request may fail in several. */
  ways: Record<string, number>;
  /** How many requests had each error code. */
  error_codes: Record<string, number>;
  /** How many requests each model version had. */
  versions: Record<string, number>;
  /** At most 20 of the requests, the latest first. */
  request_ids: string[];
}

/** One fault of the request. */
export interface Fault {
  /** What is wrong, for people; the text may change. */
  detail: string;
  /** What is wrong, for programs; stable. */
  code?: string;
  /** The line of the uploaded file, counted from 1. */
  line?: number | null;
  /** A JSON pointer into the body, `?name` of a query parameter, or the name of a path parameter or header. */
  pointer?: string;
}

/** An event of the log. */
export interface FeedEvent {
  /** The event's number in the workspace's log, without gaps. */
  seq: number;
  /** The kind of resource that the event changed, such as `example`. */
  stream: string;
  /** The id of the resource. */
  stream_id: string;
  /** The resource's version after the event. */
  version: number;
  /** The type of the event, such as `ExampleAdded`. */
  type: string;
  /** The event's content, with exactly the bytes that were recorded. */
  data: Record<string, unknown>;
  /** Who caused the event. */
  actor: string;
  /** The id of the request that caused the event. */
  request_id: string;
  /** When it was recorded, by Postgres's clock. */
  recorded_at: string;
  /** The event's hash in the audit tree, as 64 hex digits. */
  leaf: string;
  /** The API key of the request that caused it. Null for the server's own work and in older events. */
  key_id?: string | null;
}

/** The parameters of `POST /v1/datasets/{dataset_id}/imports/fetch`. */
export interface FetchImportQuery {
  /** The format of the rows. Default: it is recognized. */
  format?: "tuneledger" | "openai-chat" | "openai-preference" | "openai-rft" | "prompt-completion" | "question-answer" | "alpaca" | "sharegpt" | "trl" | "trl-preference" | "kto" | "vertex" | "vertex-preference" | "bedrock" | "mistral" | "cohere" | "typed-parts" | "text" | "csv";
  /** What happens if a row is bad: `abort` adds nothing, `skip` adds the good rows. */
  on_error?: "abort" | "skip";
  /** An output that fails its schema: `refuse` makes the row bad, `mark` marks it invalid. */
  on_invalid?: "refuse" | "mark";
  /** A row without an answer: `refuse` makes it bad, `keep` lets it wait for a repair or a label. */
  on_unanswered?: "refuse" | "keep";
  /**
   * A row whose external id, or else text, is in the dataset: `update` takes over what changed in the file since its
   * last import, `skip` counts it, `fail` adds nothing.
   */
  on_existing?: "skip" | "update" | "fail";
  /** A row whose example was deleted: `skip` lists it, `restore` brings it back. */
  deleted?: "skip" | "restore";
  /** Columns that are no field: kept in `metadata`, ignored and counted, or refused as faults. */
  extra?: "metadata" | "ignore" | "refuse";
  /**
   * Which columns or JSON pointers are which fields: `input:question,output:/answers/0`, or a JSON object. The fields
   * are input, output, system, messages, tools, prompt, chosen, rejected, tags, rating, external_id, split and
   * metadata.
   */
  map?: string;
  /** The split of rows that name none. Default: the dataset's policy decides. */
  split?: "train" | "validation" | "test";
  /** The file's encoding. Default: it is recognized. */
  encoding?: string;
  /** What separates cells. Default: it is recognized. */
  delimiter?: string;
  /** The sheet of a spreadsheet. Default: the first with rows. */
  sheet?: string;
  /** The columns of a table that has no header, separated by commas. */
  columns?: string;
  /** The file's name. */
  name?: string;
  /** Write nothing, and answer 200 with the ImportPreview of `…/imports/preview`. */
  dry_run?: boolean;
}

/** Where the figures of an estimate are from; each null where there is no figure. */
export interface FigureSources {
  /** The provider's quote, or tokens times the catalogue's price. */
  cost: "catalogue" | "computed" | "provider quote" | null;
  /** The provider's quote, or counted here. */
  training_tokens: "catalogue" | "computed" | "provider quote" | null;
  /** Computed from earlier tunes, or from the model's size. */
  seconds: "catalogue" | "computed" | "provider quote" | null;
}

export interface FileData {
  /** The file as a data URL, or its address. */
  file_data?: string | null;
  /** The id of a file at the provider. */
  file_id?: string | null;
  /** The file's name. */
  filename?: string | null;
}

/** What a file turned out to be. */
export interface FileKind {
  /** Such as `jsonl`, `json` or `csv`. */
  kind: string;
  /** The encoding of its text. */
  encoding: string;
  /** What separates the cells of a table. */
  delimiter: string | null;
  /** The columns of a table. */
  columns: string[];
  /** What it was packed with, from the outside in: `gzip`, `zstd` or `zip`. */
  compression: string[];
  /** The members of a ZIP file that are read. */
  members: string[];
  /** Members of a ZIP file, or sheets of a spreadsheet, that are not read. */
  ignored: string[];
  /** The sheet of a spreadsheet that is read. */
  sheet: string | null;
}

export interface FilePart {
  /** Always `file`: which kind this is. */
  type: "file";
  /** A document, such as a PDF. */
  file: FileData;
}

/** Conditions that all must hold; absent ones ask for nothing. `rating_gte` compares the mean in stars. */
export interface Filter {
  /** Examples that match this filter expression. */
  expression?: string | null;
  /** The example with this external id. */
  external_id?: string | null;
  /** Examples labelled with this category. */
  label?: string | null;
  /** Whether the example has a label. */
  labelled?: boolean | null;
  /** Examples whose text contains this. */
  q?: string | null;
  /** Whether the example has a rating. */
  rated?: boolean | null;
  /** Examples with a mean rating of at least this many stars. */
  rating_gte?: number | null;
  /** Whether the example was repaired. */
  repaired?: boolean | null;
  /** Examples from this type of source. */
  source?: "document" | "human" | "import" | "log" | "synthetic" | null;
  /** Examples of this split. */
  split?: "test" | "train" | "validation" | null;
  /** Examples that have this tag. */
  tag?: string | null;
  /** Whether the example matches its task's schema. */
  valid?: boolean | null;
}

/** A problem with a file, or with one page of it (from 1). */
export interface Finding {
  /** Always `finding`: which kind this is. */
  type: "finding";
  /** Machine-readable kind of problem. */
  code: "empty" | "encoding_guessed" | "encrypted" | "not_readable" | "partial" | "scanned" | "too_large" | "type_mismatch" | "unsupported" | "zip_bomb";
  /** The problem as a sentence. */
  detail: string;
  /** Page number from 1; null if it concerns the whole file. */
  page?: number | null;
}

/** A finding in two checks. */
export interface FindingChange {
  /** The finding. */
  code: string;
  /** The target that it is about. Null for a finding about the rows alone. */
  target: string | null;
  /** How many rows it was about in the other check. */
  before: number;
  /** How many rows it is about in this one. */
  after: number;
  /** How many examples have it now and did not. */
  new: number;
  /** How many examples had it and do not any more. */
  gone: number;
  /** The first 100 of the new ones. */
  new_ids: string[];
  /** The first 100 of those that are gone. */
  gone_ids: string[];
}

/** An example of a finding. */
export interface FindingRow {
  /** The example. */
  example_id: string;
  /** The other example that it repeats, contradicts or gives away. Null where there is none. */
  other_id: string | null;
  /** What kind of the finding it is, such as `email` or `edge_blanks`. Null where there is one kind only. */
  kind: string | null;
}

/** One page of a finding's examples, by example id. */
export interface FindingRowPage {
  /** The items of this page. */
  data: FindingRow[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** What the new dataset is called, and which state of this one it begins with. */
export interface ForkDataset {
  /** Unique in the workspace. */
  name: string;
  /** A version, which has its examples alone, an RFC 3339 time or a seq. Default: now. */
  at?: string | null;
  /** Notes for people; by default those of this dataset. */
  description?: string | null;
  /** Why; shown in the history of each example that a merge changes. */
  reason?: string | null;
}

/** What a dataset was forked from, and when. */
export interface ForkedFrom {
  /** The dataset it was forked from. */
  dataset_id: string;
  /** The position in the event log whose state was copied. */
  seq: number;
  /** The version that was copied; null for all examples. */
  version?: string | null;
}

/** The version to freeze: all present examples, or those that match the filter. */
export interface FreezeVersion {
  /** Such as v1; unique in the dataset. */
  name: string;
  /** Which examples belong to the version, as an expression or as fields; all by default. */
  filter?: string | Filter;
  /** Notes on the version. */
  notes?: string;
}

/** A blob in Azure Storage. */
export interface FromAzure {
  /** Always `azure`: which kind this is. */
  type: "azure";
  /** The storage account. */
  account: string;
  /** The container. */
  container: string;
  /** The blob's name. */
  path: string;
  /** The account's key, for this import alone; it is not stored. */
  access_key?: string | null;
  /** Another address than Azure's, under the address rules of connections. */
  endpoint?: string | null;
  /** A shared access signature, for this import alone; it is not stored. */
  sas?: string | null;
}

/** The examples of another dataset here. Each remembers which example it was. */
export interface FromDataset {
  /** Always `dataset`: which kind this is. */
  type: "dataset";
  /** The dataset to read. */
  dataset_id: string;
  /** A version, time or seq. Default: now, and the seq is recorded. */
  as_of?: string | null;
}

/** An object in Google Cloud Storage. */
export interface FromGcs {
  /** Always `gcs`: which kind this is. */
  type: "gcs";
  /** The bucket. */
  bucket: string;
  /** The object's name. */
  path: string;
  /** A connection of kind `vertex` whose service account to use. */
  connection_id?: string | null;
  /** Another address than Google's, under the address rules of connections. */
  endpoint?: string | null;
  /** A service account's key as JSON, for this import alone; it is not stored. */
  service_account?: string | null;
}

/** Files of a dataset on the Hugging Face Hub, all of one revision. */
export interface FromHub {
  /** Always `hub`: which kind this is. */
  type: "hub";
  /** Its name, such as `org/name`. */
  dataset: string;
  /** The address of the Hub or of a mirror, under the address rules of connections. */
  endpoint?: string;
  /** Names or patterns, such as `data/train-*.parquet`. Default: all data files, unless they are of several splits. */
  files?: string[];
  /** A branch, tag or commit; the commit is recorded. */
  revision?: string;
  /** A token for a private dataset; it is not stored. */
  token?: string | null;
}

/** A prompt's batch run whose predictions become candidates. Failed predictions are left out. */
export interface FromPredictions {
  /** The finished batch run of a prompt. */
  run_id: string;
}

/** Logged requests that match all of this. Each example remembers which request it was. Needs `requests:read`. */
export interface FromRequests {
  /** Always `requests`: which kind this is. */
  type: "requests";
  /** Whether the call ended in an error. Null: either; what has no answer waits for one. */
  error?: boolean | null;
  /** Calls whose metadata holds this, such as `{"prompt": "v3"}`. */
  metadata?: Record<string, unknown> | null;
  /** Calls of this model. */
  model_id?: string | null;
  /** Calls whose question or answer has this text, in any case, such as a line of a prompt. */
  q?: string | null;
  /** Calls rated with so many stars or more; a thumb up counts 5, down 1. */
  rating_gte?: number | null;
  /** Calls rated with so many stars or fewer. */
  rating_lte?: number | null;
  /** Calls at this time or later, with its zone. */
  since?: string | null;
  /** Calls before this time. Default: now, and the time is recorded. */
  until?: string | null;
  /** Whether a correction from feedback takes the answer's place, as a repair. */
  use_correction?: boolean;
  /** Whether the output matched the task's schema. */
  valid?: boolean | null;
  /** Calls of this version. */
  version?: string | null;
}

/** An object in S3, or in a store with its interface. */
export interface FromS3 {
  /** Always `s3`: which kind this is. */
  type: "s3";
  /** The bucket. */
  bucket: string;
  /** The object's key. */
  path: string;
  /** A connection of kind `bedrock` whose keys and region to use. */
  connection_id?: string | null;
  /** Keys for this import alone; they are not stored. Without keys the object has to be public. */
  credentials?: AwsAccessKeys | null;
  /** The address of another store than AWS, under the address rules of connections. */
  endpoint?: string | null;
  /** The bucket's region. */
  region?: string;
}

/** A file at an address. Redirects are followed; each address has to be allowed. */
export interface FromUrl {
  /** Always `url`: which kind this is. */
  type: "url";
  /** The address of the file. Its query, which may be a signature, is not stored. */
  url: string;
  /** Headers to send, such as `Authorization`. They are not stored, and not sent to another host. */
  headers?: Record<string, string>;
}

/** `parameters` is a JSON Schema; its keys keep their order, since the model reads them in it. */
export interface Function {
  /** The name by which the model calls the function. */
  name: string;
  /** What the function does, for the model. */
  description?: string | null;
  /** JSON Schema of the arguments. */
  parameters?: Record<string, unknown> | null;
  /** Whether the arguments must match the schema exactly. */
  strict?: boolean | null;
}

/** A model's gate: what a version must show before a protected alias may move to it. */
export interface Gate {
  /** The model. */
  model_id: string;
  /** What a version must show; null where the model has no gate. */
  policy: GatePolicy | null;
}

/** The result of one check of the gate. */
export interface GateCheck {
  /** The check, such as over_base or format_validity. */
  name: string;
  /** The number that passes. */
  wanted: number;
  /** The measured number; null where it was not measured. */
  found: number | null;
  /** The unit of both numbers: rows, relative, score, share, stars, ms or a currency. */
  unit: string;
  /** Whether the version passed this check. */
  passed: boolean;
  /** The result in a sentence. */
  because: string;
}

/**
 * What a version must show to pass. A number that is null is not checked.
 *
 * `over_base` and `over_current` are improvements of the score over the base model and over the alias's current
 * version. With `interval_excludes_zero`, the whole confidence interval of the improvement must lie above zero: over
 * the base, and over the current version if `over_current` is more than 0.
 */
export interface GatePolicy {
  /** The evaluation whose score counts. */
  evaluation: WantedEvaluation;
  /** The highest cost of 1,000 answers that passes; null does not check it. */
  cost_per_thousand?: CostPerThousand | null;
  /** The smallest share of valid answers that passes, 0 to 1. */
  format_validity?: number | null;
  /** The rating by people that passes; null does not check it. */
  human_rating?: WantedRating | null;
  /** Whether the confidence interval of the improvement must lie above zero. */
  interval_excludes_zero?: boolean;
  /** The highest 95th percentile of latency that passes, in milliseconds; null does not check it. */
  latency_p95_ms?: number | null;
  /** The smallest improvement over the base model that passes. */
  over_base?: number | null;
  /** The smallest improvement over the alias's current version that passes. */
  over_current?: number | null;
  /** The protected aliases: they move only to a version that passes. */
  protects?: string[];
}

/** The check of a version against the gate. If the gate does not protect the alias, the move is always allowed. */
export interface GateTrial {
  /** The model. */
  model_id: string;
  /** The alias that was asked about. */
  alias: string;
  /** The version that was asked about. */
  version: string;
  /** The alias's version now; null where it has none. */
  current: string | null;
  /** Whether the gate protects the alias. */
  protected: boolean;
  /** Whether the alias may move to the version. */
  allowed: boolean;
  /** The gate's checks of the version; null where the model has no gate. */
  ruling: Ruling | null;
}

/** What to generate for a dataset, and its runs. */
export interface Generation {
  /** The generation's id. */
  id: string;
  /** The dataset that accepted candidates go into. */
  dataset_id: string;
  /** The task it generates examples for; null if there is none. */
  task_id: string | null;
  /** A name for people to read. */
  name: string;
  /** The model to use. */
  target: PromptTarget;
  /** Instructions added to each step, after those of the template. */
  guidance: Guidance;
  /** Built-in instructions to start from. */
  template: "bugs_seen" | "edge_cases" | "general" | "safety";
  /** The prompt that writes outputs; null if the task's instruction does. */
  prompt: PromptChoice | null;
  /** Number of topics in the tree. */
  topics: number;
  /** Its runs, oldest first. */
  runs: OrderedRun[];
  /** Grows by 1 with every change; for If-Match. */
  version: number;
  /** When it was created. */
  created_at: string;
  /** Who created it. */
  created_by: string;
  /** When it last changed. */
  updated_at: string;
  /** Who last changed it. */
  updated_by: string;
}

/** The fields to change; absent ones stay. Runs that have started keep the old values. */
export interface GenerationChanges {
  /** The new instructions; they replace all old ones. */
  guidance?: Guidance;
  /** The new name. */
  name?: string;
  /** The new prompt for outputs; null removes it. */
  prompt?: PromptChoice | null;
  /** Why it is changed; the history shows it. */
  reason?: string | null;
  /** The new model. */
  target?: ModelChoice;
  /** The new template. */
  template?: "bugs_seen" | "edge_cases" | "general" | "safety";
}

/** One page of generations, newest first. */
export interface GenerationPage {
  /** The items of this page. */
  data: Generation[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** The parameters of `GET /v1/datasets/{dataset_id}/agreement`. */
export interface GetAgreementQuery {
  /** What each row is about. */
  by?: "task" | "example" | "annotator" | "pair" | "category";
  /**
   * Metrics, separated by commas: raw_share@1, pairwise@1, majority_share@1, jaccard@1, kili_consensus@1,
   * cohen_kappa@1, fleiss_kappa@1, krippendorff_alpha@1. Default: all.
   */
  metric?: string;
  /** Whose labels are measured. */
  annotators?: "people" | "models" | "all";
  /** Compare this model's labels with people's labels. */
  model?: string;
  /** Only this question. Default: all questions. */
  question?: string;
  /** Default: the dataset's task. */
  task_id?: string;
  /** Only labels from this queue. */
  queue?: string;
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
  /** Read the state as of an RFC 3339 time, a seq, or a version of the dataset. Default: now. */
  as_of?: string;
}

/** The parameters of `GET /v1/connections/{connection_id}`. */
export interface GetConnectionQuery {
  /** Read the state at this RFC 3339 time or seq, not in the future. Default: now. */
  as_of?: string;
}

/** The parameters of `GET /v1/costs`. */
export interface GetCostsQuery {
  /** What to add up by. */
  by?: "category" | "connection" | "base_model" | "model" | "month";
  /** From this time on. Default: a year ago. */
  since?: string;
  /** Before this time. Default: now. */
  until?: string;
}

/** The parameters of `GET /v1/datasets/{dataset_id}/checks/{check_id}`. */
export interface GetDatasetCheckQuery {
  /** Another check of the dataset: the report says what has changed since. */
  compare?: string;
}

/** The parameters of `GET /v1/datasets/{dataset_id}`. */
export interface GetDatasetQuery {
  /** Read the state at this RFC 3339 time or seq, not in the future. Default: now. */
  as_of?: string;
}

/** The parameters of `GET /v1/datasets/{dataset_id}/stats`. */
export interface GetDatasetStatsQuery {
  /** Read the state as of an RFC 3339 time, a seq, or a version of the dataset. Default: now. */
  as_of?: string;
}

/** The parameters of `GET /v1/deployments/{deployment_id}/history`. */
export interface GetDeploymentHistoryQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/deployments/{deployment_id}`. */
export interface GetDeploymentQuery {
  /** Read the state at this RFC 3339 time or seq, not in the future. Default: now. */
  as_of?: string;
}

/** The parameters of `GET /v1/examples/{example_id}/lineage`. */
export interface GetExampleLineageQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/examples/{example_id}`. */
export interface GetExampleQuery {
  /** Read the state as of an RFC 3339 time, a seq, or a version of the dataset. Default: now. */
  as_of?: string;
}

/** The parameters of `GET /v1/generations/{generation_id}`. */
export interface GetGenerationQuery {
  /** Read the state at this RFC 3339 time or seq, not in the future. Default: now. */
  as_of?: string;
}

/** The parameters of `GET /v1/members/{member_id}`. */
export interface GetMemberQuery {
  /** Read the state at this RFC 3339 time or seq, not in the future. Default: now. */
  as_of?: string;
}

/** The parameters of `GET /v1/models/{model_id}`. */
export interface GetModelQuery {
  /** Read the state at this RFC 3339 time or seq, not in the future. Default: now. */
  as_of?: string;
}

/** The parameters of `GET /v1/models/{model_id}/report`. */
export interface GetModelReportQuery {
  /** In UTC, such as 2026-11. Default: this month. */
  month?: string;
}

/** The parameters of `GET /v1/models/{model_id}/versions/{version}/lineage`. */
export interface GetModelVersionLineageQuery {
  /** Only examples of this split. */
  split?: "train" | "validation" | "test";
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
  /** With `content`, examples have their texts. Needs the scope `datasets:read`. */
  include?: "content"[];
}

/** The parameters of `GET /v1/me/queue`. */
export interface GetMyQueueQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/operations/{operation_id}`. */
export interface GetOperationQuery {
  /** Seconds to wait for the operation to end; the response comes as soon as it does. */
  wait?: number;
}

/** The parameters of `GET /v1/prompts/{prompt_id}`. */
export interface GetPromptQuery {
  /** Read the state at this RFC 3339 time or seq, not in the future. Default: now. */
  as_of?: string;
}

/** The parameters of `GET /v1/queues/{queue_id}`. */
export interface GetQueueQuery {
  /** Read the state at this RFC 3339 time or seq, not in the future. Default: now. */
  as_of?: string;
}

/** The parameters of `GET /v1/sweeps/{sweep_id}/table`. */
export interface GetSweepTableQuery {
  /** What to sort by, the best first. Default: the metric, else the validation loss. */
  sort?: "requested" | "validation_loss" | "training_loss" | "cost" | "seconds" | "metric";
  /** A scorer's label. Default: the first. */
  metric?: string;
}

/** The parameters of `GET /v1/tasks/{task_id}`. */
export interface GetTaskQuery {
  /** Read the state at this RFC 3339 time or seq, not in the future. Default: now. */
  as_of?: string;
}

/** The parameters of `GET /v1/generations/{generation_id}/topics`. */
export interface GetTopicsQuery {
  /** Read the state at this RFC 3339 time or seq, not in the future. Default: now. */
  as_of?: string;
}

/** The parameters of `GET /v1/tunes/{tune_id}`. */
export interface GetTuneQuery {
  /** Seconds to wait for the tune; the response comes as soon as it is so far. */
  wait?: number;
  /** What to wait for: its end, or after a success its version, where it gets one. */
  until?: "ended" | "registered";
}

/** The parameters of `GET /v1/models/{model_id}/versions/{version}/savings`. */
export interface GetVersionSavingsQuery {
  /** Another model to compare with, by the provider's name. */
  against?: string;
}

/** The parameters of `GET /v1/webhooks/{webhook_id}`. */
export interface GetWebhookQuery {
  /** Read the state at this RFC 3339 time or seq, not in the future. Default: now. */
  as_of?: string;
}

/** Instructions for a model, added to those of the task, for each step. */
export interface Guidance {
  /** Instructions for writing inputs. */
  inputs?: string | null;
  /** Instructions for writing outputs. */
  outputs?: string | null;
  /** Instructions for naming topics. */
  topics?: string | null;
}

/** A model version that was trained on erased examples. */
export interface HeldModel {
  /** The model. */
  model_id: string;
  /** Its version. */
  version: string;
}

/** A resource whose later events wait because the receiver has not accepted event `seq`. */
export interface HeldStream {
  /** The resource's id. */
  stream_id: string;
  /** The event that was not accepted. */
  seq: number;
  /** How often it was sent. */
  attempts: number;
  /** When it is sent again. */
  next_attempt_at: string;
}

/** A frozen dataset version that held erased examples. */
export interface HeldVersion {
  /** The dataset. */
  dataset_id: string;
  /** The version's name. */
  name: string;
  /** How many of its examples were erased. */
  examples: number;
}

/** One change of a resource. */
export interface HistoryEntry {
  /** The number of the event in the workspace's log. */
  seq: number;
  /** The resource's version after the change; its ETag. */
  version: number;
  /** The type of the event. */
  type: string;
  /** When it was recorded. */
  at: string;
  /** Who made the change. */
  actor: string;
  /** The id of the request that made the change. */
  request_id: string;
  /** The API key of that request. Null for the server's own work and in older events. */
  key_id: string | null;
  /** The reason given with the change, or null. */
  reason: string | null;
  /** The fields that changed, by name. */
  changes: Record<string, Change>;
}

/** One event as a sentence. */
export interface HistoryLine {
  /** The event's number in the workspace's log. */
  seq: number;
  /** The resource's version after this event; its ETag. */
  version: number;
  /** When the event was recorded. */
  at: string;
  /** Name of the member who caused it, or `tuneledger` for the server itself. */
  actor: string;
  /** X-Request-Id of the request that caused it. */
  request_id: string;
  /** The API key of the request that caused it. Null for the server's own work and in older events. */
  key_id: string | null;
  /** What it happened to, such as `example:{id}`. The `resource` filter accepts it. */
  resource: string;
  /** The event's type, such as `ExampleRepaired`. */
  type: string;
  /** What happened, by whom and why. */
  sentence: string;
  /** Why, in the words of whoever did it. Null when no reason was given. */
  reason: string | null;
  /**
   * With `include=content`, of an example: each field that changed, before and after. A text that was erased is
   * `{"erased": true}`.
   */
  changes?: Record<string, Change>;
}

/** One page of a history, the oldest change first. */
export interface HistoryPage {
  /** The items of this page. */
  data: HistoryEntry[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** Who held the texts. Models keep what they learnt: train them again without these examples. */
export interface Holders {
  /** Frozen versions, which are incomplete now. */
  dataset_versions: HeldVersion[];
  /** Tunes of these versions. */
  tunes: string[];
  /** Training and validation files at providers. */
  provider_files: ProviderCopy[];
  /** Versions of models that were trained on them. */
  model_versions: HeldModel[];
  /** Evaluations that measured with them. */
  evaluations: string[];
  /** Copies that exports sent elsewhere, of datasets and of models; delete them there. */
  sent_copies: SentCopy[];
}

/** An annotator's honeypot answers. The score starts at 0.5 and never reaches 0 or 1. */
export interface HoneypotScore {
  /** Honeypots answered. */
  answered?: number;
  /** Honeypots answered correctly. */
  right?: number;
  /** (right + 1) / (answered + 2), so 0.5 if none were answered. */
  score?: number;
}

/** The webhook was signed by the provider, and came for the first time. */
export interface HookReceipt {
  /** Whether jobs are followed there, which are now looked at at once. */
  looks_soon: boolean;
}

/** Who somebody is elsewhere: the subject that an issuer's tokens name. */
export interface Identity {
  /** The issuer, as its tokens name it in `iss`. */
  issuer: string;
  /** The subject, as the tokens name it in `sub`. */
  subject: string;
}

export interface ImagePart {
  /** Always `image_url`: which kind this is. */
  type: "image_url";
  /** The image. */
  image_url: ImageUrl;
}

export interface ImageUrl {
  /** Address of the image, or a data URL. */
  url: string;
  /** The resolution at which the model reads the image. */
  detail?: "auto" | "high" | "low" | null;
}

/** The import of a file. `rows` are good, `bad` are not; a good row is added, changed, restored or a duplicate. */
export interface Import {
  /** The import's id, also that of its operation. */
  id: string;
  /** The dataset that gets the examples. */
  dataset_id: string;
  /** The format of the rows, as it was said or recognized; null while it is not known. */
  format: "alpaca" | "bedrock" | "cohere" | "csv" | "kto" | "mistral" | "openai-chat" | "openai-preference" | "openai-rft" | "prompt-completion" | "question-answer" | "sharegpt" | "text" | "trl" | "trl-preference" | "tuneledger" | "typed-parts" | "vertex" | "vertex-preference" | null;
  /** `abort`: one bad row fails the import. `skip`: only the good rows are added. */
  on_error: "abort" | "skip";
  /** What happens to rows that are in the dataset: `skip`, `update` or `fail`. */
  on_existing: "fail" | "skip" | "update";
  /** What happens to rows whose example was deleted: `skip` or `restore`. */
  deleted: "restore" | "skip";
  /** Where unknown columns go; null for an import of before there was a choice. */
  extra: "ignore" | "metadata" | "refuse" | null;
  /** Which columns are which fields, as it was sent. */
  map: string | null;
  /** The file's name, if it was sent. */
  name: string | null;
  /** Where the file came from; null for a file that was sent. */
  source: ImportSource | null;
  /** The digest of the file's bytes in hexadecimal; null until it was read. */
  sha256: string | null;
  /** How far the import is. */
  state: "adding" | "cancelled" | "failed" | "staged" | "succeeded" | "uploading" | "withdrawing";
  /** Number of good rows. */
  rows: number;
  /** Number of bad rows. */
  bad: number;
  /** Size of the file in bytes. */
  bytes: number;
  /** Number of examples added so far. */
  added: number;
  /** Number of good rows that changed nothing: unchanged, skipped or deleted before. */
  duplicates: number;
  /** Number of rows that changed an example's text, tags, metadata or rating. */
  changed: number;
  /** Number of rows that are in the dataset as they are, or as the last import had them. */
  unchanged: number;
  /** Number of rows that differ from their example and were not taken. */
  skipped: number;
  /** Number of rows whose example was deleted before; they were not taken. */
  rows_deleted: number;
  /** Number of rows whose deleted example was restored. */
  restored: number;
  /** What rows have that examples cannot have, such as `refusal`, with the number of rows. The originals keep it. */
  losses: Record<string, number>;
  /** Why nothing was added; null unless the import failed or its examples are being removed. */
  failure: ImportFailure | null;
  /** When the upload began. */
  created_at: string;
  /** Who started the import. */
  created_by: string;
  /** When the import last changed. */
  updated_at: string;
}

/** The parameters of `POST /v1/datasets/{dataset_id}/imports`. */
export interface ImportExamplesQuery {
  /** The format of the rows. Default: it is recognized. */
  format?: "tuneledger" | "openai-chat" | "openai-preference" | "openai-rft" | "prompt-completion" | "question-answer" | "alpaca" | "sharegpt" | "trl" | "trl-preference" | "kto" | "vertex" | "vertex-preference" | "bedrock" | "mistral" | "cohere" | "typed-parts" | "text" | "csv";
  /** What happens if a row is bad: `abort` adds nothing, `skip` adds the good rows. */
  on_error?: "abort" | "skip";
  /** An output that fails its schema: `refuse` makes the row bad, `mark` marks it invalid. */
  on_invalid?: "refuse" | "mark";
  /** A row without an answer: `refuse` makes it bad, `keep` lets it wait for a repair or a label. */
  on_unanswered?: "refuse" | "keep";
  /**
   * A row whose external id, or else text, is in the dataset: `update` takes over what changed in the file since its
   * last import, `skip` counts it, `fail` adds nothing.
   */
  on_existing?: "skip" | "update" | "fail";
  /** A row whose example was deleted: `skip` lists it, `restore` brings it back. */
  deleted?: "skip" | "restore";
  /** Columns that are no field: kept in `metadata`, ignored and counted, or refused as faults. */
  extra?: "metadata" | "ignore" | "refuse";
  /**
   * Which columns or JSON pointers are which fields: `input:question,output:/answers/0`, or a JSON object. The fields
   * are input, output, system, messages, tools, prompt, chosen, rejected, tags, rating, external_id, split and
   * metadata.
   */
  map?: string;
  /** The split of rows that name none. Default: the dataset's policy decides. */
  split?: "train" | "validation" | "test";
  /** The file's encoding. Default: it is recognized. */
  encoding?: string;
  /** What separates cells. Default: it is recognized. */
  delimiter?: string;
  /** The sheet of a spreadsheet. Default: the first with rows. */
  sheet?: string;
  /** The columns of a table that has no header, separated by commas. */
  columns?: string;
  /** The file's name. */
  name?: string;
  /** Write nothing, and answer 200 with the ImportPreview of `…/imports/preview`. */
  dry_run?: boolean;
}

/** Why nothing of the file was added; `line` if one line is at fault. */
export interface ImportFailure {
  /** What went wrong, for programs. */
  code: string;
  /** What went wrong, for people. */
  detail: string;
  /** The line of the file that is at fault, from 1; null if no single one is. */
  line: number | null;
}

export interface ImportFromSource {
  /** Where the file is. */
  source: FromUrl | FromS3 | FromGcs | FromAzure | FromHub | FromDataset | FromRequests;
}

/** A tuned model that a connection's account has already. How it was trained stays unknown. */
export interface ImportModel {
  /** The connection whose account has it. */
  connection_id: string;
  /** Its name at the provider, such as `ft:gpt-4.1-mini-2025-04-14:acme:news:9xYz`. */
  provider_model: string;
  /** Unique in the workspace. A tune names its model by it. */
  model: string;
  /** The base model it was tuned from. Null asks the provider. */
  base_model?: string | null;
  /** Whether the next number is a minor (v1.1) or a major one (v2.0). */
  bump?: "major" | "minor";
  /** Notes on the version, in Markdown. */
  notes?: string | null;
}

/** One page of imports, the newest first. */
export interface ImportPage {
  /** The items of this page. */
  data: Import[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** What an import of the file would do. Nothing was written. */
export interface ImportPreview {
  /** The format of the rows, as it was said or recognized. */
  format: "alpaca" | "bedrock" | "cohere" | "csv" | "kto" | "mistral" | "openai-chat" | "openai-preference" | "openai-rft" | "prompt-completion" | "question-answer" | "sharegpt" | "text" | "trl" | "trl-preference" | "tuneledger" | "typed-parts" | "vertex" | "vertex-preference";
  /** The format's name for people. */
  title: string;
  /** What the file is. */
  file: FileKind;
  /** Number of good rows. */
  rows: number;
  /** Number of bad rows. */
  bad: number;
  /** What rows have that examples cannot have, with the number of rows. */
  losses: Record<string, number>;
  /** The first good rows, at most 20. */
  sample: RowPreview[];
  /** The first bad rows, at most 50, each with all its faults. */
  errors: RowError[];
}

/** Where an import's file came from, unless it was sent: never with a secret in it. */
export interface ImportSource {
  /** The kind of source. */
  type: "azure" | "dataset" | "gcs" | "hub" | "requests" | "s3" | "url";
  /** The address, of a URL without its query; the bucket and path; or the dataset's id here. */
  location: string;
  /** The files that were read, of a dataset on the Hub. */
  files?: string[];
  /** The revision that was read: a commit of the Hub, a version or ETag of an object, a seq of a dataset. */
  revision?: string | null;
}

/** Proof that event `seq` is in the log: leaf `seq` - 1 of the Merkle tree over the first `size` events. */
export interface InclusionProof {
  /** The event's number in the log. */
  seq: number;
  /** How many events the tree covers. */
  size: number;
  /** Hash of the event, in base64. */
  leaf: string;
  /** Root of the tree, in base64. */
  root: string;
  /** Sibling hashes from the leaf up to the root, in base64. */
  hashes: string[];
}

export interface InputAudio {
  /** The audio in base64. */
  data: string;
  /** Its format, such as `wav` or `mp3`. */
  format: string;
}

/** An account where models are published or tunes shown. The secret is write-only and not shown. */
export interface Integration {
  /** The integration's id. */
  id: string;
  /** Unique in the workspace. */
  name: string;
  /** What it is. */
  kind: "huggingface" | "mlflow" | "object_store" | "wandb";
  /** Where it is. */
  url: string;
  /** Settings of this kind alone. */
  options: Record<string, string>;
  /** When it was created. */
  created_at: string;
  /** Who created it. */
  created_by: string;
  /** When it last changed. */
  updated_at: string;
}

/** One page of integrations. */
export interface IntegrationPage {
  /** The items of this page. */
  data: Integration[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** A new secret. */
export interface IntegrationPatch {
  /**
   * A token of the Hub, W&B's API key, MLflow's token or `user:password`, a store's credentials as JSON. Write-only:
   * stored encrypted and never shown.
   */
  secret: string;
  /** Why; kept in the history. */
  reason?: string | null;
}

/** An estimate from `n` rows with its interval. */
export interface Interval {
  /** Number of rows. */
  n: number;
  /** The estimated value. Null without rows. */
  estimate: number | null;
  /** Lower end of the interval. Null if there are too few rows. */
  low: number | null;
  /** Upper end of the interval. Null if there are too few rows. */
  high: number | null;
  /** Confidence level, 0 to 1. */
  confidence?: number;
  /** How the interval was computed. */
  method?: "bca" | "constant" | "none" | "normal" | "percentile" | "wilson";
}

/**
 * A model that scores: each answer by requirements (`rubric`) or by one criterion (`geval`), or pairs of answers.
 *
 * Without requirements or an instruction of its own it goes by the dataset's task. A pair is with the answer of
 * `against`: the name of a target, or `reference`; by default the first base model. `least` passes.
 */
export interface JudgeAsked {
  /** The model that judges. */
  target: ModelChoice;
  /** The target, or `reference`, that a pairwise judge compares with. Default: the first base model. */
  against?: string | null;
  /** The criterion of a `geval` judge. Required for that kind. */
  criterion?: string | null;
  /** What the answers should do. Default: the task's instruction; required if the dataset has no task. */
  instruction?: string | null;
  /** `rubric` scores each requirement, `geval` scores one criterion, `pairwise` picks the better of two answers. */
  kind?: "geval" | "pairwise" | "rubric";
  /** The key of its scores. Default: the scorer's name. */
  label?: string | null;
  /** The lowest score that passes. Default: 4, or `pass`. */
  least?: number | null;
  /** What to score by. Default: the task's requirements. */
  requirements?: NewCriterion[] | null;
  /** Scale of a `rubric` judge's scores; `geval` is always 1 to 5. */
  scale?: "one_to_five" | "pass_fail";
  /** Evaluation steps shown to a `geval` judge. */
  steps?: string[];
}

/** How well a judge agrees with people's ratings. */
export interface JudgeStanding {
  /** The judge's label. */
  label: string;
  /** True from 10 rated answers and a weighted kappa of 0.41. */
  trusted: boolean;
  /** The reason, in words. */
  because: string;
  /** The figures behind it. */
  trust: Trust;
}

/** An annotator's answers about an example. */
export interface Label {
  /** The label's id. */
  id: string;
  /** Grows by 1 with every change. */
  version: number;
  /** The dataset the example is in. */
  dataset_id: string;
  /** The labeled example. */
  example_id: string;
  /** The task the label answers. */
  task_id: string;
  /** Who labeled. */
  annotator: Annotator;
  /** The chosen categories by question. */
  answers: Record<string, string[]>;
  /** The free text the answers were read from; null if there was none or it was erased. */
  text: string | null;
  /** The task's version when the label was given. */
  task_version: number;
  /** The version of the example that the annotator saw. */
  example_version: number;
  /** The queue it was given in; null if it was given outside a queue. */
  queue_id: string | null;
  /**
   * A reviewer's verdict, or that the annotator took it back; null until then. Only accepted labels and those without a
   * review count.
   */
  review: "accepted" | "sent_back" | "withdrawn" | null;
  /** The reason given with the label. */
  reason: string | null;
  /** When it was given. */
  given_at: string;
  /** The member who sent it; another name than the annotator's means that it was given in another's name. */
  given_by: string;
}

/** The created labels, in the order of the request. */
export interface LabelBatch {
  /** The labels, in the order of the request. */
  data: Label[];
}

/** One page of labels, by example. All pages show the state of the first. */
export interface LabelPage {
  /** The items of this page. */
  data: Label[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/**
 * Each example counts for one step, by its source and by whether a person has checked it since.
 *
 * `by_hand`: written by people, or imported. `reviewed`: made by a model or from a document, and rated, repaired or
 * labelled since. `synthesized`: made so, and not. `served`: from production. A step that has enough makes up for those
 * before it.
 */
export interface Ladder {
  /** All steps, the first one first. */
  steps: LadderStep[];
  /** The step to work on now. */
  next: LadderNext;
}

/** The first step that needs more, how many (null for the last), and what to do. */
export interface LadderNext {
  /** The first step that needs more examples. */
  step: "by_hand" | "reviewed" | "served" | "synthesized";
  /** How many examples it still needs. Null for the last step. */
  missing: number | null;
  /** What to do next. */
  advice: string;
}

/** How many examples a step has, and about how many it needs; the last needs no number. */
export interface LadderStep {
  /** The name of the step. */
  step: "by_hand" | "reviewed" | "served" | "synthesized";
  /** How many examples are on this step. */
  examples: number;
  /** About how many examples the step needs. Null for the last step. */
  aim: number | null;
}

/** Latency in milliseconds; percentiles by nearest rank over the requests that reported one. */
export interface Latencies {
  /** How many requests reported a latency. */
  requests: number;
  /** Milliseconds. */
  mean: number;
  /** Median, in milliseconds. */
  p50: number;
  /** 90th percentile, in milliseconds. */
  p90: number;
  /** 95th percentile, in milliseconds. */
  p95: number;
  /** 99th percentile, in milliseconds. */
  p99: number;
}

/** A signed checkpoint of the log: how many events it has, and the Merkle root over them. */
export interface LedgerCheckpoint {
  /** Name of the log: the server's log name and the workspace's id. */
  origin: string;
  /** How many events the checkpoint covers. */
  size: number;
  /** RFC 9162 Merkle root over the first `size` events, in base64. */
  root: string;
  /** The signed text, in C2SP's tlog-checkpoint form. Keep it byte for byte. */
  note: string;
  /** Public keys that sign the log, as C2SP verifier keys. */
  keys: string[];
  /** When the checkpoint was signed. */
  sealed_at: string;
}

/** The parameters of `GET /v1/api-keys`. */
export interface ListApiKeysQuery {
  /** Only the keys of this member. */
  member_id?: string;
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/artifacts`. */
export interface ListArtifactsQuery {
  /** Only artifacts of this kind. */
  kind?: "weights" | "export" | "model";
  /** Only artifacts of this resource, such as a tune's id. */
  of?: string;
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/queues/{queue_id}/assignments`. */
export interface ListAssignmentsQuery {
  /** Only in this state. */
  state?: "assigned" | "claimed" | "submitted" | "accepted" | "sent_back" | "skipped" | "released";
  /** Only items of this annotator. */
  annotator?: string;
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/base-models`. */
export interface ListBaseModelsQuery {
  /** Only models for this kind of connection. */
  kind?: "openai" | "together" | "vertex" | "bedrock" | "fireworks" | "local" | "ray" | "files" | "sandbox";
  /** Only this provider's. */
  provider?: string;
  /** Only models with this method. */
  method?: "supervised" | "dpo" | "kto" | "reinforcement";
  /** Only models of this connection's provider, and whether its account lists them now. */
  connection_id?: string;
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/datasets/{dataset_id}/bulk`. */
export interface ListBulkChangesQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/candidates/{candidate_id}/history`. */
export interface ListCandidateHistoryQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/generations/{generation_id}/candidates`. */
export interface ListCandidatesQuery {
  /** Only candidates in this state. */
  state?: "proposed" | "dropped" | "failed" | "accepted" | "rejected";
  /** Only candidates of this run. */
  run_id?: string;
  /** Only candidates about this topic. */
  topic_id?: string;
  /** Only candidates from this document. */
  document_id?: string;
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/connections/{connection_id}/history`. */
export interface ListConnectionHistoryQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/connections`. */
export interface ListConnectionsQuery {
  /** Only the item with this name. */
  name?: string;
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/datasets/{dataset_id}/changes`. */
export interface ListDatasetChangesQuery {
  /** Only changes after this: a version, an RFC 3339 time or a seq. */
  from: string;
  /** Only changes up to this, included. Default: now. */
  to?: string;
  /** Only events of one actor: a member's name. */
  actor?: string;
  /** Whether to count the changes by actor. This reads all of them. */
  by_actor?: boolean;
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
  /**
   * With `content`, lines of examples have `changes`: each field before and after, with its text. Needs the scope
   * `datasets:read`. A page has at most 100 lines then.
   */
  include?: "content"[];
}

/** The parameters of `GET /v1/datasets/{dataset_id}/checks`. */
export interface ListDatasetChecksQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/datasets/{dataset_id}/exports`. */
export interface ListDatasetExportsQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/datasets/{dataset_id}/history`. */
export interface ListDatasetHistoryQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/datasets/{dataset_id}/versions`. */
export interface ListDatasetVersionsQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/datasets`. */
export interface ListDatasetsQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
  /** Only the item with this name. */
  name?: string;
  /** Only datasets of this task. */
  task_id?: string;
  /** Archived items alone (`true`), only the others (`false`, the default), or `all`. */
  archived?: "true" | "false" | "all";
}

/** The parameters of `GET /v1/deployments`. */
export interface ListDeploymentsQuery {
  /** Only deployments in this state. */
  state?: "pending" | "creating" | "ready" | "cold" | "stopping" | "stopped" | "failed";
  /** Only deployments of this connection. */
  connection_id?: string;
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/generations/{generation_id}/documents`. */
export interface ListDocumentsQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/erasures`. */
export interface ListErasuresQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/evaluations/{evaluation_id}/results`. */
export interface ListEvaluationResultsQuery {
  /** Only results of this target. */
  target?: string;
  /** Whether all scorers that decide passed; with `scorer`, whether it did. */
  passed?: boolean;
  /** A scorer's label, for `passed` and `below`. */
  scorer?: string;
  /** Only results that `scorer` scored below this value. */
  below?: number;
  /** Only results with this failure code. */
  failure?: string;
  /** Whether people have rated the result. */
  rated?: boolean;
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/evaluations`. */
export interface ListEvaluationsQuery {
  /** Only evaluations with this name. */
  name?: string;
  /** Only evaluations of this dataset. */
  dataset_id?: string;
  /** Only evaluations that measured this model. */
  model_id?: string;
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/events`. */
export interface ListEventsQuery {
  /** Only these event types, such as `ExampleRepaired`; repeat it or use commas. */
  types?: string[];
  /** Only one kind of stream, such as `example`. */
  stream?: string;
  /** Only the events of one resource, by its id. */
  stream_id?: string;
  /** Only the events of one resource: `example:` and its id, or its path, such as `/v1/examples/{id}`. */
  resource?: string;
  /** Only events of one actor: a member's name. */
  actor?: string;
  /** Only events of one request, by its X-Request-Id. */
  request_id?: string;
  /** Only events of one operation: all events of the request that started it. */
  operation?: string;
  /** Only events from this RFC 3339 time on. */
  from?: string;
  /** Only events before this RFC 3339 time. */
  to?: string;
  /** Only events after this seq. Default 0: from the first. */
  after?: number;
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page, a seq. Overrides `after`. */
  cursor?: string;
}

/** The parameters of `GET /v1/examples/{example_id}/history`. */
export interface ListExampleHistoryQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/datasets/{dataset_id}/examples`. */
export interface ListExamplesQuery {
  /** A filter expression, such as `tag = gold and rating >= 4`; see the page Filters. */
  filter?: string;
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
  /** Id of the external. */
  external_id?: string;
  /** Has a label, or has none. */
  labelled?: boolean;
  /** Was labelled with this category. */
  label?: string;
  /** Has this text. A page looks at 20,000 examples: it may be empty and have a next_cursor. */
  q?: string;
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
  /** Also count all matches; slower than the page alone. */
  count?: boolean;
  /** Read the state as of an RFC 3339 time, a seq, or a version of the dataset. Default: now. */
  as_of?: string;
}

/** The parameters of `GET /v1/datasets/{dataset_id}/checks/{check_id}/findings/{code}`. */
export interface ListFindingRowsQuery {
  /** The finding's target, where it has one. */
  target?: string;
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/generations/{generation_id}/history`. */
export interface ListGenerationHistoryQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/generations`. */
export interface ListGenerationsQuery {
  /** Only generations for this dataset. */
  dataset_id?: string;
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/imports/{import_id}/errors`. */
export interface ListImportErrorsQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/datasets/{dataset_id}/imports`. */
export interface ListImportsQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/integrations`. */
export interface ListIntegrationsQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/labels/{label_id}/history`. */
export interface ListLabelHistoryQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/datasets/{dataset_id}/labels`. */
export interface ListLabelsQuery {
  /** Only labels of this example. */
  example_id?: string;
  /** Only labels for this task. */
  task_id?: string;
  /** Only labels from this queue. */
  queue_id?: string;
  /** Only items of this annotator. */
  annotator?: string;
  /** Only labels by people, or by models. */
  kind?: "person" | "model";
  /** Only labels that were accepted, sent back, or taken back. */
  review?: "accepted" | "sent_back" | "withdrawn";
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
  /** Read the state as of an RFC 3339 time, a seq, or a version of the dataset. Default: now. */
  as_of?: string;
}

/** The parameters of `GET /v1/members/{member_id}/history`. */
export interface ListMemberHistoryQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/members`. */
export interface ListMembersQuery {
  /** Only the item with this name. */
  name?: string;
  /** Only members of this role. */
  role?: "owner" | "admin" | "editor" | "reviewer" | "annotator" | "viewer" | "auditor";
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/merges/{merge_id}/conflicts`. */
export interface ListMergeConflictsQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/datasets/{dataset_id}/merges`. */
export interface ListMergesQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/models/{model_id}/aliases/{alias}/history`. */
export interface ListModelAliasMovesQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/models/{model_id}/history`. */
export interface ListModelHistoryQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/models/{model_id}/versions`. */
export interface ListModelVersionsQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/models`. */
export interface ListModelsQuery {
  /** Only the item with this name. */
  name?: string;
  /** Id of the task. */
  task_id?: string;
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
  /** Archived items alone (`true`), only the others (`false`, the default), or `all`. */
  archived?: "true" | "false" | "all";
}

/** The parameters of `GET /v1/operations/{operation_id}/calls`. */
export interface ListOperationCallsQuery {
  /** Only calls in this state. */
  state?: "answered" | "failed";
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/operations`. */
export interface ListOperationsQuery {
  /** Only operations in this state. */
  state?: "queued" | "running" | "succeeded" | "failed" | "cancelled";
  /** Only operations of this kind, such as `import`. */
  kind?: string;
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/runs/{run_id}/predictions`. */
export interface ListPredictionsQuery {
  /** Only predictions in this state. */
  state?: "succeeded" | "failed";
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/prompts/{prompt_id}/history`. */
export interface ListPromptHistoryQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/prompts/{prompt_id}/labels/{label}/history`. */
export interface ListPromptLabelMovesQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/prompts/{prompt_id}/runs`. */
export interface ListPromptRunsQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/prompts/{prompt_id}/versions`. */
export interface ListPromptVersionsQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/prompts`. */
export interface ListPromptsQuery {
  /** Only the item with this name. */
  name?: string;
  /** Id of the task. */
  task_id?: string;
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
  /** Archived items alone (`true`), only the others (`false`, the default), or `all`. */
  archived?: "true" | "false" | "all";
}

/** The parameters of `GET /v1/datasets/{dataset_id}/queues`. */
export interface ListQueuesQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
  /** Archived items alone (`true`), only the others (`false`, the default), or `all`. */
  archived?: "true" | "false" | "all";
}

/** The parameters of `GET /v1/requests/{request_id}/history`. */
export interface ListRequestHistoryQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/requests`. */
export interface ListRequestsQuery {
  /** Id of the model. */
  model_id?: string;
  /** Only items of this version, such as v1.0. */
  version?: string;
  /** Calls at this time or later, with its zone. */
  since?: string;
  /** Calls before this time. */
  until?: string;
  /** In stars. */
  rating_gte?: number;
  /** In stars. */
  rating_lte?: number;
  /** Whether the call ended in an error. */
  error?: boolean;
  /** Whether the output matched the task's schema. */
  valid?: boolean;
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/bulk/{bulk_id}/skipped`. */
export interface ListSkippedExamplesQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/tasks/{task_id}/history`. */
export interface ListTaskHistoryQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/tasks`. */
export interface ListTasksQuery {
  /** Only the item with this name. */
  name?: string;
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
  /** Archived items alone (`true`), only the others (`false`, the default), or `all`. */
  archived?: "true" | "false" | "all";
}

/** The parameters of `GET /v1/tunes/{tune_id}/checkpoints`. */
export interface ListTuneCheckpointsQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/tunes/{tune_id}/events`. */
export interface ListTuneEventsQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/tunes/{tune_id}/history`. */
export interface ListTuneHistoryQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/tunes/{tune_id}/metrics`. */
export interface ListTuneMetricsQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/tunes/{tune_id}/weights`. */
export interface ListTuneWeightsQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/tunes`. */
export interface ListTunesQuery {
  /** Only tunes in this state. */
  state?: "pending" | "validating" | "queued" | "running" | "paused" | "succeeded" | "failed" | "cancelled" | "needs_attention";
  /** Id of the dataset. */
  dataset_id?: string;
  /** Id of the sweep. */
  sweep_id?: string;
  /** Only tunes for this model. */
  model?: string;
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/webhooks/{webhook_id}/deliveries`. */
export interface ListWebhookDeliveriesQuery {
  /** Only deliveries in this state. */
  state?: "pending" | "accepted" | "failed";
  /** Only deliveries of the event with this seq. */
  seq?: number;
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/webhooks/{webhook_id}/history`. */
export interface ListWebhookHistoryQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/webhooks`. */
export interface ListWebhooksQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** The parameters of `GET /v1/workspaces`. */
export interface ListWorkspacesQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** Up to 1,000 calls. A refused call does not affect the others. */
export interface LogRequests {
  /** 1 to 1,000 calls. */
  requests: LoggedCall[];
}

/** The outcome of each call, in the order they were sent, and why any were refused. */
export interface LoggedBatch {
  /** How many calls were logged now. */
  new: number;
  /** How many were logged before. */
  repeated: number;
  /** How many were refused. */
  refused: number;
  /** The outcome of each call, in the order sent. */
  data: LoggedOutcome[];
  /** What is wrong with the refused calls. */
  errors: Fault[];
}

/** A call of a model in production, by version or by alias. */
export interface LoggedCall {
  /** The model that was called. */
  model_id: string;
  /** A text, or messages in OpenAI's chat format. */
  input: string | Record<string, unknown>[];
  /** The alias that was called. The request counts for the version the alias pointed to at that time. */
  alias?: string | null;
  /** When the model was called; now by default. Not in the future, and at most 1,098 days ago. */
  at?: string | null;
  /** Those of the input's tokens that the provider had cached. */
  cached_tokens?: number | null;
  /** Your own id. A call with the same id is logged once. */
  client_id?: string | null;
  /** What the call cost. */
  cost?: Cost | null;
  /** Why there was no answer. */
  error?: CallError | null;
  /** Feedback on the answer, if you have it already. */
  feedback?: NewFeedback | null;
  /** Why the answer ended, in the provider's words: stop, length, tool_calls, … */
  finish_reason?: string | null;
  /** Tokens of the input. */
  input_tokens?: number | null;
  /** Milliseconds from the question to the end of the answer. */
  latency_ms?: number | null;
  /** Any JSON object of yours. */
  metadata?: Record<string, unknown> | null;
  /** The model's text. */
  output?: string | null;
  /** Tokens of the output. */
  output_tokens?: number | null;
  /** The provider's id of the request, for its support. */
  provider_request_id?: string | null;
  /** Those of the output's tokens that were spent on reasoning. */
  reasoning_tokens?: number | null;
  /** The model's tool calls, in OpenAI's format. */
  tool_calls?: Record<string, unknown>[] | null;
  /** The tools that the model could call, in OpenAI's format. An example made from the call has them too. */
  tools?: Record<string, unknown>[] | null;
  /** A hash that stands for the user. Never send a name. */
  user_hash?: string | null;
  /** The version that was called, such as v1.0. Give this or `alias`. */
  version?: string | null;
}

/** How many calls of a file were new, repeated or refused, and the first 1,000 faults. */
export interface LoggedLines {
  /** How many calls were logged now. */
  new: number;
  /** How many were logged before. */
  repeated: number;
  /** How many were refused. */
  refused: number;
  /** What is wrong with the refused calls, by line; at most 1,000. */
  errors: Fault[];
}

/** The outcome of one call. A repeated call was logged before under this `id`, and is unchanged. */
export interface LoggedOutcome {
  /** `new`; `repeated` when its `client_id` was logged before; or `refused`. */
  outcome: "new" | "refused" | "repeated";
  /** The id you sent. */
  client_id?: string | null;
  /** The logged request; absent when refused. */
  id?: string | null;
}

/** A logged call. Once erased, only its figures are left: its texts, metadata and user are null. */
export interface LoggedRequest {
  /** The request's id. */
  id: string;
  /** The id you sent; null without one or once erased. */
  client_id: string | null;
  /** When the model was called. */
  at: string;
  /** The model that was called. */
  model_id: string;
  /** The version that was called. */
  version: string;
  /** The alias it was called by; null when it was called by version. */
  alias: string | null;
  /** A text, or messages in OpenAI's chat format; null once erased. */
  input: unknown;
  /** The model's text; null once erased. */
  output: string | null;
  /** The model's tool calls; null once erased. */
  tool_calls: unknown;
  /** The tools that the model could call; null without any or once erased. */
  tools: unknown;
  /** Why there was no answer; null when there was one. */
  error: CallError | null;
  /** Why the answer ended, in the provider's words; null when unknown. */
  finish_reason: string | null;
  /** Whether the output matched the task's schema when it was logged; null when nothing was checked. */
  valid: boolean | null;
  /** Milliseconds from the question to the end of the answer. */
  latency_ms: number | null;
  /** Tokens of the input. */
  input_tokens: number | null;
  /** Tokens of the output. */
  output_tokens: number | null;
  /** Those of the input's tokens that the provider had cached; null when unknown. */
  cached_tokens: number | null;
  /** Those of the output's tokens that were spent on reasoning; null when unknown. */
  reasoning_tokens: number | null;
  /** The provider's id of the request; null when unknown or once erased. */
  provider_request_id: string | null;
  /** What the call cost; null when unknown. */
  cost: CostPaid | null;
  /** The hash that stands for the user; null once erased. */
  user_hash: string | null;
  /** The JSON object you sent; null once erased. */
  metadata: Record<string, unknown> | null;
  /** The latest feedback; null without any. */
  feedback: RequestFeedback | null;
  /** The examples made from this request. */
  examples: PromotedTo[];
  /** Who logged it. */
  logged_by: string;
  /** When it was logged. */
  received_at: string;
  /** When it was erased; null while it is kept. */
  erased_at: string | null;
}

export interface LookAgain {
  /** Why, for the history. */
  reason?: string | null;
}

/** What some examples lose, or why they are left out. */
export interface Loss {
  /** How many examples. */
  examples: number;
  /** What it means. */
  meaning: string;
  /** The first 20 of them. */
  first: string[];
}

/** Write consensus labels into examples. The rule `adjudicated` needs `decisions`; other rules take none. */
export interface MakeConsensus {
  /** How votes decide: by majority, weighted by honeypot scores, or adjudicated by a person. */
  rule: "adjudicated" | "majority" | "weighted";
  /** A person's decision for each example; only with the rule `adjudicated`. */
  decisions?: Adjudication[] | null;
  /** Only these examples; up to 1,000. Default: all that have labels. */
  examples?: string[] | null;
  /** Count labels by models too. */
  include_models?: boolean;
  /** How many votes an example needs. */
  minimum?: number;
  /** Only labels from this queue vote. */
  queue_id?: string | null;
  /** Why; the history of each example shows it. */
  reason?: string | null;
  /** The task whose labels vote. Default: the dataset's task. */
  task_id?: string | null;
  /** Write the label into the answer too, as a repair with the votes. Default: labels stay beside the answers. */
  write?: AnswerForm | null;
}

/** McNemar's test of rows that pass or fail. */
export interface McNemar {
  /** Rows that failed before and pass now. */
  fixed: number;
  /** Rows that passed before and fail now. */
  broken: number;
  /** P-value of the exact two-sided test. */
  p_value: number;
}

/** Who makes this request, with which API key or token, and what they may do. */
export interface Me {
  /** The workspace that the request works in. */
  workspace_id: string;
  /** The member who makes it. */
  member_id: string;
  /** The member's name; the actor in the history. */
  name: string;
  /** Person or machine. */
  kind: "machine" | "person";
  /** The member's role. */
  role: "admin" | "annotator" | "auditor" | "editor" | "owner" | "reviewer" | "viewer";
  /** The key's id. Null for who signed in by OpenID Connect. */
  key_id: string | null;
  /** The key's name. Null for who signed in by OpenID Connect. */
  key_name: string | null;
  /** What the key or token may do, within the role. */
  scopes: Array<"access:read" | "access:write" | "admin" | "audit:read" | "connections:read" | "connections:write" | "datasets:read" | "datasets:write" | "erase" | "evaluations:read" | "evaluations:write" | "generations:read" | "generations:write" | "labels:impersonate" | "labels:read" | "labels:write" | "models:override" | "models:read" | "models:run" | "models:write" | "operations:read" | "operations:write" | "operator" | "prompts:read" | "prompts:run" | "prompts:write" | "requests:read" | "requests:write" | "tasks:read" | "tasks:write" | "tunes:read" | "tunes:write" | "webhooks:read" | "webhooks:write">;
  /** When the key or token stops working. Null: never. */
  expires_at: string | null;
}

/** The confidence interval of an improvement, in the score's unit. Above 0 is better, also if lower scores are. */
export interface MeasuredGain {
  /** The lower end of the interval; null where it is not known. */
  low: number | null;
  /** The upper end of the interval; null where it is not known. */
  high: number | null;
}

/** A mean score with its confidence interval, and the rows it was measured on. */
export interface MeasuredScore {
  /** The evaluations that the score comes from. */
  evaluation_ids: string[];
  /** The scorer, such as exact_match. */
  scorer: string;
  /** The mean score; null where it was not measured. */
  value: number | null;
  /** The upper end of the confidence interval; null where it is not known. */
  high?: number | null;
  /** The lower end of the confidence interval; null where it is not known. */
  low?: number | null;
  /** How many rows were scored. */
  n?: number;
  /** The rows it was measured on, in words. */
  on?: string;
}

/** The measurements of one version, or of its base model. A number that was not measured is null. */
export interface MeasuredVersion {
  /** The cost of 1,000 answers; null where it is not known. */
  cost_per_thousand?: CostPerThousand | null;
  /** The share of answers in the right format, 0 to 1. */
  format_validity?: number | null;
  /** The mean rating by people, in stars. */
  human_rating?: number | null;
  /** How many ratings people gave. */
  human_ratings?: number;
  /** The 95th percentile of latency, in milliseconds. */
  latency_p95_ms?: number | null;
  /** Further scores of this version. */
  others?: MeasuredScore[];
  /** The score that the gate checks; null where it was not measured. */
  score?: MeasuredScore | null;
}

export interface MediaUrl {
  /** Address of the audio or video, or a data URL. */
  url: string;
}

/** A person or machine of the workspace. */
export interface Member {
  /** The member's id. */
  id: string;
  /** Who it is; the actor in the history. */
  name: string;
  /** Person or machine. */
  kind: "machine" | "person";
  /** Where the person can be reached. */
  email: string | null;
  /** What the member may do at most. */
  role: "admin" | "annotator" | "auditor" | "editor" | "owner" | "reviewer" | "viewer";
  /** Whether the member's keys and tokens are stopped. */
  suspended: boolean;
  /** Whose tokens are the member's, when they sign in by OpenID Connect. Null: nobody's. */
  identity: Identity | null;
  /** When the member was invited. */
  created_at: string;
  /** Name of the member, or other actor, that invited them. */
  created_by: string;
  /** When the member was last changed. */
  updated_at: string;
  /** Grows with each change; the ETag. */
  version: number;
}

/** The fields to change: an absent field stays as it is, null empties it. The name stays for ever. */
export interface MemberChanges {
  /** Where the person can be reached. */
  email?: string | null;
  /** Person or machine. */
  kind?: "machine" | "person";
  /** Why; kept in the history. */
  reason?: string | null;
  /** What the member may do at most, from now on; their keys have less within a second. */
  role?: "admin" | "annotator" | "auditor" | "editor" | "owner" | "reviewer" | "viewer";
}

/** One page of members. */
export interface MemberPage {
  /** The items of this page. */
  data: Member[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** A new member, with the first key when one was asked for. */
export interface MemberWithKey {
  /** The member's id. */
  id: string;
  /** Who it is; the actor in the history. */
  name: string;
  /** Person or machine. */
  kind: "machine" | "person";
  /** Where the person can be reached. */
  email: string | null;
  /** What the member may do at most. */
  role: "admin" | "annotator" | "auditor" | "editor" | "owner" | "reviewer" | "viewer";
  /** Whether the member's keys and tokens are stopped. */
  suspended: boolean;
  /** Whose tokens are the member's, when they sign in by OpenID Connect. Null: nobody's. */
  identity: Identity | null;
  /** When the member was invited. */
  created_at: string;
  /** Name of the member, or other actor, that invited them. */
  created_by: string;
  /** When the member was last changed. */
  updated_at: string;
  /** Grows with each change; the ETag. */
  version: number;
  /** The first key. Null when none was asked for. */
  api_key: ApiKey | null;
  /**
   * The key to send in the Authorization header. Shown once; null without a key, and in a repeated response, since the
   * server does not store it.
   */
  secret: string | null;
}

/** Memory to train on own hardware, in GB; an estimate for short examples and small batches. */
export interface Memory {
  /** With LoRA on weights in 16 bit. */
  lora_gb: number;
  /** With LoRA on weights in 4 bit. */
  qlora_gb: number;
  /** With all parameters trained. */
  full_gb: number;
  /** Space for the weights on disk. */
  disk_gb: number;
}

/** A merge, or the fork that made a dataset, as one operation with the same id. Counts are of the last plan. */
export interface Merge {
  /** The id of the merge and of its operation. */
  id: string;
  /** `fork` for that which filled a new dataset. */
  kind: "fork" | "merge";
  /** The dataset that examples come into. */
  dataset_id: string;
  /** The dataset that they come from. */
  source_id: string;
  /** The position in the event log whose state comes over. */
  moment: number;
  /** Whether it only counts. */
  dry_run: boolean;
  /** How far it is. */
  state: "cancelled" | "failed" | "queued" | "running" | "succeeded";
  /** How many examples are added. */
  added: number;
  /** How many are changed. */
  changed: number;
  /** How many are deleted. */
  deleted: number;
  /** How many were changed on both sides and are not decided. */
  conflicts: number;
  /** How many were erased on one side; these stay as they are. */
  erased: number;
  /** How many examples have been added, changed or deleted so far. */
  done: number;
  /** The merge whose decisions it goes on with. */
  continues: string | null;
  /** Why it failed; null unless it did. */
  failure: MergeFailed | null;
  /** Why it was made. */
  reason: string | null;
  /** When it was requested. */
  created_at: string;
  /** Who requested it. */
  created_by: string;
  /** When it last went on. */
  updated_at: string;
}

/** An example that both sides changed. A side is null where the example was deleted or never was. */
export interface MergeConflict {
  /** The example of this dataset; decisions name it. */
  example_id: string;
  /** Its counterpart in the other dataset. */
  source_example_id: string;
  /** What both changed: the answer with its ratings and label, tags, metadata, split; or one of them deleted it. */
  fields: Array<"answer" | "metadata" | "split" | "tags" | "deleted">;
  /** What it was when both sides were the same. Null if both added it. */
  base: Side | null;
  /** What it is here. */
  ours: Side | null;
  /** What it is there. */
  theirs: Side | null;
  /** What was decided. Null if nothing was. */
  decision: "content" | "ours" | "theirs" | null;
}

/** What to take for one example that both sides changed. */
export interface MergeDecision {
  /** The example of this dataset, as the conflict names it. */
  example_id: string;
  /** Ours is this dataset, theirs the one that is merged into it. `content` takes the content given here. */
  take: "content" | "ours" | "theirs";
  /** The content to take, with `content`. Other fields that both sides changed stay as ours. */
  content?: Content | null;
}

/** A merge that ended before it was done. */
export interface MergeFailed {
  /** A word for programs. */
  code: string;
  /** What went wrong, for people. */
  detail: string;
}

/** One page of merges into a dataset, the newest first. */
export interface MergePage {
  /** The items of this page. */
  data: Merge[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** One page of the curves, by step. */
export interface MetricPage {
  /** The items of this page. */
  data: MetricPoint[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** Measured at a step: losses in nats per token, accuracies 0 to 1; `not_finite` names the NaNs and infinities. */
export interface MetricPoint {
  /** The training step, from 0. */
  step: number;
  /** Token accuracy on all validation examples, 0 to 1. */
  full_valid_accuracy?: number | null;
  /** Loss on all validation examples, in nats per token. */
  full_valid_loss?: number | null;
  /** Names of the measures that were NaN or infinite. */
  not_finite?: string[];
  /** Token accuracy on the training examples, 0 to 1. */
  train_accuracy?: number | null;
  /** Loss on the training examples, in nats per token. */
  train_loss?: number | null;
  /** Token accuracy on a batch of validation examples, 0 to 1. */
  valid_accuracy?: number | null;
  /** Loss on a batch of validation examples, in nats per token. */
  valid_loss?: number | null;
}

/** Where an output does not match the task's schema. No value is given, since events hold no content. */
export interface Mismatch {
  /** JSON pointer to the value that fails. */
  pointer: string;
  /** The kind of fault, for programs. */
  code: string;
}

/** One of the five common mistakes. */
export interface MistakeItem {
  /** The mistake. */
  name: "inconsistent_answers" | "test_in_training" | "too_little_data" | "unbalanced_categories" | "unreviewed_answers";
  /** What it is. */
  title: string;
  /** Whether the rows show it, in a finding that is an error or a warning. */
  made: boolean;
  /** The codes of what was found. */
  findings: string[];
}

/** A model: a line of versions, and aliases that point to them. */
export interface Model {
  /** The model. */
  id: string;
  /** The model's name, unique in the workspace. */
  name: string;
  /** What the model is for. */
  description: string | null;
  /** The task that the model does. */
  task_id: string | null;
  /** The version with the highest number; null where there is none. */
  latest_version: string | null;
  /** The version of each alias, by alias. */
  aliases: Record<string, string>;
  /** When the model was created. */
  created_at: string;
  /** The API key or person that created the model. */
  created_by: string;
  /** When the model or one of its versions last changed. */
  updated_at: string;
  /** The API key or person that made the last change. */
  updated_by: string;
  /** When it was archived; null unless it is. */
  archived_at: string | null;
}

/** The model that answers: `connection_id` and `model`, or `model_id` with a `version` or an `alias`. */
export interface ModelChoice {
  /** An alias of your model, such as production. */
  alias?: string | null;
  /** The connection to ask; needs `model`. */
  connection_id?: string | null;
  /** A model of the connection, by the provider's name. */
  model?: string | null;
  /** One of your models; needs `version` or `alias`. */
  model_id?: string | null;
  /** A version of your model, such as v1.0. */
  version?: string | null;
}

/** One page of models, the oldest first. */
export interface ModelPage {
  /** The items of this page. */
  data: Model[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** The fields to change. Absent fields stay unchanged; null clears a field. */
export interface ModelPatch {
  /** What the model is for; null clears it. */
  description?: string | null;
  /** Unique in the workspace. A tune names its model by it. */
  name?: string;
  /** Why, for the history. */
  reason?: string | null;
  /** The task that the model does; null clears it. */
  task_id?: string | null;
}

/** US dollars per million tokens, as decimal strings. */
export interface ModelPrice {
  /** For input tokens. */
  input: string;
  /** For output tokens. */
  output: string;
}

/** A model's month in UTC: all versions together, and each version. */
export interface ModelReport {
  /** The model. */
  model_id: string;
  /** The month in UTC, such as 2026-11. */
  month: string;
  /** The figures of all versions together. */
  figures: MonthFigures;
  /** The figures of the month before; null without requests. */
  before: MonthFigures | null;
  /** The change since the month before; null without requests then. */
  change: AgainstMonthBefore | null;
  /** Each version by itself, the latest version first. */
  versions: VersionMonth[];
  /** What failed, grouped by similar inputs. */
  failing: Failing;
}

/** A version of a model, and what it was made from. Without a tune it was trained elsewhere. */
export interface ModelVersion {
  /** The model. */
  model_id: string;
  /** The version's number, such as v1.0. */
  version: string;
  /** The aliases that are at this version. */
  aliases: string[];
  /** The connection that serves the model. */
  connection_id: string;
  /** The base model that was tuned. */
  base_model: string;
  /** The version's model name at the provider. */
  provider_model: string;
  /** The tune that trained it; null where it was trained elsewhere. */
  tune_id: string | null;
  /** The dataset it was trained on; null where none is known. */
  dataset_id: string | null;
  /** The frozen version of the dataset. */
  dataset_version: string | null;
  /** The last event of the workspace's log that the dataset version contains. */
  dataset_seq: number | null;
  /** SHA-256 over the dataset version's contents, in hex. */
  dataset_digest: string | null;
  /** The split it was trained on. */
  train_split: string | null;
  /** The split it was validated with; null where there was none. */
  validation_split: string | null;
  /** Notes on the version, in Markdown. */
  notes: string | null;
  /** The version before this one; null for the first. */
  previous: string | null;
  /** How the dataset differs from that of the previous version; null where they are not of one dataset. */
  changes: Changes | null;
  /**
   * How much is known of its training: `tune`, a tune of this workspace; `stated`, the dataset that whoever registered
   * it named; `unknown`.
   */
  lineage: "stated" | "tune" | "unknown";
  /** Whether its model was to be deleted at its provider, and whether that was done. Null unless somebody asked. */
  deletion: "deleted" | "refused" | "requested" | null;
  /** Why the provider did not delete it. */
  deletion_refusal: string | null;
  /** When its model was deleted at its provider. It cannot be run any more. */
  deleted_at: string | null;
  /** When the version was registered. */
  created_at: string;
  /** The API key or person that registered the version. */
  created_by: string;
}

/** A model version's tune and dataset version, and one page of its examples, in the order they were added. */
export interface ModelVersionLineage {
  /** The items of this page. */
  data: ExampleUsed[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The model. */
  model_id: string;
  /** The version of the model. */
  version: string;
  /** The base model that was tuned. */
  base_model: string;
  /** The version's model name at the provider. */
  provider_model: string;
  /**
   * How much is known: `tune`, trained by a tune of this workspace; `stated`, by what whoever registered it said;
   * `unknown`.
   */
  lineage: "stated" | "tune" | "unknown";
  /** The tune that trained it; null where it was trained elsewhere. */
  tune: TrainedBy | null;
  /** The dataset version it was trained on; null where none is known. */
  dataset: TrainedOn | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** A model version made from a dataset version that contains the example, and how it used the example. */
export interface ModelVersionMade {
  /** The model. */
  model_id: string;
  /** The model's name. */
  model: string;
  /** The version of the model. */
  version: string;
  /** The tune that trained it; null where it was trained elsewhere. */
  tune_id: string | null;
  /** What the version used the example for; null where it did not use it. */
  use: "training" | "validation" | null;
}

/** One page of versions, the newest first. */
export interface ModelVersionPage {
  /** The items of this page. */
  data: ModelVersion[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** A version's new notes. */
export interface ModelVersionPatch {
  /** The new notes, in Markdown; null removes them. */
  notes: string | null;
  /** Why, for the history. */
  reason?: string | null;
}

/** An exact amount of money. */
export interface Money {
  /** A decimal number, as a string. */
  amount: string;
  /** ISO 4217 code, such as `USD`. */
  currency: string;
}

/** The figures of a month. */
export interface MonthFigures {
  /** How many requests were logged. */
  requests: number;
  /** How many ended in an error. */
  errors: number;
  /** Errors as a share of requests, 0 to 1. */
  error_rate: number;
  /** How many outputs were checked against the task's schema. */
  checked: number;
  /** How many checked outputs failed. */
  invalid: number;
  /** Input tokens of all requests. */
  input_tokens: number;
  /** Output tokens of all requests. */
  output_tokens: number;
  /** Latency in milliseconds; null when no request reported one. */
  latency_ms: Latencies | null;
  /** Costs, by currency. */
  costs: Costs[];
  /** Ratings given as feedback. */
  ratings: Ratings;
}

/** Where to move an alias. `override` needs a reason and the scope models:override. */
export interface MoveAlias {
  /** Such as v1.0. */
  version: string;
  /** Whether to move a protected alias although the gate refuses. */
  override?: boolean;
  /** Why, for the history. Required with `override`. */
  reason?: string | null;
}

/** Move the examples to another split. */
export interface MoveExamples {
  /** Always `move`: which kind this is. */
  type: "move";
  /** The split to move them to. */
  split: "test" | "train" | "validation";
}

/** Where to move the label: give either `version` or `weights`. */
export interface MovePromptLabel {
  /** Why, for the history. */
  reason?: string | null;
  /** The version to point at. */
  version?: number | null;
  /** Several versions by weight, such as `{"3": 0.9, "4": 0.1}`. */
  weights?: Record<string, number> | null;
}

/** A queue as one of its annotators sees it. */
export interface MyQueue {
  /** The queue's id, to claim examples. */
  id: string;
  /** The queue's name. */
  name: string;
  /** The dataset its examples are from. */
  dataset: QueueDataset;
  /** What to answer. */
  task: QueueTask;
  /** What annotators see: the whole example, or its input without the answer. */
  shows: "example" | "input";
  /** A closed queue offers no examples; open assignments can still be submitted. */
  closed: boolean;
  /** How many examples you can claim: reserved for you, sent back to you, or free. */
  left: number;
  /** How many examples of the queue you have labeled. */
  labeled: number;
  /** How many assignments wait for you. */
  open: number;
  /** The assignments that wait for you, the first 100. */
  assignments: OpenAssignment[];
}

/** One page of your queues, the oldest first. */
export interface MyQueuePage {
  /** The items of this page. */
  data: MyQueue[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** Who labels. Default: the API key, as a person. Anybody else needs the scope labels:impersonate. */
export interface NewAnnotator {
  /** The name of the person or model. */
  name: string;
  /** Person or model. */
  kind?: "model" | "person";
}

/** A new key. With neither `member_id` nor `name` it is one more key of whoever asks. */
export interface NewApiKey {
  /** When the key stops working, with a time zone. Null: after the longest life that is set, else never. */
  expires_at?: string | null;
  /** Whose key it is. For another member than yourself, you need all that their role has. */
  member_id?: string | null;
  /**
   * Tells a member's keys apart; unique among those that are neither revoked nor rotated. Default: the key's hint.
   * Without `member_id`, the key is for the machine of this name, which becomes a member when it is new.
   */
  name?: string | null;
  /**
   * What the key may do: nothing that the member's role does not cover, and nothing that you lack. Default: all of that
   * but `operator`. Required for a machine that is new.
   */
  scopes?: Array<"access:read" | "access:write" | "admin" | "audit:read" | "connections:read" | "connections:write" | "datasets:read" | "datasets:write" | "erase" | "evaluations:read" | "evaluations:write" | "generations:read" | "generations:write" | "labels:impersonate" | "labels:read" | "labels:write" | "models:override" | "models:read" | "models:run" | "models:write" | "operations:read" | "operations:write" | "operator" | "prompts:read" | "prompts:run" | "prompts:write" | "requests:read" | "requests:write" | "tasks:read" | "tasks:write" | "tunes:read" | "tunes:write" | "webhooks:read" | "webhooks:write"> | null;
}

/** The most that tunes may cost in a calendar month (UTC). */
export interface NewBudget {
  /** A decimal number, as a string. */
  amount: string;
  /** ISO 4217 code. */
  currency?: string;
  /** Only tunes for this model. Null: all tunes of the workspace. */
  model?: string | null;
  /** Why; kept in the history. */
  reason?: string | null;
}

/** Candidates from another program. They are reviewed like generated ones. */
export interface NewCandidates {
  /** The candidates to add; up to 1,000. */
  candidates: CandidateContent[];
}

/** Optional features of the provider's server. Tuneledger also works without those that are false. */
export interface NewCapabilities {
  /** It lists a job's checkpoints. */
  checkpoints?: boolean;
  /** It lists a job's events. */
  events?: boolean;
  /** It stores metadata with a job. */
  metadata?: boolean;
  /** It can search jobs by metadata. */
  metadata_filter?: boolean;
  /** It offers a job's result files. */
  results?: boolean;
  /**
   * It stores chat completions and finds them by metadata, so a lost response is not paid for twice. Default: true for
   * OpenAI itself and for the sandbox.
   */
  stored_completions?: boolean | null;
  /** It accepts a JSON Schema for the response. */
  structured_output?: boolean;
}

/** A possible answer; `children` are asked only when it was chosen. */
export interface NewCategory {
  /** Unique among the categories of its question. */
  name: string;
  /** Questions asked only of examples that got this category. */
  children?: NewQuestion[];
  /** When this category is the right answer. */
  description?: string | null;
}

/** What the rows are for. */
export interface NewCheckTarget {
  /** The provider, as `GET /v1/base-models` names it. */
  provider: string;
  /** The base model's id at the provider. Null: only the provider's format is checked. */
  base_model?: string | null;
  /** The training method. */
  method?: "dpo" | "kto" | "reinforcement" | "supervised";
}

/** A state of the model that was saved on the way. */
export interface NewCheckpoint {
  /** Its name. The same name again is ignored. */
  id: string;
  /** The step after which it was saved. */
  step: number;
  /** Where it is: a path, an address, or a name at the server that answers for it. */
  model: string;
  /** When it was saved. Null: now. */
  at?: string | null;
}

/**
 * An account at a provider.
 *
 * For other servers with OpenAI's API, such as Azure or Nebius, use kind `openai` and their base_url.
 */
export interface NewConnection {
  /** Unique in the workspace. */
  name: string;
  /** Which provider: `openai` is also for servers with the same API; `sandbox` costs nothing. */
  kind: "bedrock" | "files" | "fireworks" | "local" | "openai" | "ray" | "sandbox" | "together" | "vertex";
  /** Default: the public address of the kind's API. The sandbox has none. */
  base_url?: string | null;
  /** What the provider's server supports. */
  capabilities?: NewCapabilities;
  /** Requests that a worker has open at once. */
  concurrency?: number;
  /** Added to the body of every job that is created. */
  extra_body?: Record<string, unknown>;
  /** Header that carries the secret. */
  header_name?: string;
  /** Text before the secret in that header. */
  header_prefix?: string;
  /** Settings of this kind alone, such as Vertex's project, location and bucket. */
  options?: Record<string, string>;
  /** By the provider's model name. They override the catalog's prices. */
  prices?: Record<string, NewPrice>;
  /** Added to the URL of every request, such as Azure's api-version. */
  query?: Record<string, string>;
  /** Required, but for the kinds that need none. */
  secret?: string | null;
  /** Longest wait for a chat response, in seconds; for other responses at most 120. */
  timeout_seconds?: number;
}

/** The webhook that the provider is to send for a connection's account. */
export interface NewConnectionHook {
  /** The signing secret that the provider showed. Write-only: stored encrypted and never shown. */
  secret: string;
  /** Why, for the history. */
  reason?: string | null;
}

/** A requirement that a judge scores by. */
export interface NewCriterion {
  /** Short name of the requirement. */
  name: string;
  /** What a good answer does. */
  instruction: string;
  /** 0 matters most, 3 least. */
  priority?: number;
}

export interface NewDataset {
  /** Unique in the workspace. */
  name: string;
  /** Notes for people. */
  description?: string;
  /** How new examples are split. */
  split_policy?: SplitPolicyIn;
  /** The task its examples are checked against. */
  task_id?: string | null;
}

/** What to export, and how. With a recipe, a zip of data and settings. */
export interface NewDatasetExport {
  /** A time, a seq or a version. Null: now. */
  as_of?: string | null;
  /** Whether rows stand in lines, or in a Parquet file with typed columns. */
  container?: "lines" | "parquet";
  /** Only examples that match. */
  filter?: string | Filter;
  /** The format of the rows. */
  format?: "alpaca" | "bedrock" | "cohere" | "csv" | "kto" | "mistral" | "openai-chat" | "openai-preference" | "openai-rft" | "prompt-completion" | "question-answer" | "sharegpt" | "text" | "trl" | "trl-preference" | "tuneledger" | "typed-parts" | "vertex" | "vertex-preference";
  /**
   * `fields` adds external_id, tags, split, rating and metadata to each row; `history` its events, in tuneledger.
   * `original` writes a row as it was imported, if it still says the same in this format.
   */
  include?: "fields" | "history" | "original" | null;
  /** Preferences from the record: an answer and what it replaced, or the winner and the loser of a judgement. */
  pairs?: "judgements" | "repairs" | null;
  /** What becomes of the reasoning before an answer. */
  reasoning?: "drop" | "keep" | "think" | "turns";
  /** A zip with data and the settings of a tool, instead of rows. */
  recipe?: Recipe | null;
  /** Only this split. */
  split?: "test" | "train" | "validation" | null;
  /** Fail when the format cannot carry all of it. */
  strict?: boolean;
  /** A system prompt for each row. */
  system?: string | null;
  /** Whether it takes the place of the row's, serves rows that have none, or comes before the row's. */
  system_mode?: "default" | "prepend" | "replace";
  /** Null: the artifact store alone. Needs the scope connections:write, since it uses an integration's keys. */
  to?: NewDatasetTarget | null;
  /** A frozen version. Null: the moment of `as_of`. */
  version?: string | null;
}

/** Where a copy goes, as a folder with a dataset card and a file for each split. */
export interface NewDatasetTarget {
  /** An integration of kind `huggingface` or `object_store`. */
  integration_id: string;
  /** On the Hub `owner/name`; else a folder in the store. */
  path: string;
  /** The license for the card, as the Hub names it, such as `cc-by-4.0`. */
  license?: string | null;
  /** Whether a repository that is made for it is private. */
  private?: boolean;
}

/** A model to run on machines of its own. They cost by the hour until the deployment is stopped. */
export interface NewDeployment {
  /** The connection to the provider that has the model. */
  connection_id: string;
  /** The provider's name of the model: a tune's or model version's `provider_model`. */
  model: string;
  /** The machine, by the provider's name. Null: the provider's choice. */
  hardware?: string | null;
  /** Minutes without a request after which machines are given back. Null: the provider's choice. */
  idle_minutes?: number | null;
  /** The most machines. */
  max_replicas?: number;
  /** The fewest machines. 0 scales to zero where the provider can: the first request after that has to wait. */
  min_replicas?: number;
  /** A name that the provider shows. */
  name?: string;
  /** What a machine costs by the hour, where the provider does not say. */
  price_per_hour?: string | null;
  /** It is stopped after so many hours, whatever happens. */
  stop_after_hours?: number;
}

/**
 * Measure targets on a split of a frozen dataset version: all rows, the first `limit`, or a random `sample`.
 *
 * Earlier answers to the same questions under the same settings are reused for free, unless `fresh` is set.
 */
export interface NewEvaluation {
  /** The evaluation's name. Evaluations may share a name and then form a suite, which gates can use. */
  name: string;
  /** The dataset. */
  dataset_id: string;
  /** A frozen version's name. */
  version: string;
  /** What to measure. */
  targets: NewTarget[];
  /** Measure even if targets have already seen some of the rows. */
  force_leakage?: boolean;
  /** Label of the scorer that decides `format_validity`. Default: a `json_schema` or `json_valid` scorer. */
  format_scorer?: string | null;
  /** Ask again instead of reusing earlier answers to the same questions. */
  fresh?: boolean;
  /** Models that score the answers. */
  judges?: JudgeAsked[];
  /** Measure only the first so many rows. Not together with `sample`. */
  limit?: number | null;
  /** Overrides the output token limit of prompts. */
  max_tokens?: number | null;
  /** Further fields of the provider's request. */
  options?: Record<string, unknown>;
  /** How many times to ask each question. The first answer is scored; all are compared for consistency. */
  repeats?: number;
  /** Measure so many rows, drawn at random by `seed`. Not together with `limit`. */
  sample?: number | null;
  /** How to score the answers. At least one scorer or judge is required. */
  scorers?: NewScorer[];
  /** Seed of the sample, the intervals, and the order of answers shown to pairwise judges. */
  seed?: number;
  /** The split whose rows are measured. */
  split?: "test" | "train" | "validation";
  /** Overrides the temperature of prompts. */
  temperature?: number | null;
}

/** An example to add. Without a `split`, the dataset's policy assigns one for good. */
export interface NewExample {
  /** The messages. */
  content: Content;
  /** Your own id of it, unique in the dataset. */
  external_id?: string | null;
  /** Free-form JSON of yours. */
  metadata?: Record<string, unknown> | null;
  /** Your rating of it. */
  rating?: Rating | null;
  /** Where it comes from. */
  source?: SourceIn;
  /** Its split; without one the dataset's policy decides. */
  split?: "test" | "train" | "validation" | null;
  /** Tags to find it by. */
  tags?: string[];
}

/** Where a folder goes besides the artifact store. */
export interface NewExportTarget {
  /** An integration of kind `huggingface` or `object_store`. */
  integration_id: string;
  /** On the Hub `owner/name`; else a folder in the store. */
  path: string;
  /** Whether a repository that is made for it is private. */
  private?: boolean;
}

/** Feedback on an answer; at least one field. It replaces earlier feedback. */
export interface NewFeedback {
  /** What is good or bad about the answer. */
  comment?: string | null;
  /** What the output should have been. */
  correction?: string | null;
  /** Overall rating, 1 to 5 stars. */
  stars?: number | null;
  /** `up` counts as 5 stars, `down` as 1. */
  thumbs?: "down" | "up" | null;
}

/** What to generate for a dataset, and with which model. */
export interface NewGeneration {
  /** The dataset that accepted candidates go into. */
  dataset_id: string;
  /** The model to use. */
  target: ModelChoice;
  /** Instructions added to each step, after those of the template. */
  guidance?: Guidance;
  /** A name for people to read. */
  name?: string;
  /** The prompt that writes outputs, in place of the task's instruction. */
  prompt?: PromptChoice | null;
  /** The task to generate examples for. Default: the dataset's task. */
  task_id?: string | null;
  /** Built-in instructions to start from. */
  template?: "bugs_seen" | "edge_cases" | "general" | "safety";
}

/**
 * How many candidates to generate, and how: give one of `inputs_per_topic`, `total` and `categories`.
 *
 * An input that repeats one of the dataset, the generation or the run is dropped. `near_duplicates` is the Jaccard
 * similarity from which two inputs count as repeats.
 */
export interface NewGenerationRun {
  /** Inputs to write for each category of the task. */
  categories?: Record<string, number> | null;
  /** Inputs to write for each topic, 1 to 10,000. Give this, `total` or `categories`. */
  inputs_per_topic?: number | null;
  /** Score each candidate and drop the low ones. Default: no judge. */
  judge?: NewJudge | null;
  /** Token limit of each output. Default: the provider's limit. */
  max_tokens?: number | null;
  /** Drop inputs this similar to another, 0.5 to 1; null drops only identical ones. */
  near_duplicates?: number | null;
  /** The range of sampling temperatures. */
  temperature?: TemperatureSpread;
  /** Inputs to write in total, 1 to 10,000, spread over the topics. */
  total?: number | null;
}

/** An example with known answers. Annotators get it like any other. */
export interface NewHoneypot {
  /** The example to use as a honeypot. */
  example_id: string;
  /** The right categories by question of the task's ontology. */
  answers?: Record<string, string[]> | null;
  /** The right answer to the task's only question. */
  category?: string | null;
}

/** Whose tokens become the member's. */
export interface NewIdentity {
  /** The issuer, as its tokens name it in `iss`. One that TUNELEDGER_OIDC_ISSUERS lists. */
  issuer: string;
  /** The subject, as the tokens name it in `sub`. */
  subject: string;
}

/** An account where models are published (`huggingface`, `object_store`) or tunes shown (`wandb`, `mlflow`). */
export interface NewIntegration {
  /** Unique in the workspace. */
  name: string;
  /** What it is. Every tune that ends later is shown by those of kind `wandb` and `mlflow`. */
  kind: "huggingface" | "mlflow" | "object_store" | "wandb";
  /** `project`, `entity` (wandb), `experiment` (mlflow), `endpoint`, `region`. */
  options?: Record<string, string>;
  /** Only an open MLflow server needs none. */
  secret?: string | null;
  /** Default: the public address of the Hub or of W&B. MLflow and stores have none. */
  url?: string | null;
}

/** A model that scores each candidate from 1 to 5 by the task's requirements. */
export interface NewJudge {
  /** Drop candidates that score below this, 1 to 5. */
  minimum?: number;
  /** The model that judges. Default: the generation's own model. */
  target?: ModelChoice | null;
}

/** One annotator's label of an example. It replaces their earlier label. */
export interface NewLabel {
  /** The example to label. */
  example_id: string;
  /** Who labels. Default: the API key, as a person. Anybody else needs the scope labels:impersonate. */
  annotator?: NewAnnotator | null;
  /** The chosen categories by question of the task's ontology. */
  answers?: Record<string, string[]> | null;
  /** The answer to the task's only question. */
  category?: string | null;
  /** Why; the label's history shows it. */
  reason?: string | null;
  /** Free text to read the answer from: the first category it names, else the fallback. */
  text?: string | null;
}

/** A line of the training's log. */
export interface NewLogLine {
  /** Its id in this training. The same id again is ignored. */
  id: string;
  /** The text. */
  message: string;
  /** When it was written. Null: now. */
  at?: string | null;
  /** Such as `info` or `error`. */
  level?: string;
}

export interface NewMember {
  /**
   * Who it is, for ever: the history, ratings and labels know the member by it. Unique in the workspace, without regard
   * to case, width or blanks; the server's own names are reserved.
   */
  name: string;
  /** What the member may do at most. You can give no role that has more than you. */
  role: "admin" | "annotator" | "auditor" | "editor" | "owner" | "reviewer" | "viewer";
  /** Where the person can be reached. */
  email?: string | null;
  /** Creates the member's first key, too; `{}` takes the defaults. */
  key?: NewMembersKey | null;
  /** Person or machine. */
  kind?: "machine" | "person";
}

/** The first key of a new member. */
export interface NewMembersKey {
  /** When the key stops working, with a time zone. Null: after the longest life that is set, else never. */
  expires_at?: string | null;
  /** Tells the member's keys apart. Default: the member's name. */
  name?: string | null;
  /** What the key may do, within the role and what you have yourself. Default: all of that but `operator`. */
  scopes?: Array<"access:read" | "access:write" | "admin" | "audit:read" | "connections:read" | "connections:write" | "datasets:read" | "datasets:write" | "erase" | "evaluations:read" | "evaluations:write" | "generations:read" | "generations:write" | "labels:impersonate" | "labels:read" | "labels:write" | "models:override" | "models:read" | "models:run" | "models:write" | "operations:read" | "operations:write" | "operator" | "prompts:read" | "prompts:run" | "prompts:write" | "requests:read" | "requests:write" | "tasks:read" | "tasks:write" | "tunes:read" | "tunes:write" | "webhooks:read" | "webhooks:write"> | null;
}

export interface NewModel {
  /** Unique in the workspace. A tune names its model by it. */
  name: string;
  /** What the model is for. */
  description?: string | null;
  /** The task that the model does. */
  task_id?: string | null;
}

/** What to make of a version's weights. */
export interface NewModelExport {
  /** `ollama` is a Modelfile beside a GGUF file; `gguf-adapter` is for the base in GGUF. A card is always written. */
  forms?: Array<"adapter" | "card" | "gguf-adapter" | "gguf-f16" | "gguf-q8_0" | "merged" | "ollama">;
  /** Null: the artifact store alone. */
  to?: NewExportTarget | null;
}

/** A tune that succeeded (`tune_id`), or a model trained elsewhere: `connection_id` and the two model names. */
export interface NewModelVersion {
  /** Trained elsewhere: the base model. */
  base_model?: string | null;
  /** Whether the next number is a minor (v1.1) or a major one (v2.0). */
  bump?: "major" | "minor";
  /** Trained elsewhere: the connection that serves the model. */
  connection_id?: string | null;
  /** Trained elsewhere: the dataset it was trained on, with its version. */
  dataset_id?: string | null;
  /** Trained elsewhere: the frozen version of the dataset. */
  dataset_version?: string | null;
  /** What changed in this version, in Markdown. */
  notes?: string | null;
  /** Trained elsewhere: the tuned model's name at the provider. */
  provider_model?: string | null;
  /** A tune that succeeded. The dataset and the provider's fields follow from it. */
  tune_id?: string | null;
}

/**
 * How to write candidates from documents: split into chunks, then ask a model about each chunk.
 *
 * An answer is dropped when none of its content words occur in the chunk.
 */
export interface NewPairs {
  /** The documents to use; up to 100. */
  document_ids: string[];
  /** Approximate words per chunk, 20 to 5,000. */
  chunk_words?: number;
  /** Drop answers with a smaller share of content words from the chunk, 0 to 1. */
  grounding?: number;
  /** Instructions for the model. */
  instruction?: string | null;
  /** `pairs` writes questions that a chunk answers; `style` writes a prompt that leads to the chunk. */
  mode?: "pairs" | "style";
  /** Pairs per chunk, 1 to 20; only for mode `pairs`. */
  pairs_per_chunk?: number;
  /** Sampling temperature, 0 to 2. Default: the provider's. */
  temperature?: number | null;
}

/** What was measured at a step. A step may be reported again with what was not known before. */
export interface NewPoint {
  /** The training step, from 0. */
  step: number;
  /** Token accuracy on all validation examples, 0 to 1. */
  full_valid_accuracy?: number | null;
  /** Loss on all validation examples, in nats per token. */
  full_valid_loss?: number | null;
  /** Measures that were NaN or infinite, which JSON cannot say. */
  not_finite?: Array<"full_valid_accuracy" | "full_valid_loss" | "train_accuracy" | "train_loss" | "valid_accuracy" | "valid_loss">;
  /** Token accuracy on the training examples, 0 to 1. */
  train_accuracy?: number | null;
  /** Loss on the training examples, in nats per token. */
  train_loss?: number | null;
  /** Token accuracy on a batch of validation examples, 0 to 1. */
  valid_accuracy?: number | null;
  /** Loss on a batch of validation examples, in nats per token. */
  valid_loss?: number | null;
}

/** A model's price on this connection. */
export interface NewPrice {
  /** US dollars per million tokens. */
  input: string;
  /** US dollars per million tokens. */
  output: string;
}

/** Prices per million tokens, and where they were read. */
export interface NewPrices {
  /** The day the prices were looked up. */
  as_of: string;
  /** Where the prices come from. */
  source: string;
  /** ISO 4217 code. */
  currency?: string;
  /** For input tokens of the tuned model. */
  input?: string | null;
  /** For output tokens of the tuned model. */
  output?: string | null;
  /** For training. */
  training?: string | null;
  /** Whether they are the provider's own. */
  verified?: boolean;
}

export interface NewPrompt {
  /** Unique in the workspace. */
  name: string;
  /** What the prompt is for. */
  description?: string | null;
  /** The task the prompt solves. */
  task_id?: string | null;
}

/**
 * Which version of the prompt to ask, and about which examples of a dataset.
 *
 * `variables` are the same for all examples; `inputs` fills the others from each example.
 */
export interface NewPromptRun {
  /** The dataset whose examples to ask about. */
  dataset_id: string;
  /** A past state of the dataset to read: a time, an event's seq, or the name of a version. Now by default. */
  as_of?: string | null;
  /** A frozen dataset version to read. */
  dataset_version?: string | null;
  /** Only examples that match. Not with `dataset_version`, which has its own filter. */
  filter?: string | Filter;
  /**
   * Where in an example each variable's value is: a JSON pointer into `input` (the last question and its JSON),
   * `output`, `system`, `metadata`, `tags`, `external_id` and `id`.
   */
  inputs?: Record<string, string>;
  /** A label. With several versions, each example always gets the same one. */
  label?: string | null;
  /** The most examples to ask about. */
  limit?: number | null;
  /** Whether to take the answer of an earlier run that asked exactly the same, for free. */
  reuse?: boolean;
  /** Only examples of this split. */
  split?: "test" | "train" | "validation" | null;
  /** The model to ask, instead of the version's own target. */
  target?: ModelChoice | null;
  /** Values that are the same for every example, by variable name. */
  variables?: Record<string, unknown>;
  /** A prompt version by its number. Give this or `label`; without either it is the latest. */
  version?: number | null;
}

/** A new version: messages with variables, how to fill them, and the model that answers. */
export interface NewPromptVersion {
  /** 1 to 200 messages, the last one the user's. */
  messages: PromptTurn[];
  /** Copy this from `GET /tasks/{task_id}/prompt` when the version came from there. */
  built?: BuiltFrom | null;
  /** Examples to draw and show each time the prompt is rendered. */
  examples?: ExampleDraw | null;
  /**
   * Where in an example each variable's value is: a JSON pointer into `input` (the last question and its JSON),
   * `output`, `system`, `metadata`, `tags`, `external_id` and `id`.
   */
  inputs?: Record<string, string>;
  /** Notes about this version. */
  notes?: string | null;
  /** How the model should answer. */
  parameters?: PromptParameters;
  /** The model to ask by default. */
  target?: ModelChoice | null;
  /** Whether answers must match the task's current output schema. */
  use_task_schema?: boolean;
  /** The variables that the messages use. */
  variables?: PromptVariable[];
}

/** A question about an example, answered with one category or several. The fallback is for what fits none. */
export interface NewQuestion {
  /** Unique in the ontology; answers are given by it. */
  name: string;
  /** The answers to choose from, each once. */
  categories: NewCategory[];
  /** Whether an answer is one category or several. */
  choice?: "multiple" | "single";
  /** The answer for what fits no category. */
  fallback?: string | null;
  /** How to answer the question. */
  instruction?: string | null;
  /** Whether a label has to answer this question. */
  required?: boolean;
}

/** A new queue of examples for annotators to label. */
export interface NewQueue {
  /** Unique in the dataset. */
  name: string;
  /** Who may claim; empty means everyone. */
  annotators?: string[];
  /** Annotators see others' labels of an example only after giving their own. */
  blind?: boolean;
  /** Examples by id; up to 5,000. Not together with `filter`. */
  examples?: string[] | null;
  /** Examples that match, the first 5,000. Default: all examples of the dataset. */
  filter?: string | Filter | null;
  /** Examples with known answers to mix in; up to 1,000. */
  honeypots?: NewHoneypot[];
  /** Seconds after which a claimed example is offered to others again. */
  lease_seconds?: number;
  /** How many annotators label each example; honeypots go to everyone. */
  overlap?: number;
  /** What annotators see: all of an example, or its input without the answer. */
  shows?: "example" | "input";
  /** The task to label for. Default: the dataset's task. */
  task_id?: string | null;
}

/** A file of the weights. It stays where it is: its digest goes into the history. */
export interface NewReportedFile {
  /** Its name in the folder of the weights. */
  name: string;
  /** Its size in bytes. */
  bytes: number;
  /** Its SHA-256, in hex. */
  digest: string;
}

/** One thing a good answer does. Priority 0 matters the most, 3 the least. */
export interface NewRequirement {
  /** Unique in the task; ratings are given by it. */
  name: string;
  /** What a good answer does, for people and models. */
  instruction: string;
  /** 0 matters the most, 3 the least. */
  priority?: number;
  /** How it is rated: in stars, or as passed or failed. */
  rating_type?: "pass_fail" | "pass_fail_critical" | "stars";
}

/** A scorer to use, with its settings. */
export interface NewScorer {
  /** A scorer's name from `GET /v1/scorers`. */
  name: string;
  /** Settings; see the scorer's `config_schema`. */
  config?: Record<string, unknown>;
}

/** A model or model version to measure, with an optional prompt. */
export interface NewTarget {
  /** An alias of your model, such as production. */
  alias?: string | null;
  /** The connection to ask; needs `model`. */
  connection_id?: string | null;
  /** A model of the connection, by the provider's name. */
  model?: string | null;
  /** One of your models; needs `version` or `alias`. */
  model_id?: string | null;
  /** Unique in the evaluation. Default: made from the names of the model and the prompt. */
  name?: string | null;
  /** The prompt version that builds the question. Default: the example's own messages are sent. */
  prompt?: PromptAsked | null;
  /** A version of your model, such as v1.0. */
  version?: string | null;
}

export interface NewTask {
  /** Unique in the workspace. */
  name: string;
  /** What the model has to do. */
  instruction: string;
  /** The possible answers, each once. */
  categories?: string[];
  /** Notes for people. */
  description?: string | null;
  /** The answer for what fits no category. */
  fallback_category?: string | null;
  /** What the input has to match; null for free text. */
  input_schema?: Record<string, unknown> | null;
  /** The questions that labels answer. For a single question, use `categories`. */
  ontology?: NewQuestion[];
  /** What the output has to match; null for free text. */
  output_schema?: Record<string, unknown> | null;
  /** What makes an answer good; ratings refer to these. */
  requirements?: NewRequirement[];
  /** How the model should reason before it answers. */
  thinking_instruction?: string | null;
}

export interface NewTopic {
  /** The topic's name; unique among its siblings. */
  name: string;
  /** The topic above it. Default: the root. */
  parent?: string | null;
}

/** Name `count` subtopics of each topic, `depth` levels down from `parent` or the root. */
export interface NewTopics {
  /** How many subtopics of each topic, 1 to 50. */
  count?: number;
  /** How many levels to add below `parent`. */
  depth?: number;
  /** The topic to start below. Default: the root. */
  parent?: string | null;
}

/** One tune per target, or per combination of its grid; all on the same dataset version. */
export interface NewTunes {
  /** The dataset to train on. */
  dataset_id: string;
  /** The name of a frozen version of the dataset. */
  dataset_version: string;
  /** What to tune; 1 to 50. With their grids they may make 100 tunes. */
  targets: Target[];
  /** Refuse the request when its estimate is above this. */
  budget?: Budget | null;
  /** Whether the new model version gets a minor (v1.1) or a major number (v2.0). */
  bump?: "major" | "minor";
  /** Send also what looks odd: an unknown hyperparameter, rows that nobody trains on. Faults are refused anyway. */
  force?: boolean;
  /** The training method. */
  method?: "dpo" | "kto" | "reinforcement" | "supervised";
  /** The model that gets a new version per success. Created if it does not exist. A target may name another. */
  model?: string | null;
  /** Notes for the new model version, in Markdown. */
  notes?: string | null;
  /** Refuse the request (422) unless the last check of the version's examples found no errors. */
  require_ready?: boolean;
  /** A seed for the provider; null leaves it to the provider. */
  seed?: number | null;
  /** The splits to train on and to validate with. */
  splits?: Splits;
  /** Where the provider itself shows the tunes: OpenAI and its like, and Together. */
  wandb?: NewWandbRun | null;
}

/** A run at Weights & Biases that the provider itself writes. */
export interface NewWandbRun {
  /** An integration of kind wandb. Its key is sent to the provider with the job, and kept nowhere else. */
  integration_id: string;
  /** The run's name; null leaves it to the provider. */
  name?: string | null;
  /** The project; null for the integration's own. */
  project?: string | null;
}

/** A webhook to create. */
export interface NewWebhook {
  /** An https URL with a public address; private and link-local addresses are refused. */
  url: string;
  /** Whether events are sent. */
  active?: boolean;
  /** Free text for people. */
  description?: string;
  /**
   * What waits for a message that is not accepted: later events of the same resource (`stream`), or all later events
   * (`log`).
   */
  order?: "log" | "stream";
  /** Event types to send, such as `TuneSucceeded`. Empty: all. */
  types?: string[];
}

/** A word and its share of all words, in training and in the month. */
export interface NewWord {
  /** The word, in lower case. */
  word: string;
  /** Its share of all words in the training inputs, 0 to 1. */
  trained: number;
  /** Its share of all words in the month's inputs, 0 to 1. */
  asked: number;
}

export interface NewWorkspace {
  /** Shown in lists. Two workspaces may share a name. */
  name: string;
}

/** A draft of a version's notes, in Markdown. It names examples by id only. */
export interface NotesDraft {
  /** The model. */
  model_id: string;
  /** The version that the notes describe. */
  version: string;
  /** The draft, in Markdown. */
  text: string;
}

/** An assignment that waits for its annotator: reserved, sent back, or claimed with a running lease. */
export interface OpenAssignment {
  /** The assignment to submit, skip or release. */
  id: string;
  /** The example to label. */
  example_id: string;
  /** Assigned (reserved for you), sent back, or claimed. */
  state: "accepted" | "assigned" | "claimed" | "released" | "sent_back" | "skipped" | "submitted";
  /** When the lease ends; null unless claimed. */
  leased_until: string | null;
  /** Why an earlier label was sent back. */
  reason: string | null;
  /** The whole example; null if the queue shows inputs only. */
  content: Content | null;
  /** The example without its answer; null if the queue shows the whole example. */
  input: ExampleInput | null;
}

/** Work in the background. */
export interface Operation {
  /** The operation's id. */
  id: string;
  /** What kind of work, such as `import`. */
  kind: string;
  /** `succeeded`, `failed` and `cancelled` are final. */
  state: "cancelled" | "failed" | "queued" | "running" | "succeeded";
  /** How much is done. */
  progress: Progress;
  /** What it produced. Null until it has succeeded. */
  result: Record<string, unknown> | null;
  /** Why it failed. Null unless it failed. */
  error: OperationError | null;
  /** Path of what it creates or changes. Null when there is none. */
  resource: string | null;
  /** True once a cancel was requested. The operation may still succeed. */
  cancel_requested: boolean;
  /** When the work was requested. */
  created_at: string;
  /** Name of the member who requested it. */
  created_by: string;
  /** When it last changed. */
  updated_at: string;
  /** When it ended. Null until then. */
  finished_at: string | null;
}

/** Why the operation failed. */
export interface OperationError {
  /** Stable, for programs. */
  code: string;
  /** What went wrong, for people. */
  detail: string;
  /** The first faults of the rows, with their lines. Lists of operations leave them out. */
  errors?: Fault[];
}

/** One page of operations, the newest first. */
export interface OperationPage {
  /** The items of this page. */
  data: Operation[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

export interface OrderedRun {
  /** The run; read it under /operations. */
  run_id: string;
  /** What the run does: name topics, write candidates from topics, or from documents. */
  kind: "documents" | "generation" | "topics";
}

/** What an example was in the dataset that it was exported from with `format=tuneledger`. */
export interface Origin {
  /** When it was added there. */
  created_at?: string | null;
  /** Who added it there. */
  created_by?: string | null;
  /** The example's id there. */
  id?: string | null;
  /** Where it was from there. */
  source?: Record<string, unknown> | null;
}

/** A hyperparameter that a provider accepts, by its name there. */
export interface Parameter {
  /** The kind of value. */
  kind: "flag" | "integer" | "number" | "text";
  /** The value has to be larger than this. */
  above?: number | null;
  /** The texts allowed; for a number, texts allowed in its place, such as `auto`. */
  choices?: string[];
  /** The provider's value when none is sent; null where it is not known. */
  default?: number | string | boolean | null;
  /** The largest value allowed. */
  maximum?: number | null;
  /** The smallest value allowed. */
  minimum?: number | null;
}

/** Good enough or not. */
export interface PassFail {
  /** Always `pass_fail`: which kind this is. */
  type: "pass_fail";
  /** `pass` if the answer is good enough. */
  value: "fail" | "pass";
}

/** Good enough, not, or harmful. */
export interface PassFailCritical {
  /** Always `pass_fail_critical`: which kind this is. */
  type: "pass_fail_critical";
  /** `pass` if the answer is good enough, `critical` if it is harmful. */
  value: "critical" | "fail" | "pass";
}

/** Apply a JSON Patch (RFC 6902) to each answer that is JSON, as a repair. */
export interface PatchOutput {
  /** Always `patch`: which kind this is. */
  type: "patch";
  /** The operations, such as `{"op": "replace", "path": "/intent", "value": "refund"}`. */
  patch: Record<string, unknown>[];
  /** An output that then fails its task's schema is skipped, or kept and marked invalid. */
  on_invalid?: "mark" | "skip";
}

export interface PauseTune {
  /** Why, for the history. */
  reason?: string | null;
}

/** A model's answer for one example, or the reason why there is none. */
export interface Prediction {
  /** The example that was asked about. */
  example_id: string;
  /** The example's revision. */
  example_version: number;
  /** The prompt version that asked. */
  prompt_version: number;
  /** `succeeded`, or `failed` when there is no usable answer. */
  state: "failed" | "succeeded";
  /** The answer; null once erased, or when there is none. */
  text: string | null;
  /** The answer's tool calls, in OpenAI's shape. */
  tool_calls: Record<string, unknown>[];
  /** Why the model stopped, in the provider's word. */
  finish_reason: string | null;
  /** Why there is no usable answer; null when there is one. */
  failure: PromptFailure | null;
  /** The call of the operation that asked; null when no model was asked. */
  call_id: string | null;
  /** The model that answered, by the provider's name. */
  provider_model: string | null;
  /** Tokens of the question, as the provider counted them. */
  input_tokens: number | null;
  /** Tokens of the answer, as the provider counted them. */
  output_tokens: number | null;
  /** `amount` and `currency`; null when no price is known. */
  cost: Record<string, string> | null;
  /** Milliseconds that the provider took. */
  latency_ms: number | null;
  /** Whether the answer of an earlier run was reused for free. */
  reused: boolean;
  /** When the prediction was recorded. */
  recorded_at: string;
}

/** One page of predictions, by example id. */
export interface PredictionPage {
  /** The items of this page. */
  data: Prediction[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** The parameters of `POST /v1/datasets/{dataset_id}/imports/preview`. */
export interface PreviewImportQuery {
  /** The format of the rows. Default: it is recognized. */
  format?: "tuneledger" | "openai-chat" | "openai-preference" | "openai-rft" | "prompt-completion" | "question-answer" | "alpaca" | "sharegpt" | "trl" | "trl-preference" | "kto" | "vertex" | "vertex-preference" | "bedrock" | "mistral" | "cohere" | "typed-parts" | "text" | "csv";
  /** What happens if a row is bad: `abort` adds nothing, `skip` adds the good rows. */
  on_error?: "abort" | "skip";
  /** An output that fails its schema: `refuse` makes the row bad, `mark` marks it invalid. */
  on_invalid?: "refuse" | "mark";
  /** A row without an answer: `refuse` makes it bad, `keep` lets it wait for a repair or a label. */
  on_unanswered?: "refuse" | "keep";
  /**
   * A row whose external id, or else text, is in the dataset: `update` takes over what changed in the file since its
   * last import, `skip` counts it, `fail` adds nothing.
   */
  on_existing?: "skip" | "update" | "fail";
  /** A row whose example was deleted: `skip` lists it, `restore` brings it back. */
  deleted?: "skip" | "restore";
  /** Columns that are no field: kept in `metadata`, ignored and counted, or refused as faults. */
  extra?: "metadata" | "ignore" | "refuse";
  /**
   * Which columns or JSON pointers are which fields: `input:question,output:/answers/0`, or a JSON object. The fields
   * are input, output, system, messages, tools, prompt, chosen, rejected, tags, rating, external_id, split and
   * metadata.
   */
  map?: string;
  /** The split of rows that name none. Default: the dataset's policy decides. */
  split?: "train" | "validation" | "test";
  /** The file's encoding. Default: it is recognized. */
  encoding?: string;
  /** What separates cells. Default: it is recognized. */
  delimiter?: string;
  /** The sheet of a spreadsheet. Default: the first with rows. */
  sheet?: string;
  /** The columns of a table that has no header, separated by commas. */
  columns?: string;
  /** The file's name. */
  name?: string;
}

/** The schemas to try: an absent one is the task's own, null is none. The input is the user's last message. */
export interface PreviewSchemas {
  /** JSON Schema of the input, the user's last message. Absent: the task's own. Null: no schema. */
  input_schema?: Record<string, unknown> | null;
  /** JSON Schema of the output. Absent: the task's own. Null: no schema. */
  output_schema?: Record<string, unknown> | null;
}

/** The parameters of `POST /v1/tasks/{task_id}/preview`. */
export interface PreviewTaskSchemasQuery {
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page; opaque. */
  cursor?: string;
}

/** Prices per million tokens. Don't bill by a price that is not `verified`. */
export interface Prices {
  /** Price of a million training tokens; null where it is not known. */
  training: Money | null;
  /** Price of a million input tokens; null where it is not known. */
  input: Money | null;
  /** Price of a million output tokens; null where it is not known. */
  output: Money | null;
  /** The day the prices were read. */
  as_of: string;
  /** Where the prices were read. */
  source: string;
  /** Whether the prices come from the provider itself. */
  verified: boolean;
}

/** What went wrong, as application/problem+json (RFC 9457). */
export interface ProblemDetails {
  /** A URI for the kind of error. */
  type: string;
  /** The kind of error, for people. */
  title: string;
  /** The HTTP status. */
  status: number;
  /** What went wrong, for people; the text may change. */
  detail: string;
  /** The kind of error, for programs; stable. */
  code: string;
  /** The id of the request, as in X-Tuneledger-Request-Id, in events and in our logs. */
  request_id: string;
  /** Each thing that is wrong with the request. */
  errors?: Fault[];
}

/** How much of the work is done. */
export interface Progress {
  /** Units done so far. */
  done: number;
  /** Units in all. Null while unknown. */
  total: number | null;
  /** What is counted, such as `rows` or `bytes`. */
  unit: string;
}

/** The requests to promote, and the dataset that gets the examples. */
export interface PromoteRequests {
  /** 1 to 1,000 requests. */
  request_ids: string[];
  /** The dataset that gets the examples. */
  dataset_id: string;
  /** Why, for the history of repaired examples. */
  reason?: string | null;
  /** Tags for the new examples. */
  tags?: string[];
  /** Whether a correction from feedback repairs the new example's answer. */
  use_correction?: boolean;
}

/** The example made from the request in a dataset. */
export interface PromotedTo {
  /** The dataset that holds the example. */
  dataset_id: string;
  /** The example. */
  example_id: string;
}

/** The example of one promoted request. */
export interface Promotion {
  /** The request. */
  request_id: string;
  /** The example made from it. */
  example_id: string;
  /** Whether the example was created now; false when it existed before. */
  new: boolean;
  /** Whether a correction repaired the example now. */
  repaired: boolean;
}

/** The promoted requests, in the order sent. */
export interface Promotions {
  /** One entry per request, in the order sent. */
  data: Promotion[];
}

/** A prompt: a name with numbered versions, and labels that point at them. */
export interface Prompt {
  /** The prompt's id. */
  id: string;
  /** Unique in the workspace. */
  name: string;
  /** What the prompt is for. */
  description: string | null;
  /** The task the prompt solves. */
  task_id: string | null;
  /** The number of the latest version; null before the first. */
  latest_version: number | null;
  /** The versions that each label points at, with their weights. */
  labels: Record<string, Record<string, number>>;
  /** When the prompt was created. */
  created_at: string;
  /** Who created it. */
  created_by: string;
  /** When it last changed. */
  updated_at: string;
  /** Who changed it last. */
  updated_by: string;
  /** When it was archived; null unless it is. */
  archived_at: string | null;
}

/** The model's answer, with its tokens, cost and latency. */
export interface PromptAnswer {
  /** The prompt. */
  prompt_id: string;
  /** The version that was asked. */
  version: number;
  /** The label you asked for. */
  label: string | null;
  /** The model that answered. */
  served: Served;
  /** The answer. */
  text: string;
  /** The answer's tool calls, in OpenAI's shape. */
  tool_calls: Record<string, unknown>[];
  /** Why the model stopped, in the provider's word. */
  finish_reason: string | null;
  /** Why the answer cannot be used; null when it can. */
  failure: PromptFailure | null;
  /** Tokens of the question, as the provider counted them. */
  input_tokens: number | null;
  /** Tokens of the answer, as the provider counted them. */
  output_tokens: number | null;
  /** `amount` and `currency`; null when no price is known. */
  cost: Record<string, string> | null;
  /** Milliseconds that the provider took. */
  latency_ms: number;
  /** The model that answered, by the provider's name. */
  provider_model: string;
  /** The examples shown, in order. */
  examples: DrawnExample[];
}

/** The prompt version to use: by number, by label, or the latest. */
export interface PromptAsked {
  /** The prompt. */
  prompt_id: string;
  /**
   * Where in an example each variable's value is: a JSON pointer into `input` (the last question and its JSON),
   * `output`, `system`, `metadata`, `tags`, `external_id` and `id`.
   */
  inputs?: Record<string, string>;
  /** Label of the version, instead of its number. */
  label?: string | null;
  /** Number of the version. Default: the latest. */
  version?: number | null;
}

/** The prompt that writes outputs: a version by number, a label's versions by weight, or the latest. */
export interface PromptChoice {
  /** The prompt to use. */
  prompt_id: string;
  /** Use the versions that carry this label, by their weights. */
  label?: string | null;
  /** Use this version of the prompt. */
  version?: number | null;
}

/** The differences between two versions of a prompt. */
export interface PromptDiff {
  /** The prompt. */
  prompt_id: string;
  /** The number of the first version. */
  before: number;
  /** The number of the second version. */
  after: number;
  /** The names of the fields that differ. */
  fields: string[];
  /** The differences line by line, as `diff -u` prints them. */
  text: string;
}

/** A version, ready to send to `POST /prompts/{prompt_id}/versions`. */
export interface PromptDraft {
  /** The messages, with variables. */
  messages: PromptTurn[];
  /** The variables that the messages use. */
  variables: PromptVariable[];
  /** How the model should answer. */
  parameters: PromptParameters;
  /** Where in an example each variable's value is, as a JSON pointer. */
  inputs: Record<string, string>;
  /** What the draft was built from. */
  built: BuiltFrom;
}

/** Why there is no usable answer. */
export interface PromptFailure {
  /** Why there is no usable answer. */
  code: string;
  /** The reason in words. */
  detail: string;
  /** Where the answer does not match its schema; at most 20. */
  faults?: Fault[];
}

/** A move of a label. */
export interface PromptLabelMove {
  /** The move's event in the workspace's log. */
  seq: number;
  /** The label. */
  label: string;
  /** The versions it points at since then, with their weights. */
  weights: Record<string, number>;
  /** The versions it pointed at before; null when it was new. */
  previous: Record<string, number> | null;
  /** Why it was moved. */
  reason: string | null;
  /** When it was moved. */
  moved_at: string;
  /** Who moved it. */
  moved_by: string;
}

/** One page of a label's moves, newest first. */
export interface PromptLabelMovePage {
  /** The items of this page. */
  data: PromptLabelMove[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** One page of prompts, oldest first. */
export interface PromptPage {
  /** The items of this page. */
  data: Prompt[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** How the model should answer. With a `response_schema` the answer is JSON. */
export interface PromptParameters {
  /** The most tokens the answer may have. */
  max_tokens?: number | null;
  /** A JSON Schema that the answer must match. */
  response_schema?: Record<string, unknown> | null;
  /** A seed for the provider's sampling. */
  seed?: number | null;
  /** At most 16 texts that end the answer. */
  stop?: string[];
  /** Sampling temperature, 0 to 2. */
  temperature?: number | null;
  /** Nucleus sampling, 0 to 1. */
  top_p?: number | null;
}

/** The fields to change; absent ones stay. */
export interface PromptPatch {
  /** What the prompt is for; null clears it. */
  description?: string | null;
  /** Unique in the workspace. */
  name?: string;
  /** Why, for the history. */
  reason?: string | null;
  /** The task the prompt solves; null clears it. */
  task_id?: string | null;
}

/** The messages that a model would be asked, and the examples in them. */
export interface PromptRendering {
  /** The prompt. */
  prompt_id: string;
  /** The version that was rendered. */
  version: number;
  /** The label you asked for. */
  label: string | null;
  /** The messages with their values filled in. */
  messages: Array<System | Developer | User | Assistant | ToolResult>;
  /** How the model should answer. */
  parameters: PromptParameters;
  /** The model to ask; null when the version names none. */
  target: ModelChoice | null;
  /** The examples shown, in order. */
  examples: DrawnExample[];
  /** The seq of the event up to which examples were drawn; null when none were drawn. */
  drawn_at: number | null;
}

/** A batch run of a prompt on the examples of a dataset. */
export interface PromptRun {
  /** The batch run's id, which is also its operation's. */
  id: string;
  /** The prompt. */
  prompt_id: string;
  /** The label you asked for. */
  label: string | null;
  /** The share of examples that each version answers, by version number. */
  weights: Record<string, number>;
  /** The model that each version asks, by version number. */
  served: Record<string, Served>;
  /** The dataset. */
  dataset_id: string;
  /** The frozen dataset version; null when the run reads a past state of the dataset. */
  dataset_version: string | null;
  /** The seq of the event up to which the dataset is read. */
  seq: number;
  /** Which examples match. */
  filter: Filter;
  /** Only examples of this split; null for all. */
  split: "test" | "train" | "validation" | null;
  /** The most examples to ask about; null for all. */
  limit: number | null;
  /** Where in an example each variable's value is, as a JSON pointer. */
  inputs: Record<string, string>;
  /** How the run is doing. */
  state: "cancelled" | "failed" | "queued" | "running" | "succeeded";
  /** How many examples are done. */
  done: number;
  /** How many examples there are. */
  total: number | null;
  /** When the run was requested. */
  created_at: string;
  /** Who requested it. */
  created_by: string;
  /** When it ended; null until then. */
  finished_at: string | null;
}

/** One page of batch runs, newest first. */
export interface PromptRunPage {
  /** The items of this page. */
  data: PromptRun[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** The model that answers: a connection's model by the provider's name, or one of yours by version or alias. */
export interface PromptTarget {
  /** An alias of your model. */
  alias?: string | null;
  /** The connection to ask; goes with `model`. */
  connection_id?: string | null;
  /** A model of the connection, by the provider's name. */
  model?: string | null;
  /** One of your models. */
  model_id?: string | null;
  /** A version of your model. */
  version?: string | null;
}

/** A message with variables. Write `{{{{` for a literal `{{`. */
export interface PromptTurn {
  /** Who speaks. */
  role: "assistant" | "system" | "user";
  /** The text, with `{{name}}` where a variable's value goes. */
  content: string;
}

/** A variable of the messages. Without a value and a default, an optional one is an empty text. */
export interface PromptVariable {
  /** A letter or _, then up to 63 letters, digits or _. */
  name: string;
  /** The value when none is given. */
  default?: unknown;
  /** What the variable is for. */
  description?: string | null;
  /** Whether it needs a value when it has no default. */
  required?: boolean;
  /** What kind of value it takes. */
  type?: "boolean" | "integer" | "json" | "number" | "text";
}

/** A version of a prompt. It never changes. */
export interface PromptVersion {
  /** The prompt. */
  prompt_id: string;
  /** The version's number, from 1. */
  number: number;
  /** The messages, with variables; null once erased. */
  messages: PromptTurn[] | null;
  /** The variables that the messages use; null once erased. */
  variables: PromptVariable[] | null;
  /** How the model should answer. */
  parameters: PromptParameters;
  /** The model to ask by default; null without one. */
  target: ModelChoice | null;
  /** The examples to draw when the prompt is rendered; null for none. */
  examples: ExampleDraw | null;
  /** Where in an example each variable's value is, as a JSON pointer. */
  inputs: Record<string, string>;
  /** The task and examples that the version was built from; null when it was written by hand. */
  built: BuiltFrom | null;
  /** The task version whose output schema it took; null without one. */
  task_version: number | null;
  /** Notes about this version. */
  notes: string | null;
  /** When the version was added. */
  created_at: string;
  /** Who added it. */
  created_by: string;
}

/** One page of versions, newest first. */
export interface PromptVersionPage {
  /** The items of this page. */
  data: PromptVersion[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** The parameters of `GET /v1/ledger/proofs/inclusion`. */
export interface ProveEventQuery {
  /** Number of the event in the log. */
  seq: number;
  /** Number of events in the tree; at most as many as are sealed. */
  size: number;
}

/** The parameters of `GET /v1/ledger/proofs/consistency`. */
export interface ProveGrowthQuery {
  /** Number of events in the tree; at most as many as are sealed. */
  from_size: number;
  /** Number of events in the tree; at most as many as are sealed. */
  to_size: number;
}

/** A copy at a provider. */
export interface ProviderCopy {
  /** The connection to the provider. */
  connection_id: string;
  /** The file's id at the provider. */
  id: string;
  /** Open ones are tried again until the provider can be reached. */
  state: "deleted" | "open" | "refused";
  /** What the provider said when it refused. */
  detail: string | null;
}

/** A question about an example. The fallback is for what fits no category; it need not be listed as one. */
export interface Question {
  /** Unique in the ontology; answers refer to it. */
  name: string;
  /** The answers to choose from. */
  categories: Category[];
  /** Whether an answer is one category or several. */
  choice?: "multiple" | "single";
  /** The answer for what fits no category. */
  fallback?: string | null;
  /** How to answer the question. */
  instruction?: string | null;
  /** Whether a label has to answer this question. */
  required?: boolean;
}

/** A queue: annotators claim its examples under a lease, and `overlap` annotators label each example. */
export interface Queue {
  /** The queue's id. */
  id: string;
  /** The dataset its examples are from. */
  dataset_id: string;
  /** The task to label for. */
  task_id: string;
  /** Unique in the dataset. */
  name: string;
  /** How many annotators label each example. */
  overlap: number;
  /** Seconds after which a claimed example is offered to others again. */
  lease_seconds: number;
  /** True if annotators see others' labels of an example only after giving their own. */
  blind: boolean;
  /** What annotators see: the whole example, or its input without the answer. */
  shows: "example" | "input";
  /** Who may claim; empty means everyone. */
  annotators: string[];
  /** A closed queue offers no examples. */
  closed: boolean;
  /** How far the queue is. */
  progress: QueueProgress;
  /** Grows by 1 with every change; for If-Match. */
  version: number;
  /** When it was created. */
  created_at: string;
  /** Who created it. */
  created_by: string;
  /** When it last changed. */
  updated_at: string;
  /** When it was archived; null unless it is. */
  archived_at: string | null;
}

/** The fields to change; absent fields stay unchanged. */
export interface QueueChanges {
  /** Who may claim; empty means everyone. */
  annotators?: string[];
  /** Annotators see others' labels of an example only after giving their own. */
  blind?: boolean;
  /** True stops offering examples; false reopens the queue. */
  closed?: boolean;
  /** Seconds after which a claimed example is offered to others again. */
  lease_seconds?: number;
  /** The new name; unique in the dataset. */
  name?: string;
  /** Why it is changed; the history shows it. */
  reason?: string | null;
}

/** The dataset that a queue's examples are from. */
export interface QueueDataset {
  /** The dataset's id, to claim examples. */
  id: string;
  /** The dataset's name. */
  name: string;
}

/** The examples to add, by id or by filter (default: all), at most 5,000 at once. */
export interface QueueExamples {
  /** Examples by id; up to 5,000. Not together with `filter`. */
  examples?: string[] | null;
  /** Examples that match, the first 5,000. Default: all examples of the dataset. */
  filter?: string | Filter | null;
  /** Examples with known answers to mix in; up to 1,000. */
  honeypots?: NewHoneypot[];
}

/** One page of queues, the oldest first. */
export interface QueuePage {
  /** The items of this page. */
  data: Queue[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** A queue's progress. `done` and `labels` do not count honeypots. */
export interface QueueProgress {
  /** Examples in the queue, without honeypots. */
  examples: number;
  /** Honeypots in the queue. */
  honeypots: number;
  /** Examples that have all their labels. */
  done: number;
  /** Labels given so far, without those of honeypots. */
  labels: number;
}

/** What a queue's annotators are asked. */
export interface QueueTask {
  /** The task's id. */
  id: string;
  /** The task's name. */
  name: string;
  /** What the task is about. */
  description: string | null;
  /** What a good answer of the model does. */
  instruction: string;
  /** The questions to answer for each example. */
  questions: Question[];
}

/** The caller's rating, in place of an earlier one: an overall mark, marks by requirement name, or both. */
export interface RateExample {
  /** The mark of the whole answer. */
  overall?: Stars | PassFail | PassFailCritical | null;
  /** Why; shown in the history. */
  reason?: string | null;
  /** Marks by the name of the task's requirement. */
  requirements?: Record<string, Stars | PassFail | PassFailCritical>;
}

/** Give each example the caller's rating, in place of an earlier one. */
export interface RateExamples {
  /** Always `rate`: which kind this is. */
  type: "rate";
  /** The rating. */
  rating: Rating;
}

/** A rating from 1 to 5 stars. Each rater has one rating of a result. */
export interface RateResult {
  /** 1 (worst) to 5 (best). */
  stars: number;
  /** Why. */
  reason?: string | null;
}

/** One rater's judgement of an answer, overall and by the names of the task's requirements. */
export interface Rating {
  /** The mark of the whole answer. */
  overall?: Stars | PassFail | PassFailCritical | null;
  /** Marks by the name of the task's requirement. */
  requirements?: Record<string, Stars | PassFail | PassFailCritical>;
}

/** `average` is in stars, over the raters (pass counts 5, fail 2, critical 1); null when nobody has rated. */
export interface RatingSummary {
  /** Mean over the raters, in stars; null without a rating. */
  average: number | null;
  /** The latest rating of each rater. */
  raters: Record<string, Rating>;
}

/** Ratings from feedback, in stars; a thumb up counts as 5, down as 1. */
export interface Ratings {
  /** How many requests have a rating. */
  rated: number;
  /** Average rating in stars, 1 to 5; null without ratings. */
  average: number | null;
  /** How many are rated 2 stars or less. */
  low: number;
  /** How many requests got each number of stars. */
  stars: Record<string, number>;
  /** How many requests got a thumb up or down. */
  thumbs: Record<string, number>;
}

/** The parameters of `GET /v1/history`. */
export interface ReadHistoryQuery {
  /** Only these event types, such as `ExampleRepaired`; repeat it or use commas. */
  types?: string[];
  /** Only one kind of stream, such as `example`. */
  stream?: string;
  /** Only the events of one resource, by its id. */
  stream_id?: string;
  /** Only the events of one resource: `example:` and its id, or its path, such as `/v1/examples/{id}`. */
  resource?: string;
  /** Only events of one actor: a member's name. */
  actor?: string;
  /** Only events of one request, by its X-Request-Id. */
  request_id?: string;
  /** Only events of one operation: all events of the request that started it. */
  operation?: string;
  /** Only events from this RFC 3339 time on. */
  from?: string;
  /** Only events before this RFC 3339 time. */
  to?: string;
  /** Maximum number of items (default 50). A page of long texts ends at about 16 MB. */
  limit?: number;
  /** The `next_cursor` of the previous page, a seq. Overrides `after`. */
  cursor?: string;
  /**
   * With `content`, lines of examples have `changes`: each field before and after, with its text. Needs the scope
   * `datasets:read`. A page has at most 100 lines then.
   */
  include?: "content"[];
}

/** The parameters of `GET /v1/tunes/{tune_id}/training-file`. */
export interface ReadTrainingFileQuery {
  /** The training file, or another split of the same version. */
  split?: "train" | "validation" | "test";
}

/** The parameters of `GET /v1/tunes/{tune_id}/recipe`. */
export interface ReadTuneRecipeQuery {
  /** The tool that is to train. */
  for: "axolotl" | "llama-factory" | "unsloth" | "trl";
  /** The base model as the tool knows it, such as on the Hugging Face Hub. Default: the tune's. */
  base_model?: string;
}

/** What the last check of the same examples said. */
export interface Readiness {
  /** The check. */
  check_id: string;
  /** Whether the examples are ready to be tuned on. */
  verdict: "not_ready" | "ready" | "ready_with_warnings";
  /** When the check ended. */
  checked_at: string;
}

/** Something that was found, how many rows it is about, why it matters, and what to do. */
export interface ReadinessFinding {
  /** What was found, for programs; stable. */
  code: string;
  /** `error`: not ready. `warning`: ready, but look at it. `info`: good to know. */
  severity: "error" | "info" | "warning";
  /** The item of the checklist that it belongs to. */
  check: "duplicates" | "format" | "leakage" | "outliers" | "personal_data" | "quantity" | "schema" | "source_diversity";
  /** The common mistake that it is a sign of. Null for none. */
  mistake: "inconsistent_answers" | "test_in_training" | "too_little_data" | "unbalanced_categories" | "unreviewed_answers" | null;
  /** What was found, for people. */
  title: string;
  /** Why it matters. */
  why: string;
  /** What to do. */
  advice: string;
  /** The target that it is about. Null for a finding about the rows alone. */
  target: string | null;
  /** How many rows it is about. */
  count: number;
  /** The share of all rows, 0 to 1. */
  share: number;
  /** How often each kind was found. Empty where there is one kind only. */
  kinds: Record<string, number>;
  /** The numbers and names in the title. */
  values: Record<string, number | string>;
  /** Its first 100 examples. Empty for a finding about the dataset as a whole. */
  rows: FindingRow[];
  /** The bulk change that mends it: it deletes what is of no use, redacts what is private, or tags. Null for none. */
  fix: BulkCall | null;
  /** The cursor for `GET …/findings/{code}` that gets the next ones. Null when these are all. */
  rows_cursor: string | null;
}

/** How to train a LoRA. `beta` is of DPO. */
export interface Recipe {
  /** The tool that trains. */
  tool: "axolotl" | "llama-factory" | "trl" | "unsloth";
  /** The base model: a name on the Hugging Face Hub, or a folder. */
  base_model?: string;
  /** Rows that are in memory at once. */
  batch_size?: number;
  /** How close DPO stays to the base. */
  beta?: number;
  /** Passes over the training rows. */
  epochs?: number;
  /** Batches that one step learns from. */
  gradient_accumulation?: number;
  /** Null: the usual one of the method. */
  learning_rate?: number | null;
  /** The adapter's scale. */
  lora_alpha?: number;
  /** The adapter's rank. */
  lora_rank?: number;
  /** Tokens of a row; what is beyond them is cut off. */
  max_length?: number;
  /** Whether answers are learnt, or preferences. */
  method?: "dpo" | "supervised";
  /** Of the order of rows and the adapter's first values. */
  seed?: number;
}

/** Write `[email]` and the like in place of personal data and secrets, in all messages. An edit: it ends ratings. */
export interface RedactExamples {
  /** Always `redact`: which kind this is. */
  type: "redact";
  /** Only these kinds, as a check names them, such as `phone` or `aws_key`. Null for all. */
  kinds?: string[] | null;
  /** An output that then fails its task's schema is skipped, or kept and marked invalid. */
  on_invalid?: "mark" | "skip";
}

/** The candidates to reject: by id, or all proposed ones that match a filter; up to 1,000 at once. */
export interface RejectCandidates {
  /** The reason; the history shows it. */
  reason: string;
  /** Candidates to reject; up to 1,000. */
  candidate_ids?: string[];
  /** Reject proposed candidates that match this filter, up to 1,000 in one request. */
  matching?: CandidateFilter | null;
}

/** Give an example back, so that it is offered again. */
export interface ReleaseAssignment {
  /** Why it is released. */
  reason?: string | null;
}

/** The version to render, and the values of its variables. */
export interface RenderPrompt {
  /** The examples to show, from an earlier rendering; drawn anew when absent. */
  examples?: DrawnExample[] | null;
  /** The same key gets the same version of a label. Without a key the version is picked at random. */
  key?: string | null;
  /** A label such as production. */
  label?: string | null;
  /** A value for each variable, by name. */
  variables?: Record<string, unknown>;
  /** A version by its number. Give this or `label`; without either it is the latest. */
  version?: number | null;
}

/** What the repair was asked to do; null once erased. What it replaced is in the example's history. */
export interface Repair {
  /** What was wrong with the old output; null once erased. */
  instruction: string | null;
}

/** A better output, and the instruction that says what was wrong with the old one. */
export interface RepairExample {
  /** What was wrong with the old output. */
  instruction: string;
  /** Takes the place of the last assistant message's text. */
  output: string;
  /** What happens to an output that fails its task's schema: 422, or kept and marked invalid. */
  on_invalid?: "mark" | "refuse";
  /** Why; shown in the history. */
  reason?: string | null;
}

/** Find and replace a text. In an answer it is a repair, elsewhere an edit; both end the ratings. */
export interface ReplaceText {
  /** Always `replace`: which kind this is. */
  type: "replace";
  /** The text to find, or an RE2 pattern with `regex`. */
  find: string;
  /** Whether upper and lower case are the same. */
  ignore_case?: boolean;
  /** An output that then fails its task's schema is skipped, or kept and marked invalid. */
  on_invalid?: "mark" | "skip";
  /** Whether `find` is a pattern in the syntax of RE2, which has no look-around and no back-references. */
  regex?: boolean;
  /** What takes its place. With `regex`, `\1` stands for the first group. */
  replace?: string;
  /** In the answer, or in the texts of all messages. */
  where?: "messages" | "output";
}

/** Which events to send again. */
export interface Replay {
  /** The first event to send again. */
  from_seq: number;
  /** Why; kept in the history. */
  reason?: string | null;
}

/** The parameters of `GET /v1/datasets/{dataset_id}/export/report`. */
export interface ReportExportQuery {
  /** The format of the rows; see Formats for what each carries. */
  format?: "openai-chat" | "tuneledger" | "openai-preference" | "openai-rft" | "prompt-completion" | "question-answer" | "alpaca" | "sharegpt" | "trl" | "trl-preference" | "kto" | "vertex" | "vertex-preference" | "bedrock" | "mistral" | "cohere" | "typed-parts" | "text" | "csv";
  /**
   * `fields` adds external_id (without one, the id), tags, split, rating and metadata to each row, as an import takes
   * them. `original` writes a row as it was imported, if it still says the same in this format. `history` adds to rows
   * of `format=tuneledger` their events with all texts.
   */
  include?: "fields" | "history" | "original";
  /**
   * What becomes of the reasoning before an answer: kept where the format has it, dropped, in the answer between
   * `<think>` tags, or in a turn of its own before the answer.
   */
  reasoning?: "keep" | "drop" | "think" | "turns";
  /** A system prompt for each row. */
  system?: string;
  /** Whether `system` takes the place of the row's, serves rows without one, or comes before it. */
  system_mode?: "replace" | "default" | "prepend";
  /**
   * Preferences from the record instead of the rows: `repairs` are answers with what they replaced, `judgements` the
   * winners and losers of pairwise judges in evaluations of the dataset.
   */
  pairs?: "repairs" | "judgements";
  /** Whether rows stand in lines, or in a Parquet file with typed columns. */
  container?: "lines" | "parquet";
  /**
   * A zip with the rows of train and validation and the settings of this tool, to train as it stands. With a format of
   * preferences, or pairs, it trains preferences (DPO).
   */
  recipe?: "axolotl" | "llama-factory" | "unsloth" | "trl";
  /** The recipe's base model, as on the Hugging Face Hub. */
  base_model?: string;
  /** A frozen version's name. */
  version?: string;
  /** Read the state as of an RFC 3339 time, a seq, or a version of the dataset. Default: now. */
  as_of?: string;
  /** Only this split. */
  split?: "train" | "validation" | "test";
  /** A filter expression, such as `tag = gold and rating >= 4`; see the page Filters. */
  filter?: string;
}

/** The latest feedback on a request. Erased texts are null. */
export interface RequestFeedback {
  /** Overall rating, 1 to 5 stars. */
  stars: number | null;
  /** `up` or `down`. */
  thumbs: "down" | "up" | null;
  /** The rating in stars: `stars`, or 5 for `up` and 1 for `down`. */
  rating: number | null;
  /** The comment; null once erased. */
  comment: string | null;
  /** What the output should have been; null once erased. */
  correction: string | null;
  /** Who gave the feedback. */
  by: string;
  /** When it was given. */
  at: string;
}

/** One page of logged requests, the latest call first. */
export interface RequestPage {
  /** The items of this page. */
  data: LoggedRequest[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** One thing a good answer does, rated on its own. Priority 0 matters the most, 3 the least. */
export interface Requirement {
  /** Unique in the task; ratings refer to it. */
  name: string;
  /** What a good answer does. */
  instruction: string;
  /** 0 matters the most, 3 the least. */
  priority?: number;
  /** How it is rated: in stars, or as passed or failed. */
  rating_type?: "pass_fail" | "pass_fail_critical" | "stars";
}

/** The version (ETag) to go back to. */
export interface RestoreExample {
  /** The version (ETag) to restore. */
  version: number;
  /** Why; shown in the history. */
  reason?: string | null;
}

/** Bring deleted examples back. A filter selects among the deleted ones, as each was last. */
export interface RestoreExamples {
  /** Always `restore`: which kind this is. */
  type: "restore";
}

/** Why there is no usable answer. */
export interface ResultFailure {
  /** Stable code, for programs. */
  code: string;
  /** What went wrong. */
  detail: string;
}

/** One person's stars, from 1 to 5. */
export interface ResultRating {
  /** 1 (worst) to 5 (best). */
  stars: number;
  /** Why, if the rater said so. */
  reason: string | null;
}

/** A score by one scorer or judge. */
export interface ResultScore {
  /** In the scorer's unit. Null where the scorer does not apply; `details.reason` says why. */
  value: number | null;
  /** Whether the answer passed. Null where nothing decides that. */
  passed: boolean | null;
  /** What else the scorer reports; depends on the scorer. */
  details: Record<string, unknown>;
  /** The judge's model call. Null for scorers. */
  call_id: string | null;
}

/** How long the workspace keeps its requests. */
export interface RetentionSetting {
  /** Days to keep a request, counted from the call; null keeps it until it is erased. */
  days: number | null;
}

/** The moment that the dataset returns to. */
export interface RevertDataset {
  /** A version, which stands for the moment it was frozen, an RFC 3339 time or a seq. */
  to: string;
  /** Whether only to count what would change, and to show the first 20 examples before and after. */
  dry_run?: boolean;
  /** Why; shown in the history of each example. */
  reason?: string | null;
}

/** Return each example to what it was at a moment; delete those that were not there, restore those that were. */
export interface RevertExamples {
  /** Always `revert`: which kind this is. */
  type: "revert";
  /** The position in the event log. */
  moment: number;
}

/** Accept a label, or send it back to the same annotator with a reason. */
export interface ReviewAssignment {
  /** Accept the label, or send it back to its annotator. */
  verdict: "accept" | "send_back";
  /** Why; required to send a label back. */
  reason?: string | null;
}

/** All roles, from the most to the least. */
export interface RoleList {
  /** The roles. */
  data: RoleOut[];
}

/** A role, and the most that a member who has it can do. */
export interface RoleOut {
  /** The role's name. */
  role: "admin" | "annotator" | "auditor" | "editor" | "owner" | "reviewer" | "viewer";
  /** What it is for. */
  summary: string;
  /** The scopes that the role covers. A `:write` covers `:read` and `:run` of its area, `admin` all but `operator`. */
  scopes: Array<"access:read" | "access:write" | "admin" | "audit:read" | "connections:read" | "connections:write" | "datasets:read" | "datasets:write" | "erase" | "evaluations:read" | "evaluations:write" | "generations:read" | "generations:write" | "labels:impersonate" | "labels:read" | "labels:write" | "models:override" | "models:read" | "models:run" | "models:write" | "operations:read" | "operations:write" | "operator" | "prompts:read" | "prompts:run" | "prompts:write" | "requests:read" | "requests:write" | "tasks:read" | "tasks:write" | "tunes:read" | "tunes:write" | "webhooks:read" | "webhooks:write">;
}

/** The alias to roll back, to its previous version or to the earlier one in `to`. */
export interface RollBack {
  /** Such as production. */
  alias: string;
  /** Why, for the history. Required for a protected alias. */
  reason?: string | null;
  /** An earlier version of the alias; null takes the one before the current. */
  to?: string | null;
}

/** The rollback of an alias. */
export interface Rollback {
  /** The alias that was rolled back. */
  alias: string;
  /** The version it is at now. */
  returned_to: string;
  /** The version it was at before the rollback. */
  returned_from: string;
  /** Why it was rolled back. */
  reason: string | null;
}

/** The model after the rollback. */
export interface RolledBackModel {
  /** The model. */
  id: string;
  /** The model's name, unique in the workspace. */
  name: string;
  /** What the model is for. */
  description: string | null;
  /** The task that the model does. */
  task_id: string | null;
  /** The version with the highest number; null where there is none. */
  latest_version: string | null;
  /** The version of each alias, by alias. */
  aliases: Record<string, string>;
  /** When the model was created. */
  created_at: string;
  /** The API key or person that created the model. */
  created_by: string;
  /** When the model or one of its versions last changed. */
  updated_at: string;
  /** The API key or person that made the last change. */
  updated_by: string;
  /** When it was archived; null unless it is. */
  archived_at: string | null;
  /** The rollback. */
  rollback: Rollback;
}

/** How long the older secrets still sign. */
export interface RotateSecret {
  /** Seconds for which the older secrets still sign, beside the new one. */
  overlap_seconds?: number;
}

/** How a key is replaced by its successor. */
export interface Rotation {
  /** When the new key stops working, with a time zone. Null: after the longest life that is set, else never. */
  expires_at?: string | null;
  /** How long the old key still works. Default 0: it ends at once. */
  grace_seconds?: number;
}

/** A row that was not added: its line (in a JSON array its number), and each fault. */
export interface RowError {
  /** The line in the file, from 1; in a JSON array the number of the row. */
  line: number;
  /** Everything that is wrong with the row. */
  errors: Fault[];
}

/** One page of the rows that were not added, by line. The first 10,000 of an import are stored. */
export interface RowErrorPage {
  /** The items of this page. */
  data: RowError[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** What a split is like. Counts are of the rows that were read; `tokens` is of all rows. */
export interface RowFacts {
  /** How many rows the split has. */
  rows: number;
  /** How many of them were read. */
  read: number;
  /** The tokenizer that counted, such as `o200k_base`; without one it is `characters/4`. */
  encoding?: string;
  /** Whether that is the tokenizer of the first target's base model. False: an estimate. */
  exact?: boolean;
  /** Tokens of the longest row that was read. */
  longest?: number | null;
  /** Rows with two answers, one chosen and one rejected. */
  preference?: number;
  /** Tokens of all rows, counted with `encoding`; null where no row could be read. */
  tokens?: number | null;
  /** Rows in which no answer is trained on: it is missing, empty, or has weight 0. */
  untrained?: number;
  /** Rows with a message of weight 0. */
  weighted?: number;
  /** Rows with tool calls. */
  with_tools?: number;
}

/** A row as it would come in. */
export interface RowPreview {
  /** The line in the file, from 1; in a JSON array the number of the row. */
  line: number;
  /** The messages. */
  content: Content;
  /** Your own id of it. */
  external_id: string | null;
  /** Its tags. */
  tags: string[];
  /** The split that the row or the request names; null if the dataset's policy would decide. */
  split: "test" | "train" | "validation" | null;
  /** Its rating. */
  rating: Rating | null;
  /** What else the row has. */
  metadata: Record<string, unknown> | null;
  /** What the row has that an example cannot have. */
  losses: string[];
}

/** The gate's result for a version, check by check, with the measurements it is based on. */
export interface Ruling {
  /** Whether the version passed every check. */
  passed: boolean;
  /** The version that was checked. */
  candidate: string;
  /** The alias's version at that time; null where it had none. */
  current: string | null;
  /** The result of each check. */
  checks: GateCheck[];
  /** The measurements that were checked. */
  facts: Facts;
}

/** The version to ask, the values of its variables, and the model that answers. */
export interface RunPrompt {
  /** The examples to show, from an earlier rendering; drawn anew when absent. */
  examples?: DrawnExample[] | null;
  /** The same key gets the same version of a label. Without a key the version is picked at random. */
  key?: string | null;
  /** A label such as production. */
  label?: string | null;
  /** The model to ask, instead of the version's own target. */
  target?: ModelChoice | null;
  /** A value for each variable, by name. */
  variables?: Record<string, unknown>;
  /** A version by its number. Give this or `label`; without either it is the latest. */
  version?: number | null;
}

/** A version beside another model. */
export interface Saving {
  /** The other model, by the provider's name. */
  against: string;
  /** Whether it is the version's base, its teacher (it generated rows of the version's dataset), or another. */
  role: "base" | "other" | "teacher";
  /** Whether only calls of runs were compared in which both were asked. False: all calls, which may differ. */
  same_questions: boolean;
  /** ISO 4217 code of the costs. */
  currency: string;
  /** By the mean cost of a call. */
  cheaper: Times;
  /** By the geometric mean of the latencies. */
  faster: Times;
  /** In words. */
  verdict: string;
}

/**
 * One page of the examples that would fail.
 *
 * `checked` and `failing` count all that were preview at for this answer, from the cursor on; `complete` says whether
 * that is the end. `erased` ones have no text to be checked.
 */
export interface SchemaPreview {
  /** The items of this page. */
  data: FailingExample[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The version of the task that absent schemas were taken from. */
  task_version: number;
  /** The position in the event log at which the examples were read. */
  seq: number;
  /** How many examples were checked for this page, from the cursor on. */
  checked: number;
  /** How many of the checked examples fail. */
  failing: number;
  /** How many examples have no text to check, because it was erased. */
  erased: number;
  /** Whether all the remaining examples were preview at. */
  complete: boolean;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** All scorers, by name. */
export interface ScorerList {
  /** All scorers, by name. */
  data: ScorerShown[];
}

/** A rule to score answers by. */
export interface ScorerShown {
  /** Name to use in an evaluation's `scorers`. */
  name: string;
  /** Changes when the scorer could give a different score to the same answer. */
  version: number;
  /** How the score is computed, with its source. */
  definition: string;
  /** Unit of the score. */
  unit: "characters" | "judge's scale" | "money" | "score from 0 to 100" | "seconds" | "share" | "stars" | "tokens" | "words";
  /** False where less is better. Null where neither is. */
  higher_is_better: boolean | null;
  /** True if the same answer always gets the same score; it is then scored only once. */
  deterministic: boolean;
  /** What a row must have to be scored. */
  needs: Array<"categories" | "cost" | "judge" | "latency" | "rating" | "reference" | "repeats" | "rival" | "schema" | "tokens">;
  /** JSON Schema of the settings. */
  config_schema: Record<string, unknown>;
  /** Where to request it, if not among an evaluation's `scorers`. Null otherwise. */
  asked_for: string | null;
}

/** A copy that an export sent elsewhere: of a dataset, or of a model that was trained on it. */
export interface SentCopy {
  /** The export. */
  operation_id: string;
  /** Where it went. Nothing here can delete it there. */
  location: string;
}

/** A file as the provider got it: `digest` is the sha256 of its bytes in hex, `file_id` the provider's name. */
export interface SentFile {
  /** The file's id at the provider. */
  file_id: string;
  /** SHA-256 of the file's bytes, in hex. */
  digest: string;
  /** The file's size in bytes. */
  bytes: number;
  /** How many examples the file has. */
  rows: number;
  /** What the provider's format cannot carry, and how many rows lost it. */
  losses?: Record<string, number>;
}

/** The model that answers: its connection, the provider's name for it, and your model version if it is one. */
export interface Served {
  /** The connection that answers. */
  connection_id: string;
  /** The model, by the provider's name. */
  provider_model: string;
  /** The base model, by the provider's name; null when unknown. */
  base_model?: string | null;
  /** Your model; null for a base model. */
  model_id?: string | null;
  /** The version of your model; null for a base model. */
  model_version?: string | null;
}

/** The new gate; null removes it. */
export interface SetGate {
  /** What a version must show; null removes the gate. */
  policy: GatePolicy | null;
  /** Why, for the history. */
  reason?: string | null;
}

/** Null keeps requests until they are erased. */
export interface SetRetention {
  /** Days to keep a request, counted from the call; null keeps it until it is erased. */
  days: number | null;
  /** Why, for the history. */
  reason?: string | null;
}

/** An example at one end of a diff. `content` is null once erased. */
export interface Side {
  /** The example. A copy has an id of its own. */
  example_id: string;
  /** The version of the example. */
  version: number;
  /** The content. Null once erased. */
  content: unknown;
  /** The metadata. Null if there is none, or once erased. */
  metadata: unknown;
  /** The tags. */
  tags: string[];
  /** Mean rating in stars. Null if not rated. */
  rating: number | null;
  /** Whether the answer was repaired. */
  repaired: boolean;
  /** The label. Null if there is none. */
  label: ExampleLabel | null;
  /** The split. */
  split: "test" | "train" | "validation";
}

/** An example that was selected and could not be changed. */
export interface Skip {
  /** The example. */
  example_id: string;
  /** Why it was left as it is. */
  reason: "changed_since" | "deleted" | "erased" | "invalid" | "no_match" | "not_found" | "not_json" | "pinned" | "too_many_tags" | "withdrawn";
}

/** Skip an example for good. */
export interface SkipAssignment {
  /** The reason; the history shows it. */
  reason: string;
}

/** One page of the examples that a bulk change could not change. */
export interface SkipPage {
  /** The items of this page. */
  data: Skip[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/**
 * Where an example is from: for an import, which one, its format and the line; for a log, which request.
 *
 * For what was made by a `model`: the generation and the candidate, and where in a document it stands (characters of
 * its text from `start` to `end`, and the page from 1).
 */
export interface Source {
  /** The kind of source. */
  type: "document" | "human" | "import" | "log" | "synthetic";
  /** The candidate it was made from. */
  candidate_id?: string | null;
  /** What it was copied from, if a fork or a merge did. */
  copy?: Copied | null;
  /** The document it was made from. */
  document_id?: string | null;
  /** End of the passage in the document's text, in characters. */
  end?: number | null;
  /** The format of the imported file. */
  format?: string | null;
  /** The generation that made it. */
  generation_id?: string | null;
  /** The import that added it. */
  import_id?: string | null;
  /** The line in the imported file, from 1. */
  line?: number | null;
  /** The model that wrote the example. */
  model?: string | null;
  /** A name for the source, such as a file or a tool. */
  name?: string | null;
  /** What it was before it was exported and imported again. */
  origin?: Origin | null;
  /** The page of the document, from 1. */
  page?: number | null;
  /** The logged request it was made from. */
  request_id?: string | null;
  /** Start of the passage in the document's text, in characters. */
  start?: number | null;
}

/** Where an example is from. */
export interface SourceIn {
  /** A name for the source, such as a file or a tool. */
  name?: string | null;
  /** The kind of source. */
  type?: "document" | "human" | "import" | "log" | "synthetic";
}

/** Shares of new examples, which sum to 1, and the seed that says which example goes where. */
export interface SplitPolicy {
  /** Examples with the same value here share a split: `external_id`, or a path such as `metadata.customer.id`. */
  group_by?: string | null;
  /** Only what stands before the first of this counts, such as `-` where ids are `customer-1` and `customer-2`. */
  group_until?: string | null;
  /** Tags whose examples belong to one split, such as `{"golden": "test"}`. A bulk move leaves them there. */
  pins?: Record<string, "test" | "train" | "validation"> | null;
  /** Changes which example goes into which split. */
  seed?: number;
  /** The same text has the same split in one dataset; with `content` in every dataset of the same shares and seed. */
  split_by?: "content" | "dataset";
  /** Share of new examples for testing, 0 to 1. */
  test?: number;
  /** Share of new examples for training, 0 to 1. */
  train?: number;
  /** Share of new examples for validation, 0 to 1. */
  validation?: number;
}

/** Shares of new examples, which sum to 1. The seed says which example goes where. */
export interface SplitPolicyIn {
  /** Examples with the same value here share a split: `external_id`, or a path such as `metadata.customer.id`. */
  group_by?: string | null;
  /** Only what stands before the first of this counts, such as `-` where ids are `customer-1` and `customer-2`. */
  group_until?: string | null;
  /** Tags whose examples belong to one split, such as `{"golden": "test"}`. A bulk move leaves them there. */
  pins?: Record<string, "test" | "train" | "validation"> | null;
  /** Why; shown in the history. */
  reason?: string | null;
  /** Decides which example goes into which split. */
  seed?: number;
  /** With `content`, the same text has the same split in every dataset of the same shares and seed. */
  split_by?: "content" | "dataset";
  /** Share of new examples for testing. */
  test?: number;
  /** Share of new examples for training. */
  train?: number;
  /** Share of new examples for validation. */
  validation?: number;
}

/** The splits of the version to use. There is no validation if that split is null or empty. */
export interface Splits {
  /** The split to train on. */
  train?: "test" | "train" | "validation";
  /** The split to validate with; null for no validation. */
  validation?: "test" | "train" | "validation" | null;
}

/** One to five stars. */
export interface Stars {
  /** Always `stars`: which kind this is. */
  type: "stars";
  /** 1 is the worst, 5 the best. */
  value: number;
}

/** What to do, and with which examples: those that match a filter now, or those with these ids. */
export interface StartBulk {
  /** What to do with each example. */
  action: TagExamples | UntagExamples | DeleteExamples | RestoreExamples | MoveExamples | DealSplits | RateExamples | ReplaceText | PatchOutput | RedactExamples | ApplyRun | DropDuplicates;
  /** Whether only to count what would change, and to show the first 20 examples before and after. */
  dry_run?: boolean;
  /** The examples that match, as an expression or as fields; an empty one matches all. */
  filter?: string | Filter | null;
  /** The examples by id, instead of a filter. */
  ids?: string[] | null;
  /** Why; shown in the history of each example. */
  reason?: string | null;
}

/** Which examples to check: those of a version, or those at a moment. By default all, now. */
export interface StartCheck {
  /** An RFC 3339 time or a seq, instead of a version. */
  as_of?: string | null;
  /** Only examples that match, as an expression or as fields. */
  filter?: string | Filter | null;
  /** Only this split. Leakage between splits then stays unseen. */
  split?: "test" | "train" | "validation" | null;
  /** Providers and base models whose formats and limits the rows are held against. */
  targets?: NewCheckTarget[];
  /** A frozen version of the dataset. */
  version?: string | null;
}

/** What to merge into the dataset, and what to take where both sides changed an example. */
export interface StartMerge {
  /** The dataset whose changes come over: a fork of this one, or the one that this was forked from. */
  source_id: string;
  /** Example by example. A decision counts as long as our example is as it is now. */
  decisions?: MergeDecision[];
  /** Whether only to count what would come over, and to list the conflicts. */
  dry_run?: boolean;
  /** What to take for all other conflicts. Default: nothing; a merge with undecided conflicts changes nothing. */
  others?: "ours" | "theirs" | null;
  /** Why; shown in the history of each example. */
  reason?: string | null;
}

/** The parameters of `GET /v1/events/stream`. */
export interface StreamEventsQuery {
  /** Only these event types, such as `ExampleRepaired`; repeat it or use commas. */
  types?: string[];
  /** Only one kind of stream, such as `example`. */
  stream?: string;
  /** Only the events of one resource, by its id. */
  stream_id?: string;
  /** Only the events of one resource: `example:` and its id, or its path, such as `/v1/examples/{id}`. */
  resource?: string;
  /** Only events of one actor: a member's name. */
  actor?: string;
  /** Only events of one request, by its X-Request-Id. */
  request_id?: string;
  /** Only events of one operation: all events of the request that started it. */
  operation?: string;
  /** Only events after this seq; 0 starts with the first event. Default: only new events. */
  after?: number;
  /**
   * Seconds after which the server ends the stream, for the client to reconnect. 0: end it once all existing events
   * have been sent.
   */
  seconds?: number;
}

/** The parameters of `GET /v1/operations/{operation_id}/stream`. */
export interface StreamOperationQuery {
  /**
   * Seconds after which the server ends the stream, for the client to reconnect. 0: end it once all existing events
   * have been sent.
   */
  seconds?: number;
}

export interface StreamOptions {
  /** Whether the last chunk carries the token usage. */
  include_usage?: boolean | null;
}

/** The parameters of `GET /v1/tunes/{tune_id}/stream`. */
export interface StreamTuneQuery {
  /**
   * Seconds after which the server ends the stream, for the client to reconnect. 0: end it once all existing events
   * have been sent.
   */
  seconds?: number;
}

/** A person's key, and where it stands. */
export interface SubjectChoice {
  /** The person's key. */
  value: string;
  /** Where the person's key stands in metadata, such as `metadata.subject`. */
  path?: string;
}

/** The tunes of one request. */
export interface Sweep {
  /** The sweep. */
  id: string;
  /** Its tunes in the order of the targets; retried ones follow. */
  tunes: Tune[];
  /** How many tunes are in each state. */
  states: Record<string, number>;
  /** Whether all its tunes have ended. */
  finished: boolean;
}

/** A tune of the sweep, and what came of it. */
export interface SweepRow {
  /** The tune. */
  tune_id: string;
  /** Its state. */
  state: "cancelled" | "failed" | "needs_attention" | "paused" | "pending" | "queued" | "running" | "succeeded" | "validating";
  /** The connection. */
  connection_id: string;
  /** The kind of provider. */
  connection_kind: string;
  /** The base model's id at the provider. */
  base_model: string;
  /** The requested hyperparameters. */
  hyperparameters: Record<string, boolean | number | string>;
  /** The last training loss, in nats per token. Null where none was measured. */
  training_loss: number | null;
  /** The last validation loss. Null where none was measured. */
  validation_loss: number | null;
  /** The lowest validation loss. Null where none was measured. */
  lowest_validation_loss: number | null;
  /** Null without a checkpoint whose validation loss is known. */
  best_checkpoint: BestCheckpoint | null;
  /** What it cost. Null until it has ended, or where nobody knows. */
  cost: TuneCost | null;
  /** What computation it took. Null until it has succeeded, or where the model's size is not known. */
  compute: TrainingCompute | null;
  /** From its submission to its end. Null until it has ended. */
  seconds: number | null;
  /** The model that gets its version. Null for none. */
  model: string | null;
  /** The id of the model that has got its version. Null until it is registered. */
  model_id: string | null;
  /** The version that it became. Null until it is registered. */
  model_version: string | null;
  /** The version's scores, by their labels. */
  scores: Record<string, SweepScore>;
  /** Why it failed. Null unless it did. */
  error: string | null;
  /** When it was requested. */
  created_at: string;
}

/** A score of the tune's version, by the newest evaluation that has it. */
export interface SweepScore {
  /** The mean. Null when no answer could be scored. */
  mean: number | null;
  /** The lower end of its 95% interval. */
  low: number | null;
  /** The upper end of its 95% interval. */
  high: number | null;
  /** The evaluation. */
  evaluation_id: string;
}

/** A sweep as a table, the best row first. */
export interface SweepTable {
  /** The sweep. */
  sweep_id: string;
  /** Whether all its tunes have ended. */
  finished: boolean;
  /** What it is sorted by. Rows without that come last. */
  sort: "cost" | "metric" | "requested" | "seconds" | "training_loss" | "validation_loss";
  /** The score that it is sorted by, or would be: a scorer's label. Null without scores. */
  metric: string | null;
  /** The hyperparameters that are not the same in all rows. */
  varied: string[];
  /** The labels of all scores. */
  metrics: string[];
  /** The tunes. */
  rows: SweepRow[];
}

export interface System {
  /** Always `system`: which kind this is. */
  role: "system";
  /** The instructions, as text or text parts. */
  content: string | TextPart[];
  /** A name for the author of the message. */
  name?: string | null;
}

/** Add tags to those that an example has. */
export interface TagExamples {
  /** Always `tag`: which kind this is. */
  type: "tag";
  /** The tags to add. */
  tags: string[];
}

/** What to tune, and through which connection. Any base model that the provider knows is accepted. */
export interface Target {
  /** The connection to the provider. */
  connection_id: string;
  /** The base model's id at the provider. */
  base_model: string;
  /** Several values for a hyperparameter: one tune for each combination of them. */
  grid?: Record<string, Array<boolean | number | string>>;
  /** In the provider's names: n_epochs, batch_size, learning_rate_multiplier, … */
  hyperparameters?: Record<string, boolean | number | string>;
  /** The model that gets a new version, instead of the request's. */
  model?: string | null;
  /** Text for the provider to put into the tuned model's name. */
  suffix?: string | null;
}

/** A target's change from the base, on the rows that both have a score for. */
export interface TargetChange {
  /** Number of rows on which both targets have a score. */
  pairs: number;
  /** Mean of the base on those rows. */
  base: number | null;
  /** Mean of the target on those rows. */
  value: number | null;
  /** `value` minus `base`, with its 95% interval. */
  absolute: Interval;
  /** The change as a share of the base: 0.12 is 12% more. Null where the base is, or might be, 0. */
  relative: Interval | null;
  /** McNemar's test, for scores that are only 0 or 1. Null for others. */
  mcnemar: McNemar | null;
  /** True: better than the base; false: worse; null: no change is certain. */
  better: boolean | null;
}

/** All targets compared with a base, by one scorer. */
export interface TargetComparison {
  /** Label of the scorer compared by. */
  metric: string;
  /** Labels of all scorers you can compare by. */
  metrics: string[];
  /** Unit of the scores. */
  unit: "characters" | "judge's scale" | "money" | "score from 0 to 100" | "seconds" | "share" | "stars" | "tokens" | "words";
  /** False where less is better. Null where neither is. */
  higher_is_better: boolean | null;
  /** Name of the target that the others are compared with. */
  base: string;
  /** One entry for each target, the base included. */
  data: ComparedTarget[];
}

/** Cost of the scored answers. */
export interface TargetCost {
  /** Cost of all scored answers with a known price. Null if no price is known. */
  total: Record<string, string> | null;
  /** Average cost of 1,000 answers. Null if the price of any answer is unknown. */
  per_thousand: Record<string, string> | null;
  /** Number of answers with no known price. */
  without_price: number;
}

/** The figures of one target. */
export interface TargetFigures {
  /** The target's name. */
  target: string;
  /** Number of rows. */
  rows: number;
  /** Number of rows without a usable answer. */
  failed: number;
  /** Number of failed rows, by failure code. */
  failures: Record<string, number>;
  /** Figures by scorer label: `mean`, `scored`, `pass_rate`, `interval`, and others that depend on the scorer. */
  scores: Record<string, Record<string, unknown>>;
  /** How long the answers took. */
  latency_ms: TargetTimes;
  /** Input tokens of the scored answers. */
  input_tokens: number;
  /** Output tokens of the scored answers. */
  output_tokens: number;
  /** Cost of the scored answers. */
  cost: TargetCost;
  /** Share of answers in the right format, 0 to 1. Null without a `format_scorer`. */
  format_validity: number | null;
  /** Mean agreement of repeated answers, 0 to 1. Null without repeats. */
  consistency: number | null;
}

/** How many of the rows a target had already seen, and how. */
export interface TargetLeak {
  /** The target's name. */
  target: string;
  /** Rows the target was trained on. */
  trained: number;
  /** Rows with the same text as an example the target was trained on. */
  equal: number;
  /** Rows that the target's prompt shows as few-shot examples. */
  shown: number;
  /** Rows used to validate the target's tuning. Reported, but not refused. */
  validated: number;
  /** The first 20 leaked examples. */
  examples: string[];
}

/** People's ratings of one target's answers. */
export interface TargetRating {
  /** The target's name. */
  target: string;
  /** Number of results that people have rated. */
  results: number;
  /** Number of ratings. */
  ratings: number;
  /** Mean over the rated results, in stars. */
  mean: number;
}

/** How long the answers took, in milliseconds. */
export interface TargetTimes {
  /** Number of answers timed. */
  n: number;
  /** Median, in milliseconds. Null if `n` is 0. */
  p50: number | null;
  /** 95th percentile, in milliseconds. Null if `n` is 0. */
  p95: number | null;
}

/** What a model is to do, what its input and output look like, and what makes an answer good. */
export interface Task {
  /** The task's id. */
  id: string;
  /** Unique in the workspace. */
  name: string;
  /** What the model has to do. */
  instruction: string;
  /** Notes for people. */
  description: string | null;
  /** How the model should reason before it answers. */
  thinking_instruction: string | null;
  /** What makes an answer good; ratings refer to these. */
  requirements: Requirement[];
  /** What the input has to match; null for free text. */
  input_schema: Record<string, unknown> | null;
  /** What the output has to match; null for free text. */
  output_schema: Record<string, unknown> | null;
  /** Short for an ontology of one question with a single choice. */
  categories: string[];
  /** The answer for what fits no category. */
  fallback_category: string | null;
  /** The questions that labels answer. */
  ontology: Question[];
  /** Number of changes so far; also the ETag. */
  version: number;
  /** When the task was created. */
  created_at: string;
  /** Who created the task. */
  created_by: string;
  /** When the task last changed. */
  updated_at: string;
  /** Who changed the task last. */
  updated_by: string;
  /** When it was archived; null unless it is. */
  archived_at: string | null;
}

/** The fields to change: an absent field stays as it is, null empties it. */
export interface TaskChanges {
  /** The possible answers, each once. */
  categories?: string[];
  /** Notes for people. */
  description?: string | null;
  /** The answer for what fits no category. */
  fallback_category?: string | null;
  /** What the input has to match; null for free text. */
  input_schema?: Record<string, unknown> | null;
  /** What the model has to do. */
  instruction?: string;
  /** Unique in the workspace. */
  name?: string;
  /** The questions that labels answer. For a single question, use `categories`. */
  ontology?: NewQuestion[];
  /** What the output has to match; null for free text. */
  output_schema?: Record<string, unknown> | null;
  /** Why; shown in the history. */
  reason?: string | null;
  /** What makes an answer good; ratings refer to these. */
  requirements?: NewRequirement[];
  /** How the model should reason before it answers. */
  thinking_instruction?: string | null;
}

/** One page of tasks, the oldest first. */
export interface TaskPage {
  /** The items of this page. */
  data: Task[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** Temperatures from `min` to `max`, in equal steps over the rows. */
export interface TemperatureSpread {
  /** Temperature of the last row, 0 to 2. */
  max?: number;
  /** Temperature of the first row, 0 to 2. */
  min?: number;
}

export interface TextPart {
  /** Always `text`: which kind this is. */
  type: "text";
  /** The text. */
  text: string;
}

/** A question without a winner, and the weight behind each category. */
export interface Tie {
  /** The question without a winner. */
  question: string;
  /** Total vote weight of each category. */
  weights: Record<string, number>;
}

/** 256 hashes of the Merkle tree. */
export interface Tile {
  /** 0: hashes of events. Above: roots of subtrees over 256 to the power of `level` events. */
  level: number;
  /** Position of the tile on its level, from 0. */
  number: number;
  /** 256 hashes, in base64. */
  hashes: string[];
}

/** How many times less the version takes, with a 95% interval. */
export interface Times {
  /** How many times less: 4 is a quarter. Null where one of the two has no such figure. */
  times: number | null;
  /** The lower end of the interval. Null with fewer than 30 calls of either. */
  low: number | null;
  /** The upper end of the interval. Null with fewer than 30 calls of either. */
  high: number | null;
  /** Calls of the version that tell the figure. */
  version_calls: number;
  /** Calls of the other model that tell it. */
  other_calls: number;
  /** What a call of the version takes: the mean cost, or the geometric mean of the latencies in milliseconds. */
  version_mean: number | null;
  /** What a call of the other model takes. */
  other_mean: number | null;
}

/** Lengths of rows in tokens. */
export interface TokenFigures {
  /** Tokens of all rows. */
  total: number;
  /** Half of the rows have fewer. */
  median: number;
  /** 95% of the rows have at most so many. */
  p95: number;
  /** Tokens of the longest row. */
  longest: number;
  /** What counted them, such as `o200k_base`; without a tokenizer it is `characters/4`. */
  tokenizer: string;
  /** Whether that is the tokenizer of every target's base model. False: an estimate. */
  exact: boolean;
}

export interface Tool {
  /** Always `function`. */
  type: "function";
  /** The function that the model may call. */
  function: Function;
}

export interface ToolCall {
  /** The id of the call; the tool's result refers to it. */
  id: string;
  /** Always `function`. */
  type: "function";
  /** The called function and its arguments. */
  function: CalledFunction;
}

export interface ToolResult {
  /** Always `tool`: which kind this is. */
  role: "tool";
  /** What the tool returned, as text or text parts. */
  content: string | TextPart[];
  /** The id of the tool call that this answers. */
  tool_call_id: string;
  /** A name for the author of the message. */
  name?: string | null;
}

/** Changes to the topic tree; all are made, or none. */
export interface TopicChanges {
  /** Topics to add; up to 1,000. */
  add?: NewTopic[];
  /** Why the tree is changed; the history shows it. */
  reason?: string | null;
  /** Topics to remove with everything below them; up to 1,000. */
  remove?: string[];
  /** Topics to rename; up to 1,000. */
  rename?: TopicRename[];
}

/** Why a model named no topics below this one; without a `topic_id`, below the root. */
export interface TopicFinding {
  /** Machine-readable reason. */
  code: string;
  /** The reason as a sentence. */
  detail: string;
  /** The model call that failed. */
  call_id?: string | null;
  /** The topic that got no subtopics; null for the root. */
  topic_id?: string | null;
}

/** A topic and the topics below it. */
export interface TopicNode {
  /** The topic's id. */
  id: string;
  /** The topic's name. */
  name: string;
  /** The run in which a model named it; null if a person did. */
  run_id: string | null;
  /** Why a model named no topics below it; null if nothing went wrong. */
  finding: TopicFinding | null;
  /** The topics below it. */
  children: TopicNode[];
}

export interface TopicRename {
  /** The topic to rename. */
  id: string;
  /** Its new name. */
  name: string;
}

/** The topics of a generation. */
export interface TopicTree {
  /** The generation the tree belongs to. */
  generation_id: string;
  /** The generation's version; for If-Match. */
  version: number;
  /** Number of topics in the tree. */
  count: number;
  /** Why a model named no topics below the root; null if nothing went wrong. */
  finding: TopicFinding | null;
  /** The topics of the first level. */
  topics: TopicNode[];
}

/** A tune as a run at a tracker. */
export interface TrackedRun {
  /** The integration that shows it. */
  integration_id: string;
  /** What kind of tracker it is. */
  kind: "mlflow" | "wandb";
  /** `logged` and `failed` are final. */
  state: "failed" | "logged" | "queued";
  /** The run's page. Null until it is logged, and where W&B writes to a folder. */
  link: string | null;
  /** Why it failed. Null unless it failed. */
  error: string | null;
  /** When the tune had ended. */
  created_at: string;
  /** When the run was logged, or failed. */
  finished_at: string | null;
}

/** Everywhere the tune is shown. */
export interface TrackedRuns {
  /** By integration. */
  data: TrackedRun[];
}

/** A request with its feedback, and the examples made from it. */
export interface Trail {
  /** The request and its feedback. */
  request: LoggedRequest;
  /** The examples made from the request. */
  examples: TrailExample[];
}

/** An evaluation of the model version: the mean of each scorer, and whether this example passed. */
export interface TrailEvaluation {
  /** The evaluation. */
  evaluation_id: string;
  /** The evaluation's name. */
  name: string;
  /** The dataset it measured on. */
  dataset_id: string;
  /** The dataset version it measured on. */
  dataset_version: string;
  /** The split it measured on. */
  split: string;
  /** The model version's name in the evaluation. */
  target: string;
  /** How many examples were measured. */
  rows: number;
  /** The mean score of each scorer; null when the scorer has no score. */
  means: Record<string, number | null>;
  /** Whether this example passed; null when it was not measured, or no scorer decides pass or fail. */
  passed: boolean | null;
  /** When the evaluation finished. */
  finished_at: string;
}

/** The example that the request became in a dataset, and the latest 200 dataset versions that hold it. */
export interface TrailExample {
  /** The dataset that holds the example. */
  dataset_id: string;
  /** The example. */
  example_id: string;
  /** When the example was made from the request. */
  promoted_at: string;
  /** Who made it. */
  promoted_by: string;
  /** The example's first repair; null when it was never repaired. */
  repair: TrailRepair | null;
  /** The latest 200 dataset versions that hold the example. */
  dataset_versions: TrailVersion[];
}

/** A model version trained on the dataset version, and its evaluations, the newest first. */
export interface TrailModel {
  /** The model. */
  model_id: string;
  /** The model's name. */
  model: string;
  /** The version of the model. */
  version: string;
  /** The tune that trained it; null where it was trained elsewhere. */
  tune_id: string | null;
  /** What the version used the example for; null where it did not use it. */
  use: "training" | "validation" | null;
  /** The evaluations that measured this model version, the newest first. */
  evaluations: TrailEvaluation[];
}

/** The repair of an example, and the revision it created. The instruction is null once erased. */
export interface TrailRepair {
  /** The example's revision that the repair created. */
  revision: number;
  /** The instruction of the repair; null without one or once erased. */
  instruction: string | null;
  /** Why the example was repaired. */
  reason: string | null;
  /** Who repaired it. */
  by: string;
  /** When it was repaired. */
  at: string;
}

/** A dataset version with the example, and the models trained on it. */
export interface TrailVersion {
  /** The dataset version's name. */
  dataset_version: string;
  /** The event in the workspace's log that the version includes up to. */
  seq: number;
  /** The example's revision in this version. */
  revision: number;
  /** Whether the version holds the repaired example. */
  repaired: boolean;
  /** When the version was frozen. */
  created_at: string;
  /** The model versions trained on it. */
  model_versions: TrailModel[];
}

/** The tune: its job at the provider, and the files sent to the provider, with their SHA-256. */
export interface TrainedBy {
  /** The tune. */
  tune_id: string;
  /** The sweep that the tune belongs to. */
  sweep_id: string;
  /** The connection to the provider that ran the job. */
  connection_id: string;
  /** The job's id at the provider. */
  job_id: string | null;
  /** The training method. */
  method: "dpo" | "kto" | "reinforcement" | "supervised";
  /** The seed that was asked for; null leaves it to the provider. */
  seed: number | null;
  /** The hyperparameters that were asked for, in the provider's names. */
  hyperparameters: Record<string, boolean | number | string>;
  /** The training file that the provider got. */
  training_file: SentFile | null;
  /** The validation file that the provider got; null where there was none. */
  validation_file: SentFile | null;
  /** The check of the examples that the tune had to pass; null where that was not asked. */
  check_id: string | null;
  /** The API key or person that asked for the tune. */
  requested_by: string;
  /** When the job ended. */
  finished_at: string | null;
}

/** The frozen dataset version that a model version was trained on. */
export interface TrainedOn {
  /** The dataset. */
  dataset_id: string;
  /** The name of the frozen dataset version. */
  version: string;
  /** The last event of the workspace's log that the version contains. */
  seq: number;
  /** SHA-256 over the sorted digests of the examples' contents, in hex. */
  digest: string;
  /** How many examples the version has. */
  examples: number;
  /** How many examples each split has. */
  splits: Record<string, number>;
}

/** Operations of a training: weights that a token meets, times tokens, times 6; with LoRA times 4. */
export interface TrainingCompute {
  /** Floating point operations. */
  flops: number;
  /** The trained tokens, all epochs included. */
  tokens: number;
  /** Who counted them. */
  tokens_by: "estimate" | "provider";
  /** The weights that a token meets, in billions. */
  parameters_billion: number;
  /** What was learnt: adapters, all weights, or what nobody tells; that counts as all. */
  part: "full" | "lora" | "unknown";
  /** Its share of the operations of the base model's own training. Null where the maker has not told its tokens. */
  pretraining_share: number | null;
  /** Where the sizes were read. */
  source: string;
}

/** How well a judge agrees with people on the answers that both have scored. */
export interface Trust {
  /** Number of answers that both the judge and people have scored. */
  n: number;
  /** Share on which both give the same score, with its interval. */
  agreement: Interval;
  /** Cohen's kappa: agreement corrected for chance. Null where it is undefined. */
  kappa: number | null;
  /** Cohen's kappa weighted by squared distance. Null where it is undefined. */
  weighted_kappa: number | null;
  /** Spearman's rank correlation. Null where it is undefined. */
  spearman: number | null;
  /** Kendall's tau-b. Null where it is undefined. */
  kendall: number | null;
  /** True from 10 answers. */
  enough: boolean;
  /** The agreement in words. */
  words: string;
}

/** The version to check, and the alias it would move to. */
export interface TryGate {
  /** Such as v1.0. */
  version: string;
  /** Such as production. */
  alias: string;
}

/** One fine-tuning job at a provider. */
export interface Tune {
  /** The tune's id. */
  id: string;
  /** The sweep: all tunes of one request. */
  sweep_id: string;
  /** The tune's state, the same for all providers. */
  state: "cancelled" | "failed" | "needs_attention" | "paused" | "pending" | "queued" | "running" | "succeeded" | "validating";
  /** The status that the provider reports, unchanged. */
  raw_status: string | null;
  /** The connection to the provider. */
  connection_id: string;
  /** The kind of provider. */
  connection_kind: string;
  /** The base model's id at the provider. */
  base_model: string;
  /** The training method. */
  method: "dpo" | "kto" | "reinforcement" | "supervised";
  /** The requested hyperparameters, by the provider's names. */
  hyperparameters: Record<string, boolean | number | string>;
  /** Text for the provider to put into the tuned model's name. */
  suffix: string | null;
  /** The requested seed. Null: the provider chooses. */
  seed: number | null;
  /** The dataset to train on. */
  dataset_id: string;
  /** The frozen version of the dataset. */
  dataset_version: string;
  /** The last event of the workspace's log that the version contains. */
  dataset_seq: number;
  /** SHA-256 over the version's contents, in hex. */
  dataset_digest: string;
  /** The split to train on. */
  train_split: "test" | "train" | "validation";
  /** How many examples that split has. */
  train_examples: number;
  /** The split to validate with; null for no validation. */
  validation_split: "test" | "train" | "validation" | null;
  /** How many examples that split has. */
  validation_examples: number;
  /** The training file that the provider got; null until it is uploaded. */
  training_file: SentFile | null;
  /** The validation file that the provider got; null until it is uploaded, or where there is none. */
  validation_file: SentFile | null;
  /** The job's id at the provider; null until the provider has it. */
  job_id: string | null;
  /** Ids of further jobs that were created by mistake, after a response was lost. They were cancelled. */
  duplicates: string[];
  /** The tuned model's name at the provider; null until the tune succeeded. */
  provider_model: string | null;
  /** How many tokens were trained; null where the provider does not say. */
  trained_tokens: number | null;
  /** What it was estimated to cost when it was requested; null where the price was not known. */
  estimate: CostEstimate | null;
  /** What it cost; null until it has ended, or where nobody knows. */
  cost: TuneCost | null;
  /** What computation it took; null until it has succeeded, or where the model's size is not known. */
  compute: TrainingCompute | null;
  /** Why the tune failed; null unless it failed. */
  error: Failure | null;
  /** What its curves have shown that is to be looked at, each once; the diagnosis says what to do. */
  symptoms: Array<"diverging" | "flat" | "healthy" | "no_curve" | "not_finite" | "out_of_memory" | "overfitting" | "slow" | "too_little_data" | "too_many_epochs">;
  /** Why the provider could not be asked the last time, or what somebody has to decide; null without trouble. */
  trouble: string | null;
  /** What the provider is still to be asked: to pause the job, or to go on with it. */
  pause_request: "pause" | "resume" | null;
  /** Why the provider did not do the last of these. */
  pause_refusal: string | null;
  /** Whether someone asked to cancel the tune. */
  cancel_requested: boolean;
  /** The model that gets a new version when the tune succeeds. Null for none. */
  model: string | null;
  /** The id of the model that has got a version; null until it is registered. */
  model_id: string | null;
  /** The version that the tune became, such as v1.1; null until it is registered. */
  model_version: string | null;
  /** Whether the new model version gets a minor (v1.1) or a major number (v2.0). */
  bump: "major" | "minor";
  /** Notes for the new model version, in Markdown. */
  notes: string | null;
  /** The tune that this one retries. Null for a first try. */
  retries: string | null;
  /** The check of its examples that it passed, where `require_ready` was asked; null otherwise. */
  check_id: string | null;
  /** When the tune was created. */
  created_at: string;
  /** Name of the member who created the tune. */
  created_by: string;
  /** When the provider accepted the job. */
  submitted_at: string | null;
  /** When the provider expects the job to end. */
  estimated_finish: string | null;
  /** Null until the tune has ended. */
  finished_at: string | null;
  /** When the tune last changed. */
  updated_at: string;
}

/** A monthly budget, and what is spent of it. */
export interface TuneBudget {
  /** The budget's id. */
  id: string;
  /** The model whose tunes it is for. Null: all tunes. */
  model: string | null;
  /** The most that tunes may cost in a month. */
  limit: Money;
  /** What this month's tunes cost; those that still run count with their estimate. */
  spent: Money;
  /** When it was set. */
  updated_at: string;
  /** Name of the member who set it. */
  updated_by: string;
}

/** All budgets of the workspace. */
export interface TuneBudgets {
  /** That of the workspace first, then those of models by name. */
  data: TuneBudget[];
}

/** What a tune cost. */
export interface TuneCost {
  /** A decimal number, in the currency. */
  amount: string;
  /** ISO 4217 code, such as `USD`. */
  currency: string;
  /** Who says so: the provider, or the trained tokens times the price of the estimate. */
  by: "computed" | "provider";
}

/** What a tune's curves show, and what to do about it. */
export interface TuneDiagnosis {
  /** The tune. */
  tune_id: string;
  /** How many points were read. */
  points: number;
  /** Id of the checkpoint with the lowest validation loss. Null when none was measured. */
  best_checkpoint: string | null;
  /** The step of that checkpoint. */
  best_checkpoint_step: number | null;
  /** What was found, the worst first. A healthy tune has one finding that says so. */
  findings: CurveFinding[];
}

/** What the tunes of a request will cost and take. Nothing was sent and nothing recorded. */
export interface TuneEstimate {
  /** Whether the request would be accepted as it is. */
  sendable: boolean;
  /** What the training split is like. */
  train: RowFacts;
  /** What the validation split is like. Null without one. */
  validation: RowFacts | null;
  /** Whether tokens are approximate: not all rows were read, or the model has another tokenizer. */
  approximate: boolean;
  /** The known costs together. Null when none is known, or they have several currencies. */
  total: Money | null;
  /** The tunes, in the order of the targets; of a grid the last name changes fastest. */
  targets: EstimatedTarget[];
  /** Every fault of the request, each once. */
  faults: Fault[];
  /** Every warning, each once. */
  warnings: Fault[];
}

/** A line of the job's log at the provider. */
export interface TuneLogLine {
  /** The line's id at the provider. */
  id: string;
  /** When it was logged; null where the provider does not say. */
  at: string | null;
  /** The line's level, such as info or error. */
  level: string;
  /** The line, in the provider's words. */
  message: string;
}

/** One page of the job's log, the oldest line first. */
export interface TuneLogPage {
  /** The items of this page. */
  data: TuneLogLine[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** One page of tunes, the newest first. */
export interface TunePage {
  /** The items of this page. */
  data: Tune[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** How a training goes. What was reported before is ignored, so a report may be sent again. */
export interface TuneReport {
  /** Checkpoints that were saved. */
  checkpoints?: NewCheckpoint[];
  /** When it will probably end. */
  estimated_finish?: string | null;
  /** Lines of its log. */
  log?: NewLogLine[];
  /** Points of the curves. */
  points?: NewPoint[];
  /** What the training does. */
  state?: "paused" | "queued" | "running";
}

/** Why the change is undone. */
export interface UndoBulk {
  /** Why; shown in the history of each example. */
  reason?: string | null;
}

/** Return each example to what it was before another bulk change. */
export interface UndoChange {
  /** Always `undo`: which kind this is. */
  type: "undo";
  /** The bulk change to undo. */
  bulk_id: string;
}

/** Remove tags. */
export interface UntagExamples {
  /** Always `untag`: which kind this is. */
  type: "untag";
  /** The tags to remove. */
  tags: string[];
}

/** An uploaded file, and how much of its text could be read. */
export interface UploadedDocument {
  /** The document's id. */
  id: string;
  /** The generation it belongs to. */
  generation_id: string;
  /** The file name it was uploaded with. */
  name: string | null;
  /** `read` if text was extracted, else `unreadable`; see `findings`. */
  state: "read" | "unreadable";
  /** The format it was read as; null if unreadable. */
  kind: "docx" | "html" | "markdown" | "pdf" | "text" | null;
  /** Size of the file in bytes. */
  size: number;
  /** Number of pages; null where the format has none. */
  pages: number | null;
  /** Characters of extracted text; null if unreadable. */
  characters: number | null;
  /** Problems with the file or with single pages. */
  findings: Finding[];
  /** When it was uploaded. */
  created_at: string;
  /** Who uploaded it. */
  created_by: string;
}

/** The tokens used. */
export interface Usage {
  /** Tokens of the request; null where the provider does not count them. */
  input_tokens: number | null;
  /** Tokens of the answer; null where the provider does not count them. */
  output_tokens: number | null;
}

export interface User {
  /** Always `user`: which kind this is. */
  role: "user";
  /** The message, as text or as parts: text, images, audio, video, files. */
  content: string | Array<TextPart | ImagePart | AudioPart | AudioUrlPart | VideoPart | FilePart>;
  /** A name for the author of the message. */
  name?: string | null;
}

/** A measured value; null where it is undefined, with the reason. */
export interface Value {
  /** The value; null where it is undefined. */
  value: number | null;
  /** Why it is undefined. */
  reason?: string | null;
}

/** What the store has now, compared with the log. */
export interface Verification {
  /** Whether size and digest are those of the log. */
  ok: boolean;
  /** SHA-256 that the log has, in hex. */
  digest: string;
  /** SHA-256 of the bytes that were read, in hex. */
  computed_digest: string;
  /** The size that the log has. */
  bytes: number;
  /** How many bytes were read. */
  read_bytes: number;
}

/** The figures of one model version for the month. */
export interface VersionMonth {
  /** The model version's name. */
  version: string;
  /** The version's figures for the month. */
  figures: MonthFigures;
  /** Its figures for the month before; null without requests. */
  before: MonthFigures | null;
  /** The change since the month before; null without requests then. */
  change: AgainstMonthBefore | null;
  /** How far inputs moved from the training data; null when that data is unknown or there are too few texts. */
  drift: Drift | null;
}

/** How many times cheaper and faster a version is than the models it came from. */
export interface VersionSavings {
  /** The model. */
  model_id: string;
  /** The version. */
  version: string;
  /** Beside its base, its teachers, and the model that was asked for. */
  savings: Saving[];
}

export interface VideoPart {
  /** Always `video_url`: which kind this is. */
  type: "video_url";
  /** The video. */
  video_url: MediaUrl;
}

/** One annotator's answers and their weight. */
export interface Vote {
  /** Who voted: a person's actor, or a model. */
  annotator: string;
  /** The categories the annotator chose, by question. */
  answers: Record<string, string[]>;
  /** Whether a person or a model voted. */
  kind?: "model" | "person";
  /** How much the vote counted. */
  weight?: number;
}

/**
 * Which evaluation counts: one by this scorer, on a dataset's split or on a suite.
 *
 * Without a `dataset_version`, the last evaluation on any frozen version counts.
 */
export interface WantedEvaluation {
  /** Such as exact_match. */
  scorer: string;
  /** The dataset it was measured on. Give this or `suite`. */
  dataset_id?: string | null;
  /** The frozen version it was measured on; null takes the evaluation that was run last. */
  dataset_version?: string | null;
  /** The split of the dataset it was measured on. */
  split?: "test" | "train" | "validation";
  /** The name of the suite it was measured on. Give this or `dataset_id`. */
  suite?: string | null;
}

/** The lowest mean rating by people, and how many ratings it needs. */
export interface WantedRating {
  /** The fewest ratings that pass. */
  ratings?: number;
  /** The lowest mean rating that passes, 1 to 5 stars. */
  stars?: number;
}

/** An endpoint of yours that receives events. */
export interface Webhook {
  /** The webhook's id. */
  id: string;
  /** Where messages are sent. */
  url: string;
  /** Event types that are sent. Empty: all. */
  types: string[];
  /** Free text for people. */
  description: string;
  /** What waits for a message that is not accepted: the same resource (`stream`) or all events (`log`). */
  order: "log" | "stream";
  /** Whether events are sent. */
  active: boolean;
  /** Why the server disabled it. Null when the server did not. */
  notice: WebhookNotice | null;
  /** When the webhook was created. */
  created_at: string;
  /** Name of the member who created it. */
  created_by: string;
  /** When the webhook last changed. */
  updated_at: string;
}

/** A webhook and how far it has been told. */
export interface WebhookDetail {
  /** The webhook's id. */
  id: string;
  /** Where messages are sent. */
  url: string;
  /** Event types that are sent. Empty: all. */
  types: string[];
  /** Free text for people. */
  description: string;
  /** What waits for a message that is not accepted: the same resource (`stream`) or all events (`log`). */
  order: "log" | "stream";
  /** Whether events are sent. */
  active: boolean;
  /** Why the server disabled it. Null when the server did not. */
  notice: WebhookNotice | null;
  /** When the webhook was created. */
  created_at: string;
  /** Name of the member who created it. */
  created_by: string;
  /** When the webhook last changed. */
  updated_at: string;
  /** Null until a worker has first handled the webhook, and as of a past time. */
  standing: WebhookStanding | null;
}

/** Why the server disabled the webhook. */
export interface WebhookNotice {
  /** `gone` when the receiver responded with 410; `failing` when it accepted nothing for days. */
  why: "failing" | "gone";
  /** What happened, for people. */
  detail: string;
  /** When it was disabled. */
  at: string;
}

/** One page of webhooks. */
export interface WebhookPage {
  /** The items of this page. */
  data: Webhook[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** Fields that are left out stay unchanged. */
export interface WebhookPatch {
  /** Whether events are sent. Setting it to true also sends the events missed meanwhile. */
  active?: boolean;
  /** Free text for people. */
  description?: string;
  /**
   * What waits for a message that is not accepted: later events of the same resource (`stream`), or all later events
   * (`log`).
   */
  order?: "log" | "stream";
  /** Why; kept in the history. */
  reason?: string | null;
  /** Event types to send, such as `TuneSucceeded`. Empty: all. */
  types?: string[];
  /** An https URL with a public address; private and link-local addresses are refused. */
  url?: string;
}

/** How far a webhook has been told. */
export interface WebhookStanding {
  /** Every event up to this seq was accepted, except those of the streams in `held`. */
  reached: number;
  /** The log's last seq. */
  head: number;
  /** Streams that wait for an event to be accepted. */
  held: HeldStream[];
  /** Since when no message has been accepted. Null when the last ones were. */
  failing_since: string | null;
  /** When a message was last accepted. Null when none was. */
  accepted_at: string | null;
}

/** A webhook and its new signing secret. */
export interface WebhookWithSecret {
  /** The webhook's id. */
  id: string;
  /** Where messages are sent. */
  url: string;
  /** Event types that are sent. Empty: all. */
  types: string[];
  /** Free text for people. */
  description: string;
  /** What waits for a message that is not accepted: the same resource (`stream`) or all events (`log`). */
  order: "log" | "stream";
  /** Whether events are sent. */
  active: boolean;
  /** Why the server disabled it. Null when the server did not. */
  notice: WebhookNotice | null;
  /** When the webhook was created. */
  created_at: string;
  /** Name of the member who created it. */
  created_by: string;
  /** When the webhook last changed. */
  updated_at: string;
  /** Verifies the messages' signatures. Shown once; null in a repeated response. */
  secret: string | null;
}

/** Take back a submitted label, to label the example anew. */
export interface WithdrawLabel {
  /** Why; the histories of the label and of the example's place show it. */
  reason?: string | null;
}

/** A tenant: no other workspace can see its data. */
export interface Workspace {
  /** The workspace's id. */
  id: string;
  /** Shown in lists. */
  name: string;
  /** When the workspace was created. */
  created_at: string;
  /** Name of the member, or other actor, that created it. */
  created_by: string;
}

/** One limit of the workspace. */
export interface WorkspaceLimit {
  /** What is limited; the `code` of the fault when it is reached. */
  name: "api_keys" | "body_bytes" | "imports" | "requests_per_minute" | "stored_bytes" | "streams" | "webhooks";
  /** The most that the workspace may have; null: no limit. */
  limit: number | null;
  /** How much it has now; of requests, bodies and streams, in the process that answers. Null without a limit. */
  used: number | null;
}

/** All limits of the workspace. */
export interface WorkspaceLimitList {
  /** The limits, in a fixed order. */
  data: WorkspaceLimit[];
}

/** One page of workspaces. */
export interface WorkspacePage {
  /** The items of this page. */
  data: Workspace[];
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** The number of all matches; present when the request asked for it. */
  count?: number | null;
}

/** A new workspace and its first API key. */
export interface WorkspaceWithKey {
  /** The workspace's id. */
  id: string;
  /** Shown in lists. */
  name: string;
  /** When the workspace was created. */
  created_at: string;
  /** Name of the member, or other actor, that created it. */
  created_by: string;
  /**
   * Secret of the first key, which has the scope `admin`. Shown once; null in a repeated response, since the server
   * does not store it.
   */
  api_key: string | null;
}
