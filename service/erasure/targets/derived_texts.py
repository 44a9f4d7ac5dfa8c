"""What was made of texts: examples, candidates, labels, answers of models, prompt versions; found by ids."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all
from service.datasets.examples.projection import ORIGIN_ID, REQUEST_ID
from service.erasure.targets.erasure_targets import ErasureTargets
from service.erasure.targets.persons import list_ids

# A request and the example made from it have the same text, so either leads to the other.
_EXAMPLES_OF_REQUESTS = f"""
select id from examples where workspace_id = $1 and {REQUEST_ID} = any($2::uuid[]::text[])
"""  # noqa: S608 - a constant, as below
_REQUESTS_OF_EXAMPLES = f"""
select ({REQUEST_ID})::uuid from examples where workspace_id = $1 and id = any($2::uuid[])
"""  # noqa: S608
_COPIES = f"select id from examples where workspace_id = $1 and {ORIGIN_ID} = any($2::uuid[]::text[])"  # noqa: S608
_CANDIDATES_OF_DOCUMENTS = """
select subject from candidates where workspace_id = $1 and (document ->> 'document_id')::uuid = any($2::uuid[])
"""
_CANDIDATES_OF_EXAMPLES = """
select subject from candidates where workspace_id = $1 and predicted_for = any($2::uuid[])
"""
# Copies that forks and merges made, and what they are copies of: they have the same texts.
_RELATED = """
with roots as (
  select coalesce(root_id, id) as id from examples where workspace_id = $1 and id = any($2::uuid[]))
select e.id from examples e join roots on e.root_id = roots.id where e.workspace_id = $1
union select id from roots
"""
_ACCEPTED = "select id from examples where workspace_id = $1 and id = any($2::uuid[])"
_LABELS = "select distinct id from label_revisions where workspace_id = $1 and example_id = any($2::uuid[])"
_PREDICTED = "select call_id from predictions where workspace_id = $1 and example_id = any($2::uuid[])"
_EVALUATED = """
with held as (
  select calls, subject, scores from evaluation_results where workspace_id = $1 and example_id = any($2::uuid[]))
select (call #>> '{}')::uuid from held, jsonb_array_elements(calls) as call
union select subject from held
union select (call #>> '{}')::uuid from held, jsonb_path_query(scores, '$.*.call_id') as call
"""
_ASKED_FOR_CANDIDATES = """
select value::uuid from candidates, json_each_text(calls::json) where workspace_id = $1 and subject = any($2::uuid[])
"""
# Examples that were shown before other questions went to the model with each of them.
_SHOWN_IN_RUNS = """
with shown as (
  select (data ->> 'run_id')::uuid as run_id from ledger.events
  where workspace_id = $1 and type = 'PromptRunRequested' and exists (
    select from jsonb_path_query(data::jsonb, '$.shown.*[*].example_id') as id where (id #>> '{}')::uuid = any($2)))
select c.id from calls c join shown using (run_id) where c.workspace_id = $1
"""
_SHOWN_IN_EVALUATIONS = """
select c.id from evaluations e join calls c on c.workspace_id = e.workspace_id and c.run_id = e.run_id
where e.workspace_id = $1 and exists (
  select from jsonb_path_query(e.plan, '$.targets[*].prompt.examples[*].example_id') as id
  where (id #>> '{}')::uuid = any($2::uuid[]))
"""
# The answer of a repeated question is stored under the call that asked first.
_REPEATED = "select subject from calls where workspace_id = $1 and id = any($2::uuid[]) and state = 'answered'"
_BUILT_PROMPTS = """
select prompt_id, texts from prompt_versions where workspace_id = $1 and exists (
  select from jsonb_path_query(built::jsonb, '$.examples[*].example_id') as id
  where (id #>> '{}')::uuid = any($2::uuid[]))
"""


# What was wrong with a refused row may quote it, and does not say whose it was: of a person's file, all of it goes.
_ERRORS_OF_IMPORTS = """
select c.subject, c.digest from imports i join ledger.contents c on c.workspace_id = $1 and c.subject = i.id
where i.workspace_id = $1 and i.id in (
  select (source ->> 'import_id')::uuid from examples where workspace_id = $1 and id = any($2::uuid[])
  union select unnest($3::uuid[]))
"""


async def find_derived(engine: AsyncEngine, workspace_id: UUID, targets: ErasureTargets) -> None:
    """Find all that was made of the targets, until nothing more comes of it."""
    size = -1
    while targets.size != size:
        size = targets.size
        targets.examples |= await list_ids(engine, _EXAMPLES_OF_REQUESTS, workspace_id, targets.requests)
        targets.examples |= await list_ids(engine, _COPIES, workspace_id, targets.examples)
        targets.examples |= await list_ids(engine, _RELATED, workspace_id, targets.examples)
        targets.requests |= await list_ids(engine, _REQUESTS_OF_EXAMPLES, workspace_id, targets.examples)
        candidates = await list_ids(engine, _CANDIDATES_OF_DOCUMENTS, workspace_id, targets.documents)
        candidates |= await list_ids(engine, _CANDIDATES_OF_EXAMPLES, workspace_id, targets.examples)
        # A candidate that was accepted has its texts under the example's id.
        targets.examples |= await list_ids(engine, _ACCEPTED, workspace_id, candidates)
        targets.candidates = (targets.candidates | candidates) - targets.examples
    targets.labels |= await list_ids(engine, _LABELS, workspace_id, targets.examples)
    await _find_calls(engine, workspace_id, targets)
    if targets.examples:
        rows = await fetch_all(engine, _BUILT_PROMPTS, (workspace_id, list(targets.examples)))
        targets.prompts |= {(row.prompt_id, bytes(row.texts)) for row in rows}
    if targets.needle is not None:
        batches = list({batch for batch, _ in targets.import_rows})
        rows = await fetch_all(engine, _ERRORS_OF_IMPORTS, (workspace_id, list(targets.examples), batches))
        targets.import_errors |= {(row.subject, bytes(row.digest)) for row in rows}


async def _find_calls(engine: AsyncEngine, workspace_id: UUID, targets: ErasureTargets) -> None:
    for sql in (_PREDICTED, _EVALUATED, _SHOWN_IN_RUNS, _SHOWN_IN_EVALUATIONS):
        targets.calls |= await list_ids(engine, sql, workspace_id, targets.examples)
    subjects = targets.candidates | targets.examples
    targets.calls |= await list_ids(engine, _ASKED_FOR_CANDIDATES, workspace_id, subjects)
    targets.calls |= await list_ids(engine, _REPEATED, workspace_id, targets.calls)
