"""Tuned weights at Together: one compressed archive for the merged model, one for the adapter, one per checkpoint."""

from collections.abc import AsyncIterator
from urllib.parse import urlencode

import httpx2

from service.providers.abilities import WeightFile
from service.providers.bare_client import PARTIAL, BareClient
from service.providers.openai.transport import AnswerLimits
from service.providers.provider import Refused
from service.providers.together.together_jobs import TogetherJob

DOWNLOAD = "/finetune/download?"
# The largest open models have some 2 TB in 16 bits; a day at 25 MB/s.
ARCHIVE_LIMITS = AnswerLimits(max_bytes=4_000_000_000_000, seconds=86_400.0)


class TogetherWeights:
    def __init__(self, client: BareClient) -> None:
        self._client = client

    async def list_files(self, job: TogetherJob, *, checkpoint: str | None) -> tuple[WeightFile, ...]:
        """Those that Together has: not every model's adapter is merged into it."""
        probed = [await self._probe(job.id, query) for query in build_queries(job, checkpoint)]
        files = tuple(found for found in probed if isinstance(found, WeightFile))
        if not files:
            raise next((each for each in probed if isinstance(each, Refused)), Refused("the job has no weights"))
        return files

    async def read(self, file: WeightFile) -> AsyncIterator[bytes]:
        """Download an archive. After a cut connection it goes on where it was."""
        if not file.ref.startswith(DOWNLOAD):
            raise Refused(f"{file.ref!r} is no archive of Together")
        async for chunk in self._client.download(file.ref, size=file.bytes, limits=ARCHIVE_LIMITS):
            yield chunk

    async def _probe(self, job_id: str, query: dict[str, str]) -> WeightFile | Refused:
        ref = f"{DOWNLOAD}{urlencode({'ft_id': job_id, **query})}"
        try:
            async with self._client.stream(ref, headers={"Range": "bytes=0-1"}, limits=ARCHIVE_LIMITS) as answer:
                kind = "-".join(f"step-{value}" if value.isdigit() else value for value in query.values())
                ending = "tar.gz" if "x-tar" in answer.headers.get("content-type", "").lower() else "tar.zst"
                return WeightFile(name=f"{job_id}-{kind}.{ending}", ref=ref, bytes=read_size(answer))
        except Refused as refused:
            return refused


def build_queries(job: TogetherJob, checkpoint: str | None) -> list[dict[str, str]]:
    if checkpoint is not None:
        step = checkpoint.rpartition(":")[2]  # `ft-…:12`, or the step alone
        if not step.isdigit():
            raise Refused(f"{checkpoint!r} is no checkpoint of a job: it should end in a step, such as {job.id}:12")
        return [{"checkpoint_step": step}]
    kind = job.training_type.get("type") if isinstance(job.training_type, dict) else None
    names = ["model_output_path"] if kind == "Full" else ["merged", "adapter"]
    return [{"checkpoint": name} for name in names]


def read_size(answer: httpx2.Response) -> int | None:
    """The size of the whole, from `Content-Range: bytes 0-1/1234`, else `Content-Length`."""
    whole = answer.headers.get("content-range", "").rpartition("/")[2]
    size = whole if answer.status_code == PARTIAL else answer.headers.get("content-length", "")
    return int(size) if size.isdigit() else None
