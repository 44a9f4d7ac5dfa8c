"""Models at Fireworks: upload a LoRA adapter or a merged model, download its weights, delete it."""

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

import anyio

from service.providers.abilities import HostedModel, WeightFile
from service.providers.bare_client import NOT_FOUND
from service.providers.fireworks.fireworks_client import FireworksClient, Item, read_status, read_text
from service.providers.openai.transport import AnswerLimits
from service.providers.provider import Refused, Unreachable

CONFLICT = 409
ADAPTER_CONFIG, MODEL_CONFIG = "adapter_config.json", "config.json"
RANKS = (4, 64)
PUBLIC_MODELS = "accounts/fireworks/models/"
MAX_ID_LENGTH = 63
MAX_CONFIG_BYTES = 1_000_000
CHECK_SECONDS, FIRST_PAUSE, LONGEST_PAUSE = 600.0, 0.2, 10.0
# The largest open models have some 2 TB in 16 bits; a day at 25 MB/s.
WEIGHT_LIMITS = AnswerLimits(max_bytes=4_000_000_000_000, seconds=86_400.0)


class FireworksModels:
    def __init__(self, client: FireworksClient) -> None:
        self._client = client

    async def upload(self, name: str, base_model: str, files: Sequence[Path]) -> str:
        """Create the model, send its files, and wait until Fireworks has checked them. Goes on where it was cut off."""
        description = await describe_model(base_model, files)
        model_id = build_model_id(name, home=self._client.home)
        model = await self._create(model_id, description)
        if model.get("state") != "READY":
            await self._send_files(model_id, files)
            await self._client.read("GET", f"models/{model_id}:validateUpload")  # a GET that changes it
            await self._wait_until_ready(model_id)
        return f"{self._client.home}/models/{model_id}"

    async def list_files(self, model: str) -> tuple[WeightFile, ...]:
        """The names of a model's files. Their signed addresses are asked for when they are read: these end."""
        model_id = self._client.read_id(model, collection="models")
        addresses = await self._find_addresses(model_id)
        if not addresses:
            raise Refused(f"Fireworks gives no files of {model} away.")
        return tuple(WeightFile(name=name, ref=f"{model_id}/{name}") for name in sorted(addresses))

    async def read(self, file: WeightFile) -> AsyncIterator[bytes]:
        model_id, _, name = file.ref.partition("/")
        address = (await self._find_addresses(quote(model_id, safe=""))).get(name)
        if address is None:
            raise Refused(f"Fireworks has no file {name} of {model_id} any more.", provider_status=NOT_FOUND)
        async for chunk in self._client.download(address, size=file.bytes, limits=WEIGHT_LIMITS, signed=True):
            yield chunk

    async def find(self, model: str) -> HostedModel | None:
        model_id = self._client.read_id(model, collection="models")
        found = await self._client.read("GET", f"models/{model_id}", accept=(NOT_FOUND,))
        name = read_text(found.get("name"))
        return HostedModel(name=name, base_model=read_base(found)) if name else None

    async def delete(self, model: str) -> None:
        model_id = self._client.read_id(model, collection="models")
        await self._client.read("DELETE", f"models/{model_id}", accept=(NOT_FOUND,))

    async def _create(self, model_id: str, description: Item) -> Item:
        """A model with this id that is there already is the same, if it was made from the same base model."""
        body = {"modelId": model_id, "model": description}
        created = await self._client.send("POST", f"/v1/{self._client.home}/models", json=body, accept=(CONFLICT,))
        model = await self._client.read("GET", f"models/{model_id}")
        if created.status_code == CONFLICT and read_base(model) not in (None, read_base(description)):
            raise Refused(f"Fireworks has a model {model_id} of another base model. Choose another name.")
        return model

    async def _send_files(self, model_id: str, files: Sequence[Path]) -> None:
        sizes = {path.name: (await anyio.Path(path).stat()).st_size for path in files}
        body = {"filenameToSize": {name: str(size) for name, size in sizes.items()}}
        answer = await self._client.read("POST", f"models/{model_id}:getUploadEndpoint", json=body)
        addresses = read_addresses(answer)
        for path in files:
            address = addresses.get(path.name)
            if address is None:
                raise Unreachable(f"Fireworks gave no address to send {path.name} to", because="unreadable")
            size = sizes[path.name]
            await self._client.put_file(address, path, size=size, headers=sign_headers(address, size=size))

    async def _wait_until_ready(self, model_id: str) -> None:
        pause = FIRST_PAUSE
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                while (model := await self._client.read("GET", f"models/{model_id}")).get("state") != "READY":
                    status = read_status(model.get("status"))
                    if not status.is_ok:
                        raise Refused(f"Fireworks refuses the model: {status.message}", provider_code=str(status.code))
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, LONGEST_PAUSE)
        except TimeoutError:
            raise Unreachable("Fireworks still checks the model; ask again later", because="timed_out") from None

    async def _find_addresses(self, model_id: str) -> dict[str, str]:
        return read_addresses(await self._client.read("GET", f"models/{model_id}:getDownloadEndpoint"))


async def describe_model(base_model: str, files: Sequence[Path]) -> Item:
    """What Fireworks wants to know of a model, from its own configuration. Raises Refused before anything is sent."""
    named = {path.name: path for path in files}
    if len(named) != len(files):
        raise Refused("Two files have the same name.")
    if ADAPTER_CONFIG in named:
        return describe_adapter(base_model, await read_config(named[ADAPTER_CONFIG]))
    if MODEL_CONFIG in named:
        return {"kind": "HF_BASE_MODEL", "baseModelDetails": {"checkpointFormat": "HUGGINGFACE", "worldSize": 1}}
    raise Refused(f"Add {ADAPTER_CONFIG} of a LoRA adapter, or {MODEL_CONFIG} of a merged model.")


def describe_adapter(base_model: str, config: Item) -> Item:
    rank, modules = config.get("r"), config.get("target_modules")
    lowest, highest = RANKS
    if isinstance(rank, bool) or not isinstance(rank, int) or not lowest <= rank <= highest:
        raise Refused(f"Fireworks takes LoRA ranks from {lowest} to {highest}; {ADAPTER_CONFIG} has r = {rank!r}.")
    if not isinstance(modules, list) or not modules or not all(isinstance(module, str) for module in modules):
        raise Refused(f"Fireworks wants target_modules in {ADAPTER_CONFIG} as a list of names.")
    details = {"baseModel": build_base_name(base_model), "r": rank, "targetModules": modules}
    return {"kind": "HF_PEFT_ADDON", "peftDetails": details}


def build_base_name(base_model: str) -> str:
    """The base model's full name. A short one is Fireworks' own; a name at Hugging Face is none at Fireworks."""
    if re.fullmatch(r"accounts/[^/]+/models/[^/]+", base_model):
        return base_model
    if not base_model or "/" in base_model:
        example = f"{PUBLIC_MODELS}qwen3-8b"
        raise Refused(f"{base_model!r} is no base model at Fireworks. Name it as Fireworks does, such as {example}.")
    return f"{PUBLIC_MODELS}{base_model}"


async def read_config(path: Path) -> Item:
    try:
        async with await anyio.open_file(path, "rb") as file:
            config = json.loads(await file.read(MAX_CONFIG_BYTES))
    except ValueError:
        config = None
    if not isinstance(config, dict):
        raise Refused(f"{path.name} is not a JSON object.")
    return config


def build_model_id(name: str, *, home: str) -> str:
    """A name that Fireworks allows: small letters, digits, hyphens. Names that it does not allow get a digest."""
    given = name.removeprefix(f"{home}/models/")
    plain = re.sub(r"[^a-z0-9]+", "-", given.lower()).strip("-")
    if plain == given and plain[:1].isalpha() and len(plain) <= MAX_ID_LENGTH:
        return plain
    digest = hashlib.sha256(given.encode()).hexdigest()[:8]
    return f"m-{plain[: MAX_ID_LENGTH - 11]}-{digest}".replace("--", "-")


def sign_headers(address: str, *, size: int) -> dict[str, str]:
    """The headers that a signed address asks for: without them storage refuses, and it refuses others of its own."""
    known = {"content-type": "application/octet-stream", "x-goog-content-length-range": f"{size},{size}"}
    query = {name.lower(): value for name, value in parse_qsl(address.partition("?")[2])}
    return {name: known[name] for name in query.get("x-goog-signedheaders", "").lower().split(";") if name in known}


def read_addresses(answer: Item) -> dict[str, str]:
    addresses = answer.get("filenameToSignedUrls")
    found: dict[Any, Any] = addresses if isinstance(addresses, dict) else {}
    return {name: url for name, url in found.items() if isinstance(name, str) and isinstance(url, str)}


def read_base(model: Item) -> str | None:
    details = model.get("peftDetails")
    return read_text(details.get("baseModel")) if isinstance(details, dict) else None
