import pytest

from service.errors import Conflict, Invalid, NotFound, Unprocessable
from service.models import domain as models
from service.models.aliases import domain as aliases
from service.models.domain import AliasMoved, ModelEvent, ModelState
from tests.models.test_domain import line


def after(model: ModelState, *decisions: tuple[str, str | None]) -> ModelState:
    """Each decision is `move` to a version or `back`, to one or without saying where."""
    for kind, version in decisions:
        model = models.evolve(model, *decided(model, kind, version))
    return model


def decided(model: ModelState, kind: str, version: str | None) -> list[ModelEvent]:
    if kind == "back":
        return aliases.roll_back(model, "production", to=version)
    assert version is not None
    return aliases.move(model, "production", version=version)


def stands(model: ModelState) -> str:
    return models.get_version(model, "production").model_version


def three() -> ModelState:
    return line("minor", "minor", "minor")


def test_an_alias_moves_and_says_where_it_stood() -> None:
    model = after(three(), ("move", "v1.0"))
    [event] = aliases.move(model, "production", version="v1.2", reason="10% better")
    assert event == AliasMoved(alias="production", model_version="v1.2", previous="v1.0", reason="10% better")
    assert stands(models.evolve(model, event)) == "v1.2"


def test_moving_an_alias_to_where_it_stands_records_nothing() -> None:
    model = after(three(), ("move", "v1.0"))
    assert aliases.move(model, "production", version="v1.0", reason="again") == []


def test_aliases_do_not_move_each_other() -> None:
    model = after(three(), ("move", "v1.0"))
    [event] = aliases.move(model, "staging", version="v1.2")
    assert stands(models.evolve(model, event)) == "v1.0"


def test_a_rollback_returns_to_the_version_before() -> None:
    model = after(three(), ("move", "v1.0"), ("move", "v1.1"))
    [event] = aliases.roll_back(model, "production", reason="worse")
    assert event == AliasMoved(alias="production", model_version="v1.0", previous="v1.1", reason="worse", rollback=True)


def test_rolling_back_again_goes_further_back() -> None:
    moved = (("move", "v1.0"), ("move", "v1.1"), ("move", "v1.2"))
    assert stands(after(three(), *moved, ("back", None), ("back", None))) == "v1.0"


def test_a_move_after_a_rollback_forgets_what_was_rolled_back() -> None:
    model = after(three(), ("move", "v1.0"), ("move", "v1.1"), ("back", None), ("move", "v1.2"), ("back", None))
    assert stands(model) == "v1.0"


def test_a_rollback_to_a_named_version_skips_those_between() -> None:
    model = after(three(), ("move", "v1.0"), ("move", "v1.1"), ("move", "v1.2"), ("back", "v1.0"))
    assert stands(model) == "v1.0"
    with pytest.raises(Conflict):
        aliases.roll_back(model, "production")


def test_a_version_that_an_alias_stood_at_twice_is_gone_back_to_at_its_last_time() -> None:
    model = after(three(), ("move", "v1.0"), ("move", "v1.1"), ("move", "v1.0"), ("move", "v1.2"), ("back", "v1.0"))
    assert stands(after(model, ("back", None))) == "v1.1"


def test_an_alias_cannot_be_rolled_back_beyond_its_first_version() -> None:
    with pytest.raises(Conflict):
        aliases.roll_back(after(three(), ("move", "v1.0")), "production")
    with pytest.raises(NotFound):
        aliases.roll_back(three(), "production")


@pytest.mark.parametrize("to", ["v1.2", "v9.0"])
def test_a_rollback_goes_only_where_the_alias_once_stood(to: str) -> None:
    model = after(three(), ("move", "v1.0"), ("move", "v1.1"))
    with pytest.raises(Unprocessable) as refused:
        aliases.roll_back(model, "production", to=to)
    assert refused.value.errors[0].pointer == "/to"


def test_an_alias_stands_only_at_a_version_that_is_there() -> None:
    with pytest.raises(Unprocessable):
        aliases.move(three(), "production", version="v1.3")
    with pytest.raises(NotFound):
        aliases.move(None, "production", version="v1.0")


@pytest.mark.parametrize("name", ["v1.0", "Production", "", "a b", "a/b", "1st", "a" * 64])
def test_an_alias_cannot_be_taken_for_a_version(name: str) -> None:
    with pytest.raises(Invalid):
        aliases.move(three(), name, version="v1.0")
