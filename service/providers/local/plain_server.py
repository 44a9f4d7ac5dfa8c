"""Chat completions by transformers: slower and larger than llama.cpp, for models that that one cannot load."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

from service.providers.local.model_server import ANSWER_TOKENS

PATH = "/v1/chat/completions"


class PlainModel:
    """A model in memory, which answers one request after the other."""

    def __init__(self, base: str, adapter: str | None, name: str) -> None:
        self.name = name
        self._tokenizer = AutoTokenizer.from_pretrained(adapter or base, local_files_only=True)
        model = AutoModelForCausalLM.from_pretrained(
            base, dtype=torch.float32, use_safetensors=True, local_files_only=True, trust_remote_code=False
        )
        if adapter:
            model = PeftModel.from_pretrained(model, adapter).merge_and_unload()
        self._model = model.eval()
        self._lock = threading.Lock()

    def answer(self, body: dict[str, Any]) -> dict[str, Any]:
        """Answer in OpenAI's shape."""
        encoded = self._tokenizer.apply_chat_template(
            body["messages"], tools=body.get("tools"), add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        length = int(encoded["input_ids"].shape[1])
        most = int(body.get("max_completion_tokens") or body.get("max_tokens") or ANSWER_TOKENS)
        warmth = float(body.get("temperature", 1.0) or 0.0)
        chosen: dict[str, Any] = {"do_sample": False}
        if warmth:
            chosen = {"do_sample": True, "temperature": warmth, "top_p": float(body.get("top_p") or 1.0)}
        with self._lock, torch.inference_mode():
            if body.get("seed") is not None:
                torch.manual_seed(int(body["seed"]))
            made = self._model.generate(
                **encoded, **chosen, max_new_tokens=most, pad_token_id=self._tokenizer.pad_token_id
            )[0, length:]
        return self._build_answer(made, length, most)

    def _build_answer(self, made: Any, length: int, most: int) -> dict[str, Any]:
        count = int(made.shape[0])
        text = self._tokenizer.decode(made, skip_special_tokens=True)
        usage = {"prompt_tokens": length, "completion_tokens": count, "total_tokens": length + count}
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": text},
            "finish_reason": "length" if count >= most else "stop",
        }
        stamp = {"id": f"chatcmpl-{time.time_ns()}", "created": int(time.time()), "model": self.name}
        return {"object": "chat.completion", "choices": [choice], "usage": usage, **stamp}


def open_plain_server(base: str, adapter: str | None, name: str, key: str) -> tuple[str, Callable[[], None]]:
    """Load the model and answer on a free port. Returns the address, and what ends it."""
    model = PlainModel(base, adapter, name)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            if self.headers.get("Authorization") != f"Bearer {key}":
                self._send(401, {"error": {"message": "Wrong key.", "type": "invalid_request_error"}})
                return
            try:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = model.answer(body)
            except Exception as error:  # noqa: BLE001 - whoever asked gets it
                message = f"{type(error).__name__}: {error}"
                self._send(400, {"error": {"message": message, "type": "invalid_request_error"}})
                return
            if body.get("stream"):
                self._stream(answer)
            else:
                self._send(200, answer)

        def _send(self, status: int, content: dict[str, Any]) -> None:
            encoded = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(encoded)))
            self.end_headers()
            self.wfile.write(encoded)

        def _stream(self, answer: dict[str, Any]) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            for chunk in split_answer(answer):
                self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
            self.wfile.write(b"data: [DONE]\n\n")

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/v1", server.shutdown


def split_answer(answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The answer as the chunks of a stream: the text at once, its end, and the usage."""
    shared = {name: answer[name] for name in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
    [choice] = answer["choices"]
    yield {**shared, "choices": [{"index": 0, "delta": choice["message"], "finish_reason": None}]}
    yield {**shared, "choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]}
    yield {**shared, "choices": [], "usage": answer["usage"]}
