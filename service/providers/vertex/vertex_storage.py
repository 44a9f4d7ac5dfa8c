"""Training files in a bucket of Google Cloud Storage, where tuning jobs read them."""

from urllib.parse import quote, urlencode

import msgspec

from service.providers.abilities import TrainingFile
from service.providers.bare_client import NOT_FOUND, is_safe
from service.providers.openai.job_schemas import decode
from service.providers.provider import Account, Refused, Unreachable
from service.providers.vertex.vertex_client import VertexClient
from service.providers.vertex.vertex_credentials import is_api_key

STORAGE_URL = "https://storage.googleapis.com"
FORBIDDEN = 403
SCHEME = "gs://"


class StoredObject(msgspec.Struct, frozen=True, kw_only=True):
    """Google writes whole numbers of 64 bits as texts."""

    name: str
    size: int | None = None


class VertexStorage:
    """Objects are named by the file and its digest, so the same file has the same name."""

    def __init__(self, client: VertexClient, account: Account) -> None:
        self._client = client
        self._account = account
        self._url = account.options.get("storage_url", STORAGE_URL).rstrip("/")
        if not is_safe(self._url, account.base_url):
            raise Refused("storage_url is not https")
        place = account.options.get("bucket", "").removeprefix(SCHEME)
        self._bucket, _, folder = place.partition("/")
        self._folder = f"{folder.strip('/')}/" if folder.strip("/") else ""

    async def check(self) -> None:
        """Raises Refused if the bucket does not exist. That its list may not be read is no fault."""
        if self._bucket and not is_api_key(self._account.secret):
            url = f"{self._url}/storage/v1/b/{self._bucket}/o?maxResults=1&prefix={quote(self._folder)}"
            await self._client.send("GET", url, accept=(FORBIDDEN,))

    async def upload(self, file: TrainingFile) -> str:
        """Send a file in constant memory. The same file again replaces itself."""
        self._check_usable()
        query = urlencode({"uploadType": "media", "name": self._name(file)})
        url = f"{self._url}/upload/storage/v1/b/{self._bucket}/o?{query}"
        headers = {"Content-Type": "application/jsonl"}
        answer = await self._client.send_file("POST", url, file.path, size=file.bytes, headers=headers)
        stored = decode(answer.content, StoredObject)
        if stored.size not in (None, file.bytes):
            raise Unreachable(f"only {stored.size} of the file's {file.bytes} bytes were stored")
        return self._refer(stored.name)

    async def find(self, file: TrainingFile) -> str | None:
        self._check_usable()
        answer = await self._client.send("GET", self._locate(self._bucket, self._name(file)), accept=(NOT_FOUND,))
        if answer.status_code == NOT_FOUND:
            return None
        stored = decode(answer.content, StoredObject)
        return self._refer(stored.name) if stored.size in (None, file.bytes) else None

    async def delete(self, reference: str) -> None:
        bucket, _, name = reference.removeprefix(SCHEME).partition("/")
        if not reference.startswith(SCHEME) or not name:
            raise Refused(f"{reference!r} is no file in Google Cloud Storage")
        await self._client.send("DELETE", self._locate(bucket, name), accept=(NOT_FOUND,))

    def _name(self, file: TrainingFile) -> str:
        return self._folder + (file.name if file.digest in file.name else f"{file.digest}-{file.name}")

    def _refer(self, name: str) -> str:
        return f"{SCHEME}{self._bucket}/{name}"

    def _locate(self, bucket: str, name: str) -> str:
        return f"{self._url}/storage/v1/b/{quote(bucket, safe='')}/o/{quote(name, safe='')}"

    def _check_usable(self) -> None:
        if not self._bucket:
            raise Refused("The connection names no bucket for training files: set its option `bucket`.")
        if is_api_key(self._account.secret):
            raise Refused(
                "Google's storage takes no API key: give the connection a service account's key or an access token."
            )
