from typing import Any
from uuid import UUID

import pytest

from service.database.engine import new_id
from service.errors import NotFound
from service.models import domain as models
from service.models.domain import Changes, ModelEvent, ModelState, VersionOrigin, increment_version
from service.tunes.events import Bump

DATASET_ID = new_id()


def fold(*batches: list[ModelEvent]) -> ModelState:
    model: ModelState | None = None
    for batch in batches:
        for event in batch:
            model = models.evolve(model, event)
    assert model is not None
    return model


def build_origin(tune_id: UUID | None = None, **overrides: Any) -> VersionOrigin:
    fields: dict[str, Any] = {
        "connection_id": new_id(),
        "base_model": "gpt-4o-mini",
        "provider_model": "ft:x",
    } | overrides
    return VersionOrigin(tune_id=tune_id, **fields)


def line(*bumps: Bump) -> ModelState:
    model = fold(models.create(name="headlines"))
    for bump in bumps:
        [event] = models.register(model, build_origin(new_id()), bump=bump, changes=None)
        model = models.evolve(model, event)
    return model


@pytest.mark.parametrize(
    ("latest", "bump", "expected"),
    [
        (None, "minor", "v1.0"),
        (None, "major", "v1.0"),
        ("v1.0", "minor", "v1.1"),
        ("v1.9", "minor", "v1.10"),
        ("v1.10", "major", "v2.0"),
        ("v12.3", "minor", "v12.4"),
    ],
)
def test_versions_are_numbered_from_the_latest(latest: str | None, bump: Bump, expected: str) -> None:
    assert increment_version(latest, bump) == expected


def test_a_line_grows_by_its_bumps() -> None:
    model = line("minor", "minor", "major", "minor")
    assert list(model.versions) == ["v1.0", "v1.1", "v2.0", "v2.1"]
    assert [version.previous for version in model.versions.values()] == [None, "v1.0", "v1.1", "v2.0"]
    assert model.latest == "v2.1"


def test_registering_the_same_tune_again_records_nothing() -> None:
    model, tune_id = line("minor"), new_id()
    [event] = models.register(model, build_origin(tune_id), bump="minor", changes=None)
    registered = models.evolve(model, event)
    assert models.register(registered, build_origin(tune_id), bump="major", changes=None) == []


def test_models_trained_elsewhere_are_registered_each_time() -> None:
    model = line("minor")
    [event] = models.register(model, build_origin(), bump="minor", changes=None)
    assert len(models.register(models.evolve(model, event), build_origin(), bump="minor", changes=None)) == 1


def test_a_version_keeps_what_it_was_made_from_and_what_changed() -> None:
    origin = build_origin(new_id(), dataset_id=DATASET_ID, dataset_version="v2", dataset_seq=9, notes="second")
    changes = Changes(added=3, edited=2, removed=1)
    registered = fold([*models.create(name="a")], models.register(line("minor"), origin, bump="minor", changes=changes))
    version = registered.versions["v1.1"]
    assert {name: getattr(version, name) for name in VersionOrigin.__struct_fields__} == {
        name: getattr(origin, name) for name in VersionOrigin.__struct_fields__
    }
    assert (version.changes, version.previous) == (changes, "v1.0")


def test_notes_are_replaced_and_taken_away() -> None:
    model = line("minor")
    noted = fold(
        models.create(name="a"), [model.versions["v1.0"]], models.note(model, "v1.0", notes="Dry.", reason="x")
    )
    assert noted.versions["v1.0"].notes == "Dry."
    assert models.note(noted, "v1.0", notes="Dry.") == []
    [event] = models.note(noted, "v1.0", notes=None)
    assert models.evolve(noted, event).versions["v1.0"].notes is None


def test_an_edit_records_only_what_differs() -> None:
    model = fold(models.create(name="headlines", description="short"))
    assert models.edit(model, {"name": "headlines", "description": "short"}) == []
    [event] = models.edit(model, {"name": "news", "description": None, "task_id": None}, reason="clearer")
    assert models.evolve(model, event) == ModelState(name="news", description=None)


def test_a_version_is_found_by_its_name_alone() -> None:
    model = line("minor")
    assert models.get_version(model, "v1.0").model_version == "v1.0"
    with pytest.raises(NotFound):
        models.get_version(model, "v1.1")
    with pytest.raises(NotFound):
        models.get_version(None, "v1.0")
