"""The setting that lists issuers."""

import json
from typing import Any

import pytest

from service.access.sign_in.issuers import Issuer, choose_role, parse_issuers
from service.settings import Settings, SettingsInvalid

ISSUER = {"issuer": "https://login.example", "audience": "ledger"}


def parse(*issuers: dict[str, Any]) -> list[Issuer]:
    return parse_issuers(Settings(oidc_issuers=json.dumps(issuers)))


def test_defaults_are_careful() -> None:
    [issuer] = parse(ISSUER)
    assert (issuer.algorithms, issuer.leeway_seconds, issuer.unknown) == (("RS256", "ES256"), 60, "refuse")
    assert parse_issuers(Settings()) == []


@pytest.mark.parametrize(
    "changes",
    [
        *({"algorithms": [name]} for name in ("none", "HS256", "HS512", "rs256")),
        *({"issuer": url} for url in ("http://login.example", "login.example", "https://a?b=c", "https://[", "")),
        *({"algorithms": []}, {"leeway_seconds": -1}, {"leeway_seconds": 1e9}, {"workspace": "w"}, {"audience": ""}),
        *({"unknown": "create"}, {"unknown": "perhaps"}, {"role_claim": "r"}, {"roles": {"a": "viewer"}}),
        *({"role_claim": "r", "roles": {"a": "king"}}, {"domains": {"a": "king"}}, {"typo": 1}),
    ],
)
def test_what_is_not_valid_stops_the_start_with_a_sentence(changes: dict[str, Any]) -> None:
    with pytest.raises(SettingsInvalid, match="TUNELEDGER_OIDC_ISSUERS is not valid: "):
        parse({**ISSUER, **changes})


def test_a_refused_algorithm_is_answered_with_those_that_work() -> None:
    with pytest.raises(SettingsInvalid, match=r"'HS256'.*use some of RS256, .*ES256"):
        parse({**ISSUER, "algorithms": ["HS256"]})


@pytest.mark.parametrize("text", ["{", "{}", "[1]", '"x"', "\ud800"])
def test_what_is_no_list_of_issuers_is_refused(text: str) -> None:
    with pytest.raises(SettingsInvalid):
        parse_issuers(Settings(oidc_issuers=text))


def test_an_issuer_occurs_once_for_an_audience() -> None:
    assert len(parse(ISSUER, {**ISSUER, "audience": "other"})) == 2
    with pytest.raises(SettingsInvalid, match="twice"):
        parse(ISSUER, ISSUER)


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({"groups": "team"}, "viewer"),
        ({"groups": ["x", "team", "chiefs", 1]}, "admin"),
        ({"groups": {"team": 1}}, None),
        ({"email": "a@example.com", "email_verified": True}, "editor"),
        ({"email": "a@example.com", "email_verified": "true"}, None),
        ({"email": "a@example.com"}, None),
        ({"email": "a@sub.example.com", "email_verified": True}, None),
        ({"email": "a@evil.com@example.com", "email_verified": True}, None),
        ({"email": 5, "email_verified": True}, None),
        ({}, None),
    ],
)
def test_a_role_comes_by_claim_or_by_domain(claims: dict[str, Any], role: str | None) -> None:
    roles = {"role_claim": "groups", "roles": {"team": "viewer", "chiefs": "admin"}}
    [issuer] = parse({**ISSUER, "unknown": "create", **roles, "domains": {"Example.com": "editor"}})
    assert choose_role(issuer, claims) == role
