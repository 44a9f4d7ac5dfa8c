"""How requests to AWS are signed: Signature Version 4 by botocore, with the keys of the connection's secret."""

import hashlib
import logging
from collections.abc import Generator

import httpx2
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from service.providers.bedrock.aws_keys import AwsKeys

CONTENT_HASH = "X-Amz-Content-SHA256"
# What is on its way may still get other headers, so only these are signed, beside the host and botocore's own.
SIGNED_HEADERS = ("Content-Type", CONTENT_HASH)
ADDED_HEADERS = ("X-Amz-Date", "X-Amz-Security-Token", "Authorization")

# In debug it would log each request with its session token.
logging.getLogger("botocore.auth").setLevel(logging.INFO)


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
