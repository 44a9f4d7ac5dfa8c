"""Which read tables follow from which streams, and which field each unique constraint stands for."""

from sqlalchemy.ext.asyncio import AsyncEngine

from service.access import projection as access
from service.access import queries as access_queries
from service.access.limits.workspace_limits import UseCounts
from service.access.members import projection as members
from service.artifacts import projection as artifacts
from service.connections import projection as connections
from service.connections.base_models import projection as base_models
from service.datasets import projection as versions_views
from service.datasets.bulk import projection as bulk_views
from service.datasets.bulk.commands import cancel_bulk
from service.datasets.checks import projection as checks
from service.datasets.checks.commands import cancel_check
from service.datasets.examples import projection as examples_views
from service.datasets.exports.jobs import projection as dataset_exports
from service.datasets.exports.jobs.commands import cancel_dataset_export
from service.datasets.imports import projection as imports_views
from service.datasets.imports import queries as import_queries
from service.datasets.imports.upload import cancel_import
from service.datasets.merges import projection as merges_views
from service.datasets.merges.commands import cancel_merge
from service.deployments import projection as deployments
from service.erasure import projection as erasure
from service.evaluations import projection as evaluations
from service.generation import projection as generation
from service.inference import projection as runs
from service.inference.commands import cancel_run
from service.integrations import projection as integrations
from service.labeling.labels import projection as labels_views
from service.labeling.queues import projection as labeling
from service.ledger.projections import Registry
from service.ledger.store import Ledger, Statements
from service.ledger.texts import count_stored_bytes
from service.models import projection as models
from service.models.exports import projection as model_exports
from service.models.exports.commands import cancel_export
from service.monitoring.requests import projection as monitoring
from service.operations import projection as operations  # noqa: F401 - others' streams fill its table
from service.operations.cancel_registry import CancelFunctions
from service.prompts import projection as prompts
from service.prompts.runs import projection as predictions
from service.tasks import projection as tasks
from service.trackers import projection as trackers
from service.tunes import projection as tunes
from service.tunes.budgets import projection as budgets
from service.tunes.weights import projection as weights
from service.tunes.weights.commands import cancel_weights
from service.webhooks import projection as webhooks
from service.webhooks import queries as webhook_queries

REGISTRY: Registry = {
    "workspace": [access.project_workspaces],
    "member": [members.project_members],
    "api_key": [access.project_keys],
    "task": [tasks.project],
    "dataset": [versions_views.project],
    "example": [examples_views.project],
    "import": [imports_views.project],
    "check": [checks.project],
    "bulk": [bulk_views.project],
    "merge": [merges_views.project],
    "dataset_export": [dataset_exports.project_exports],
    "connection": [connections.project_connections],
    "integration": [integrations.project_integrations],
    "base_model": [base_models.project_base_models],
    "deployment": [deployments.project_deployments],
    "tune": [tunes.project_tunes],
    "tracked_run": [trackers.project_tracked_runs],
    "budget": [budgets.project_budgets],
    "weights": [weights.project_weights],
    "artifact": [artifacts.project_artifacts],
    "model": [models.project_models],
    "model_export": [model_exports.project_model_exports],
    "run": [runs.project_runs],
    "call": [runs.project_calls],
    "prompt": [prompts.project_prompts],
    "request": [monitoring.project_requests],
    "retention": [monitoring.project_retention],
    "prompt_run": [predictions.project_prompt_runs],
    "prediction": [predictions.project_predictions],
    "evaluation": [evaluations.project_evaluations],
    "result": [evaluations.project_results],
    "generation": [generation.project_generations],
    "candidate": [generation.project_candidates],
    "document": [generation.project_documents],
    "queue": [labeling.project_queues],
    "queue_item": [labeling.project_items],
    "label": [labels_views.project_labels],
    "webhook": [webhooks.project_webhooks],
    "erasure": [erasure.project],
    "workspace_end": [],
}
UNIQUE_FIELDS = {
    **access.UNIQUE_FIELDS,
    **members.UNIQUE_FIELDS,
    **tasks.UNIQUE_FIELDS,
    **versions_views.UNIQUE_FIELDS,
    **examples_views.UNIQUE_FIELDS,
    **connections.UNIQUE_FIELDS,
    **integrations.UNIQUE_FIELDS,
    **models.UNIQUE_FIELDS,
    **prompts.UNIQUE_FIELDS,
    **labeling.UNIQUE_FIELDS,
}
# Composed writes follow from the registry alone, so the ledgers of a process share them.
STATEMENTS: Statements = {}
# The kinds of run that there are; service/worker/loops.py has the work of each.
KINDS = ("prompt_run", "topics", "generation", "documents", "evaluation")
# How the stream behind an operation of each kind is asked to stop.
CANCELS: CancelFunctions = {
    "import": cancel_import,
    "check": cancel_check,
    "bulk": cancel_bulk,
    "fork": cancel_merge,
    "merge": cancel_merge,
    "dataset_export": cancel_dataset_export,
    "weights": cancel_weights,
    "model_export": cancel_export,
    **dict.fromkeys(KINDS, cancel_run),
}


# How much of each limit a workspace uses.
USE_COUNTS: UseCounts = {
    "api_keys": access_queries.count_usable_keys,
    "webhooks": webhook_queries.count_webhooks,
    "imports": import_queries.count_open_imports,
    "stored_bytes": count_stored_bytes,
}


def open_ledger(engine: AsyncEngine) -> Ledger:
    return Ledger(engine, REGISTRY, unique_fields=UNIQUE_FIELDS, statements=STATEMENTS)
