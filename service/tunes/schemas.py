"""HTTP requests and responses for tunes."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from service.datasets.splits import Split
from service.http.bodies import NO_NUL, Body, Name, Reason, Text
from service.http.pagination import Page
from service.ledger.decider import StreamState
from service.providers.provider import Method
from service.tunes.decisions import Choice
from service.tunes.diagnosis.domain import Symptom
from service.tunes.events import Bump, Failure, TuneRequested, TuneState, TuneStatus
from service.tunes.hyperparameter_grid import MAX_TUNES, count_combinations
from service.tunes.pauses.domain import PauseRequest
from service.tunes.preflight.cost_estimate import CostEstimate
from service.tunes.training_compute import TrainingCompute, compute_training
from service.tunes.tune_files import SentFile

Number = Annotated[float, Meta(ge=-1e12, le=1e12)]
Word = Annotated[str, Meta(max_length=200, pattern=NO_NUL)]
HyperparameterName = Annotated[str, Meta(max_length=100, pattern=r"^[A-Za-z][A-Za-z0-9_.]*$")]
GridValues = Annotated[list[bool | Number | Word], Meta(min_length=1, max_length=20)]
Suffix = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="Part of the model's name.")]
BaseModelId = Annotated[str, Meta(min_length=1, max_length=300, pattern=NO_NUL)]


class Target(Body):
    """What to tune, and through which connection. Any base model that the provider knows is accepted."""

    connection_id: UUID
    """The connection to the provider."""
    base_model: BaseModelId
    """The base model's id at the provider."""
    hyperparameters: Annotated[
        dict[HyperparameterName, bool | Number | Word],
        Meta(max_length=32, description="In the provider's names: n_epochs, batch_size, learning_rate_multiplier, …"),
    ] = {}
    grid: Annotated[
        dict[HyperparameterName, GridValues],
        Meta(max_length=8, description="Several values for a hyperparameter: one tune for each combination of them."),
    ] = {}
    suffix: Suffix | None = None
    """Text for the provider to put into the tuned model's name."""
    model: Name | None = None
    """The model that gets a new version, instead of the request's."""

    def __post_init__(self) -> None:
        if twice := self.grid.keys() & self.hyperparameters.keys():
            raise ValueError(f"{min(twice)} stands in `hyperparameters` and in `grid`; leave it in one of them")
        for name, values in self.grid.items():
            if len(set(values)) < len(values):
                raise ValueError(f"`grid` lists a value of {name} twice")


class Splits(Body):
    """The splits of the version to use. There is no validation if that split is null or empty."""

    train: Split = "train"
    """The split to train on."""
    validation: Split | None = "validation"
    """The split to validate with; null for no validation."""


class Budget(Body):
    """The most that all tunes of the request may cost by their estimate."""

    amount: Annotated[str, Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?$")]
    """A decimal number, as a string."""
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] = "USD"
    """ISO 4217 code."""


class NewWandbRun(Body):
    """A run at Weights & Biases that the provider itself writes."""

    integration_id: UUID
    """An integration of kind wandb. Its key is sent to the provider with the job, and kept nowhere else."""
    project: Annotated[str, Meta(min_length=1, max_length=128, pattern=NO_NUL)] | None = None
    """The project; null for the integration's own."""
    name: Annotated[str, Meta(min_length=1, max_length=128, pattern=NO_NUL)] | None = None
    """The run's name; null leaves it to the provider."""


class NewTunes(Body):
    """One tune per target, or per combination of its grid; all on the same dataset version."""

    dataset_id: UUID
    """The dataset to train on."""
    dataset_version: Annotated[str, Meta(min_length=1, max_length=100, pattern=NO_NUL)]
    """The name of a frozen version of the dataset."""
    targets: Annotated[list[Target], Meta(min_length=1, max_length=50)]
    """What to tune; 1 to 50. With their grids they may make 100 tunes."""
    model: Name | None = None
    """The model that gets a new version per success. Created if it does not exist. A target may name another."""
    bump: Bump = "minor"
    """Whether the new model version gets a minor (v1.1) or a major number (v2.0)."""
    method: Method = "supervised"
    """The training method."""
    seed: Annotated[int, Meta(ge=0, le=2**31 - 1)] | None = None
    """A seed for the provider; null leaves it to the provider."""
    splits: Splits = Splits()
    """The splits to train on and to validate with."""
    notes: Text | None = None
    """Notes for the new model version, in Markdown."""
    wandb: NewWandbRun | None = None
    """Where the provider itself shows the tunes: OpenAI and its like, and Together."""
    budget: Budget | None = None
    """Refuse the request when its estimate is above this."""
    require_ready: bool = False
    """Refuse the request (422) unless the last check of the version's examples found no errors."""
    force: bool = False
    """Send also what looks odd: an unknown hyperparameter, rows that nobody trains on. Faults are refused anyway."""

    def __post_init__(self) -> None:
        count = sum(count_combinations(target.grid) for target in self.targets)
        if count > MAX_TUNES:
            raise ValueError(f"the targets and their grids make {count:,} tunes; a request may make {MAX_TUNES}")


class CancelTune(Body):
    reason: Reason | None = None
    """Why, for the history."""


class PauseTune(Body):
    reason: Reason | None = None
    """Why, for the history."""


def build_request(asked: TuneRequested) -> NewTunes:
    """The request for one tune as it was asked. Its warnings were accepted with the first."""
    target = Target(
        connection_id=asked.connection_id,
        base_model=asked.base_model,
        hyperparameters=asked.hyperparameters,
        suffix=asked.suffix,
    )
    return NewTunes(
        dataset_id=asked.dataset_id,
        dataset_version=asked.dataset_version,
        targets=[target],
        model=asked.model,
        bump=asked.bump,
        method=asked.method,
        seed=asked.seed,
        splits=Splits(train=asked.train_split, validation=asked.validation_split),
        require_ready=asked.check_id is not None,
        force=True,
    )


JobId = Annotated[str, Meta(min_length=1, max_length=500, pattern=NO_NUL, description="The job's id at the provider.")]


class DecideTune(Body):
    decision: Choice
    """`adopt` the job `job_id`, `send_again` where there is no job, or `give_up`."""
    job_id: JobId | None = None
    """The job to adopt, by the provider's id; null for the other decisions."""
    reason: Reason | None = None
    """Why, for the history."""

    def __post_init__(self) -> None:
        if (self.decision == "adopt") != (self.job_id is not None):
            raise ValueError("job_id is required to adopt a job, and is for nothing else")


class LookAgain(Body):
    reason: Reason | None = None
    """Why, for the history."""


class AdoptTune(Body):
    """A job that was made elsewhere."""

    connection_id: UUID
    """The connection to the account that has the job."""
    job_id: JobId
    dataset_id: UUID
    """The dataset that the job was trained on."""
    dataset_version: Annotated[str, Meta(min_length=1, max_length=100, pattern=NO_NUL)]
    """The name of a frozen version of the dataset."""
    base_model: BaseModelId | None = None
    """The base model's id at the provider; null for the one that the provider says."""
    model: Name | None = None
    """The model that gets a new version when the job succeeds. Created if it does not exist."""
    bump: Bump = "minor"
    """Whether the new model version gets a minor (v1.1) or a major number (v2.0)."""
    method: Method = "supervised"
    """The training method."""
    splits: Splits = Splits()
    """The splits that it was trained on and validated with."""
    notes: Text | None = None
    """Notes for the new model version, in Markdown."""


COMPUTED = frozenset({"cancel_requested", "estimate", "cost", "compute"})


class TuneCost(msgspec.Struct, frozen=True, kw_only=True):
    """What a tune cost."""

    amount: str
    """A decimal number, in the currency."""
    currency: str
    """ISO 4217 code, such as `USD`."""
    by: Literal["provider", "computed"]
    """Who says so: the provider, or the trained tokens times the price of the estimate."""


class Tune(msgspec.Struct, frozen=True, kw_only=True):
    """One fine-tuning job at a provider."""

    id: UUID
    """The tune's id."""
    sweep_id: UUID
    """The sweep: all tunes of one request."""
    state: TuneStatus
    """The tune's state, the same for all providers."""
    raw_status: str | None
    """The status that the provider reports, unchanged."""
    connection_id: UUID
    """The connection to the provider."""
    connection_kind: str
    """The kind of provider."""
    base_model: str
    """The base model's id at the provider."""
    method: Method
    """The training method."""
    hyperparameters: dict[str, bool | float | str]
    """The requested hyperparameters, by the provider's names."""
    suffix: str | None
    """Text for the provider to put into the tuned model's name."""
    seed: int | None
    """The requested seed. Null: the provider chooses."""
    dataset_id: UUID
    """The dataset to train on."""
    dataset_version: str
    """The frozen version of the dataset."""
    dataset_seq: int
    """The last event of the workspace's log that the version contains."""
    dataset_digest: str
    """SHA-256 over the version's contents, in hex."""
    train_split: Split
    """The split to train on."""
    train_examples: int
    """How many examples that split has."""
    validation_split: Split | None
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
    symptoms: list[Symptom]
    """What its curves have shown that is to be looked at, each once; the diagnosis says what to do."""
    trouble: str | None
    """Why the provider could not be asked the last time, or what somebody has to decide; null without trouble."""
    pause_request: PauseRequest | None
    """What the provider is still to be asked: to pause the job, or to go on with it."""
    pause_refusal: str | None
    """Why the provider did not do the last of these."""
    cancel_requested: bool
    """Whether someone asked to cancel the tune."""
    model: str | None
    """The model that gets a new version when the tune succeeds. Null for none."""
    model_id: UUID | None
    """The id of the model that has got a version; null until it is registered."""
    model_version: str | None
    """The version that the tune became, such as v1.1; null until it is registered."""
    bump: Bump
    """Whether the new model version gets a minor (v1.1) or a major number (v2.0)."""
    notes: str | None
    """Notes for the new model version, in Markdown."""
    retries: UUID | None
    """The tune that this one retries. Null for a first try."""
    check_id: UUID | None
    """The check of its examples that it passed, where `require_ready` was asked; null otherwise."""
    created_at: datetime
    """When the tune was created."""
    created_by: str
    """Name of the member who created the tune."""
    submitted_at: datetime | None
    """When the provider accepted the job."""
    estimated_finish: datetime | None
    """When the provider expects the job to end."""
    finished_at: datetime | None
    """Null until the tune has ended."""
    updated_at: datetime
    """When the tune last changed."""


class Sweep(msgspec.Struct, frozen=True, kw_only=True):
    """The tunes of one request."""

    id: UUID
    """The sweep."""
    tunes: list[Tune]
    """Its tunes in the order of the targets; retried ones follow."""
    states: dict[str, int]
    """How many tunes are in each state."""
    finished: bool
    """Whether all its tunes have ended."""


class TunePage(Page[Tune], frozen=True, kw_only=True):
    """One page of tunes, the newest first."""


def from_row(row: Any) -> Tune:
    fields = {name: getattr(row, name) for name in Tune.__struct_fields__ if name not in COMPUTED}
    fields["cancel_requested"] = row.cancel is not None
    estimate = msgspec.convert(row.estimate, CostEstimate | None, strict=False)
    amount = None if row.cost is None else format(row.cost, "f")
    cost = compute_cost(amount, row.currency, estimate, row.trained_tokens)
    fields |= {"estimate": estimate, "cost": cost}
    fields["compute"] = _find_compute(row, row.state, row.trained_tokens, estimate)
    tune = msgspec.convert(fields, Tune)
    # As requested: 3 epochs, not 3.0.
    return msgspec.structs.replace(tune, hyperparameters=row.hyperparameters)


def from_stored(stored: StreamState[TuneState]) -> Tune:
    tune = stored.state
    fields: dict[str, Any] = {n: getattr(source, n) for source in (tune.asked, tune) for n in _shared_fields(source)}
    fields |= {name: getattr(tune.sending, name, None) for name in ("training_file", "validation_file")}
    fields |= {name: getattr(stored, name) for name in ("id", "created_at", "created_by", "updated_at")}
    fields["cost"] = compute_cost(tune.cost, tune.currency, tune.asked.estimate, tune.trained_tokens)
    fields["compute"] = _find_compute(tune.asked, tune.state, tune.trained_tokens, tune.asked.estimate)
    fields |= {"model_id": None, "model_version": None}  # it is registered later, and no request changes it then
    return Tune(**fields, cancel_requested=tune.cancel is not None)


def compute_cost(
    amount: str | None, currency: str | None, estimate: CostEstimate | None, tokens: int | None
) -> TuneCost | None:
    """The provider's figure, else the trained tokens times the price of the estimate, else None."""
    if amount is not None:
        return TuneCost(amount=amount, currency=currency or "USD", by="provider")
    if estimate is None or tokens is None:
        return None
    computed = Decimal(estimate.per_million) * tokens / 1_000_000
    return TuneCost(amount=format(computed.normalize(), "f"), currency=estimate.currency, by="computed")


def _find_compute(
    asked: Any, state: TuneStatus, tokens: int | None, estimate: CostEstimate | None
) -> TrainingCompute | None:
    if state != "succeeded":
        return None
    return compute_training(
        asked.connection_kind,
        asked.base_model,
        asked.hyperparameters,
        trained_tokens=tokens,
        estimated_tokens=estimate.tokens if estimate else None,
    )


def build_sweep(sweep_id: UUID, members: list[Tune]) -> Sweep:
    states: dict[str, int] = {}
    for tune in members:
        states[tune.state] = states.get(tune.state, 0) + 1
    finished = all(tune.finished_at is not None for tune in members)
    return Sweep(id=sweep_id, tunes=members, states=states, finished=finished)


def _shared_fields(source: msgspec.Struct) -> list[str]:
    return [name for name in source.__struct_fields__ if name in Tune.__struct_fields__]
