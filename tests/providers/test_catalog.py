from service.providers import catalog
from service.providers.adapters import ADAPTERS


def test_each_model_of_the_catalogue_is_listed_once_and_has_an_adapter() -> None:
    known = [(model.provider, model.id) for model in catalog.list_base_models()]
    assert len(known) == len(set(known)) > 0
    assert {model.kind for model in catalog.list_base_models()} - {None} <= set(ADAPTERS)


def test_the_catalogue_is_wide_and_each_row_names_its_source() -> None:
    models = catalog.list_base_models()
    assert len(models) > 60
    assert len({model.provider for model in models}) >= 7
    assert all(model.source for model in models)


def test_a_provider_is_known_by_the_host_of_its_connection() -> None:
    assert catalog.name_provider("openai", "https://api.openai.com/v1") == "openai"
    assert catalog.name_provider("openai", "https://us.example.openai.azure.com/openai/v1") == "azure"
    assert catalog.name_provider("openai", "https://api.tokenfactory.nebius.com/v1/") == "nebius"
    assert catalog.name_provider("openai", "https://bedrock-mantle.us-east-1.api.aws/v1") == "bedrock_mantle"
    assert catalog.name_provider("openai", "https://api.openai.com.example.com/v1") == "openai_compatible"
    assert catalog.name_provider("together", "https://api.together.ai/v1") == "together"


def test_a_price_is_verified_or_says_that_it_is_not() -> None:
    priced = [model.prices for model in catalog.list_base_models() if model.prices]
    assert all(len(prices.currency) == 3 and prices.source for prices in priced)
    assert all(amount is None or amount >= 0 for each in priced for amount in (each.training, each.input, each.output))


def test_what_openai_charges_is_not_claimed_to_be_known() -> None:
    unknown = [model for model in catalog.list_base_models() if model.kind == "openai"]
    assert unknown
    assert not any(model.prices and model.prices.verified for model in unknown)


def test_a_model_is_found_by_kind_and_id() -> None:
    found = catalog.find_base_model("sandbox", "gpt-4.1-nano-2025-04-14")
    assert found
    assert found.prices
    assert found.prices.training == 0
    assert catalog.find_base_model("openai", "gpt-4.1-nano-2025-04-14", provider="openai") is None
