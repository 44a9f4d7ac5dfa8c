"""What OpenAI's wire format can do; Azure, Nebius and the sandbox speak it too. Source: OpenAI's API. Pure."""

from service.providers.traits import Parameter, Traits

AUTO = ("auto",)
COMMON = {
    "batch_size": Parameter(kind="integer", default="auto", minimum=1, maximum=256, choices=AUTO),
    "learning_rate_multiplier": Parameter(kind="number", default="auto", above=0, choices=AUTO),
    "n_epochs": Parameter(kind="integer", default="auto", minimum=1, maximum=50, choices=AUTO),
}
DPO = COMMON | {"beta": Parameter(kind="number", default="auto", above=0, maximum=2, choices=AUTO)}
REINFORCEMENT = COMMON | {
    "compute_multiplier": Parameter(kind="number", default="auto", above=0.00001, maximum=10, choices=AUTO),
    "eval_interval": Parameter(kind="integer", default="auto", minimum=1, choices=AUTO),
    "eval_samples": Parameter(kind="integer", default="auto", minimum=1, choices=AUTO),
    "reasoning_effort": Parameter(kind="text", default="default", choices=("default", "low", "medium", "high")),
}

OPENAI = Traits(
    name="OpenAI",
    formats={"supervised": "openai_chat", "dpo": "openai_preference", "reinforcement": "openai_chat"},
    identity="metadata",
    parameters={"supervised": COMMON, "dpo": DPO, "reinforcement": REINFORCEMENT},
    min_examples=10,
    max_file_bytes=512_000_000,
    weights_per_message=True,
    events=True,
    metrics=True,
    checkpoints=True,
    pause=True,
    wandb=True,
    webhooks=True,
    deletes_models=True,
)
