"""What training on this machine can do. Pure."""

from service.providers.traits import Option, Parameter, Traits

COMMON = {
    "n_epochs": Parameter(kind="number", default=1, above=0, maximum=1000),
    "max_steps": Parameter(kind="integer", minimum=1),
    "batch_size": Parameter(kind="integer", default=4, minimum=1, maximum=1024),
    "gradient_accumulation": Parameter(kind="integer", default=1, minimum=1, maximum=1024),
    "learning_rate": Parameter(kind="number", default=0.0002, above=0, maximum=1),
    "scheduler": Parameter(kind="text", default="cosine", choices=("cosine", "linear", "constant")),
    "warmup_steps": Parameter(kind="integer", default=5, minimum=0),
    "weight_decay": Parameter(kind="number", default=0, minimum=0, maximum=1),
    "max_grad_norm": Parameter(kind="number", default=1, minimum=0),
    "max_length": Parameter(kind="integer", default=1024, minimum=8, maximum=1_000_000),
    "tuned": Parameter(kind="text", default="lora", choices=("lora", "qlora", "full")),
    "lora_rank": Parameter(kind="integer", default=16, minimum=1, maximum=512),
    "lora_alpha": Parameter(kind="integer", default=32, minimum=1, maximum=4096),
    "lora_dropout": Parameter(kind="number", default=0, minimum=0, maximum=1),
    "eval_steps": Parameter(kind="integer", minimum=1),
    "checkpoint_steps": Parameter(kind="integer", default=10, minimum=1),
    "checkpoints_kept": Parameter(kind="integer", default=2, minimum=1, maximum=1000),
    "gradient_checkpointing": Parameter(kind="flag", default=False),
}
PREFERENCE = COMMON | {
    "learning_rate": Parameter(kind="number", default=0.00002, above=0, maximum=1),
    "beta": Parameter(kind="number", default=0.1, above=0, maximum=10),
}
DECIMAL = r"^[0-9]{1,6}(\.[0-9]{1,6})?$"
WHOLE = r"^[1-9][0-9]{0,4}$"

LOCAL = Traits(
    name="This machine",
    formats={"supervised": "openai_chat", "dpo": "openai_preference", "kto": "openai_preference"},
    identity="client_id",
    settles_after=0.0,
    needs_address=False,
    needs_secret=False,
    secret="None.",  # noqa: S106 - a description
    parameters={"supervised": COMMON, "dpo": PREFERENCE, "kto": PREFERENCE},
    options={
        "machine": Option(
            description="The label of the machine that trains; default: that of the API's own.",
            pattern=r"^[A-Za-z0-9._-]{1,100}$",
        ),
        "device": Option(description="`cpu`, `cuda`, or `auto`.", pattern=r"^(auto|cpu|cuda)$"),
        "threads": Option(description="Threads on the CPU; default 1.", pattern=r"^[1-9][0-9]{0,2}$"),
        "memory_gb": Option(description="The most memory of one training.", pattern=DECIMAL),
        "disk_gb": Option(description="The most disk of one training.", pattern=DECIMAL),
        "hours": Option(description="The longest time of one training.", pattern=DECIMAL),
        "downloads": Option(
            description="`yes`: base models that are not on the machine are downloaded from the hub.",
            pattern=r"^(yes|no)$",
        ),
        "hub": Option(description="The hub's address, if not the public one.", pattern=r"^https?://[!-~]{1,300}$"),
        "cpu_hour": Option(description="US dollars for an hour of one CPU.", pattern=DECIMAL),
        "gpu_hour": Option(description="US dollars for an hour of the GPU.", pattern=DECIMAL),
        "idle_minutes": Option(description="Until a model that nobody asks is unloaded; default 10.", pattern=WHOLE),
    },
    weights_per_message=True,
    events=True,
    metrics=True,
    checkpoints=True,
    pause=True,
    weights=True,
    cost=True,
    deletes_models=True,
)
