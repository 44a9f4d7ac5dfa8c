"""Which adapter speaks to which kind of provider."""

from collections.abc import Callable

from service.errors import ProviderRefused
from service.providers.openai_wire import OpenAIWire
from service.providers.provider import Account, TuningProvider

ADAPTERS: dict[str, Callable[[Account], TuningProvider]] = {
    "openai": OpenAIWire,
    "sandbox": OpenAIWire,
}


def connect(account: Account) -> TuningProvider:
    """A provider ready to be asked; close it with `aclose`. Nothing is sent yet."""
    adapter = ADAPTERS.get(account.kind)
    if adapter is None:
        raise ProviderRefused(f"no adapter for {account.kind!r}; there is one for {', '.join(sorted(ADAPTERS))}")
    return adapter(account)
