"""Answers for one model, in a process of its own: `python -m service.providers.local.model_server FOLDER`.

The folder holds server.json. Once the model is loaded, its address is in the folder; when nobody has asked for a while,
the process ends. llama.cpp answers (by xllamacpp); for what it cannot load, transformers do.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from service.providers.local.job import EXIT_BUSY, EXIT_DONE, EXIT_FAILED
from service.providers.local.trainer.folder_lock import hold_lock

SERVER_FILE, ADDRESS_FILE, USED_FILE, FAILURE_FILE = "server.json", "address.json", "used", "failure"
GGUF_FILE = "model-q8_0.gguf"
CONTEXT_TOKENS = 4096
ANSWER_TOKENS = 512  # of an answer whose request has no max_tokens; a small model may never come to an end
SECONDS_BETWEEN = 1.0
WARNINGS = 2  # of llama.cpp's levels; the next one writes ten lines for each answer


class Serving(msgspec.Struct, frozen=True, kw_only=True):
    """What to answer with. `adapter`: a folder to lay over the base; null for the base itself."""

    name: str
    base: str
    unpacked: str | None = None
    adapter: str | None = None
    key: str = ""
    threads: int = 1
    idle_seconds: float = 600.0


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where it answers, and with which key."""

    url: str
    key: str
    engine: str


def main(folder: Path) -> int:
    lock = hold_lock(folder)
    if lock is None:
        return EXIT_BUSY
    os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    serving = msgspec.json.decode((folder / SERVER_FILE).read_bytes(), type=Serving)
    os.environ["OMP_NUM_THREADS"] = str(serving.threads)
    for name in (ADDRESS_FILE, FAILURE_FILE):
        (folder / name).unlink(missing_ok=True)
    try:
        close = _open_server(folder, serving)
    except Exception as error:
        (folder / FAILURE_FILE).write_text(f"{type(error).__name__}: {error}"[:500])
        raise
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    used = folder / USED_FILE
    used.touch()
    while not stop.wait(SECONDS_BETWEEN):
        if time.time() - used.stat().st_mtime > serving.idle_seconds:
            break
    (folder / ADDRESS_FILE).unlink(missing_ok=True)
    close()
    return EXIT_DONE


def _open_server(folder: Path, serving: Serving) -> Callable[[], None]:
    try:
        return _open_llama(folder, serving, _find_gguf(folder, serving))
    except (ImportError, RuntimeError, ValueError) as error:
        print(f"llama.cpp cannot answer ({error}): transformers will", file=sys.stderr)  # noqa: T201 - the log
    from service.providers.local.plain_server import open_plain_server  # noqa: PLC0415 - the extra

    url, close = open_plain_server(serving.unpacked or serving.base, serving.adapter, serving.name, serving.key)
    _publish(folder, Address(url=url, key=serving.key, engine="transformers"))
    return close


def _find_gguf(folder: Path, serving: Serving) -> Path:
    """The base itself if it is a GGUF, else base and adapter as one file, made once."""
    if serving.adapter is None and serving.base.endswith(".gguf"):
        return Path(serving.base)
    from service.weights.gguf_file import Labels, write_gguf  # noqa: PLC0415 - the extra
    from service.weights.refusal import NotConvertible  # noqa: PLC0415

    made = folder / GGUF_FILE
    if not made.exists():
        adapter = Path(serving.adapter) if serving.adapter else None
        try:
            write_gguf(Path(serving.base), adapter, made, form="q8_0", labels=Labels(name=serving.name))
        except NotConvertible as error:
            raise ValueError(str(error)) from error
    return made


def _open_llama(folder: Path, serving: Serving, model: Path) -> Callable[[], None]:
    from xllamacpp import CommonParams, Server  # noqa: PLC0415 - the extra

    parameters = CommonParams()
    parameters.model.path = str(model)
    parameters.model_alias = {serving.name}
    parameters.n_ctx = CONTEXT_TOKENS
    parameters.n_predict = ANSWER_TOKENS
    parameters.n_parallel = 1
    parameters.api_keys = [serving.key]
    parameters.verbosity = WARNINGS
    parameters.ui = parameters.endpoint_slots = False
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = serving.threads
    server = Server(parameters)
    _publish(folder, Address(url=f"{server.listening_address}/v1", key=serving.key, engine="llama.cpp"))
    held = [server]  # it answers as long as somebody holds it
    return held.clear


def _publish(folder: Path, address: Address) -> None:
    part = folder / f"{ADDRESS_FILE}.part"
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(json.dumps(msgspec.to_builtins(address)))
    part.rename(folder / ADDRESS_FILE)


if __name__ == "__main__":
    status = main(Path(sys.argv[1]).resolve())
    os._exit(status if status in (EXIT_DONE, EXIT_BUSY) else EXIT_FAILED)  # threads of llama.cpp are not waited for
