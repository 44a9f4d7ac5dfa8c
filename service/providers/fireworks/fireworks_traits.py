"""What Fireworks can do. Source: its SDK `fireworks-ai` 1.2, its gateway's document and its changelog. Pure."""

from service.providers.traits import Option, Traits

FIREWORKS = Traits(
    name="Fireworks",
    formats={"supervised": "openai_chat", "dpo": "openai_preference"},
    identity="client_id",
    options={"account": Option(description="The account's id.", required=True, pattern="^[a-z0-9-]{1,100}$")},
    min_examples=3,
    max_examples=3_000_000,
    suffix_length=None,
    seed=False,
    deployment="needed",
    weights=True,
    imports_models=True,
    cost=True,
    deletes_models=True,
    new_jobs=False,
    closed_hint="Fireworks takes no new managed tuning jobs. Tune elsewhere, then upload the weights and deploy them.",
)
