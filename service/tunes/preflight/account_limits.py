"""The ranges of hyperparameters that an account itself tells for a model, kept for a while."""

import asyncio
from collections import OrderedDict
from uuid import UUID

import msgspec

from service.connections.accounts import Accounts
from service.errors import Conflict, NotFound, ProviderRefused, ProviderUnavailable
from service.providers.abilities import ParameterSource
from service.providers.provider import Method, Refused
from service.providers.traits import Parameter

PATIENCE_SECONDS = 3.0  # somebody waits for the answer
KNOWN_SECONDS, UNKNOWN_SECONDS = 600.0, 60.0
MAX_KEPT = 2_000
NO_SUCH_MODEL = frozenset({400, 404, 422})


class AccountModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model at a connection of this version."""

    workspace_id: UUID
    connection_id: UUID
    connection_version: int
    base_model: str
    method: Method


class ModelLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What the account says. `parameters` is null where it says nothing; `refusal`: that the model cannot be tuned."""

    parameters: dict[str, Parameter] | None = None
    refusal: str | None = None


class AccountLimits:
    """The limits that this process has read. Where nobody can be asked, nothing is known."""

    def __init__(self) -> None:
        self._kept: OrderedDict[AccountModel, tuple[float, ModelLimits]] = OrderedDict()

    async def read(self, accounts: Accounts, model: AccountModel) -> ModelLimits:
        now = asyncio.get_running_loop().time()
        until, limits = self._kept.get(model, (0.0, ModelLimits()))
        if now < until:
            return limits
        limits = await _ask(accounts, model)
        is_known = limits.parameters is not None
        self._kept[model] = (now + (KNOWN_SECONDS if is_known else UNKNOWN_SECONDS), limits)
        self._kept.move_to_end(model)
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return limits


async def _ask(accounts: Accounts, model: AccountModel) -> ModelLimits:
    try:
        async with accounts.open(model.workspace_id, model.connection_id, patience=PATIENCE_SECONDS) as provider:
            if not isinstance(provider, ParameterSource):
                return ModelLimits()
            return ModelLimits(parameters=await provider.parameters(model.base_model, model.method))
    except Refused as refused:
        is_unknown = refused.provider_status in NO_SUCH_MODEL
        return ModelLimits(refusal=refused.detail if is_unknown else None)
    except (ProviderRefused, ProviderUnavailable, NotFound, Conflict):
        return ModelLimits()  # the dispatcher will tell
