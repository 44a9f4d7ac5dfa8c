"""Archives of weights: a tar, in a zstd frame of stored blocks, in ranges."""

import asyncio
import io
import json
import re
import tarfile

from aiohttp import web

from tests.emulators.together.jobs import Job
from tests.emulators.together.jobs_api import Jobs
from tests.emulators.together.wire import Refusal

BLOCK_BYTES = 128 * 1024


class Weights:
    """`cut_after`: the next download breaks off after so many bytes. `redirects`: to a signed address.

    `hold_after`: downloads that begin now stop for a minute after so many bytes. `files`: what the archive of a kind
    (`adapter`, `merged`) holds instead of bytes that are no weights.
    """

    def __init__(self, jobs: Jobs) -> None:
        self.jobs = jobs
        self.cut_after: int | None = None
        self.redirects = False
        self.hold_after: int | None = None
        self.files: dict[str, dict[str, bytes]] = {}

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/v1/finetune/download", self.download), web.get("/archives", self.read_signed)]

    async def download(self, request: web.Request) -> web.StreamResponse:
        job = self.jobs.stored.get(request.query.get("ft_id", ""))
        if job is None or job.status != "completed":
            raise Refusal(400, "The job is not in a completed state.", code="not_completed")
        content = self._build(job, request)
        if self.redirects:
            location = request.url.with_path("/archives", keep_query=True).extend_query(signature="signed")
            return web.Response(status=302, headers={"Location": str(location)})
        return await self._send(request, content)

    async def read_signed(self, request: web.Request) -> web.StreamResponse:
        if "Authorization" in request.headers or request.query.get("signature") != "signed":
            raise Refusal(400, "Only one auth mechanism allowed.")
        return await self._send(request, self._build(self.jobs.stored[request.query["ft_id"]], request))

    def _build(self, job: Job, request: web.Request) -> bytes:
        step = int(request.query.get("checkpoint_step", 0))
        kind = request.query.get("checkpoint", "model_output_path") if not step else "checkpoint"
        if job.is_lora == (kind == "model_output_path") or (kind == "merged" and job.model == "openai/gpt-oss-120b"):
            raise Refusal(400, f"checkpoint: {kind} is not there for this job.", param="checkpoint")
        return pack(self.files[kind]) if kind in self.files else build_archive(job, kind, step)

    async def _send(self, request: web.Request, content: bytes) -> web.StreamResponse:
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range", ""))
        first = int(asked[1]) if asked else 0
        last = min(int(asked[2]), len(content) - 1) if asked and asked[2] else len(content) - 1
        part = content[first : last + 1]
        answer = web.StreamResponse(status=206 if asked else 200)
        answer.content_type, answer.content_length = "application/zstd", len(part)
        if asked:
            answer.headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
        await answer.prepare(request)
        if self.cut_after is not None and len(part) > self.cut_after:
            await answer.write(part[: self.cut_after])
            self.cut_after = None
            if request.transport is not None:
                request.transport.close()
            return answer
        if self.hold_after is not None and len(part) > self.hold_after:
            await answer.write(part[: self.hold_after])
            part = part[self.hold_after :]
            await asyncio.sleep(60)
        await answer.write(part)
        return answer


def build_archive(job: Job, kind: str, step: int) -> bytes:
    settings = {"base_model_name_or_path": job.model, "peft_type": "LORA", "kind": kind, "step": step}
    files = {
        "adapter_config.json": json.dumps(settings, sort_keys=True).encode(),
        "adapter_model.safetensors": f"{job.id} {kind} {step}\n".encode() * 20_000,
    }
    return pack(files)


def pack(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return frame(packed.getvalue())


def frame(content: bytes) -> bytes:
    """A zstd frame (RFC 8878) whose blocks are stored as they are: Python 3.11 brings no compressor."""
    blocks = [content[start : start + BLOCK_BYTES] for start in range(0, len(content), BLOCK_BYTES)] or [b""]
    body = b"".join(
        ((len(block) << 3) | (number == len(blocks))).to_bytes(3, "little") + block
        for number, block in enumerate(blocks, start=1)
    )
    return b"\x28\xb5\x2f\xfd\xe0" + len(content).to_bytes(8, "little") + body
