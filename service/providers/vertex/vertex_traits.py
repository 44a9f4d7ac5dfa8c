"""What Vertex can do. Source: the official SDK `google-genai` 3.4 and Google's documentation of tuning. Pure."""

from service.providers.traits import Option, Parameter, Traits

ADAPTER_SIZES = ("1", "2", "4", "8", "16", "32")
COMMON = {
    "epoch_count": Parameter(kind="integer", minimum=1, maximum=100),
    "learning_rate_multiplier": Parameter(kind="number", default=1, above=0),
    "adapter_size": Parameter(kind="integer", minimum=1, maximum=32, choices=ADAPTER_SIZES),
    "export_last_checkpoint_only": Parameter(kind="flag", default=False),
}
SUPERVISED = COMMON | {
    "learning_rate": Parameter(kind="number", above=0),
    "batch_size": Parameter(kind="integer", minimum=1),
    "tuning_mode": Parameter(kind="text", choices=("TUNING_MODE_FULL", "TUNING_MODE_PEFT_ADAPTER")),
}

VERTEX = Traits(
    name="Google Vertex",
    formats={"supervised": "vertex_gemini", "dpo": "vertex_preference"},
    identity="labels",
    parameters={
        "supervised": SUPERVISED,
        "dpo": COMMON | {"beta": Parameter(kind="number", above=0)},
    },
    options={
        "project": Option(description="The Google Cloud project.", required=True, pattern="^[a-z0-9:.-]{1,60}$"),
        "location": Option(description="The region, such as us-central1.", required=True, pattern="^[a-z0-9-]{1,40}$"),
        "bucket": Option(
            description="The bucket for training files, as gs://bucket or gs://bucket/folder.",
            required=True,
            pattern=r"^gs://[a-z0-9][a-z0-9._-]{1,220}(/[A-Za-z0-9._/-]{0,200})?$",
        ),
        "storage_url": Option(description="Another address of the storage API.", pattern="^https?://[!-~]{1,500}$"),
        "token_url": Option(description="Another address for access tokens.", pattern="^https?://[!-~]{1,500}$"),
    },
    secret="A service account's key as JSON, an API key, or an access token.",  # noqa: S106 - a description
    max_examples=1_000_000,
    max_file_bytes=1_000_000_000,
    max_validation_rows=5_000,
    suffix_length=64,
    seed=False,
    checkpoints=True,
    deployment="automatic",
)
