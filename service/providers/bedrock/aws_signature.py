"""How requests to AWS are signed: Signature Version 4 by botocore, with the keys of the connection's secret."""

import hashlib
import logging
from collections.abc import Generator

import httpx2
import msgspec
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from service.providers.provider import Account, Refused

CONTENT_HASH = "X-Amz-Content-SHA256"
# What is on its way may still get other headers, so only these are signed, beside the host and botocore's own.
SIGNED_HEADERS = ("Content-Type", CONTENT_HASH)
ADDED_HEADERS = ("X-Amz-Date", "X-Amz-Security-Token", "Authorization")

# In debug it would log each request with its session token.
logging.getLogger("botocore.auth").setLevel(logging.INFO)


class AwsKeys(msgspec.Struct, frozen=True, kw_only=True):
    """The secret of a connection."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None

    def __repr__(self) -> str:
        return "AwsKeys(…)"

    def hide(self, text: str) -> str:
        """The text without the keys, should AWS repeat them."""
        for key in (self.session_token, self.secret_access_key, self.access_key_id):
            text = text.replace(key, "…") if key else text
        return text


def read_keys(account: Account) -> AwsKeys:
    """Raises Refused, without any part of the secret, unless it is JSON with the keys."""
    needed = 'It is JSON: {"access_key_id": "…", "secret_access_key": "…"}, and session_token for temporary keys.'
    try:
        keys = msgspec.json.decode(account.secret, type=AwsKeys)
    except (msgspec.MsgspecError, UnicodeError):
        raise Refused(f"The secret of the connection holds no AWS keys. {needed}") from None
    texts = (keys.access_key_id, keys.secret_access_key, keys.session_token or "-")
    if not all(text and text.isascii() and text.isprintable() and " " not in text for text in texts):
        raise Refused(f"The secret of the connection holds AWS keys that a header cannot carry. {needed}")
    return keys


class _StorageSigner(SigV4Auth):  # type: ignore[misc] # botocore comes without types
    """For S3, whose paths are signed as they are sent."""

    def _normalize_url_path(self, path: str) -> str:
        return path


class AwsAuth(httpx2.Auth):
    """Signs each request for one service in one region. The hash of a streamed body has to be in its headers."""

    def __init__(self, keys: AwsKeys, *, service: str, region: str) -> None:
        signer = _StorageSigner if service == "s3" else SigV4Auth
        credentials = Credentials(keys.access_key_id, keys.secret_access_key, keys.session_token)
        self._signer = signer(credentials, service, region)

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        if CONTENT_HASH not in request.headers:
            request.headers[CONTENT_HASH] = hashlib.sha256(request.content).hexdigest()
        headers = {name: request.headers[name] for name in SIGNED_HEADERS if name in request.headers}
        signed = AWSRequest(method=request.method, url=str(request.url), headers=headers)
        self._signer.add_auth(signed)
        for name in ADDED_HEADERS:
            if name in signed.headers:
                request.headers[name] = signed.headers[name]
        yield request
