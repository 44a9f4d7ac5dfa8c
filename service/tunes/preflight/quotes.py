"""Ask providers for their own price of a job. They want its training file, which is sent and deleted again for it."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from service.connections.accounts import JOB_SECONDS, Accounts
from service.datasets.projection import DatasetVersionRow
from service.datasets.splits import Split
from service.errors import Conflict, NotFound, ProviderRefused, ProviderUnavailable
from service.providers.abilities import Provider, Quote, Quoter, TrainingFile
from service.providers.provider import JobSpec
from service.text import replace_unstorable
from service.tunes import queries
from service.tunes.preflight.domain import Order
from service.tunes.schemas import NewTunes
from service.tunes.submission.training_file import open_training_file

MAX_BYTES = 100_000_000
NO_QUOTES = "{name} tells no price before a job is created."
UNQUOTED = "The provider gives no price for this job."


class QuoteAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A quote, or why there is none."""

    quote: Quote | None = None
    reason: str | None = None


class QuoteDesk:
    """Asks for the quotes of one request, each connection's file once."""

    def __init__(self, accounts: Accounts, workspace_id: UUID, data: NewTunes, version: DatasetVersionRow) -> None:
        self._accounts, self._workspace_id, self._data, self._version = accounts, workspace_id, data, version

    async def ask(self, orders: Sequence[Order]) -> list[QuoteAnswer]:
        """The answers in the orders' sequence."""
        by_connection: dict[UUID, list[int]] = {}
        for place, order in enumerate(orders):
            by_connection.setdefault(self._data.targets[order.index].connection_id, []).append(place)
        answers = [QuoteAnswer(reason=NO_QUOTES.format(name=order.traits.name)) for order in orders]
        for connection_id, places in by_connection.items():
            if not orders[places[0]].traits.quote:
                continue
            told = await self._ask_connection(connection_id, [orders[place] for place in places])
            for place, answer in zip(places, told, strict=True):
                answers[place] = answer
        return answers

    async def _ask_connection(self, connection_id: UUID, orders: Sequence[Order]) -> list[QuoteAnswer]:
        try:
            async with self._accounts.open(self._workspace_id, connection_id, patience=JOB_SECONDS) as provider:
                return await self._quote(provider, orders)
        except (ProviderRefused, ProviderUnavailable, NotFound, Conflict) as problem:
            return [QuoteAnswer(reason=replace_unstorable(problem.detail))] * len(orders)

    async def _quote(self, provider: Provider, orders: Sequence[Order]) -> list[QuoteAnswer]:
        sent: list[str] = []
        try:
            training = await self._send(provider, orders[0], self._data.splits.train, sent)
            split = self._data.splits.validation
            has_validation = split is not None and split != self._data.splits.train and self._version.splits.get(split)
            validation = await self._send(provider, orders[0], split, sent) if split and has_validation else None
            return [await _ask_price(provider, order, training, validation) for order in orders]
        finally:
            # A tune that began meanwhile may have found them.
            engine = self._accounts.ledger.engine
            if sent and not await queries.is_awaited(engine, self._workspace_id, self._data.dataset_id):
                for file_id in sent:
                    await provider.delete_file(file_id)

    async def _send(self, provider: Provider, order: Order, split: Split, sent: list[str]) -> str:
        """The provider's reference of the split's file. What was not there before is added to `sent`."""
        format_ = order.traits.formats.get(order.method, "openai_chat")
        engine = self._accounts.ledger.engine
        async with open_training_file(engine, self._workspace_id, self._version, split, format_=format_) as written:
            known = await provider.find_file(written.file)
            if known is not None:
                return known
            _check_size(written.file)
            sent.append(await provider.upload(written.file))
            return sent[-1]


async def _ask_price(provider: Provider, order: Order, training: str, validation: str | None) -> QuoteAnswer:
    if not isinstance(provider, Quoter):
        return QuoteAnswer(reason=NO_QUOTES.format(name=order.traits.name))
    spec = JobSpec(
        base_model=order.base_model,
        training_file=training,
        validation_file=validation,
        token="quote",  # noqa: S106 - nothing is created
        method=order.method,
        hyperparameters=dict(order.hyperparameters),
    )
    try:
        quote = await provider.quote(spec)
    except (ProviderRefused, ProviderUnavailable) as problem:
        return QuoteAnswer(reason=replace_unstorable(problem.detail))
    return QuoteAnswer(quote=quote, reason=None if quote else UNQUOTED)


def _check_size(file: TrainingFile) -> None:
    if file.bytes > MAX_BYTES:
        raise ProviderRefused(f"The training file has {file.bytes:,} bytes; up to {MAX_BYTES:,} are sent for a quote.")
