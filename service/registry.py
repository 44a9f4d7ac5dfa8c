"""Which read tables follow from which streams, and which field each unique constraint stands for."""

from sqlalchemy.ext.asyncio import AsyncEngine

from service.access import views as access
from service.ledger.projections import Registry
from service.ledger.store import Ledger

REGISTRY: Registry = {
    "workspace": [access.project_workspaces],
    "api_key": [access.project_keys],
}
TAKEN = {**access.TAKEN}


def open_ledger(engine: AsyncEngine) -> Ledger:
    return Ledger(engine, REGISTRY, taken=TAKEN)
