"""Estimate the targets of a request, and refuse those that cannot work, before anything is sent or paid."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from statistics import median
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.connections.accounts import Accounts
from service.connections.base_models.queries import load_models
from service.connections.base_models.schemas import list_parameters
from service.connections.domain import CONNECTION, require_connection
from service.connections.queries import list_other_connections
from service.datasets.checks.queries import find_readiness
from service.datasets.domain import DATASET, require_active
from service.datasets.projection import DatasetVersionRow, load_version
from service.datasets.splits import Split
from service.errors import Fault, NotFound, Unprocessable
from service.integrations.domain import INTEGRATION
from service.ledger.store import Entry
from service.providers.abilities import Quote
from service.providers.catalog import BaseModel, name_provider
from service.providers.kinds import TRAITS
from service.providers.provider import Kind
from service.providers.training_rows.model_tokenizer import Tokenizer, find_tokenizer
from service.tunes import queries
from service.tunes.budgets.allowance import Amount, Limit, find_budget_faults, hold, list_limits
from service.tunes.hyperparameter_grid import Combination, spread
from service.tunes.preflight.account_limits import AccountLimits, AccountModel, ModelLimits
from service.tunes.preflight.cost_estimate import CostEstimate
from service.tunes.preflight.domain import (
    DEFAULT_EPOCHS,
    Check,
    Order,
    Price,
    RowFacts,
    build_quoted_price,
    check,
    compute_price,
    count_epochs,
    round_whole,
)
from service.tunes.preflight.own_hardware import estimate_needs
from service.tunes.preflight.quotes import QuoteAnswer, QuoteDesk
from service.tunes.preflight.row_reader import RowReader
from service.tunes.schemas import NewTunes, Target

NO_LIMITS = ModelLimits()


class TargetEstimate(msgspec.Struct, frozen=True, kw_only=True):
    """What a tune will cost and take, and what is wrong with it. Times are in seconds."""

    order: Order
    check: Check
    epochs: int
    epochs_known: bool
    tokens: int | None
    tokenizer: str
    tokens_exact: bool
    price: Price | None
    seconds: float | None
    tunes_measured: int
    memory_gb: float | None = None
    quote: Quote | None = None
    quote_note: str | None = None

    def build_record(self) -> CostEstimate | None:
        """The estimate as it is recorded with the request."""
        price = self.price
        if price is None:
            return None
        return CostEstimate(
            amount=format(price.amount, "f"),
            currency=price.currency,
            per_million=format(price.per_million, "f"),
            source=price.source,
            as_of=price.as_of,
            verified=price.verified,
            tokens=self.tokens,
        )


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What the checks need of a connection. `others`: connections to use instead."""

    kind: Kind
    provider: str
    version: int
    others: list[str]


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    train: RowFacts
    validation: RowFacts | None
    targets: list[TargetEstimate]
    limits: list[Limit]
    faults: list[Fault]
    warnings: list[Fault]
    check_id: UUID | None = None

    def hold_budgets(self, sweep_id: UUID) -> list[Entry]:
        """The entries of the monthly budgets, to write with the tunes."""
        return hold(self.limits, _list_amounts(self.targets), sweep_id=sweep_id)


class Estimator:
    """Estimates requests. It asks accounts what they say of a model, and for quotes where that is wanted."""

    def __init__(self, accounts: Accounts, rows: RowReader, limits: AccountLimits) -> None:
        self.ledger = accounts.ledger
        self._accounts, self._rows, self._limits = accounts, rows, limits

    @property
    def engine(self) -> AsyncEngine:
        return self.ledger.engine

    async def estimate(self, workspace_id: UUID, data: NewTunes, *, quote: bool = False) -> Estimate:
        """`quote`: with the providers' own prices. Raises NotFound for an unknown dataset, version or connection."""
        require_active((await self.ledger.get(DATASET, workspace_id, data.dataset_id)).state)
        version = await load_version(self.engine, workspace_id, data.dataset_id, data.dataset_version)
        orders = await self._build_orders(workspace_id, data)
        trains = {
            tokenizer: await self._read(workspace_id, data, version, data.splits.train, tokenizer)
            for tokenizer in {order.tokenizer for order in orders}
        }
        validation = await self._read_validation(workspace_id, data, version, orders[0].tokenizer)
        speeds = {
            key: await queries.list_seconds_per_token(self.engine, workspace_id, *key)
            for key in {(order.kind, order.base_model) for order in orders}
        }
        today = datetime.now(UTC).date()
        targets = [
            estimate_target(
                order,
                check(order, trains[order.tokenizer], validation, today=today),
                trains[order.tokenizer],
                speeds=speeds[order.kind, order.base_model],
            )
            for order in orders
        ]
        if data.wandb is not None:
            await self._check_wandb(workspace_id, data.wandb.integration_id)
            targets = [apply_wandb(each) for each in targets]
        if quote:
            answers = await QuoteDesk(self._accounts, workspace_id, data, version).ask(orders)
            targets = [apply_quote(each, answer, today=today) for each, answer in zip(targets, answers, strict=True)]
        limits = await _list_limits(self.engine, workspace_id, data, {order.registers for order in orders})
        check_id, readiness_faults = await _check_readiness(self.engine, workspace_id, data, version)
        budget_faults, budget_warnings = find_budget_faults(limits, _list_amounts(targets))
        return Estimate(
            train=trains[orders[0].tokenizer],
            validation=validation,
            targets=targets,
            limits=limits,
            faults=_unique(
                [*[fault for each in targets for fault in each.check.faults], *budget_faults, *readiness_faults]
            ),
            warnings=_unique([*[fault for each in targets for fault in each.check.warnings], *budget_warnings]),
            check_id=check_id,
        )

    async def require_sendable(self, workspace_id: UUID, data: NewTunes) -> Estimate:
        """Estimate, and raise Unprocessable with all faults; with the warnings too, unless the request has `force`."""
        estimate = await self.estimate(workspace_id, data)
        refused = [*estimate.faults, *([] if data.force else estimate.warnings)]
        if refused:
            hint = "" if estimate.faults else " Send it again with force: true if that is meant."
            raise Unprocessable(f"{refused[0].detail}{hint}", errors=refused)
        return estimate

    async def _read(
        self, workspace_id: UUID, data: NewTunes, version: DatasetVersionRow, split: Split, tokenizer: Tokenizer
    ) -> RowFacts:
        return await self._rows.read(self.engine, workspace_id, data.dataset_id, version, split, tokenizer)

    async def _check_wandb(self, workspace_id: UUID, integration_id: UUID) -> None:
        stored = await self.ledger.find(INTEGRATION, workspace_id, integration_id)
        if stored is None or stored.state.deleted or stored.state.kind != "wandb":
            detail = f"There is no integration of kind wandb with the id {integration_id}."
            raise Unprocessable(detail, errors=[Fault(pointer="/wandb/integration_id", detail=detail)])

    async def _read_validation(
        self, workspace_id: UUID, data: NewTunes, version: DatasetVersionRow, tokenizer: Tokenizer
    ) -> RowFacts | None:
        split = data.splits.validation
        if split is None or split == data.splits.train or not version.splits.get(split):
            return None
        return await self._read(workspace_id, data, version, split, tokenizer)

    async def _build_orders(self, workspace_id: UUID, data: NewTunes) -> list[Order]:
        """What is the same for several targets is read once."""
        models = await load_models(self.engine, workspace_id)
        accounts: dict[UUID, Account] = {}
        for index, target in enumerate(data.targets):
            if target.connection_id not in accounts:
                accounts[target.connection_id] = await self._load_account(workspace_id, data, target, index)
        machine = self._accounts.machines.get("local")
        folder = machine.folder if machine else None
        orders = [
            build_order(data, index, combination, accounts[target.connection_id], models, folder=folder)
            for index, target in enumerate(data.targets)
            for combination in spread(target.hyperparameters, target.grid)
        ]
        limits = await self._read_limits(workspace_id, data, orders, accounts)
        return [apply_limits(order, limits.get((order.index, order.base_model), NO_LIMITS)) for order in orders]

    async def _read_limits(
        self, workspace_id: UUID, data: NewTunes, orders: Sequence[Order], accounts: Mapping[UUID, Account]
    ) -> dict[tuple[int, str], ModelLimits]:
        """What the accounts say of their models, by target and model; each is asked once."""
        wanted: dict[tuple[int, str], AccountModel] = {}
        for order in orders:
            connection_id = data.targets[order.index].connection_id
            if order.traits.model_limits:
                wanted[order.index, order.base_model] = AccountModel(
                    workspace_id=workspace_id,
                    connection_id=connection_id,
                    connection_version=accounts[connection_id].version,
                    base_model=order.base_model,
                    method=order.method,
                )
        models = list(dict.fromkeys(wanted.values()))
        told = await asyncio.gather(*[self._limits.read(self._accounts, model) for model in models])
        limits = dict(zip(models, told, strict=True))
        return {place: limits[model] for place, model in wanted.items()}

    async def _load_account(self, workspace_id: UUID, data: NewTunes, target: Target, index: int) -> Account:
        stored = await self.ledger.find(CONNECTION, workspace_id, target.connection_id)
        if stored is None or stored.state.deleted:
            detail = f"No such connection: {target.connection_id}."
            raise NotFound(detail, errors=[Fault(pointer=f"/targets/{index}/connection_id", detail=detail)])
        connection = require_connection(stored.state)
        return Account(
            kind=connection.kind,
            provider=name_provider(connection.kind, connection.settings.base_url),
            version=stored.version,
            others=await list_other_connections(self.engine, workspace_id, target.connection_id, data.method),
        )


def build_order(
    data: NewTunes,
    index: int,
    combination: Combination,
    account: Account,
    models: Mapping[tuple[str, str], BaseModel],
    *,
    folder: Path | None,
) -> Order:
    target, traits = data.targets[index], TRAITS[account.kind]
    model = models.get((account.provider, target.base_model))
    return Order(
        index=index,
        kind=account.kind,
        provider=account.provider,
        base_model=target.base_model,
        method=data.method,
        traits=traits,
        model=model,
        parameters=list_parameters(model, data.method) if model else traits.parameters.get(data.method, {}),
        hyperparameters=round_whole(combination.hyperparameters),
        pointers=combination.pointers,
        suffix=target.suffix,
        seed=data.seed,
        tokenizer=find_tokenizer(account.provider, target.base_model, folder),
        registers=target.model or data.model,
        others=account.others,
    )


def estimate_target(order: Order, findings: Check, train: RowFacts, *, speeds: Sequence[float]) -> TargetEstimate:
    """`speeds`: seconds that earlier tunes of the model took for a token."""
    epochs = count_epochs(order)
    tokens = None if train.tokens is None else train.tokens * (epochs or DEFAULT_EPOCHS)
    seconds = median(speeds) * tokens if speeds and tokens is not None else None
    needs = estimate_needs(order, train)
    return TargetEstimate(
        order=order,
        check=findings,
        epochs=epochs or DEFAULT_EPOCHS,
        epochs_known=epochs is not None,
        tokens=tokens,
        tokenizer=train.encoding,
        tokens_exact=train.exact and train.read == train.rows,
        price=compute_price(order, tokens),
        seconds=needs.seconds if seconds is None and needs else seconds,
        tunes_measured=len(speeds),
        memory_gb=needs.memory_gb if needs else None,
    )


def apply_limits(order: Order, limits: ModelLimits) -> Order:
    """The order with the ranges that its account tells, in place of the catalogue's."""
    parameters = order.parameters if limits.parameters is None else limits.parameters
    return msgspec.structs.replace(order, parameters=parameters, refusal=limits.refusal)


def apply_wandb(estimate: TargetEstimate) -> TargetEstimate:
    """A fault where the provider writes no run by itself."""
    order, findings = estimate.order, estimate.check
    if order.traits.wandb:
        return estimate
    detail = (
        f"{order.traits.name} shows nothing at Weights & Biases by itself. Leave `wandb` out: the integration shows "
        "its tunes there all the same."
    )
    fault = Fault(pointer="/wandb", detail=detail, code="not_carried")
    checked = msgspec.structs.replace(findings, faults=[*findings.faults, fault])
    return msgspec.structs.replace(estimate, check=checked)


def apply_quote(estimate: TargetEstimate, answer: QuoteAnswer, *, today: date) -> TargetEstimate:
    """The estimate with the provider's figures in place of ours, or the reason why it gave none."""
    quote, order = answer.quote, estimate.order
    if quote is None:
        return msgspec.structs.replace(estimate, quote_note=answer.reason)
    tokens = quote.tokens or estimate.tokens
    findings = estimate.check
    if not quote.allowed:
        price = f"{quote.amount} {quote.currency}"
        detail = f"{order.traits.name} refuses it: its price of {price} is above the account's limit."
        fault = Fault(pointer=f"/targets/{order.index}", detail=detail, code="quote_refused")
        findings = msgspec.structs.replace(findings, faults=[*findings.faults, fault])
    return msgspec.structs.replace(
        estimate, check=findings, tokens=tokens, price=build_quoted_price(quote, tokens, today=today), quote=quote
    )


async def _list_limits(
    engine: AsyncEngine, workspace_id: UUID, data: NewTunes, models: Collection[str | None]
) -> list[Limit]:
    limits = await list_limits(engine, workspace_id, models)
    if data.budget is None:
        return limits
    left, currency = Decimal(data.budget.amount), data.budget.currency
    return [Limit(name="the request's budget", pointer="/budget", left=left, currency=currency), *limits]


def _list_amounts(targets: Sequence[TargetEstimate]) -> list[Amount]:
    return [
        Amount(
            value=each.price.amount if each.price else None,
            currency=each.price.currency if each.price else None,
            model=each.order.registers,
        )
        for each in targets
    ]


async def _check_readiness(
    engine: AsyncEngine, workspace_id: UUID, data: NewTunes, version: DatasetVersionRow
) -> tuple[UUID | None, list[Fault]]:
    """The check that the version has to pass, if one is required, and why it does not."""
    if not data.require_ready:
        return None, []
    path = f"/v1/datasets/{data.dataset_id}/checks"
    readiness = await find_readiness(engine, workspace_id, data.dataset_id, version.digest, version.splits)
    if readiness is None:
        detail = f'Version {version.name} was never checked: POST {path} {{"version": "{version.name}"}} first.'
        return None, [Fault(pointer="/require_ready", detail=detail, code="not_checked")]
    if readiness.verdict == "not_ready":
        detail = f"Version {version.name} is not ready; the report says why: GET {path}/{readiness.check_id}."
        return readiness.check_id, [Fault(pointer="/require_ready", detail=detail, code="not_ready")]
    return readiness.check_id, []


def _unique(faults: Sequence[Fault]) -> list[Fault]:
    """Each fault once: what is wrong with the data is found for every target."""
    return list(dict.fromkeys(faults))
