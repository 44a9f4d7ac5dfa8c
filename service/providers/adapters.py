"""Which adapter speaks to which kind of provider."""

from collections.abc import Callable

from service.errors import ProviderRefused
from service.providers.provider import Account, TuningProvider


def _connect_openai(account: Account) -> TuningProvider:
    # The SDK takes about a second to import: a process that asks no provider is spared it.
    from service.providers.openai.adapter import OpenAIProvider  # noqa: PLC0415

    return OpenAIProvider(account)


ADAPTERS: dict[str, Callable[[Account], TuningProvider]] = {
    "openai": _connect_openai,
    "sandbox": _connect_openai,
}


def connect(account: Account) -> TuningProvider:
    """A provider ready to be asked; close it with `aclose`. Nothing is sent yet."""
    adapter = ADAPTERS.get(account.kind)
    if adapter is None:
        raise ProviderRefused(f"no adapter for {account.kind!r}; there is one for {', '.join(sorted(ADAPTERS))}")
    return adapter(account)
