"""Routes of topic trees: named by a model, changed by people."""

from uuid import UUID

from litestar import Response, Router, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.auth import require_scope
from service.database.engine import new_id
from service.generation import domain as generations
from service.generation.domain import GENERATION
from service.generation.runs import commands as run_commands
from service.generation.schemas import NewTopics, TopicChanges, TopicTree, build_tree
from service.generation.topics.domain import Topic
from service.http.as_of import AsOf, get_as_of
from service.http.bodies import CARRIES_TEXTS, JSON
from service.http.responses import IfMatch, build_response, parse_if_match, to_response
from service.ledger.store import Caller, Ledger
from service.operations.domain import Operation


@post(
    "/generations/{generation_id:uuid}/topics",
    operation_id="suggest_topics",
    opt=CARRIES_TEXTS,
    summary="Ask a model to name topics",
    guards=[require_scope("generations:write")],
    status_code=202,
    tags=["generation"],
)
async def suggest_topics(
    generation_id: FromPath[UUID],
    data: JSON[NewTopics],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
) -> Response[Operation]:
    """When the model names none below a topic, the tree has a finding there."""
    return to_response(await run_commands.queue_topics(ledger, caller, generation_id, data), Operation)


@get(
    "/generations/{generation_id:uuid}/topics",
    operation_id="get_topics",
    summary="Read the topic tree, now or as of a time",
    guards=[require_scope("generations:read")],
    tags=["generation"],
)
async def get_topics(
    generation_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger], as_of: AsOf = None
) -> Response[TopicTree]:
    stored = await get_as_of(ledger, GENERATION, caller.workspace_id, generation_id, as_of=as_of)
    return build_response(build_tree(stored), version=stored.version)


@patch(
    "/generations/{generation_id:uuid}/topics",
    operation_id="update_topics",
    opt=CARRIES_TEXTS,
    summary="Add, rename and remove topics",
    guards=[require_scope("generations:write")],
    tags=["generation"],
)
async def update_topics(
    generation_id: FromPath[UUID],
    data: JSON[TopicChanges],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    if_match: IfMatch = None,
) -> Response[TopicTree]:
    new_topics = [Topic(id=new_id(), name=topic.name.strip(), parent=topic.parent) for topic in data.add]
    names = {topic.id: topic.name.strip() for topic in data.rename}
    stored = await ledger.change(
        GENERATION,
        generation_id,
        lambda generation: generations.edit_topics(
            generation, add=new_topics, rename=names, remove=data.remove, reason=data.reason
        ),
        caller=caller,
        expected=parse_if_match(if_match),
    )
    return build_response(build_tree(stored), version=stored.version)


router = Router(path="/", route_handlers=[suggest_topics, get_topics, update_topics])
