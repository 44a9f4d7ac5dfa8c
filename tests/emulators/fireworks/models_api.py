"""Models: created, sent to signed addresses, validated, given away and deleted."""

from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.emulators.faults import Clock
from tests.emulators.fireworks.wire import ACCOUNT, HOME, Refusal, answer, list_page, read_json, split_verb

PUBLIC = "/v1/accounts/fireworks/models"
BASES = ("llama-v3p3-70b-instruct", "qwen3-8b")
SIGNED = "/storage/"
SIGNED_HEADERS = "content-type;host;x-goog-content-length-range"
CHECK_SECONDS = 0.3


@dataclass
class StoredModel:
    id: str
    body: dict[str, Any]
    sizes: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    validated_at: float | None = None


class Models:
    """`fault`: why the next validation fails."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.stored: dict[str, StoredModel] = {}
        self.fault: str | None = None

    def routes(self) -> list[web.RouteDef]:
        one, stored = f"{HOME}/models/{{id}}", f"{SIGNED}{{id}}/{{name}}"
        return [
            web.get(PUBLIC, self.list_public),
            web.post(f"{HOME}/models", self.create),
            web.get(one, self.read),
            web.post(one, self.act),
            web.delete(one, self.delete),
            web.put(stored, self.put),
            web.get(stored, self.get),
        ]

    def add(self, model_id: str, files: dict[str, bytes]) -> None:
        """A model that is ready, as of an old job."""
        self.stored[model_id] = StoredModel(model_id, {}, files=files, validated_at=-CHECK_SECONDS)

    def is_ready(self, name: str) -> bool:
        model = self.stored.get(name.removeprefix(f"accounts/{ACCOUNT}/models/"))
        return name.removeprefix("accounts/fireworks/models/") in BASES or (
            model is not None and self.describe(model)["state"] == "READY"
        )

    async def list_public(self, request: web.Request) -> web.Response:
        names = [f"accounts/fireworks/models/{name}" for name in BASES]
        addon = {"name": "accounts/fireworks/models/some-addon", "kind": "HF_PEFT_ADDON", "state": "READY"}
        bases = [{"name": name, "kind": "HF_BASE_MODEL", "state": "READY", "contextLength": 131072} for name in names]
        return list_page(request, "models", [*bases, addon])

    async def create(self, request: web.Request) -> web.Response:
        body = await read_json(request)
        model_id, model = str(body.get("modelId")), body.get("model") or {}
        if model_id in self.stored:
            raise Refusal(409, f"Model {model_id} already exists.")
        details = model.get("peftDetails") or {}
        if model.get("kind", "HF_PEFT_ADDON") == "HF_PEFT_ADDON" and not (
            4 <= details.get("r", 0) <= 64 and details.get("targetModules") and self.is_ready(details["baseModel"])
        ):
            raise Refusal(400, "peftDetails are not valid.")
        self.stored[model_id] = StoredModel(model_id, model)
        return answer(self.describe(self.stored[model_id]))

    async def read(self, request: web.Request) -> web.Response:
        model, verb = self._find(request), split_verb(request)[1]
        if verb == "validateUpload":
            return self._validate(model)
        if verb == "getDownloadEndpoint":
            return answer({"filenameToSignedUrls": {name: self._sign(request, model, name) for name in model.files}})
        return answer(self.describe(model))

    async def act(self, request: web.Request) -> web.Response:
        model, verb = self._find(request), split_verb(request)[1]
        if verb != "getUploadEndpoint":
            raise Refusal(404, "Not Found")
        model.sizes = (await read_json(request))["filenameToSize"]
        if not all(isinstance(size, str) for size in model.sizes.values()):
            raise Refusal(400, "filenameToSize: sizes are int64, sent as strings.")
        return answer({"filenameToSignedUrls": {name: self._sign(request, model, name) for name in model.sizes}})

    def _validate(self, model: StoredModel) -> web.Response:
        missing = sorted(set(model.sizes) - set(model.files))
        if missing or not model.sizes:
            raise Refusal(400, f"Files are missing: {', '.join(missing)}.")
        model.validated_at = self.clock.now()
        return answer({"warnings": []})

    async def delete(self, request: web.Request) -> web.Response:
        del self.stored[self._find(request).id]
        return answer({})

    async def put(self, request: web.Request) -> web.Response:
        model, name = self._find_signed(request), request.match_info["name"]
        size = model.sizes[name]
        content = await request.read()
        given = (request.headers.get("x-goog-content-length-range"), request.headers.get("Content-Type"))
        if given != (f"{size},{size}", "application/octet-stream") or len(content) != int(size):
            raise Refusal(403, "SignatureDoesNotMatch")
        model.files[name] = content
        return web.Response()

    async def get(self, request: web.Request) -> web.Response:
        return web.Response(body=self._find_signed(request).files[request.match_info["name"]])

    def describe(self, model: StoredModel) -> dict[str, Any]:
        checked = model.validated_at is not None and self.clock.now() - model.validated_at >= CHECK_SECONDS
        fault = {"code": "INVALID_ARGUMENT", "message": self.fault} if checked and self.fault else {"code": "OK"}
        ready = checked and not self.fault
        name = f"accounts/{ACCOUNT}/models/{model.id}"
        return {**model.body, "name": name, "state": "READY" if ready else "UPLOADING", "status": fault}

    def _find(self, request: web.Request) -> StoredModel:
        model_id = split_verb(request)[0]
        if model_id not in self.stored:
            raise Refusal(404, f"Model {model_id} was not found.")
        return self.stored[model_id]

    def _find_signed(self, request: web.Request) -> StoredModel:
        """Storage refuses requests that carry a second secret."""
        if "Authorization" in request.headers or request.query.get("X-Goog-Signature") != "signed":
            raise Refusal(403, "SignatureDoesNotMatch")
        return self._find(request)

    def _sign(self, request: web.Request, model: StoredModel, name: str) -> str:
        query = {"X-Goog-SignedHeaders": SIGNED_HEADERS, "X-Goog-Signature": "signed"}
        return str(request.url.with_path(f"{SIGNED}{model.id}/{name}").with_query(query))
