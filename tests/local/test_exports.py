"""A model that was trained here is taken home: every form, the signature, and an answer from the file that came out."""

from pathlib import Path

from tests.demo.taken_home import ask_gguf, download_export, verify_export
from tests.live_server import KEY
from tests.local.conftest import LocalServer
from tests.local.frozen_things import find_version, request_tune, wait_for
from tests.local.tiny_model import build_rows

FORMS = ["adapter", "merged", "gguf-q8_0", "gguf-f16", "gguf-adapter", "ollama", "card"]
QUESTION = build_rows(1)[0]["messages"][:2]


async def test_a_tune_of_this_machine_is_exported_verified_and_asked(server: LocalServer, tmp_path: Path) -> None:
    client = server.client
    connection = await client.post("/connections", {"name": "here", "kind": "local", "options": {"device": "cpu"}})
    hyperparameters = {"max_steps": 8, "learning_rate": 0.003, "lora_rank": 4, "max_length": 128}
    asked = await request_tune(client, connection["id"], hyperparameters=hyperparameters)
    tune = await wait_for(client, f"/tunes/{asked['id']}", "succeeded", "failed")
    assert tune["error"] is None
    version = await find_version(client)
    path = f"/models/{version['model_id']}/versions/{version['version']}/export"

    started = await client.post(path, {"forms": FORMS})
    done = await wait_for(client, f"/operations/{started['id']}", "succeeded", "failed")
    assert (done["error"], done["result"]["skipped"]) == (None, [])
    home = tmp_path / "home"
    await download_export(client, done["result"]["artifacts"], home)
    names = {path.name for path in home.rglob("*")}
    assert {"adapter_model.safetensors", "model.safetensors", "Modelfile", "README.md", "model.sig"} <= names
    assert len([name for name in names if name.endswith(".gguf")]) == 3
    assert "as signed" in await verify_export(home, url=server.url, key=KEY)

    [file] = home.rglob("*q8_0.gguf")
    where = {"connection_id": connection["id"], "base_model": "tiny"}
    answer = await ask_gguf(client, file, server.machine / "models", messages=QUESTION, **where)
    tuned = {"model": f"things:{version['version']}", "messages": QUESTION, "temperature": 0, "max_tokens": 16}
    assert answer == (await client.post("/chat/completions", tuned))["choices"][0]["message"]["content"]
