"""Choose the adapter for a kind of provider."""

from collections.abc import Callable

from service.errors import ProviderRefused
from service.extras import require_extra
from service.providers.abilities import Provider
from service.providers.openai.adapter import OpenAIProvider
from service.providers.provider import Account


def _connect_together(account: Account) -> Provider:
    from service.providers.together.together_adapter import TogetherProvider  # noqa: PLC0415

    return TogetherProvider(account)


def _connect_fireworks(account: Account) -> Provider:
    from service.providers.fireworks.fireworks_adapter import FireworksProvider  # noqa: PLC0415

    return FireworksProvider(account)


def _connect_files(account: Account) -> Provider:
    from service.providers.files.files_provider import FilesProvider  # noqa: PLC0415

    return FilesProvider(account)


def _connect_local(account: Account) -> Provider:
    from service.providers.local.local_adapter import LocalProvider  # noqa: PLC0415

    return LocalProvider(account)


def _connect_ray(account: Account) -> Provider:
    from service.providers.ray.ray_adapter import RayProvider  # noqa: PLC0415

    return RayProvider(account)


def _connect_vertex(account: Account) -> Provider:
    from service.providers.vertex.vertex_adapter import VertexProvider  # noqa: PLC0415

    return VertexProvider(account)


def _connect_bedrock(account: Account) -> Provider:
    require_extra("bedrock")
    from service.providers.bedrock.bedrock_adapter import BedrockProvider  # noqa: PLC0415

    return BedrockProvider(account)


ADAPTERS: dict[str, Callable[[Account], Provider]] = {
    "openai": OpenAIProvider,
    "sandbox": OpenAIProvider,
    "together": _connect_together,
    "vertex": _connect_vertex,
    "bedrock": _connect_bedrock,
    "fireworks": _connect_fireworks,
    "local": _connect_local,
    "ray": _connect_ray,
    "files": _connect_files,
}


def connect(account: Account) -> Provider:
    """Open a provider; close it with `aclose`. Nothing is sent yet."""
    adapter = ADAPTERS.get(account.kind)
    if adapter is None:
        raise ProviderRefused(f"no adapter for {account.kind!r}; there is one for {', '.join(sorted(ADAPTERS))}")
    return adapter(account)
