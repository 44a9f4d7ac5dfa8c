"""An export at home: its files in a folder, verified by the command, and its GGUF file asked like any other model."""

import asyncio
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from service.demo.demo_client import Client
from service.demo.stage import DemoFailed


async def download_export(client: Client, artifacts: list[str], folder: Path) -> list[Any]:
    """Write each artifact below the folder, under its name without the version. Returns them as the log has them."""
    found = [await client.get(f"/artifacts/{artifact_id}") for artifact_id in artifacts]
    for artifact in found:
        path = folder / artifact["name"].partition("/")[2]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(await client.get_bytes(f"/artifacts/{artifact['id']}/content"))
    return found


async def verify_export(folder: Path, *, url: str, key: str) -> str:
    """What `tuneledger verify-model` says. Raises DemoFailed if it finds anything."""
    command = [str(Path(sys.executable).with_name("tuneledger")), "verify-model", str(folder), "--server"]
    process = await asyncio.create_subprocess_exec(
        *command,
        env=os.environ | {"TUNELEDGER_BASE_URL": url, "TUNELEDGER_API_KEY": key},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    if process.returncode:
        raise DemoFailed(f"verify-model found something: {output.decode()}")
    return output.decode().strip()


async def ask_gguf(
    client: Client, file: Path, models: Path, *, connection_id: str, base_model: str, messages: list[Any]
) -> str:
    """Put an exported GGUF file among the machine's models, register it as a model, and ask it by the pass-through."""
    name = f"taken-home-{file.name}"
    shutil.copyfile(file, models / name)
    model = await client.post("/models", {"name": "taken-home"})
    registered = {"connection_id": connection_id, "base_model": base_model, "provider_model": name}
    version = await client.post(f"/models/{model['id']}/versions", registered)
    asked = {"model": f"taken-home:{version['version']}", "messages": messages, "temperature": 0, "max_tokens": 16}
    return str((await client.post("/chat/completions", asked))["choices"][0]["message"]["content"])
