"""The kinds of providers: what each can do and where its API is. Pure."""

from collections.abc import Mapping

from service.providers.bedrock.bedrock_traits import BEDROCK
from service.providers.files.files_traits import FILES
from service.providers.fireworks.fireworks_traits import FIREWORKS
from service.providers.local.local_traits import LOCAL
from service.providers.openai.openai_traits import OPENAI
from service.providers.ray.ray_traits import RAY
from service.providers.together.together_traits import TOGETHER
from service.providers.traits import Traits
from service.providers.vertex.vertex_traits import VERTEX

TRAITS: Mapping[str, Traits] = {
    "openai": OPENAI,
    "together": TOGETHER,
    "vertex": VERTEX,
    "bedrock": BEDROCK,
    "fireworks": FIREWORKS,
    "local": LOCAL,
    "ray": RAY,
    "files": FILES,
    "sandbox": OPENAI,
}
REPORTED_KINDS = frozenset(kind for kind, traits in TRAITS.items() if traits.reported)
# Where a kind's API is when a connection does not say. A name in braces is an option of the connection.
DEFAULT_URLS: Mapping[str, str] = {
    "openai": "https://api.openai.com/v1",
    "together": "https://api.together.ai/v1",
    "vertex": "https://{location}-aiplatform.googleapis.com/v1",
    "bedrock": "https://bedrock.{region}.amazonaws.com",
    "fireworks": "https://api.fireworks.ai",
}
