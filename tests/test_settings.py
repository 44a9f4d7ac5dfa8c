import base64
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from service.settings import (
    Settings,
    SettingsInvalid,
    load_encryption_keys,
    load_settings,
    parse_origins,
    variable_name,
)

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"
KEY = base64.b64encode(bytes(range(32))).decode()
OTHER = base64.urlsafe_b64encode(bytes(range(224, 256))).decode()


def test_the_page_lists_every_setting_with_its_default_and_no_other() -> None:
    listed = dict(re.findall(r"^\| `([A-Z_]+)` \| (\S+) \|", PAGE.read_text(), flags=re.MULTILINE))
    assert listed == {
        variable_name(field.name): show_default(field.default) for field in msgspec.structs.fields(Settings)
    }


def show_default(default: object) -> str:
    if default is None:
        return "*none*"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def test_an_empty_environment_gives_the_defaults() -> None:
    assert load_settings({}) == Settings()


def test_an_empty_variable_counts_as_not_set() -> None:
    assert load_settings({"DATABASE_URL": "", "TUNELEDGER_PORT": ""}) == Settings()


def test_each_kind_of_value_is_read() -> None:
    settings = load_settings(
        {
            "DATABASE_URL": "postgres://somewhere/db",
            "TUNELEDGER_DATA_DIRECTORY": "/srv/ledger",
            "TUNELEDGER_PORT": "9000",
            "TUNELEDGER_MIGRATE_ON_START": "false",
            "TUNELEDGER_LOG_FORMAT": "json",
            "TUNELEDGER_POLL_INTERVAL": "0.2",
            "TUNELEDGER_SECRET_KEY": KEY,
        }
    )
    assert settings == Settings(
        database_url="postgres://somewhere/db",
        data_directory=Path("/srv/ledger"),
        port=9000,
        migrate_on_start=False,
        log_format="json",
        poll_interval=0.2,
        secret_key=KEY,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TUNELEDGER_PORT", "eighty"),
        ("TUNELEDGER_PORT", "70000"),
        ("TUNELEDGER_PROCESSES", "0"),
        ("TUNELEDGER_MIGRATE_ON_START", "perhaps"),
        ("TUNELEDGER_LOG_FORMAT", "xml"),
        ("TUNELEDGER_POLL_INTERVAL", "0"),
        ("TUNELEDGER_LOCK_TIMEOUT", "-1"),
        ("TUNELEDGER_STATEMENT_TIMEOUT", "nan"),
        ("TUNELEDGER_BOOTSTRAP_KEY", "short"),
        ("TUNELEDGER_BOOTSTRAP_KEY", "tl_" + "a" * 20),
        ("TUNELEDGER_BOOTSTRAP_KEY", "tl_" + "abcdefgh12" * 2),
        ("TUNELEDGER_BOOTSTRAP_KEY", "tl_" + "aaaabbbbccccddddeeee"),
        ("TUNELEDGER_SECRET_KEY", "A" * 43 + "="),
        ("TUNELEDGER_SIGNING_KEYS", base64.b64encode(b"7" * 32).decode()),
        ("TUNELEDGER_SECRET_KEY", "c2hvcnQ="),
        ("TUNELEDGER_SECRET_KEY", "not base64 at all"),
        ("TUNELEDGER_SECRET_KEY", f"{KEY},"),
        ("TUNELEDGER_SECRET_KEY", f"{KEY};{OTHER}"),
        ("TUNELEDGER_SIGNING_KEYS", f"{KEY},c2hvcnQ="),
        ("TUNELEDGER_CONNECTIONS_ALLOW", "*"),
        ("TUNELEDGER_CONNECTIONS_ALLOW", "http://sandbox:8399"),
        ("TUNELEDGER_CONNECTIONS_ALLOW", "sandbox:0"),
        ("TUNELEDGER_CONNECTIONS_ALLOW", "sandbox:70000"),
        ("TUNELEDGER_CONNECTIONS_ALLOW", "10.0.0.1/8"),
        ("TUNELEDGER_CONNECTIONS_ALLOW", "2130706433"),
        ("TUNELEDGER_CONNECTIONS_ALLOW", "sandbox:8399,"),
        ("TUNELEDGER_CORS_ORIGINS", "*"),
        ("TUNELEDGER_CORS_ORIGINS", "null"),
        ("TUNELEDGER_CORS_ORIGINS", "app.example"),
        ("TUNELEDGER_CORS_ORIGINS", "https://"),
        ("TUNELEDGER_CORS_ORIGINS", "https://app.example/"),
        ("TUNELEDGER_CORS_ORIGINS", "https://app.example/page"),
        ("TUNELEDGER_CORS_ORIGINS", "https://app.example?x"),
        ("TUNELEDGER_CORS_ORIGINS", "https://me@app.example"),
        ("TUNELEDGER_CORS_ORIGINS", "https://*.example"),
        ("TUNELEDGER_CORS_ORIGINS", "https://App.example"),
        ("TUNELEDGER_CORS_ORIGINS", "https://bücher.example"),
        ("TUNELEDGER_CORS_ORIGINS", "https://app.example:443"),
        ("TUNELEDGER_CORS_ORIGINS", "http://app.example:80"),
        ("TUNELEDGER_CORS_ORIGINS", "http://app.example:"),
        ("TUNELEDGER_CORS_ORIGINS", "https://app.example,"),
        ("TUNELEDGER_CORS_ORIGINS", "https://app.example http://localhost:5173"),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_variable(name: str, value: str) -> None:
    with pytest.raises(SettingsInvalid, match=f"^{name}\\b"):
        load_settings({name: value})


def test_a_refused_choice_tells_the_choices() -> None:
    with pytest.raises(SettingsInvalid, match="TUNELEDGER_LOG_FORMAT='xml' is not valid: one of console, json"):
        load_settings({"TUNELEDGER_LOG_FORMAT": "xml"})


def test_origins_are_those_that_browsers_send() -> None:
    origins = "https://app.example, http://localhost:5173,http://[::1]:8080,http://app.example:443,app://desktop"
    assert parse_origins(load_settings({"TUNELEDGER_CORS_ORIGINS": origins})) == [
        "https://app.example",
        "http://localhost:5173",
        "http://[::1]:8080",
        "http://app.example:443",
        "app://desktop",
    ]
    assert parse_origins(Settings()) == []


def test_a_refused_origin_is_told_among_the_others() -> None:
    with pytest.raises(SettingsInvalid, match="'http://localhost:5173/' is not an origin as browsers send it"):
        load_settings({"TUNELEDGER_CORS_ORIGINS": "https://app.example,http://localhost:5173/"})


def test_neither_the_settings_nor_a_refusal_show_a_secret() -> None:
    secret = "tl_only_for_the_eyes_of_its_owner"
    settings = load_settings({"TUNELEDGER_BOOTSTRAP_KEY": secret, "DATABASE_URL": "postgres://me:hidden@db/x"})
    assert secret not in repr(settings)
    assert "hidden" not in repr(settings)
    with pytest.raises(SettingsInvalid) as refused:
        load_settings({"TUNELEDGER_BOOTSTRAP_KEY": "wrong-but-private"})
    assert "wrong-but-private" not in str(refused.value)


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(data_directory=tmp_path / "new")
    with ThreadPoolExecutor(16) as pool:
        keys = list(pool.map(lambda _: load_encryption_keys(settings), range(64)))
    assert keys == 64 * [[keys[0][0]]]
    file = tmp_path / "new" / "secret.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secret.key"]


def test_a_key_given_is_used_and_no_file_made(tmp_path: Path) -> None:
    assert load_encryption_keys(Settings(secret_key=KEY, data_directory=tmp_path)) == [bytes(range(32))]
    assert list(tmp_path.iterdir()) == []


def test_of_several_keys_the_first_comes_first_and_the_one_that_is_wrong_is_told_by_its_place(tmp_path: Path) -> None:
    both = [bytes(range(32)), bytes(range(224, 256))]
    assert load_encryption_keys(load_settings({"TUNELEDGER_SECRET_KEY": f"{KEY}, {OTHER}"})) == both
    (tmp_path / "secret.key").write_bytes(f"{KEY}\r\n{OTHER}\n".encode())
    assert load_encryption_keys(Settings(data_directory=tmp_path)) == both
    for wrong in (f"{KEY},{OTHER[:-4]},{KEY}", f"{KEY},,{KEY}"):
        with pytest.raises(SettingsInvalid) as refused:
            load_settings({"TUNELEDGER_SECRET_KEY": wrong})
        assert str(refused.value).startswith(
            "TUNELEDGER_SECRET_KEY, key 2 of 3 is not valid: 32 random bytes in base64"
        )
        assert KEY not in str(refused.value)
        assert OTHER[:-4] not in str(refused.value)


@pytest.mark.parametrize("text", ["", "\n", f"{KEY}\nshort\n", "\xff\n"])
def test_a_damaged_key_file_is_refused_by_its_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "secret.key").write_text(text, encoding="latin-1")
    with pytest.raises(SettingsInvalid, match=r"secret\.key"):
        load_encryption_keys(Settings(data_directory=tmp_path))
