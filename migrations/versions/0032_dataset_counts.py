"""Counts of a dataset's examples, kept by the statements that change them."""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

# Each change of an example updates some rows in place, for which a page keeps room.
CREATE = """
create table dataset_counts (
  workspace_id uuid not null,
  dataset_id uuid not null,
  kind text not null,
  key text not null,
  examples bigint not null,
  constraint pk_dataset_counts primary key (workspace_id, dataset_id, kind, key)
) with (fillfactor = 50)
"""
COUNT = """
insert into dataset_counts
select r.workspace_id, r.dataset_id, c.kind, c.key, count(*) filter (where r.seq_to is null)
from example_revisions r
join examples e on e.workspace_id = r.workspace_id and e.id = r.example_id
cross join lateral unnest(
  array['split', 'source', 'reviewed', 'rating', 'repaired', 'invalid', 'unanswered']
    || array_fill('tag'::text, array[cardinality(r.tags)]),
  array[
    coalesce(r.split, e.split),
    e.source ->> 'type',
    case when r.score is not null or r.replaced is not null or r.label is not null then e.source ->> 'type' end,
    r.score::text,
    case when r.replaced is not null then '' end,
    case when coalesce(jsonb_array_length(r.invalid), 0) > 0 then '' end,
    case when r.unanswered then '' end
  ] || r.tags
) as c (kind, key)
where c.key is not null
group by 1, 2, 3, 4
"""


def upgrade() -> None:
    op.execute(CREATE)
    op.execute(COUNT)


def downgrade() -> None:
    op.execute("drop table dataset_counts")
