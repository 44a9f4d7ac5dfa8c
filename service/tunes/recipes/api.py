"""GET /tunes/{id}/recipe: what trains the same with one's own tools."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from service.access.auth import require_scope
from service.artifacts.artifact_store import ArtifactStore
from service.artifacts.content_response import Conditions, IfNoneMatch, IfRange, RangeHeader
from service.datasets.exports.commands import ExportRequest, LoadJudgements
from service.datasets.exports.export_options import ExportOptions
from service.datasets.exports.export_response import respond_with_export
from service.datasets.exports.recipes.recipe import Tool, format_json
from service.datasets.projection import load_version
from service.http.bodies import NO_NUL
from service.ledger.store import Caller, Ledger
from service.tunes.events import TUNE
from service.tunes.recipes.hyperparameter_names import build_recipe

FILE = {200: ResponseSpec(bytes, generate_examples=False, media_type="application/zip", description="The archive.")}


@get(
    "/tunes/{tune_id:uuid}/recipe",
    operation_id="read_tune_recipe",
    summary="Download a tune's data and settings for a tool",
    guards=[require_scope("tunes:read"), require_scope("datasets:read")],
    media_type="application/zip",
    responses=FILE,
    tags=["tunes"],
)
async def read_tune_recipe(
    tune_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    artifact_store: NamedDependency[ArtifactStore],
    judgements: NamedDependency[LoadJudgements],
    tool: Annotated[Tool, QueryParameter(name="for", description="The tool that is to train.")],
    base_model: Annotated[
        str | None,
        QueryParameter(
            min_length=1,
            max_length=500,
            pattern=NO_NUL,
            description="The base model as the tool knows it, such as on the Hugging Face Hub. Default: the tune's.",
        ),
    ] = None,
    range_: RangeHeader = None,
    if_none_match: IfNoneMatch = None,
    if_range: IfRange = None,
) -> Response[Any]:
    """A zip with the rows of the tune's version and its hyperparameters, which trains as it stands.

    `tuneledger.json` in it names the tune, for whoever reports how the training goes.
    """
    asked = (await ledger.get(TUNE, caller.workspace_id, tune_id)).state.asked
    version = await load_version(ledger.engine, caller.workspace_id, asked.dataset_id, asked.dataset_version)
    names = ("dataset_id", "dataset_version", "dataset_digest", "base_model", "method", "hyperparameters")
    about = {"tune_id": tune_id, **{name: getattr(asked, name) for name in names}}
    export = ExportRequest(
        selection=version.selection(),
        options=ExportOptions(recipe=build_recipe(asked, tool, base_model)),
        load_judgements=judgements,
        version=asked.dataset_version,
        splits={"train": asked.train_split}
        | ({"validation": asked.validation_split} if asked.validation_split else {}),
        more_files={"tuneledger.json": format_json(msgspec.to_builtins(about))},
    )
    conditions = Conditions(range=range_, if_none_match=if_none_match, if_range=if_range)
    return await respond_with_export(ledger, artifact_store, caller, export, conditions, strict=False)


router = Router(path="/", route_handlers=[read_tune_recipe])
