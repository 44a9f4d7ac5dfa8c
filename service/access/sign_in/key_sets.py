"""An issuer's public keys: found by discovery, cached, and fetched anew for a key id that nobody knows yet."""

import asyncio
import time
from typing import Annotated, Any

import httpx
import jwt
import msgspec
import structlog
from msgspec import Meta

from service.access.sign_in.issuers import is_safe_url
from service.errors import Unavailable

DISCOVERY = "/.well-known/openid-configuration"
MAX_BYTES = 500_000
MAX_KEYS = 100
TIMEOUT_SECONDS = 5.0  # for discovery and keys together
FRESH_SECONDS = 600.0  # after which the keys are fetched anew
STALE_SECONDS = 86_400.0  # how long keys still count while the issuer cannot be reached
UNKNOWN_KEY_SECONDS = 60.0  # at most one fetch for unknown key ids in this time
FAILED_SECONDS = 5.0  # at most one fetch in this time while the issuer cannot be reached
PRIVATE_PARTS = frozenset(
    {"d", "p", "q", "dp", "dq", "qi", "oth"}
)  # an issuer that shows them is no reason to read them

log = structlog.get_logger(__name__)


class Discovery(msgspec.Struct, frozen=True):
    issuer: str
    jwks_uri: str


class KeySet(msgspec.Struct, frozen=True):
    keys: Annotated[list[dict[str, Any]], Meta(max_length=MAX_KEYS)]


class IssuerUnavailable(Exception):  # noqa: N818 - it names a state
    """An issuer's keys cannot be fetched"""


class IssuerKeys:
    """The keys of one issuer. One request fetches them, the others wait for it."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self._keys: list[dict[str, Any]] = []
        self._fetched_at = self._tried_at = self._missed_at = -STALE_SECONDS
        self._failure: str | None = None
        self._lock = asyncio.Lock()

    async def find(self, kid: str | None, algorithm: str) -> jwt.PyJWK | None:
        """Find the key that a token's header names; None when the issuer has none. Raises Unavailable."""
        async with self._lock:
            now = time.monotonic()
            if now - self._fetched_at >= FRESH_SECONDS and now - self._tried_at >= FAILED_SECONDS:
                await self._fetch()
            if now - self._fetched_at >= STALE_SECONDS:
                raise self._unavailable()
            key = _choose_key(self._keys, kid, algorithm)
            if key is None and now - self._missed_at >= UNKNOWN_KEY_SECONDS:
                self._missed_at = now
                await self._fetch()
                key = _choose_key(self._keys, kid, algorithm)
            if key is None and self._failure is not None:
                raise self._unavailable()
            return key

    async def _fetch(self) -> None:
        self._tried_at = time.monotonic()
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                self._keys = await fetch_keys(self.issuer)
            self._fetched_at, self._failure = time.monotonic(), None
        except (IssuerUnavailable, TimeoutError, httpx.HTTPError, httpx.InvalidURL, msgspec.MsgspecError) as error:
            self._failure = str(error)[:300] or "no answer in time"
            log.warning("issuer_unavailable", issuer=self.issuer, error=self._failure)

    def _unavailable(self) -> Unavailable:
        detail = f"The keys of the issuer {self.issuer} cannot be fetched now; try again, or use an API key."
        return Unavailable(detail, retry_after=FAILED_SECONDS)


async def fetch_keys(issuer: str) -> list[dict[str, Any]]:
    """Fetch an issuer's public keys. Raises IssuerUnavailable, and what httpx and msgspec raise.

    A proxy from the environment is not used, but SSL_CERT_FILE is: an issuer may have a certificate of the house's CA.
    """
    verify = httpx.create_ssl_context()
    async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False, verify=verify) as client:
        document = await _get(client, issuer.rstrip("/") + DISCOVERY)
        discovery = msgspec.json.decode(document, type=Discovery)
        if discovery.issuer != issuer:
            raise IssuerUnavailable(f"the document of {issuer} is of another issuer, {discovery.issuer}")
        # Keys of an https issuer do not come by plain http from this machine, either.
        if not is_safe_url(discovery.jwks_uri) or (issuer.startswith("https:") and discovery.jwks_uri[:6] != "https:"):
            raise IssuerUnavailable(f"the keys are at {discovery.jwks_uri}, which is not https")
        return msgspec.json.decode(await _get(client, discovery.jwks_uri), type=KeySet).keys


async def _get(client: httpx.AsyncClient, url: str) -> bytes:
    body = bytearray()
    async with client.stream("GET", url, headers={"Accept": "application/json"}) as response:
        if response.status_code != httpx.codes.OK:
            raise IssuerUnavailable(f"{url} answered {response.status_code}")
        async for part in response.aiter_bytes(chunk_size=65_536):
            body += part
            if len(body) > MAX_BYTES:
                raise IssuerUnavailable(f"{url} answered more than {MAX_BYTES} bytes")
    return bytes(body)


def _choose_key(keys: list[dict[str, Any]], kid: str | None, algorithm: str) -> jwt.PyJWK | None:
    """The key of this id that signs by this algorithm. Without an id, there must be one alone."""
    named = [key for key in keys if kid is None or key.get("kid") == kid]
    fitting = [key for each in named if (key := _read_key(each, algorithm)) is not None]
    return fitting[0] if len(fitting) == 1 else None


def _read_key(jwk: dict[str, Any], algorithm: str) -> jwt.PyJWK | None:
    if jwk.get("use", "sig") != "sig" or jwk.get("alg", algorithm) != algorithm:
        return None
    try:
        return jwt.PyJWK({name: value for name, value in jwk.items() if name not in PRIVATE_PARTS}, algorithm)
    except (jwt.PyJWTError, ValueError, TypeError):
        return None  # of another type, or broken
