"""How requests to Google are signed: with a service account's key, an API key, or an access token."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable

import httpx2
import jwt
import msgspec

from service.providers.bare_client import is_safe, redact
from service.providers.openai.job_schemas import decode
from service.providers.provider import Account, Refused, Unreachable
from service.providers.vertex.vertex_errors import build_google_error

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
API_KEY_PREFIXES = ("AIza", "AQ.")
ASSERTION_SECONDS = 3_600
RENEW_BEFORE_SECONDS = 300.0
UNAUTHORIZED = 401


class ServiceAccountKey(msgspec.Struct, frozen=True, kw_only=True):
    client_email: str
    private_key: str
    private_key_id: str | None = None
    token_uri: str = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address

    def __repr__(self) -> str:
        return f"ServiceAccountKey(client_email={self.client_email!r}, private_key=…)"


class AccessToken(msgspec.Struct, frozen=True, kw_only=True):
    access_token: str
    expires_in: float = 3_600.0


class HeaderAuth(httpx2.Auth):
    """Signs with a value that does not change."""

    def __init__(self, name: str, value: str) -> None:
        if not (value.isascii() and value.isprintable()):
            raise Refused("the secret holds characters that a header cannot carry")
        self._name, self._value = name, value

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        request.headers[self._name] = self._value
        yield request


class ServiceAccountAuth(httpx2.Auth):
    """Signs with access tokens, each exchanged for an assertion of the key and kept until shortly before its end."""

    def __init__(self, key: ServiceAccountKey, account: Account, *, clock: Callable[[], float] = time.time) -> None:
        self._key = key
        self._account = account
        self._address = account.options.get("token_url", key.token_uri)
        if not is_safe(self._address, account.base_url):
            raise Refused("the address for access tokens is not https")
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token = ""
        self._renew_at = 0.0

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        async with self._lock:  # one exchange for all requests that wait for a token
            if self._clock() >= self._renew_at:
                response = yield self._build_exchange()
                await response.aread()
                self._keep(response)
        request.headers["Authorization"] = f"Bearer {self._token}"
        response = yield request
        if response.status_code == UNAUTHORIZED:
            self._renew_at = 0.0

    def hide(self, error: Refused | Unreachable) -> None:
        """Take the token out of an error, should Google repeat it."""
        if self._token and self._token in error.detail:
            redact(error, self._token)

    def _build_exchange(self) -> httpx2.Request:
        now = int(self._clock())
        claims = {"iss": self._key.client_email, "scope": SCOPE, "aud": self._key.token_uri, "iat": now}
        claims["exp"] = now + ASSERTION_SECONDS
        headers = {"kid": self._key.private_key_id} if self._key.private_key_id else None
        assertion = jwt.encode(claims, self._key.private_key, algorithm="RS256", headers=headers)
        return httpx2.Request("POST", self._address, data={"grant_type": GRANT, "assertion": assertion})

    def _keep(self, response: httpx2.Response) -> None:
        if not response.is_success:
            error = build_google_error(response, self._account)
            if isinstance(error, Unreachable):
                error.undone = True  # what was asked for had not been sent yet
            raise error
        answer = decode(response.content, AccessToken)
        if not (answer.access_token.isascii() and answer.access_token.isprintable()):
            raise Unreachable("the provider's access token could not be read", because="unreadable", undone=True)
        self._token = answer.access_token
        self._renew_at = self._clock() + max(answer.expires_in - RENEW_BEFORE_SECONDS, 0.0)


def build_auth(account: Account) -> httpx2.Auth:
    """Choose by what the secret looks like. Raises Refused for JSON that is no usable key of a service account."""
    if account.secret.lstrip().startswith("{"):
        return ServiceAccountAuth(read_key(account.secret), account)
    if is_api_key(account.secret):
        return HeaderAuth("x-goog-api-key", account.secret)
    return HeaderAuth("Authorization", f"Bearer {account.secret}")


def is_api_key(secret: str) -> bool:
    return secret.startswith(API_KEY_PREFIXES)


def read_key(secret: str) -> ServiceAccountKey:
    try:
        key = msgspec.json.decode(secret, type=ServiceAccountKey)
    except msgspec.MsgspecError:
        # Without the cause: it may show parts of the key.
        raise Refused(
            "The secret is JSON, but no key of a service account: client_email and private_key are needed."
        ) from None
    try:
        jwt.get_algorithm_by_name("RS256").prepare_key(key.private_key)
    except (ValueError, TypeError, jwt.PyJWTError):
        raise Refused("The private_key of the service account's key cannot be read: it should be PEM.") from None
    return key
