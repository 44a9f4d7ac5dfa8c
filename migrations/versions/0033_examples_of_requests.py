"""Examples are found by the request that they were made from, or the example that they were: promoted or imported."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

REQUEST_ID = "coalesce(source ->> 'request_id', source #>> '{origin,source,request_id}')"
ORIGIN_ID = "source #>> '{origin,id}'"


def upgrade() -> None:
    op.execute(
        f"create index ix_examples_request on examples (workspace_id, ({REQUEST_ID})) where {REQUEST_ID} is not null"
    )
    op.execute(
        f"create index ix_examples_origin on examples (workspace_id, ({ORIGIN_ID})) where {ORIGIN_ID} is not null"
    )
    op.execute("drop table request_promotions")


def downgrade() -> None:
    op.execute("drop index ix_examples_request, ix_examples_origin")
    op.execute(
        """
        create table request_promotions (
          workspace_id uuid, request_id uuid, dataset_id uuid, example_id uuid not null, promoted_at timestamptz not null,
          promoted_by text not null, constraint pk_request_promotions primary key (workspace_id, request_id, dataset_id))
        """
    )
