"""The run at Weights & Biases that a provider writes by itself. Its key is an integration's, and in no event."""

from uuid import UUID

import msgspec


class WandbRun(msgspec.Struct, frozen=True, kw_only=True):
    """`project` is null for the integration's own. OpenAI needs the key in its own settings, and is sent none."""

    integration_id: UUID
    project: str | None = None
    name: str | None = None
