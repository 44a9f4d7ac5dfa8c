from typing import Any, get_args

import pytest

from service.connections.domain import (
    CONNECTION,
    ConnectionChanged,
    ConnectionCreated,
    ConnectionDeleted,
    ConnectionEvent,
    ConnectionState,
    Kind,
    Settings,
    change,
    create,
    delete,
)
from service.errors import Conflict, NotFound, Unprocessable
from service.providers.adapters import ADAPTERS

SETTINGS = Settings(name="main", base_url="https://api.test/v1")


def fold(*events: ConnectionEvent) -> ConnectionState:
    connection = None
    for event in events:
        connection = CONNECTION.evolve(connection, event)
    assert connection
    return connection


CREATED = fold(ConnectionCreated(kind="openai", settings=SETTINGS))
DELETED = fold(ConnectionCreated(kind="openai", settings=SETTINGS), ConnectionDeleted())


def change_settings(
    connection: ConnectionState, *, new_secret: bool = False, in_use: bool = False, **changes: Any
) -> Any:
    return change(connection, changes=changes, new_secret=new_secret, in_use=in_use, reason=None)


def test_there_is_an_adapter_for_every_kind() -> None:
    assert set(get_args(Kind)) == set(ADAPTERS)


def test_every_fault_is_named_at_once() -> None:
    settings = Settings(name="x", base_url="nowhere", extra_body={"model": "mine", "token": "x"})
    with pytest.raises(Unprocessable) as error:
        create(kind="openai", settings=settings)
    pointers = [fault.pointer for fault in error.value.errors]
    assert pointers == ["/base_url", "/extra_body/model", "/extra_body"]


def test_setting_what_is_there_records_nothing() -> None:
    assert change_settings(CREATED, name="main") == []


def test_the_same_settings_with_a_new_secret_are_a_change() -> None:
    [event] = change_settings(CREATED, new_secret=True)
    assert event == ConnectionChanged(settings=SETTINGS, new_secret=True)
    assert CONNECTION.evolve(CREATED, event).secret_number == 2


def test_the_address_stays_while_tunes_run() -> None:
    with pytest.raises(Conflict):
        change_settings(CREATED, base_url="https://other.test", new_secret=True, in_use=True)


def test_a_connection_in_use_is_not_deleted() -> None:
    with pytest.raises(Conflict):
        delete(CREATED, in_use=True, reason=None)
    assert delete(CREATED, in_use=False, reason="left") == [ConnectionDeleted(reason="left")]


@pytest.mark.parametrize("connection", [None, DELETED])
def test_what_is_not_there_cannot_be_changed(connection: ConnectionState) -> None:
    with pytest.raises(NotFound):
        change_settings(connection, name="new")
    with pytest.raises(NotFound):
        delete(connection, in_use=False, reason=None)
