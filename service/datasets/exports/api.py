"""Exports over HTTP."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, Router, get
from litestar.di import NamedDependency, Provide
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIResponse
from litestar.openapi.spec import Operation as OpenAPIOperation
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.access.domain import is_allowed
from service.access.roles import Authority
from service.artifacts.artifact_store import ArtifactStore
from service.artifacts.content_response import Conditions, IfNoneMatch, IfRange, RangeHeader
from service.datasets.domain import DATASET, VERSION_NAME
from service.datasets.examples.schemas import FilterQuery
from service.datasets.exports.commands import ExportRequest, LoadJudgements, make_export
from service.datasets.exports.export_options import Container, ExportOptions, Include, Pairs, Reasoning, SystemMode
from service.datasets.exports.export_report import ExportReport
from service.datasets.exports.export_response import respond_with_export
from service.datasets.exports.recipes.recipe import DEFAULT_MODEL, Recipe, Tool
from service.datasets.exports.writers.export_formats import ExportFormat
from service.datasets.filters.selection import to_filter
from service.datasets.splits import Split
from service.datasets.versions.version_as_of import AsOf
from service.datasets.versions.version_selection import resolve_selection
from service.errors import Fault, Forbidden, Invalid
from service.http.bodies import NO_NUL
from service.http.problems import refusals
from service.ledger.store import Caller, Ledger

MEDIA_TYPES = ("text/csv", "application/zip", "application/vnd.apache.parquet")
FILE = {
    200: ResponseSpec(bytes, generate_examples=False, media_type="application/x-ndjson", description="All of it."),
    206: ResponseSpec(bytes, generate_examples=False, media_type="application/x-ndjson", description="The range."),
    304: ResponseSpec(None, generate_examples=False, description="The content is the one of `If-None-Match`."),
    **refusals(416, 422),
}


@dataclass
class ExportOperation(OpenAPIOperation):
    """Adds the media types of the other formats to the OpenAPI document: a response there has one."""

    def __post_init__(self) -> None:
        for status in ("200", "206"):
            response = (self.responses or {}).get(status)
            if isinstance(response, OpenAPIResponse) and response.content:
                schema = next(iter(response.content.values()))
                response.content |= dict.fromkeys(MEDIA_TYPES, schema)


FormatParameter = Annotated[
    ExportFormat,
    QueryParameter(name="format", description="The format of the rows; see Formats for what each carries."),
]
IncludeParameter = Annotated[
    Include | None,
    QueryParameter(
        description="`fields` adds external_id (without one, the id), tags, split, rating and metadata to each row,"
        " as an import takes them. `original` writes a row as it was imported, if it still says the same in this"
        " format. `history` adds to rows of `format=tuneledger` their events with all texts."
    ),
]
ReasoningParameter = Annotated[
    Reasoning,
    QueryParameter(
        description="What becomes of the reasoning before an answer: kept where the format has it, dropped, in the "
        "answer between `<think>` tags, or in a turn of its own before the answer."
    ),
]
SystemParameter = Annotated[
    str | None,
    QueryParameter(min_length=1, max_length=20_000, pattern=NO_NUL, description="A system prompt for each row."),
]
SystemModeParameter = Annotated[
    SystemMode,
    QueryParameter(
        description="Whether `system` takes the place of the row's, serves rows without one, or comes before it."
    ),
]
PairsParameter = Annotated[
    Pairs | None,
    QueryParameter(
        description="Preferences from the record instead of the rows: `repairs` are answers with what they replaced"
        ", `judgements` the winners and losers of pairwise judges in evaluations of the dataset."
    ),
]
ContainerParameter = Annotated[
    Container,
    QueryParameter(description="Whether rows stand in lines, or in a Parquet file with typed columns."),
]
RecipeParameter = Annotated[
    Tool | None,
    QueryParameter(
        description="A zip with the rows of train and validation and the settings of this tool, to train as it"
        " stands. With a format of preferences, or pairs, it trains preferences (DPO)."
    ),
]
BaseModelParameter = Annotated[
    str | None,
    QueryParameter(
        min_length=1,
        max_length=500,
        pattern=NO_NUL,
        description="The recipe's base model, as on the Hugging Face Hub.",
    ),
]


def provide_options(
    format_: FormatParameter = "openai-chat",
    include: IncludeParameter = None,
    reasoning: ReasoningParameter = "keep",
    system: SystemParameter = None,
    system_mode: SystemModeParameter = "replace",
    pairs: PairsParameter = None,
    container: ContainerParameter = "lines",
    recipe: RecipeParameter = None,
    base_model: BaseModelParameter = None,
) -> ExportOptions:
    options = ExportOptions(
        format=format_,
        include=include,
        reasoning=reasoning,
        system=system,
        system_mode=system_mode,
        pairs=pairs,
        container=container,
        recipe=_build_recipe(recipe, base_model, is_dpo=pairs is not None or format_.endswith("-preference")),
    )
    options.check()
    return options


def _build_recipe(tool: Tool | None, base_model: str | None, *, is_dpo: bool) -> Recipe | None:
    if tool is None:
        return None
    return Recipe(tool=tool, method="dpo" if is_dpo else "supervised", base_model=base_model or DEFAULT_MODEL)


async def provide_request(
    dataset_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    options: NamedDependency[ExportOptions],
    authority: NamedDependency[Authority],
    judgements: NamedDependency[LoadJudgements],
    version: Annotated[str | None, QueryParameter(pattern=VERSION_NAME, description="A frozen version's name.")] = None,
    as_of: AsOf = None,
    split: Annotated[Split | None, QueryParameter(description="Only this split.")] = None,
    expression: FilterQuery = None,
) -> ExportRequest:
    await ledger.get(DATASET, caller.workspace_id, dataset_id)
    if version is not None and as_of is not None:
        fault = Fault(pointer="?as_of", detail="Give version or as_of, not both.")
        raise Invalid(fault.detail, errors=[fault])
    if options.pairs == "judgements" and not is_allowed(authority.scopes, "evaluations:read"):
        raise Forbidden("Judgements need the scope evaluations:read.")
    moment = version or as_of
    selection = await resolve_selection(
        ledger, caller.workspace_id, dataset_id, moment, parameter="?version" if version else "?as_of"
    )
    selection = msgspec.structs.replace(selection, split=split, also=to_filter(expression, pointer="?filter"))
    name = moment if moment is not None and moment[:1].isalpha() else None
    return ExportRequest(selection=selection, options=options, version=name, load_judgements=judgements)


@get(
    "/datasets/{dataset_id:uuid}/export",
    operation_id="export_dataset",
    operation_class=ExportOperation,
    summary="Export a version, or the examples as of a time",
    description=(
        "Rows stand in the order of adding. A version always gives the same bytes, until some of its examples are"
        " erased: these are left out, and the header `Erased-Examples` counts them. `Export-Losses` counts what rows"
        " lose in this format, `Export-Left-Out` the examples that have no place in it. The export of a version is kept"
        " as an artifact: from the second time on it has an ETag and takes ranges."
    ),
    guards=[require_scope("datasets:read")],
    media_type="application/x-ndjson",
    responses=FILE,
    tags=["versions"],
)
async def export_dataset(
    export: NamedDependency[ExportRequest],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    artifact_store: NamedDependency[ArtifactStore],
    strict: Annotated[
        bool, QueryParameter(description="Refuse with 422 what the format cannot carry, naming the first examples.")
    ] = False,
    range_: RangeHeader = None,
    if_none_match: IfNoneMatch = None,
    if_range: IfRange = None,
) -> Response[Any]:
    conditions = Conditions(range=range_, if_none_match=if_none_match, if_range=if_range)
    return await respond_with_export(ledger, artifact_store, caller, export, conditions, strict=strict)


@get(
    "/datasets/{dataset_id:uuid}/export/report",
    operation_id="report_export",
    summary="Tell what an export would lose",
    description="Writes the export with the same parameters, and answers what its format cannot carry, with examples.",
    guards=[require_scope("datasets:read")],
    tags=["versions"],
)
async def report_export(
    export: NamedDependency[ExportRequest],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    artifact_store: NamedDependency[ArtifactStore],
) -> ExportReport:
    made = await make_export(ledger, artifact_store, caller, export)
    made.close()
    return made.report


router = Router(
    path="/",
    route_handlers=[export_dataset, report_export],
    dependencies={"options": Provide(provide_options, sync_to_thread=False), "export": Provide(provide_request)},
)
