"""The state that the routes share, and look-ups that raise Refusal."""

from typing import TypeVar

import msgspec
from litestar.datastructures import State
from litestar.di import NamedDependency

from service.sandbox.completions.stored_completions import StoredCompletions
from service.sandbox.completions.traffic import Traffic
from service.sandbox.faults import Faults
from service.sandbox.jobs.domain import Record
from service.sandbox.sqlite_store import Store
from service.sandbox.wire import Refusal

T = TypeVar("T")


class Sandbox(msgspec.Struct, frozen=True, kw_only=True):
    store: Store
    stored_completions: StoredCompletions
    faults: Faults
    traffic: Traffic
    pace: float


SandboxOf = NamedDependency[Sandbox]


def get_sandbox(state: State) -> Sandbox:
    sandbox: Sandbox = state.sandbox
    return sandbox


def require(value: T | None, kind: str, name: str) -> T:
    if value is None:
        if kind == "model":
            raise Refusal(f"The model '{name}' does not exist", status=404, param="model", code="model_not_found")
        raise Refusal(f"No such {kind}: {name}", status=404, param="id", code="not_found")
    return value


def get_job(sandbox: Sandbox, job_id: str) -> Record:
    record = sandbox.store.job(job_id)
    if record is None:
        raise Refusal(
            f"Could not find fine tune: {job_id}", status=404, param="fine_tune_id", code="fine_tune_not_found"
        )
    return record
