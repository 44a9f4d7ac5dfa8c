# Generated from openapi/openapi.json by `make clients`.
"""Structs of tunes."""

from __future__ import annotations

import datetime as dt

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import Fault, Money, SentFile


class BestCheckpoint(Shape, frozen=True, kw_only=True):
    """The checkpoint with the lowest validation loss."""

    id: str
    """The checkpoint's id at the provider."""
    step: int
    """The training step it was saved at."""
    model: str
    """Its model name at the provider."""
    validation_loss: float
    """Its validation loss, in nats per token."""


class Budget(Shape, frozen=True, kw_only=True):
    """The most that all tunes of the request may cost by their estimate."""

    amount: str
    """A decimal number, as a string."""
    currency: str = "USD"
    """ISO 4217 code."""


class Checkpoint(Shape, frozen=True, kw_only=True):
    """A model saved during training, and its metrics."""

    id: str
    """The checkpoint's id at the provider."""
    step: int
    """The training step it was saved at."""
    model: str
    """The checkpoint's model name at the provider."""
    at: str | None
    """When it was saved; null where the provider does not say."""
    metrics: MetricPoint
    """The measures at that step."""


class CheckpointPage(Shape, frozen=True, kw_only=True):
    """One page of checkpoints, by step."""

    data: list[Checkpoint]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class CostEstimate(Shape, frozen=True, kw_only=True):
    """What a tune was estimated to cost when it was requested. It is no bill."""

    amount: str
    """A decimal number, in the currency."""
    currency: str
    """ISO 4217 code, such as `USD`."""
    per_million: str
    """The price of a million training tokens that it follows from."""
    source: str
    """Where that price was read."""
    as_of: dt.date
    """The day it was read."""
    tokens: int | None = None
    """The training tokens it counts, all epochs included."""
    verified: bool = False
    """Whether it is the provider's own."""


class CurveFinding(Shape, frozen=True, kw_only=True):
    """Something the curves show."""

    symptom: OneOf[
        "diverging",
        "flat",
        "healthy",
        "no_curve",
        "not_finite",
        "out_of_memory",
        "overfitting",
        "slow",
        "too_little_data",
        "too_many_epochs",
    ]
    """What it is, for programs; stable."""
    severity: OneOf["critical", "good", "hint", "warning"]
    """How bad it is."""
    detail: str
    """What was seen, with figures."""
    advice: str
    """What to do."""
    checkpoint: str | None = None
    """Id of the checkpoint that is better than the last one; null for other symptoms."""
    step: int | None = None
    """The step where it shows; null where it is about all of them."""


class EstimatedCost(Shape, frozen=True, kw_only=True):
    """What training will cost, by the provider's quote or by the catalogue's price. It is no bill."""

    total: Money
    """For all tokens and epochs."""
    per_million_tokens: Money
    """The price it follows from."""
    source: str
    """Where the price was read."""
    as_of: dt.date
    """The day the price was read."""
    verified: bool
    """Whether the price is the provider's own."""


class EstimatedTarget(Shape, frozen=True, kw_only=True):
    """One tune: tokens, cost, time, and what is wrong with it."""

    target: int
    """The place of its target in the request, from 0. A target with a grid makes several tunes."""
    connection_id: str
    """The connection."""
    base_model: str
    """The base model's id at the provider."""
    hyperparameters: dict[str, bool | float | str]
    """Its hyperparameters, those of the grid included."""
    model: str | None
    """The model that gets a new version. Null for none."""
    epochs: int
    """How often each example is trained on."""
    epochs_known: bool
    """Whether that is certain. False: the provider chooses, and 3 are assumed."""
    training_tokens: int | None
    """Tokens of all epochs. Null where no row could be read."""
    tokenizer: str
    """What counted them, such as `o200k_base`; without a tokenizer it is `characters/4`."""
    tokens_exact: bool
    """Whether that is the base model's own tokenizer, and all rows were read. False: an estimate."""
    cost: EstimatedCost | None
    """Null when the price or the tokens are not known."""
    quote_note: str | None
    """Why there is no quote of the provider, where one was asked for."""
    sources: FigureSources
    """Where each figure is from."""
    seconds: float | None
    """How long the job will take, by this workspace's tunes of the same model; on own hardware without any, by a
    formula, on one CPU. Null where neither is known.
    """
    tunes_measured: int
    """How many earlier tunes the time follows from."""
    memory_gb: float | None
    """The memory that it will need on own hardware. Null at a provider, or where the model's size is not known."""
    faults: list[Fault]
    """Why it cannot be sent. All have to go."""
    warnings: list[Fault]
    """What looks odd. `force` sends it all the same."""


class Failure(Shape, frozen=True, kw_only=True):
    """Why a tune failed."""

    code: str
    """The provider's error code, or one of ours."""
    message: str
    """What went wrong, in the provider's words where it gave any."""
    hint: str | None = None
    """Another way to tune the same dataset; null where there is none."""
    param: str | None = None
    """The field of the provider's request that was wrong; null where none is named."""


class FigureSources(Shape, frozen=True, kw_only=True):
    """Where the figures of an estimate are from; each null where there is no figure."""

    cost: OneOf["catalogue", "computed", "provider quote"] | None
    """The provider's quote, or tokens times the catalogue's price."""
    training_tokens: OneOf["catalogue", "computed", "provider quote"] | None
    """The provider's quote, or counted here."""
    seconds: OneOf["catalogue", "computed", "provider quote"] | None
    """Computed from earlier tunes, or from the model's size."""


class MetricPage(Shape, frozen=True, kw_only=True):
    """One page of the curves, by step."""

    data: list[MetricPoint]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class MetricPoint(Shape, frozen=True, kw_only=True):
    """Measured at a step: losses in nats per token, accuracies 0 to 1; `not_finite` names the NaNs and infinities."""

    step: int
    """The training step, from 0."""
    full_valid_accuracy: float | None = None
    """Token accuracy on all validation examples, 0 to 1."""
    full_valid_loss: float | None = None
    """Loss on all validation examples, in nats per token."""
    not_finite: list[str] = []
    """Names of the measures that were NaN or infinite."""
    train_accuracy: float | None = None
    """Token accuracy on the training examples, 0 to 1."""
    train_loss: float | None = None
    """Loss on the training examples, in nats per token."""
    valid_accuracy: float | None = None
    """Token accuracy on a batch of validation examples, 0 to 1."""
    valid_loss: float | None = None
    """Loss on a batch of validation examples, in nats per token."""


class NewCheckpoint(Shape, frozen=True, kw_only=True):
    """A state of the model that was saved on the way."""

    id: str
    """Its name. The same name again is ignored."""
    step: int
    """The step after which it was saved."""
    model: str
    """Where it is: a path, an address, or a name at the server that answers for it."""
    at: dt.datetime | None = None
    """When it was saved. Null: now."""


class NewLogLine(Shape, frozen=True, kw_only=True):
    """A line of the training's log."""

    id: str
    """Its id in this training. The same id again is ignored."""
    message: str
    """The text."""
    at: dt.datetime | None = None
    """When it was written. Null: now."""
    level: str = "info"
    """Such as `info` or `error`."""


class NewPoint(Shape, frozen=True, kw_only=True):
    """What was measured at a step. A step may be reported again with what was not known before."""

    step: int
    """The training step, from 0."""
    full_valid_accuracy: float | None = None
    """Token accuracy on all validation examples, 0 to 1."""
    full_valid_loss: float | None = None
    """Loss on all validation examples, in nats per token."""
    not_finite: list[
        OneOf["full_valid_accuracy", "full_valid_loss", "train_accuracy", "train_loss", "valid_accuracy", "valid_loss"]
    ] = []
    """Measures that were NaN or infinite, which JSON cannot say."""
    train_accuracy: float | None = None
    """Token accuracy on the training examples, 0 to 1."""
    train_loss: float | None = None
    """Loss on the training examples, in nats per token."""
    valid_accuracy: float | None = None
    """Token accuracy on a batch of validation examples, 0 to 1."""
    valid_loss: float | None = None
    """Loss on a batch of validation examples, in nats per token."""


class NewReportedFile(Shape, frozen=True, kw_only=True):
    """A file of the weights. It stays where it is: its digest goes into the history."""

    name: str
    """Its name in the folder of the weights."""
    bytes: int
    """Its size in bytes."""
    digest: str
    """Its SHA-256, in hex."""


class NewWandbRun(Shape, frozen=True, kw_only=True):
    """A run at Weights & Biases that the provider itself writes."""

    integration_id: str
    """An integration of kind wandb. Its key is sent to the provider with the job, and kept nowhere else."""
    name: str | None = None
    """The run's name; null leaves it to the provider."""
    project: str | None = None
    """The project; null for the integration's own."""


class RowFacts(Shape, frozen=True, kw_only=True):
    """What a split is like. Counts are of the rows that were read; `tokens` is of all rows."""

    rows: int
    """How many rows the split has."""
    read: int
    """How many of them were read."""
    encoding: str = "o200k_base"
    """The tokenizer that counted, such as `o200k_base`; without one it is `characters/4`."""
    exact: bool = False
    """Whether that is the tokenizer of the first target's base model. False: an estimate."""
    longest: int | None = None
    """Tokens of the longest row that was read."""
    preference: int = 0
    """Rows with two answers, one chosen and one rejected."""
    tokens: int | None = None
    """Tokens of all rows, counted with `encoding`; null where no row could be read."""
    untrained: int = 0
    """Rows in which no answer is trained on: it is missing, empty, or has weight 0."""
    weighted: int = 0
    """Rows with a message of weight 0."""
    with_tools: int = 0
    """Rows with tool calls."""


class Splits(Shape, frozen=True, kw_only=True):
    """The splits of the version to use. There is no validation if that split is null or empty."""

    train: OneOf["test", "train", "validation"] = "train"
    """The split to train on."""
    validation: OneOf["test", "train", "validation"] | None = "validation"
    """The split to validate with; null for no validation."""


class Sweep(Shape, frozen=True, kw_only=True):
    """The tunes of one request."""

    id: str
    """The sweep."""
    tunes: list[Tune]
    """Its tunes in the order of the targets; retried ones follow."""
    states: dict[str, int]
    """How many tunes are in each state."""
    finished: bool
    """Whether all its tunes have ended."""


class SweepRow(Shape, frozen=True, kw_only=True):
    """A tune of the sweep, and what came of it."""

    tune_id: str
    """The tune."""
    state: OneOf[
        "cancelled", "failed", "needs_attention", "paused", "pending", "queued", "running", "succeeded", "validating"
    ]
    """Its state."""
    connection_id: str
    """The connection."""
    connection_kind: str
    """The kind of provider."""
    base_model: str
    """The base model's id at the provider."""
    hyperparameters: dict[str, bool | float | str]
    """The requested hyperparameters."""
    training_loss: float | None
    """The last training loss, in nats per token. Null where none was measured."""
    validation_loss: float | None
    """The last validation loss. Null where none was measured."""
    lowest_validation_loss: float | None
    """The lowest validation loss. Null where none was measured."""
    best_checkpoint: BestCheckpoint | None
    """Null without a checkpoint whose validation loss is known."""
    cost: TuneCost | None
    """What it cost. Null until it has ended, or where nobody knows."""
    compute: TrainingCompute | None
    """What computation it took. Null until it has succeeded, or where the model's size is not known."""
    seconds: float | None
    """From its submission to its end. Null until it has ended."""
    model: str | None
    """The model that gets its version. Null for none."""
    model_id: str | None
    """The id of the model that has got its version. Null until it is registered."""
    model_version: str | None
    """The version that it became. Null until it is registered."""
    scores: dict[str, SweepScore]
    """The version's scores, by their labels."""
    error: str | None
    """Why it failed. Null unless it did."""
    created_at: dt.datetime
    """When it was requested."""


class SweepScore(Shape, frozen=True, kw_only=True):
    """A score of the tune's version, by the newest evaluation that has it."""

    mean: float | None
    """The mean. Null when no answer could be scored."""
    low: float | None
    """The lower end of its 95% interval."""
    high: float | None
    """The upper end of its 95% interval."""
    evaluation_id: str
    """The evaluation."""


class SweepTable(Shape, frozen=True, kw_only=True):
    """A sweep as a table, the best row first."""

    sweep_id: str
    """The sweep."""
    finished: bool
    """Whether all its tunes have ended."""
    sort: OneOf["cost", "metric", "requested", "seconds", "training_loss", "validation_loss"]
    """What it is sorted by. Rows without that come last."""
    metric: str | None
    """The score that it is sorted by, or would be: a scorer's label. Null without scores."""
    varied: list[str]
    """The hyperparameters that are not the same in all rows."""
    metrics: list[str]
    """The labels of all scores."""
    rows: list[SweepRow]
    """The tunes."""


class Target(Shape, frozen=True, kw_only=True):
    """What to tune, and through which connection. Any base model that the provider knows is accepted."""

    connection_id: str
    """The connection to the provider."""
    base_model: str
    """The base model's id at the provider."""
    grid: dict[str, list[bool | float | str]] = {}
    """Several values for a hyperparameter: one tune for each combination of them."""
    hyperparameters: dict[str, bool | float | str] = {}
    """In the provider's names: n_epochs, batch_size, learning_rate_multiplier, …"""
    model: str | None = None
    """The model that gets a new version, instead of the request's."""
    suffix: str | None = None
    """Text for the provider to put into the tuned model's name."""


class TrackedRun(Shape, frozen=True, kw_only=True):
    """A tune as a run at a tracker."""

    integration_id: str
    """The integration that shows it."""
    kind: OneOf["mlflow", "wandb"]
    """What kind of tracker it is."""
    state: OneOf["failed", "logged", "queued"]
    """`logged` and `failed` are final."""
    link: str | None
    """The run's page. Null until it is logged, and where W&B writes to a folder."""
    error: str | None
    """Why it failed. Null unless it failed."""
    created_at: dt.datetime
    """When the tune had ended."""
    finished_at: dt.datetime | None
    """When the run was logged, or failed."""


class TrackedRuns(Shape, frozen=True, kw_only=True):
    """Everywhere the tune is shown."""

    data: list[TrackedRun]
    """By integration."""


class TrainingCompute(Shape, frozen=True, kw_only=True):
    """Operations of a training: weights that a token meets, times tokens, times 6; with LoRA times 4."""

    flops: float
    """Floating point operations."""
    tokens: int
    """The trained tokens, all epochs included."""
    tokens_by: OneOf["estimate", "provider"]
    """Who counted them."""
    parameters_billion: float
    """The weights that a token meets, in billions."""
    part: OneOf["full", "lora", "unknown"]
    """What was learnt: adapters, all weights, or what nobody tells; that counts as all."""
    pretraining_share: float | None
    """Its share of the operations of the base model's own training. Null where the maker has not told its tokens."""
    source: str
    """Where the sizes were read."""


class Tune(Shape, frozen=True, kw_only=True):
    """One fine-tuning job at a provider."""

    id: str
    """The tune's id."""
    sweep_id: str
    """The sweep: all tunes of one request."""
    state: OneOf[
        "cancelled", "failed", "needs_attention", "paused", "pending", "queued", "running", "succeeded", "validating"
    ]
    """The tune's state, the same for all providers."""
    raw_status: str | None
    """The status that the provider reports, unchanged."""
    connection_id: str
    """The connection to the provider."""
    connection_kind: str
    """The kind of provider."""
    base_model: str
    """The base model's id at the provider."""
    method: OneOf["dpo", "kto", "reinforcement", "supervised"]
    """The training method."""
    hyperparameters: dict[str, bool | float | str]
    """The requested hyperparameters, by the provider's names."""
    suffix: str | None
    """Text for the provider to put into the tuned model's name."""
    seed: int | None
    """The requested seed. Null: the provider chooses."""
    dataset_id: str
    """The dataset to train on."""
    dataset_version: str
    """The frozen version of the dataset."""
    dataset_seq: int
    """The last event of the workspace's log that the version contains."""
    dataset_digest: str
    """SHA-256 over the version's contents, in hex."""
    train_split: OneOf["test", "train", "validation"]
    """The split to train on."""
    train_examples: int
    """How many examples that split has."""
    validation_split: OneOf["test", "train", "validation"] | None
    """The split to validate with; null for no validation."""
    validation_examples: int
    """How many examples that split has."""
    training_file: SentFile | None
    """The training file that the provider got; null until it is uploaded."""
    validation_file: SentFile | None
    """The validation file that the provider got; null until it is uploaded, or where there is none."""
    job_id: str | None
    """The job's id at the provider; null until the provider has it."""
    duplicates: list[str]
    """Ids of further jobs that were created by mistake, after a response was lost. They were cancelled."""
    provider_model: str | None
    """The tuned model's name at the provider; null until the tune succeeded."""
    trained_tokens: int | None
    """How many tokens were trained; null where the provider does not say."""
    estimate: CostEstimate | None
    """What it was estimated to cost when it was requested; null where the price was not known."""
    cost: TuneCost | None
    """What it cost; null until it has ended, or where nobody knows."""
    compute: TrainingCompute | None
    """What computation it took; null until it has succeeded, or where the model's size is not known."""
    error: Failure | None
    """Why the tune failed; null unless it failed."""
    symptoms: list[
        OneOf[
            "diverging",
            "flat",
            "healthy",
            "no_curve",
            "not_finite",
            "out_of_memory",
            "overfitting",
            "slow",
            "too_little_data",
            "too_many_epochs",
        ]
    ]
    """What its curves have shown that is to be looked at, each once; the diagnosis says what to do."""
    trouble: str | None
    """Why the provider could not be asked the last time, or what somebody has to decide; null without trouble."""
    pause_request: OneOf["pause", "resume"] | None
    """What the provider is still to be asked: to pause the job, or to go on with it."""
    pause_refusal: str | None
    """Why the provider did not do the last of these."""
    cancel_requested: bool
    """Whether someone asked to cancel the tune."""
    model: str | None
    """The model that gets a new version when the tune succeeds. Null for none."""
    model_id: str | None
    """The id of the model that has got a version; null until it is registered."""
    model_version: str | None
    """The version that the tune became, such as v1.1; null until it is registered."""
    bump: OneOf["major", "minor"]
    """Whether the new model version gets a minor (v1.1) or a major number (v2.0)."""
    notes: str | None
    """Notes for the new model version, in Markdown."""
    retries: str | None
    """The tune that this one retries. Null for a first try."""
    check_id: str | None
    """The check of its examples that it passed, where `require_ready` was asked; null otherwise."""
    created_at: dt.datetime
    """When the tune was created."""
    created_by: str
    """Name of the member who created the tune."""
    submitted_at: dt.datetime | None
    """When the provider accepted the job."""
    estimated_finish: str | None
    """When the provider expects the job to end."""
    finished_at: dt.datetime | None
    """Null until the tune has ended."""
    updated_at: dt.datetime
    """When the tune last changed."""


class TuneBudget(Shape, frozen=True, kw_only=True):
    """A monthly budget, and what is spent of it."""

    id: str
    """The budget's id."""
    model: str | None
    """The model whose tunes it is for. Null: all tunes."""
    limit: Money
    """The most that tunes may cost in a month."""
    spent: Money
    """What this month's tunes cost; those that still run count with their estimate."""
    updated_at: dt.datetime
    """When it was set."""
    updated_by: str
    """Name of the member who set it."""


class TuneBudgets(Shape, frozen=True, kw_only=True):
    """All budgets of the workspace."""

    data: list[TuneBudget]
    """That of the workspace first, then those of models by name."""


class TuneCost(Shape, frozen=True, kw_only=True):
    """What a tune cost."""

    amount: str
    """A decimal number, in the currency."""
    currency: str
    """ISO 4217 code, such as `USD`."""
    by: OneOf["computed", "provider"]
    """Who says so: the provider, or the trained tokens times the price of the estimate."""


class TuneDiagnosis(Shape, frozen=True, kw_only=True):
    """What a tune's curves show, and what to do about it."""

    tune_id: str
    """The tune."""
    points: int
    """How many points were read."""
    best_checkpoint: str | None
    """Id of the checkpoint with the lowest validation loss. Null when none was measured."""
    best_checkpoint_step: int | None
    """The step of that checkpoint."""
    findings: list[CurveFinding]
    """What was found, the worst first. A healthy tune has one finding that says so."""


class TuneEstimate(Shape, frozen=True, kw_only=True):
    """What the tunes of a request will cost and take. Nothing was sent and nothing recorded."""

    sendable: bool
    """Whether the request would be accepted as it is."""
    train: RowFacts
    """What the training split is like."""
    validation: RowFacts | None
    """What the validation split is like. Null without one."""
    approximate: bool
    """Whether tokens are approximate: not all rows were read, or the model has another tokenizer."""
    total: Money | None
    """The known costs together. Null when none is known, or they have several currencies."""
    targets: list[EstimatedTarget]
    """The tunes, in the order of the targets; of a grid the last name changes fastest."""
    faults: list[Fault]
    """Every fault of the request, each once."""
    warnings: list[Fault]
    """Every warning, each once."""


class TuneLogLine(Shape, frozen=True, kw_only=True):
    """A line of the job's log at the provider."""

    id: str
    """The line's id at the provider."""
    at: str | None
    """When it was logged; null where the provider does not say."""
    level: str
    """The line's level, such as info or error."""
    message: str
    """The line, in the provider's words."""


class TuneLogPage(Shape, frozen=True, kw_only=True):
    """One page of the job's log, the oldest line first."""

    data: list[TuneLogLine]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class TunePage(Shape, frozen=True, kw_only=True):
    """One page of tunes, the newest first."""

    data: list[Tune]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""
