from service.providers import catalog
from service.providers.adapters import ADAPTERS


def test_each_model_of_the_catalogue_is_listed_once_and_has_an_adapter() -> None:
    known = [(model.kind, model.id) for model in catalog.list_base_models()]
    assert len(known) == len(set(known)) > 0
    assert {kind for kind, _ in known} <= set(ADAPTERS)


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
    assert catalog.find_base_model("openai", "gpt-4.1-nano-2025-04-14") is None
