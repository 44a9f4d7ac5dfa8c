"""Operations of earlier imports tell as much of their rows as new ones do, since both follow from the same log."""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

# What a projection of the log makes of them now: the read tables are compared with it.
UPGRADE = """
update operations o set result = coalesce(o.result, '{}') || jsonb_build_object('rows', (s.data ->> 'rows')::bigint)
from ledger.events s
where o.kind = 'import' and (o.result is null or not o.result ? 'rows') and o.finished_at is null
  and s.workspace_id = o.workspace_id and s.stream_id = o.id and s.type = 'ImportStaged';
update operations o set result =
  jsonb_build_object('rows', (s.data ->> 'rows')::bigint) || o.result || jsonb_build_object(
    'changed', 0, 'skipped', 0, 'deleted', 0, 'restored', 0, 'bad', 0, 'unchanged', o.result -> 'duplicates')
from ledger.events s
where o.kind = 'import' and o.state = 'succeeded' and not o.result ? 'bad'
  and s.workspace_id = o.workspace_id and s.stream_id = o.id and s.type = 'ImportStaged';
update operations o set error = o.error || jsonb_build_object('text', f.data::jsonb #> '{errors,0}')
from ledger.events f
where o.kind = 'import' and o.state = 'failed' and o.error is not null and not o.error ? 'text'
  and f.workspace_id = o.workspace_id and f.stream_id = o.id and f.type = 'ImportFailed';
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    """What is more in them harms nobody."""
