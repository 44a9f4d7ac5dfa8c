"""What Together can do. Source: the official SDK `together` 3.1 and Together's OpenAPI document of 2026-04-28. Pure."""

from service.providers.traits import Option, Parameter, Traits

COMMON = {
    "n_epochs": Parameter(kind="integer", default=1, minimum=1, maximum=20),
    "n_checkpoints": Parameter(kind="integer", default=1, minimum=1),
    "n_evals": Parameter(kind="integer", default=0, minimum=0),
    "batch_size": Parameter(kind="integer", default="max", minimum=1, choices=("max",)),
    "learning_rate": Parameter(kind="number", default=0.00001, above=0, maximum=1),
    "lr_scheduler_type": Parameter(kind="text", default="cosine", choices=("linear", "cosine")),
    "min_lr_ratio": Parameter(kind="number", default=0, minimum=0, maximum=1),
    "num_cycles": Parameter(kind="number", default=0.5, above=0),
    "warmup_ratio": Parameter(kind="number", default=0, minimum=0, maximum=1),
    "max_grad_norm": Parameter(kind="number", default=1, minimum=0),
    "weight_decay": Parameter(kind="number", default=0, minimum=0),
    "gradient_accumulation_steps": Parameter(kind="integer", minimum=1),
    "packing": Parameter(kind="flag", default=True),
    "max_seq_length": Parameter(kind="integer", minimum=1),
    "training_type": Parameter(kind="text", default="Lora", choices=("Lora", "Full")),
    "lora_r": Parameter(kind="integer", minimum=1, maximum=64),
    "lora_alpha": Parameter(kind="integer", minimum=1),
    "lora_dropout": Parameter(kind="number", default=0, minimum=0, maximum=1),
    "lora_trainable_modules": Parameter(kind="text", default="all-linear"),
    "early_stopping_enabled": Parameter(kind="flag", default=False),
    "early_stopping_patience": Parameter(kind="integer", default=2, minimum=1),
    "early_stopping_min_delta": Parameter(kind="number", default=0, minimum=0),
    "early_stopping_warmup_evals": Parameter(kind="integer", default=1, minimum=0),
}
SUPERVISED = COMMON | {"train_on_inputs": Parameter(kind="flag", default="auto", choices=("auto",))}
DPO = COMMON | {
    "dpo_beta": Parameter(kind="number", default=0.1, minimum=0.05, maximum=0.9),
    "dpo_normalize_logratios_by_length": Parameter(kind="flag", default=False),
    "dpo_reference_free": Parameter(kind="flag", default=False),
    "rpo_alpha": Parameter(kind="number", minimum=0),
    "simpo_gamma": Parameter(kind="number", minimum=0),
}

TOGETHER = Traits(
    name="Together",
    formats={"supervised": "openai_chat", "dpo": "openai_preference"},
    identity="suffix",
    suffix_length=23,  # of Together's 40: the rest carries the token by which a job is found again
    parameters={"supervised": SUPERVISED, "dpo": DPO},
    options={"project": Option(description="The project of dedicated endpoints.")},
    max_file_bytes=5 * 2**30,  # Together takes 50 GB, in parts from here on
    weights_per_message=True,
    events=True,
    metrics=True,
    checkpoints=True,
    deployment="needed",
    weights=True,
    model_limits=True,
    quote=True,
    wandb=True,
    cost=True,
    deletes_models=True,
)
