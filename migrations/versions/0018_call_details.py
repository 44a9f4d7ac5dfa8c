"""A logged request keeps its tools, and what the provider said of it beside the answer."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "alter table telemetry.requests add column finish_reason text, add column cached_tokens int,"
        " add column reasoning_tokens int, add column provider_code text, add column provider_request_id text"
    )
    op.execute("alter table telemetry.texts add column tools text")
    op.execute(
        "alter table calls add column cached_tokens bigint, add column reasoning_tokens bigint,"
        " add column provider_code text, add column provider_request_id text"
    )


def downgrade() -> None:
    op.execute(
        "alter table calls drop column cached_tokens, drop column reasoning_tokens, drop column provider_code,"
        " drop column provider_request_id"
    )
    op.execute("alter table telemetry.texts drop column tools")
    op.execute(
        "alter table telemetry.requests drop column finish_reason, drop column cached_tokens,"
        " drop column reasoning_tokens, drop column provider_code, drop column provider_request_id"
    )
