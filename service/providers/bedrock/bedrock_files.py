"""Training files in S3: one object for each content, sent in parts when it is large, found again by its name."""

import asyncio
import html
import re
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import quote

import anyio

from service.errors import ProviderRefused, ProviderUnavailable
from service.providers.abilities import TrainingFile
from service.providers.bare_client import NOT_FOUND
from service.providers.bedrock.aws_client import AwsClient, build_url
from service.providers.bedrock.aws_errors import build_aws_error
from service.providers.bedrock.aws_keys import AwsKeys
from service.providers.bedrock.aws_signature import CONTENT_HASH
from service.providers.provider import Refused, Unreachable

WHOLE_BYTES = 100_000_000
PART_BYTES = 16 * 2**20
_VALIDATION = "validation_artifacts/post_fine_tuning_validation"
CURVES = (  # AWS names the last folder in some places, and in others not
    "training_artifacts/step_wise_training_metrics.csv",
    f"{_VALIDATION}/validation_metrics.csv",
    f"{_VALIDATION}/validation/validation_metrics.csv",
)
UPLOAD_ID = re.compile(r"<UploadId>([^<]+)</UploadId>")
BUCKET = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,62})(?:/(.*))?")


class BedrockFiles:
    """`place`: the connection's option, such as s3://bucket/folder."""

    def __init__(self, client: AwsClient, place: str, keys: AwsKeys) -> None:
        match = BUCKET.fullmatch(place)
        if match is None:
            raise Refused("The option `bucket` of the connection should be s3://bucket or s3://bucket/folder.")
        self._client = client
        self._keys = keys
        self._bucket = match[1]
        self.root = f"s3://{match[1]}/{match[2] or ''}".rstrip("/")
        self.output = f"{self.root}/output"

    async def upload(self, file: TrainingFile) -> str:
        reference = self._name(file)
        path = self._locate(reference)
        if file.bytes > WHOLE_BYTES:
            await self._send_parts(path, file)
        else:
            await self._client.send_file("PUT", path, file.path, size=file.bytes, headers={CONTENT_HASH: file.digest})
        return reference

    async def find(self, file: TrainingFile) -> str | None:
        reference = self._name(file)
        answer = await self._client.send("HEAD", self._locate(reference), accept=(NOT_FOUND,))
        is_there = answer.is_success and answer.headers.get("content-length") == str(file.bytes)
        return reference if is_there else None

    async def read_curves(self, job_arn: str) -> list[bytes]:
        """The CSV files of losses that Bedrock writes at a job's end; none where the keys may not read them."""
        folder = f"{self.output}/model-customization-job-{job_arn.rpartition('/')[2]}"
        answers = [
            await self._client.send("GET", self._locate(f"{folder}/{name}"), accept=(NOT_FOUND, HTTPStatus.FORBIDDEN))
            for name in CURVES
        ]
        return [answer.content for answer in answers if answer.is_success]

    async def delete(self, reference: str) -> None:
        await self._client.send("DELETE", self._locate(reference), accept=(NOT_FOUND,))

    async def check(self) -> None:
        """Raises Refused if the bucket does not exist. Keys that may not look at it may still write to it."""
        forbidden = HTTPStatus.FORBIDDEN
        answer = await self._client.send("HEAD", f"/{self._bucket}", accept=(NOT_FOUND, forbidden))
        if answer.status_code == NOT_FOUND:
            raise Refused(f"There is no bucket {self._bucket}. Correct the option `bucket` of the connection.")

    def _name(self, file: TrainingFile) -> str:
        plain = re.sub(r"[^A-Za-z0-9._-]+", "-", file.name)
        return f"{self.root}/{plain if file.digest in plain else f'{file.digest}-{plain}'}"

    def _locate(self, reference: str) -> str:
        """The path of an object in the connection's bucket."""
        match = BUCKET.fullmatch(reference)
        if match is None or match[1] != self._bucket or not match[2]:
            raise Refused(f"{reference!r} is no file in the connection's bucket")
        return f"/{match[1]}/{quote(match[2], safe='/-_.~')}"

    async def _send_parts(self, path: str, file: TrainingFile) -> None:
        """Send a large file, one part in memory at a time. What was sent of a failed upload is given up."""
        begun = await self._client.send("POST", build_url(path, {"uploads": ""}))
        found = UPLOAD_ID.search(begun.text)
        if found is None:
            raise Unreachable("the provider's response could not be read", because="unreadable")
        upload_id = html.unescape(found[1])
        try:
            tags = await self._send_each(path, upload_id, file)
            await self._complete(path, upload_id, tags)
        except (ProviderRefused, ProviderUnavailable):
            with suppress(ProviderRefused, ProviderUnavailable):
                await self._client.send("DELETE", build_url(path, {"uploadId": upload_id}))
            raise

    async def _send_each(self, path: str, upload_id: str, file: TrainingFile) -> list[str]:
        tags: list[str] = []
        async with await anyio.open_file(file.path, "rb") as source:
            while part := await source.read(PART_BYTES):
                url = build_url(path, {"partNumber": len(tags) + 1, "uploadId": upload_id})
                answer = await self._client.send("PUT", url, content=part)
                tags.append(answer.headers.get("etag", ""))
                await asyncio.sleep(0)
        return tags

    async def _complete(self, path: str, upload_id: str, tags: list[str]) -> None:
        parts = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>{html.escape(tag)}</ETag></Part>"
            for number, tag in enumerate(tags, 1)
        )
        body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
        answer = await self._client.send("POST", build_url(path, {"uploadId": upload_id}), content=body)
        if b"<Error>" in answer.content:  # S3 may answer 200 before it has put the parts together
            raise build_aws_error(answer, self._client.account, self._keys)
