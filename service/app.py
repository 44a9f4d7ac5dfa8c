"""The application: build the API from all routers, dependencies and middleware."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from litestar import Litestar, Router
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access import api as access
from service.access.auth import ApiKeyCache, provide_authority, provide_caller, provide_holder, refuse
from service.access.limits import api as limits_api
from service.access.limits.workspace_limits import WorkspaceLimits
from service.access.members import api as members
from service.access.middleware import ApiMiddleware
from service.access.sign_in import api as sign_in
from service.access.sign_in.issuers import Issuer, parse_issuers
from service.access.sign_in.token_holders import TokenHolders
from service.artifacts import api as artifacts
from service.artifacts.artifact_store import ArtifactStore
from service.audit import api as audit
from service.audit import history_api as history
from service.audit import proofs_api as proofs
from service.audit import streams_api as event_streams
from service.composition import CANCELS, USE_COUNTS, open_ledger
from service.connections import api as connections
from service.connections.accounts import Accounts
from service.connections.base_models import api as base_models
from service.connections.base_models.queries import load_models
from service.datasets import api as datasets
from service.datasets.bulk import api as bulk
from service.datasets.checks import api as checks
from service.datasets.examples import api as examples
from service.datasets.exports import api as exports
from service.datasets.exports.jobs import api as export_jobs
from service.datasets.imports import api as imports
from service.datasets.merges import api as merges
from service.datasets.previews import api as previews
from service.datasets.versions import api as versions
from service.datasets.versions import changes_api as changes
from service.datasets.versions import comparison_api as dataset_comparisons
from service.datasets.versions.text_changes import load_changes
from service.deployments import api as deployments
from service.erasure import api as erasures
from service.erasure.workspaces import api as workspace_ends
from service.evaluations import api as evaluations
from service.evaluations.comparisons import api as comparisons
from service.evaluations.gate_measurements import load_gate_facts
from service.evaluations.results import api as evaluation_results
from service.evaluations.results.preference_pairs import load_judgement_pairs
from service.evaluations.scores import api as scorers
from service.evaluations.sweeps import api as sweeps
from service.generation import api as generations
from service.generation.candidates import api as candidates
from service.generation.documents import api as documents
from service.generation.topics import api as topics
from service.http.bodies import StrictRequest
from service.http.headers.allowed_methods import complete_allow
from service.http.headers.cors import build_cors_config, hide_cors_headers
from service.http.headers.request_ids import echo_request_id
from service.http.headers.security_headers import add_security_headers
from service.http.openapi.openapi_document import CompletedDocument, openapi_json
from service.http.problems import HANDLERS
from service.http.query_parameters import check_query
from service.inference import api as runs
from service.integrations import api as integrations
from service.labeling.agreement import api as label_agreement
from service.labeling.labels import api as labels
from service.labeling.queues import api as queues
from service.labeling.queues import assignments_api as assignments
from service.labeling.queues import my_queue_api as my_queue
from service.ledger.readers.feed_hub import FeedHub
from service.ledger.store import Ledger
from service.models import api as models
from service.models import completions_api as model_completions
from service.models import versions_api as model_versions
from service.models.aliases import api as model_aliases
from service.models.exports import api as model_exports
from service.models.gates import api as model_gates
from service.models.gates.gate_facts import GateFactsLoader
from service.models.lineage import api as model_lineage
from service.models.notes import api as model_notes
from service.models.provider_models import api as provider_models
from service.monitoring.costs import api as costs
from service.monitoring.feedback import api as production_feedback
from service.monitoring.proxy import api as passing
from service.monitoring.proxy.proxied_call import wait_for_logs
from service.monitoring.reports import api as production_report
from service.monitoring.requests import api as production
from service.operations import api as operations
from service.operations import stream_api as operation_streams
from service.operations.cancel_registry import CancelFunctions
from service.prompts import api as prompts
from service.prompts.drafts import api as prompt_builders
from service.prompts.labels import api as prompt_labels
from service.prompts.render import api as prompt_rendering
from service.prompts.runs import api as prompt_runs
from service.prompts.versions import api as prompt_versions
from service.providers.provider_pool import PROVIDERS
from service.server import health
from service.server.docs_pages import ApiPage, docs_files_router, docs_router, guides_directory, guides_routers, root
from service.server.metrics import metrics
from service.settings import Settings, parse_origins
from service.sources import api as sources
from service.tasks import api as tasks
from service.trackers import api as trackers
from service.tunes import adoption_api as tune_adoptions
from service.tunes import api as tunes
from service.tunes import queries as tune_queries
from service.tunes import stream_api as tune_streams
from service.tunes.budgets import api as budgets
from service.tunes.charts import api as tune_charts
from service.tunes.details import api as tune_details
from service.tunes.diagnosis import api as diagnoses
from service.tunes.hooks import api as provider_hooks
from service.tunes.pauses import api as tune_pauses
from service.tunes.preflight import api as estimates
from service.tunes.preflight.account_limits import AccountLimits
from service.tunes.preflight.estimator import Estimator
from service.tunes.preflight.row_reader import RowReader
from service.tunes.recipes import api as recipes
from service.tunes.reports import api as tune_reports
from service.tunes.weights import api as weights
from service.vault.vault import open_vault
from service.webhooks import api as webhooks
from service.webhooks.deliveries import api as deliveries

# All routes under /v1, in the order of the OpenAPI document.
ROUTERS = (
    access.router,
    members.router,
    sign_in.router,
    limits_api.router,
    operations.router,
    operation_streams.router,
    audit.router,
    history.router,
    event_streams.router,
    proofs.router,
    webhooks.router,
    deliveries.router,
    tasks.router,
    datasets.router,
    examples.router,
    versions.router,
    dataset_comparisons.router,
    exports.router,
    export_jobs.router,
    recipes.router,
    changes.router,
    imports.router,
    bulk.router,
    merges.router,
    sources.router,
    previews.router,
    checks.router,
    connections.router,
    provider_hooks.router,
    base_models.router,
    integrations.router,
    tunes.router,
    weights.router,
    trackers.router,
    artifacts.router,
    deployments.router,
    costs.router,
    estimates.router,
    budgets.router,
    diagnoses.router,
    tune_charts.router,
    tune_adoptions.router,
    tune_pauses.router,
    tune_reports.router,
    tune_details.router,
    tune_streams.router,
    models.router,
    model_versions.router,
    provider_models.router,
    model_exports.router,
    model_aliases.router,
    model_lineage.router,
    model_gates.router,
    model_notes.router,
    model_completions.router,
    labels.router,
    queues.router,
    assignments.router,
    my_queue.router,
    label_agreement.router,
    production.router,
    production_feedback.router,
    production_report.router,
    passing.router,
    evaluations.router,
    evaluation_results.router,
    scorers.router,
    comparisons.router,
    sweeps.router,
    prompts.router,
    prompt_versions.router,
    prompt_labels.router,
    prompt_rendering.router,
    prompt_runs.router,
    prompt_builders.router,
    runs.router,
    generations.router,
    topics.router,
    candidates.router,
    documents.router,
    erasures.router,
    workspace_ends.router,
)


@dataclass
class Resources:
    """What the routes work on, separate from the routes so that tests can point one application at another database."""

    ledger: Ledger
    keys: ApiKeyCache
    feeds: FeedHub
    cancels: CancelFunctions
    gate_facts: GateFactsLoader

    async def close(self) -> None:
        """End every live stream."""
        await self.feeds.close()


def open_resources(
    engine: AsyncEngine,
    *,
    cancels: CancelFunctions = CANCELS,
    gate_facts: GateFactsLoader = load_gate_facts,
    issuers: Sequence[Issuer] = (),
    stop: asyncio.Event | None = None,
) -> Resources:
    """Open resources over an engine, which the caller disposes of. Live streams end when `stop` is set."""
    ledger, feeds = open_ledger(engine), FeedHub(engine, stop=stop)
    keys = ApiKeyCache(engine, TokenHolders(ledger, issuers, refuse=refuse) if issuers else None)
    return Resources(ledger=ledger, keys=keys, feeds=feeds, cancels=cancels, gate_facts=gate_facts)


def create_app(
    settings: Settings,
    engine: AsyncEngine,
    *,
    cancels: CancelFunctions = CANCELS,
    gate_facts: GateFactsLoader = load_gate_facts,
    stop: asyncio.Event | None = None,
) -> Litestar:
    """Create the API over an engine, which the caller disposes of. Live streams end when `stop` is set."""
    issuers = parse_issuers(settings)
    resources = open_resources(engine, cancels=cancels, gate_facts=gate_facts, issuers=issuers, stop=stop)
    return build_routes(settings, resources)


def build_routes(settings: Settings, resources: Resources) -> Litestar:
    """Build the API over these resources. Each request reads their fields anew, so they may be replaced in between."""
    limits = WorkspaceLimits(settings, USE_COUNTS)
    cors = build_cors_config(parse_origins(settings))
    return Litestar(
        route_handlers=[
            _build_v1(settings, resources, limits),
            provider_hooks.receive_provider_webhook,
            health.livez,
            health.readyz,
            *([] if settings.metrics_port else [metrics]),
            openapi_json,
            root,
            docs_files_router(settings),
            *guides_routers(settings),
        ],
        before_request=check_query,
        before_send=[echo_request_id, add_security_headers, complete_allow, *([hide_cors_headers] if cors else [])],
        cors_config=cors,
        dependencies=_build_dependencies(settings, resources, limits),
        on_shutdown=[resources.close, wait_for_logs, PROVIDERS.close],
        exception_handlers=HANDLERS,
        request_class=StrictRequest,
        request_max_body_size=settings.json_body_limit,
        openapi_config=_openapi(settings),
        logging_config=None,
    )


def _build_v1(settings: Settings, resources: Resources, limits: WorkspaceLimits) -> Router:
    middleware = ApiMiddleware(
        lambda: resources.keys,
        requests_per_minute=settings.requests_per_minute,
        limits=limits,
    )
    return Router(
        path="/v1",
        route_handlers=ROUTERS,
        middleware=[middleware],
        dependencies={
            "caller": Provide(provide_caller, sync_to_thread=False),
            "holder": Provide(provide_holder, sync_to_thread=False),
            "authority": Provide(provide_authority, sync_to_thread=False),
        },
        security=[{"api_key": []}],
    )


def _build_dependencies(settings: Settings, resources: Resources, limits: WorkspaceLimits) -> dict[str, Provide]:
    vault, rows, account_limits = open_vault(settings), RowReader(), AccountLimits()
    artifact_store = ArtifactStore(settings)
    provided: dict[str, Callable[[], object]] = {
        "ledger": lambda: resources.ledger,
        "key_cache": lambda: resources.keys,
        "limits": lambda: limits,
        "settings": lambda: settings,
        "cancels": lambda: resources.cancels,
        "vault": lambda: vault,
        "artifact_store": lambda: artifact_store,
        "accounts": lambda: Accounts(resources.ledger, vault, settings),
        "estimator": lambda: Estimator(Accounts(resources.ledger, vault, settings), rows, account_limits),
        "load_models": lambda: load_models,
        "in_use": lambda: tune_queries.is_connection_in_use,
        "judgements": lambda: load_judgement_pairs,
        "change_texts": lambda: load_changes,
        "gate_facts": lambda: resources.gate_facts,
        "feed_hub": lambda: resources.feeds,
    }
    return {name: Provide(provide, sync_to_thread=False) for name, provide in provided.items()}


def _openapi(settings: Settings) -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Tuneledger",
        version=version("tuneledger"),
        summary="The system of record for fine-tuning language models.",
        create_examples=False,
        openapi_router=docs_router(settings),
        render_plugins=[ApiPage(guides=guides_directory(settings) is not None), CompletedDocument()],
        components=Components(
            security_schemes={"api_key": SecurityScheme(type="http", scheme="bearer", bearer_format="tl_…")}
        ),
        use_handler_docstrings=True,
    )
