from ipaddress import ip_address
from typing import Any, get_args

import pytest

from service.connections.domain import (
    CONNECTION,
    ConnectionChanged,
    ConnectionCreated,
    ConnectionDeleted,
    ConnectionEvent,
    ConnectionState,
    Settings,
    change,
    create,
    delete,
)
from service.errors import Conflict, NotFound, Unprocessable
from service.providers.adapters import ADAPTERS
from service.providers.provider import Kind

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


@pytest.mark.parametrize(
    ("base_url", "code"),
    [
        ("http://169.254.169.254/latest", "address_not_allowed"),
        ("http://[fd00:ec2::254]/", "address_not_allowed"),
        ("http://127.0.0.1:5432/", "address_not_allowed"),
        ("http://[::1]/", "address_not_allowed"),
        ("http://10.0.0.1/", "address_not_allowed"),
        ("http://0.0.0.0/", "address_not_allowed"),
        ("http://2130706433/", "address_not_allowed"),
        ("https://0x7f000001/", "address_not_allowed"),
        ("https://0177.0.0.1/", "address_not_allowed"),
        ("https://[::ffff:10.0.0.1]/", "address_not_allowed"),
        ("http://api.example/v1", "https_required"),
        ("http://1.1.1.1/v1", "https_required"),
    ],
)
def test_a_connection_is_to_a_public_address_over_https(base_url: str, code: str) -> None:
    with pytest.raises(Unprocessable) as error:
        create(kind="openai", settings=Settings(name="x", base_url=base_url))
    assert [(fault.pointer, fault.code) for fault in error.value.errors] == [("/base_url", code)]
    with pytest.raises(Unprocessable):
        change_settings(CREATED, base_url=base_url, new_secret=True)


def test_a_name_that_leads_inside_is_refused_and_one_that_nobody_knows_is_not() -> None:
    settings = Settings(name="x", base_url="https://inner.example/v1")
    with pytest.raises(Unprocessable):
        create(kind="openai", settings=settings, addresses=[ip_address("1.1.1.1"), ip_address("10.0.0.1")])
    assert create(kind="openai", settings=settings, addresses=[ip_address("1.1.1.1")])
    assert create(kind="openai", settings=settings, addresses=[])


def test_what_was_allowed_once_can_still_be_renamed() -> None:
    inner = fold(ConnectionCreated(kind="openai", settings=Settings(name="main", base_url="http://10.0.0.1/v1")))
    assert change_settings(inner, name="renamed")


@pytest.mark.parametrize(
    "name",
    ["Metadata-Flavor", "Metadata", "X-aws-ec2-metadata-token", "X-aws-ec2-metadata-token-ttl-seconds", "X-Vault-Token",
     "Cookie", "Forwarded", "X-Forwarded-For", "x-forwarded-host", "Proxy-Authorization", "X-Real-IP", "Host", "Via",
     "X-Original-URL", "Transfer-Encoding", "Accept-Encoding"],
)  # fmt: skip
def test_no_secret_goes_in_a_header_that_others_trust(name: str) -> None:
    with pytest.raises(Unprocessable) as error:
        create(kind="openai", settings=Settings(name="x", base_url="https://api.test/v1", header_name=name))
    assert [(fault.pointer, fault.code) for fault in error.value.errors] == [("/header_name", "reserved")]


@pytest.mark.parametrize("name", ["Authorization", "api-key", "X-Api-Key", "Ocp-Apim-Subscription-Key"])
def test_the_headers_of_providers_are_taken(name: str) -> None:
    assert create(kind="openai", settings=Settings(name="x", base_url="https://api.test/v1", header_name=name))
