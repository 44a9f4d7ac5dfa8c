"""What training with tools of your own can do: whatever the tool can. Pure."""

from service.providers.traits import Traits

FILES = Traits(
    name="Own tools",
    formats={"supervised": "openai_chat", "dpo": "openai_preference", "reinforcement": "openai_chat"},
    identity="client_id",
    settles_after=0.0,
    needs_address=False,
    needs_secret=False,
    secret="None, or the key of the server that answers for your models.",  # noqa: S106 - a description
    suffix_length=None,
    weights_per_message=True,
    lists_states=False,
    events=True,
    metrics=True,
    checkpoints=True,
    reported=True,
)
