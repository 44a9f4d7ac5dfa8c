"""Members who sign in by OpenID Connect, at a real provider."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access.sign_in import key_sets
from service.app import create_app
from service.composition import REGISTRY
from service.database import engine as database
from service.ledger.rebuild import rebuild
from tests.access.sign_in.provider import AUDIENCE, Key, Provider, find_free_port, running_provider
from tests.conftest import as_owner
from tests.http_client import OPERATOR_KEY, SETTINGS, client

CLAIMS: dict[str, dict[str, Any]] = {
    "ann": {"preferred_username": "Ann Lee", "email": "ann@example.com", "email_verified": True},
    "bob": {"realm_access": {"roles": ["team", "judges"]}, "preferred_username": "ann lee"},
    "eve": {"email": "eve@example.com", "email_verified": False},
    "zoe": {"preferred_username": "tuneledger", "email": "zoe@EXAMPLE.com", "email_verified": True},
    "brief": {},
}
JOINING = {
    "unknown": "create",
    "role_claim": "realm_access.roles",
    "roles": {"team": "viewer", "judges": "reviewer"},
    "domains": {"example.com": "annotator"},
}
KEY = Key("first")


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider(find_free_port(), [KEY], CLAIMS, lifetimes={"brief": 5}) as provider:
        yield provider


def serve(engine: AsyncEngine, *issuers: dict[str, Any]) -> Litestar:
    """The application, which accepts tokens of these issuers."""
    listed = json.dumps([{"audience": AUDIENCE, **issuer} for issuer in issuers])
    return create_app(msgspec.structs.replace(SETTINGS, oidc_issuers=listed), engine)


@asynccontextmanager
async def signing_in(
    engine: AsyncEngine, *issuers: dict[str, Any]
) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    """A client with the operator's key, and one without any credential."""
    app = serve(engine, *issuers)
    async with client(app, OPERATOR_KEY) as owner, client(app, None) as nobody:
        yield owner, nobody


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def refuse(http: httpx.AsyncClient, token: str, part: str, *, status: int = 401) -> None:
    answer = await http.get("/v1/me", headers=bearer(token))
    assert (answer.status_code, part in answer.json()["detail"]) == (status, True), answer.text


async def link(owner: httpx.AsyncClient, issuer: str, subject: str, *, role: str = "editor") -> dict[str, Any]:
    member = (await owner.post("/v1/members", json={"name": f"member {subject}", "role": role})).json()
    body = {"issuer": issuer, "subject": subject}
    linked = await owner.put(f"/v1/members/{member['id']}/identity", json=body)
    assert (linked.status_code, linked.json()["identity"]) == (200, body), linked.text
    identity: dict[str, Any] = linked.json()
    return identity


def claims_of(provider: Provider, **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    return {"iss": provider.issuer, "aud": AUDIENCE, "sub": "ann", "iat": now, "exp": now + 600, **changes}


async def test_a_linked_member_acts_by_token(api: httpx.AsyncClient, engine: AsyncEngine, provider: Provider) -> None:
    async with signing_in(engine, {"issuer": provider.issuer}) as (owner, nobody):
        token = provider.fetch_token("ann")
        await refuse(nobody, token, "No member is linked to 'ann'")
        ann = await link(owner, provider.issuer, "ann")
        me = (await nobody.get("/v1/me", headers=bearer(token))).json()
        assert (me["member_id"], me["name"], me["role"]) == (ann["id"], "member ann", "editor")
        assert (me["key_id"], me["key_name"], "datasets:write" in me["scopes"]) == (None, None, True)
        assert me["expires_at"] is not None
        response = await nobody.post("/v1/datasets", json={"name": "hers"}, headers=bearer(token))
        assert response.status_code == 201, response.text
        lines = (await owner.get("/v1/history", params={"actor": "member ann"})).json()["data"]
        assert [line["key_id"] for line in lines] == [None]
        forbidden = await nobody.post("/v1/members", json={"name": "x", "role": "viewer"}, headers=bearer(token))
        assert (forbidden.status_code, "This token lacks" in forbidden.text) == (403, True)
        line = (await owner.get("/v1/history", params={"types": "MemberIdentityLinked"})).json()["data"][0]
        assert f"ann of {provider.issuer}" in line["sentence"]
        unlinked = await owner.delete(f"/v1/members/{ann['id']}/identity")
        assert unlinked.json()["identity"] is None
        await refuse(nobody, token, "No member is linked")
    async with as_owner(engine) as owning:
        assert (await rebuild(owning, REGISTRY, database.metadata, verify=True)).clean


async def test_repeats_by_token_are_the_members(
    api: httpx.AsyncClient, engine: AsyncEngine, provider: Provider
) -> None:
    async with signing_in(engine, {"issuer": provider.issuer}) as (owner, nobody):
        await link(owner, provider.issuer, "ann")
        ids = set()
        for _ in range(2):
            headers = {"Authorization": f"Bearer {provider.fetch_token('ann')}", "Idempotency-Key": "once"}
            answer = await nobody.post("/v1/datasets", json={"name": "hers"}, headers=headers)
            ids.add(answer.json()["id"])
        assert len(ids) == 1


async def test_unknown_subjects_become_members(api: httpx.AsyncClient, engine: AsyncEngine, provider: Provider) -> None:
    async with signing_in(engine, {"issuer": provider.issuer, **JOINING}) as (owner, nobody):
        created = {}
        for subject in ("ann", "bob", "zoe", "ann"):
            answer = await nobody.get("/v1/me", headers=bearer(provider.fetch_token(subject)))
            assert answer.status_code == 200, answer.text
            created[subject] = answer.json()
        shown = {subject: (me["name"], me["role"], me["kind"]) for subject, me in created.items()}
        assert shown == {
            "ann": ("Ann Lee", "annotator", "person"),
            "bob": ("ann lee 2", "reviewer", "person"),
            "zoe": ("zoe@EXAMPLE.com", "annotator", "person"),
        }
        await refuse(nobody, provider.fetch_token("eve"), "gives a role")
        members = (await owner.get("/v1/members")).json()["data"]
        assert [each["identity"]["subject"] for each in members if each["identity"]] == ["ann", "bob", "zoe"]
        assert [each["email"] for each in members[1:]] == ["ann@example.com", None, "zoe@EXAMPLE.com"]
    async with as_owner(engine) as owning:
        assert (await rebuild(owning, REGISTRY, database.metadata, verify=True)).clean


async def test_a_new_subject_in_many_requests_is_one_member(
    api: httpx.AsyncClient, engine: AsyncEngine, provider: Provider
) -> None:
    async with signing_in(engine, {"issuer": provider.issuer, **JOINING}) as (owner, nobody):
        token = provider.fetch_token("ann")
        answers = await asyncio.gather(*(nobody.get("/v1/me", headers=bearer(token)) for _ in range(8)))
        assert len({answer.json()["member_id"] for answer in answers}) == 1
        assert len((await owner.get("/v1/members")).json()["data"]) == 2


async def test_an_owner_by_token_is_no_operator(
    api: httpx.AsyncClient, engine: AsyncEngine, provider: Provider
) -> None:
    async with signing_in(engine, {"issuer": provider.issuer}) as (owner, nobody):
        await link(owner, provider.issuer, "ann", role="owner")
        token = provider.fetch_token("ann")
        assert (await nobody.get("/v1/me", headers=bearer(token))).json()["scopes"] == ["admin"]
        assert (await nobody.post("/v1/workspaces", json={"name": "x"}, headers=bearer(token))).status_code == 403


async def test_tokens_lead_to_the_workspace_of_their_issuer(
    api: httpx.AsyncClient, stranger: httpx.AsyncClient, engine: AsyncEngine, provider: Provider
) -> None:
    """Another workspace's admin cannot draw somebody's tokens to themselves."""
    theirs = (await stranger.get("/v1/me")).json()["workspace_id"]
    elsewhere = {"issuer": provider.issuer, "audience": "https://elsewhere.example", "workspace": theirs, **JOINING}
    async with signing_in(engine, {"issuer": provider.issuer, **JOINING}, elsewhere) as (owner, nobody):
        here = (await owner.get("/v1/me")).json()["workspace_id"]
        for audience, workspace in ((AUDIENCE, here), ("https://elsewhere.example", theirs)):
            token = provider.fetch_token("ann", audience=audience)
            assert (await nobody.get("/v1/me", headers=bearer(token))).json()["workspace_id"] == workspace


async def test_a_token_that_is_not_right_is_refused_with_the_reason(
    api: httpx.AsyncClient, engine: AsyncEngine, provider: Provider
) -> None:
    async with signing_in(engine, {"issuer": provider.issuer}) as (owner, nobody):
        await link(owner, provider.issuer, "ann")
        now, public = int(time.time()), KEY.private.public_key()
        await refuse(nobody, provider.fetch_token("ann", audience="https://other.example"), f"one for {AUDIENCE}")
        await refuse(nobody, KEY.sign(claims_of(provider, exp=now - 61)), "has expired")
        await refuse(nobody, KEY.sign(claims_of(provider, nbf=now + 90)), "not valid yet")
        await refuse(nobody, KEY.sign(claims_of(provider, iat=now + 90)), "not valid yet")
        for changes in ({"exp": now - 30}, {"nbf": now + 30}, {"iat": now + 30}):  # within the leeway
            signed = KEY.sign(claims_of(provider, **changes))
            assert (await nobody.get("/v1/me", headers=bearer(signed))).status_code == 200
        await refuse(nobody, KEY.sign(claims_of(provider, iss="http://127.0.0.1:1")), "issuer, 'http://127.0.0.1:1'")
        await refuse(nobody, KEY.sign(claims_of(provider, sub="a\x00b")), "`sub`")
        await refuse(nobody, Key("first").sign(claims_of(provider)), "signature is wrong")
        await refuse(nobody, Key("other").sign(claims_of(provider)), "does not publish")
        await refuse(nobody, Key("first", algorithm="ES256").sign(claims_of(provider)), "does not publish")
        for exp in (float("inf"), 10**30, "soon", None):
            answer = await nobody.get("/v1/me", headers=bearer(KEY.sign(claims_of(provider, exp=exp))))
            assert answer.status_code in {200, 401}, answer.text
        await refuse(nobody, forge({"alg": "none"}, claims_of(provider), None), "algorithm (`alg`)")
        for encoding, format_ in (
            (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
            (Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        ):
            secret = public.public_bytes(encoding, format_)
            forged = forge({"alg": "HS256", "kid": "first"}, claims_of(provider), secret)
            await refuse(nobody, forged, "algorithm (`alg`)")
        await refuse(nobody, "a.b.c", "not valid")
        await refuse(nobody, "tl_" + "a" * 30, "Unknown API key")


def forge(header: dict[str, Any], claims: dict[str, Any], secret: bytes | None) -> str:
    """A token that no library would make."""
    signed = ".".join(_encode(json.dumps(part).encode()) for part in (header, claims))
    signature = hmac.digest(secret, signed.encode(), hashlib.sha256) if secret else b""
    return f"{signed}.{_encode(signature)}"


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _read_expiry(token: str) -> float:
    payload = token.split(".")[1]
    return float(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["exp"])


async def test_the_providers_own_tokens_expire(api: httpx.AsyncClient, engine: AsyncEngine, provider: Provider) -> None:
    async with signing_in(engine, {"issuer": provider.issuer, "leeway_seconds": 0}) as (owner, nobody):
        await link(owner, provider.issuer, "brief")
        token = provider.fetch_token("brief")
        assert (await nobody.get("/v1/me", headers=bearer(token))).status_code == 200
        await asyncio.sleep(_read_expiry(token) - time.time() + 0.1)
        await refuse(nobody, token, "has expired")


async def test_suspending_stops_tokens_within_a_second_also_elsewhere(
    api: httpx.AsyncClient, engine: AsyncEngine, provider: Provider
) -> None:
    issuer, token = {"issuer": provider.issuer}, provider.fetch_token("ann")
    async with signing_in(engine, issuer) as (owner, nobody), signing_in(engine, issuer) as (_, elsewhere):
        ann = await link(owner, provider.issuer, "ann")
        for each in (nobody, elsewhere):
            assert (await each.get("/v1/me", headers=bearer(token))).status_code == 200
        await owner.post(f"/v1/members/{ann['id']}/suspend", json={})
        await refuse(nobody, token, "suspended")
        await asyncio.sleep(1.05)
        await refuse(elsewhere, token, "suspended")
        await owner.post(f"/v1/members/{ann['id']}/reinstate", json={})
        assert (await nobody.get("/v1/me", headers=bearer(token))).status_code == 200


async def test_rotated_keys_count_at_once_and_a_provider_that_is_down_is_said(
    api: httpx.AsyncClient, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, second = find_free_port(), Key("second", algorithm="ES256")
    issuer = f"http://127.0.0.1:{port}"
    monkeypatch.setattr(key_sets, "FAILED_SECONDS", 0.0)
    async with signing_in(engine, {"issuer": issuer}) as (owner, nobody):
        await link(owner, issuer, "ann")
        with running_provider(port, [KEY], CLAIMS) as first:
            old = first.fetch_token("ann")
        await refuse(nobody, old, "cannot be fetched now", status=503)
        assert (await owner.get("/v1/me")).status_code == 200
        with running_provider(port, [KEY], CLAIMS):
            assert (await nobody.get("/v1/me", headers=bearer(old))).status_code == 200
        assert (await nobody.get("/v1/me", headers=bearer(old))).status_code == 200  # by the keys that are known
        with running_provider(port, [second], CLAIMS) as rotated:
            new = rotated.fetch_token("ann")
            assert (await nobody.get("/v1/me", headers=bearer(new))).status_code == 200
            await refuse(nobody, old, "does not publish")
            await refuse(nobody, Key("third").sign(claims_of(rotated)), "does not publish")


async def test_an_identity_is_one_members(api: httpx.AsyncClient, engine: AsyncEngine, provider: Provider) -> None:
    async with signing_in(engine, {"issuer": provider.issuer}) as (owner, _):
        await link(owner, provider.issuer, "ann")
        other = (await owner.post("/v1/members", json={"name": "other", "role": "owner"})).json()["id"]
        path, body = f"/v1/members/{other}/identity", {"issuer": provider.issuer, "subject": "ann"}
        taken = await owner.put(path, json=body)
        assert (taken.status_code, taken.json()["errors"][0]["pointer"]) == (409, "/subject")
        strange = await owner.put(path, json={**body, "issuer": "https://nowhere.example"})
        assert (strange.status_code, provider.issuer in strange.json()["detail"]) == (422, True)
        keeper = {"name": "keeper", "role": "admin", "key": {"scopes": ["access:write"]}}
        secret = (await owner.post("/v1/members", json=keeper)).json()["secret"]
        linking = owner.put(path, json={**body, "subject": "zoe"}, headers=bearer(secret))
        for answer in (await linking, await owner.delete(path, headers=bearer(secret))):
            assert (answer.status_code, answer.json()["code"]) == (403, "holds_more")


async def test_a_document_of_another_issuer_and_one_without_end_are_refused(
    api: httpx.AsyncClient, engine: AsyncEngine, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = provider.issuer.replace("127.0.0.1", "localhost")  # the document calls itself 127.0.0.1
    with pytest.raises(key_sets.IssuerUnavailable, match="another issuer"):
        await key_sets.fetch_keys(named)
    monkeypatch.setattr(key_sets, "MAX_BYTES", 100)
    with pytest.raises(key_sets.IssuerUnavailable, match="more than 100 bytes"):
        await key_sets.fetch_keys(provider.issuer)


async def test_an_owner_who_signs_in_is_a_way_in_and_the_last_one_stays(
    api: httpx.AsyncClient, engine: AsyncEngine, provider: Provider
) -> None:
    async with signing_in(engine, {"issuer": provider.issuer}) as (owner, nobody):
        me = (await owner.get("/v1/me")).json()
        key, member = f"/v1/api-keys/{me['key_id']}", f"/v1/members/{me['member_id']}"
        assert (await owner.delete(key)).status_code == 409
        body = {"issuer": provider.issuer, "subject": "ann"}
        assert (await owner.put(f"{member}/identity", json=body)).status_code == 200
        assert (await api.delete(key)).status_code == 409  # this server accepts no issuer, so there the key is the last
        assert (await owner.delete(key)).status_code == 200
        nobody.headers["Authorization"] = f"Bearer {provider.fetch_token('ann')}"
        assert (await nobody.get("/v1/me")).json()["role"] == "owner"
        for refused in (
            await nobody.delete(f"{member}/identity"),
            await nobody.post(f"{member}/suspend", json={}),
            await nobody.patch(member, json={"role": "admin"}),
        ):
            assert (refused.status_code, refused.json()["code"]) == (409, "conflict"), refused.text
        response = await nobody.post("/v1/members", json={"name": "second", "role": "owner", "key": {}})
        assert response.status_code == 201, response.text
        assert (await nobody.delete(f"{member}/identity")).status_code == 200


async def test_an_admins_key_is_given_up_while_an_owner_signs_in(
    api: httpx.AsyncClient, engine: AsyncEngine, provider: Provider
) -> None:
    async with signing_in(engine, {"issuer": provider.issuer}) as (owner, nobody):
        await link(owner, provider.issuer, "ann", role="owner")
        adm = (await owner.post("/v1/members", json={"name": "adm", "role": "admin", "key": {}})).json()
        me = (await owner.get("/v1/me")).json()
        assert (await owner.delete(f"/v1/api-keys/{me['key_id']}")).status_code == 200
        nobody.headers["Authorization"] = f"Bearer {provider.fetch_token('ann')}"
        keys = (await nobody.get("/v1/api-keys")).json()["data"]
        [adm_key] = [key["id"] for key in keys if key["member_id"] == adm["id"]]
        assert (await nobody.delete(f"/v1/api-keys/{adm_key}")).status_code == 200


async def test_an_issuer_links_members_of_the_workspace_that_it_leads_to(
    api: httpx.AsyncClient, stranger: httpx.AsyncClient, engine: AsyncEngine, provider: Provider
) -> None:
    key = str(stranger.headers["Authorization"]).removeprefix("Bearer ")
    async with client(serve(engine, {"issuer": provider.issuer}), key) as elsewhere:
        me = (await elsewhere.get("/v1/me")).json()
        body = {"issuer": provider.issuer, "subject": "ann"}
        refused = await elsewhere.put(f"/v1/members/{me['member_id']}/identity", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "no_such_issuer")
