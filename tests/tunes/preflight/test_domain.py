"""What is wrong with a target is said before anything is sent, all at once, by field."""

from datetime import date
from typing import Any

import pytest

from service.errors import Fault
from service.providers import catalog
from service.providers.catalog import BaseModel
from service.providers.kinds import TRAITS
from service.tunes.preflight.domain import Check, Order, RowFacts, check, compute_price, count_epochs, round_whole

TODAY = date(2026, 11, 30)
ROWS = RowFacts(rows=200, read=200, tokens=50_000, longest=900)


def order(kind: str, model: BaseModel | None = None, **fields: Any) -> Order:
    traits = TRAITS[kind]
    known: dict[str, Any] = {
        "index": 0,
        "kind": kind,
        "provider": kind,
        "base_model": model.id if model else "some-model",
        "method": "supervised",
        "traits": traits,
        "model": model,
        "parameters": (model.hyperparameters if model else {}) or traits.parameters.get("supervised", {}),
        "hyperparameters": {},
        "suffix": None,
        "seed": None,
    }
    return Order(**known | fields)


def codes(faults: list[Fault]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in faults]


def found(wanted: Order, train: RowFacts = ROWS, validation: RowFacts | None = None, today: date = TODAY) -> Check:
    return check(wanted, train, validation, today=today)


def model(kind: str, model_id: str) -> BaseModel:
    row = catalog.find_base_model(kind, model_id)
    assert row is not None
    return row


def test_a_target_that_can_work_has_nothing_to_say() -> None:
    assert found(order("together", model("together", "Qwen/Qwen3-8B"))) == Check(faults=[], warnings=[])


def test_a_closed_provider_names_the_connections_that_can_take_the_data() -> None:
    [fault] = found(order("fireworks", others=["our Together", "our Bedrock"])).faults
    assert (fault.pointer, fault.code) == ("/targets/0/connection_id", "closed")
    assert "our Together, our Bedrock" in fault.detail


def test_a_model_that_takes_no_new_tunes_is_refused_from_its_day_on() -> None:
    openai = order("openai", model("openai", "gpt-4.1-2025-04-14"))
    assert found(openai).faults == []
    assert codes(found(openai, today=date(2027, 1, 6)).faults) == [("/targets/0/base_model", "closed")]


def test_a_shutdown_that_is_near_is_told() -> None:
    openai = order("openai", model("openai", "gpt-4.1-2025-04-14"))
    assert codes(found(openai).warnings) == [("/targets/0/base_model", "shutdown")]
    assert found(openai, today=date(2026, 6, 1)).warnings == []


@pytest.mark.parametrize(
    ("kind", "name", "value", "words"),
    [
        ("openai", "n_epochs", 0, "has to be a whole number at least 1 and at most 50, or auto, not 0."),
        ("openai", "n_epochs", 51, "not 51."),
        ("openai", "n_epochs", 2.5, "not 2.5."),
        ("openai", "n_epochs", True, "not True."),
        ("openai", "n_epochs", "many", "not 'many'."),
        ("openai", "learning_rate_multiplier", 0, "a number above 0"),
        ("together", "lora_r", 65, "at most 64"),
        ("together", "lr_scheduler_type", "step", "has to be linear or cosine, not 'step'."),
        ("together", "packing", "yes", "has to be true or false"),
        ("vertex", "adapter_size", 64, "at most 32"),
    ],
)
def test_a_hyperparameter_out_of_range_says_the_range(kind: str, name: str, value: Any, words: str) -> None:
    [fault] = found(order(kind, hyperparameters={name: value})).faults
    assert (fault.pointer, fault.code) == (f"/targets/0/hyperparameters/{name}", "out_of_range")
    assert words in fault.detail


@pytest.mark.parametrize(
    ("kind", "hyperparameters"),
    [
        ("openai", {"n_epochs": "auto", "batch_size": 256, "learning_rate_multiplier": 0.1}),
        ("together", {"batch_size": "max", "packing": False, "train_on_inputs": "auto", "lora_dropout": 0}),
        ("bedrock", {"epochCount": 2, "learningRate": 0.00001}),
    ],
)
def test_what_a_provider_takes_is_no_fault(kind: str, hyperparameters: dict[str, Any]) -> None:
    assert found(order(kind, hyperparameters=hyperparameters)) == Check(faults=[], warnings=[])


def test_the_narrower_limits_of_a_model_count() -> None:
    nova = order("bedrock", model("bedrock", "amazon.nova-micro-v1:0:128k"), hyperparameters={"epochCount": 6})
    assert codes(found(nova).faults) == [("/targets/0/hyperparameters/epochCount", "out_of_range")]


def test_an_unknown_hyperparameter_is_odd_and_the_nearest_is_named() -> None:
    [warning] = found(order("openai", hyperparameters={"n_epoch": 2})).warnings
    assert "Did you mean n_epochs?" in warning.detail
    assert found(order("openai", provider="nebius", hyperparameters={"lora_r": 8})).warnings == []


def test_rows_and_method_have_to_fit() -> None:
    pairs = RowFacts(rows=20, read=20, preference=20)
    assert codes(found(order("openai"), pairs).faults) == [("/method", "wrong_rows")]
    assert found(order("openai", method="dpo"), pairs).faults == []
    assert codes(found(order("openai", method="dpo")).faults) == [("/method", "wrong_rows")]
    assert codes(found(order("bedrock", method="dpo"), pairs).faults) == [("/targets/0/base_model", "method")]


def test_too_few_and_too_many_rows_are_refused() -> None:
    assert codes(found(order("openai"), RowFacts(rows=9, read=9)).faults) == [("/splits/train", "too_few_rows")]
    many = RowFacts(rows=20_001, read=5_000)
    assert codes(found(order("bedrock"), many).faults) == [("/splits/train", "too_many_rows")]
    assert codes(found(order("vertex"), ROWS, many).faults) == [("/splits/validation", "too_many_rows")]


def test_what_a_provider_cannot_carry_is_told() -> None:
    weighted = RowFacts(rows=20, read=20, weighted=3, untrained=2)
    assert codes(found(order("vertex"), weighted).warnings) == [
        ("/splits/train", "untrained_rows"),
        ("/splits/train", "not_carried"),
    ]
    assert codes(found(order("openai"), weighted).warnings) == [("/splits/train", "untrained_rows")]
    assert codes(found(order("vertex", seed=7)).warnings) == [("/seed", "not_carried")]


def test_a_row_longer_than_the_context_is_told() -> None:
    gpt = order("together", model("together", "openai/gpt-oss-120b"))
    assert codes(found(gpt, RowFacts(rows=20, read=20, tokens=1, longest=16_001)).warnings) == [
        ("/splits/train", "too_long")
    ]


def test_a_suffix_longer_than_the_provider_takes_is_refused() -> None:
    assert codes(found(order("together", suffix="x" * 41)).faults) == [("/targets/0/suffix", "too_long")]
    assert codes(found(order("fireworks", suffix="x")).faults)[1:] == [("/targets/0/suffix", "too_long")]


def test_the_price_counts_epochs() -> None:
    qwen = order("together", model("together", "Qwen/Qwen3-8B"), hyperparameters={"n_epochs": 4})
    assert count_epochs(qwen) == 4
    price = compute_price(qwen, 4 * 250_000)
    assert price
    assert (str(price.amount), price.currency, price.verified) == ("0.48", "USD", False)
    assert compute_price(order("openai"), 1000) is None
    assert count_epochs(order("openai")) is None  # auto


def test_whole_numbers_are_sent_as_such() -> None:
    assert round_whole({"a": 3.0, "b": 0.5, "c": "auto", "d": True}) == {"a": 3, "b": 0.5, "c": "auto", "d": True}
