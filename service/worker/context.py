"""The context of a worker's loops."""

from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.ledger.store import Ledger
from service.settings import Settings
from service.vault.vault import Vault


class WorkerContext(msgspec.Struct, frozen=True, kw_only=True):
    """`owner` names this process in the leases it takes; `vault` opens the providers' secrets."""

    engine: AsyncEngine
    ledger: Ledger
    settings: Settings
    vault: Vault
    owner: UUID
