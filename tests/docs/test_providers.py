"""docs/providers.md says what the adapters declare."""

import msgspec
import pytest

from openapi.providers import PAGE, ROWS, SECTIONS, fill
from service.providers.bedrock.bedrock_adapter import BedrockProvider
from service.providers.files.files_provider import FilesProvider
from service.providers.fireworks.fireworks_adapter import FireworksProvider
from service.providers.kinds import TRAITS
from service.providers.local.local_adapter import LocalProvider
from service.providers.openai.adapter import OpenAIProvider
from service.providers.ray.ray_adapter import RayProvider
from service.providers.together.together_adapter import TogetherProvider
from service.providers.traits import Traits
from service.providers.vertex.vertex_adapter import VertexProvider

ADAPTERS = [
    ("openai", OpenAIProvider),
    ("together", TogetherProvider),
    ("vertex", VertexProvider),
    ("bedrock", BedrockProvider),
    ("fireworks", FireworksProvider),
    ("files", FilesProvider),
    ("local", LocalProvider),
    ("ray", RayProvider),
]
METHODS = {
    "pause": "pause",
    "model_limits": "parameters",
    "quote": "quote",
    "weights": "weights",
    "imports_models": "import_model",
    "deletes_models": "delete_model",
}


def test_the_page_has_the_tables_that_follow_from_the_traits() -> None:
    text = PAGE.read_text()
    assert fill(text) == text, "docs/providers.md is behind: run `python -m openapi providers`"


def test_every_trait_is_on_the_page() -> None:
    assert {field.name for field in msgspec.structs.fields(Traits)} == ROWS.keys() | SECTIONS


@pytest.mark.parametrize(("kind", "adapter"), ADAPTERS)
def test_an_adapter_can_do_what_the_page_says(kind: str, adapter: type) -> None:
    traits = TRAITS[kind]
    declared = {field: getattr(traits, field) for field in METHODS} | {"deployment": traits.deployment == "needed"}
    methods = METHODS | {"deployment": "deploy"}
    assert declared == {field: hasattr(adapter, method) for field, method in methods.items()}
