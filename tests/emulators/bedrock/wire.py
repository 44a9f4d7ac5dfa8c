"""What all routes share: AWS' error bodies, signatures that are checked, and bodies held to botocore's description."""

import json
import re
from functools import cache
from typing import Any
from urllib.parse import unquote

from aiohttp import web
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.loaders import Loader

REGION = "us-east-1"
ACCOUNT = "123456789012"
KEYS = {
    "access_key_id": "AKIAVERYSECRET",
    "secret_access_key": "very/secret+key",
    "session_token": "session/very+secret==",
}
SIGNATURE = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request, SignedHeaders=([^,]+), .*"
)


class Refusal(Exception):  # noqa: N818 - an answer
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def answer(self, *, xml: bool) -> web.Response:
        if xml:
            text = f"<?xml version='1.0'?><Error><Code>{self.code}</Code><Message>{self.message}</Message></Error>"
            return web.Response(status=self.status, text=text, content_type="application/xml")
        headers = {"x-amzn-ErrorType": f"{self.code}:http://internal.amazon.com/coral/", "x-amzn-RequestId": "req-1"}
        return web.json_response({"message": self.message}, status=self.status, headers=headers)


async def check_signature(request: web.Request, keys: dict[str, str]) -> None:
    """Sign the request that came in once more: any header, path or query that was changed on its way shows."""
    match = SIGNATURE.fullmatch(request.headers.get("Authorization", ""))
    if match is None:
        raise Refusal(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
    key_id, region, service, names = match.groups()
    if key_id != keys["access_key_id"] or request.headers.get("X-Amz-Security-Token") != keys["session_token"]:
        raise Refusal(403, "UnrecognizedClientException", "The security token included in the request is invalid.")
    credentials = Credentials(keys["access_key_id"], keys["secret_access_key"], keys["session_token"])
    signer = (S3SigV4Auth if service == "s3" else SigV4Auth)(credentials, service, region)
    signed = AWSRequest(method=request.method, url=f"http://{request.host}{request.raw_path}")
    for name in names.split(";"):
        signed.headers[name] = request.headers[name]
    if "x-amz-content-sha256" not in signed.headers:
        signed.data = await request.read()
    signed.context["timestamp"] = request.headers["X-Amz-Date"]
    text = signer.string_to_sign(signed, signer.canonical_request(signed))
    if not request.headers["Authorization"].endswith(f"Signature={signer.signature(text, signed)}"):
        raise Refusal(403, "InvalidSignatureException", "The request signature we calculated does not match.")


async def read_body(request: web.Request, service: str, shape: str, **in_path: str) -> dict[str, Any]:
    try:
        body = json.loads(await request.read() or b"{}")
    except ValueError:
        raise Refusal(400, "SerializationException", "The body is not JSON.") from None
    check_shape(load_shapes(service), shape, {**body, **in_path}, shape)
    return dict(body)


@cache
def load_shapes(service: str) -> dict[str, Any]:
    return dict(Loader().load_service_model(service, "service-2")["shapes"])


def check_shape(shapes: dict[str, Any], name: str, value: Any, place: str) -> None:
    """Refuses what AWS' own description of the request does not allow."""
    shape = shapes[name]
    kinds: dict[str, Any] = {
        "structure": dict,
        "map": dict,
        "list": list,
        "string": str,
        "blob": str,
        "boolean": bool,
        "integer": int,
    }
    if shape.get("document"):
        return
    if not isinstance(value, kinds.get(shape["type"], object)):
        raise Refusal(400, "ValidationException", f"{place} should be a {shape['type']}.")
    if shape["type"] == "structure":
        check_members(shapes, shape, value, place)
    elif shape["type"] == "list":
        for each in value:
            check_shape(shapes, shape["member"]["shape"], each, place)
    elif shape["type"] == "map":
        for each in value.values():
            check_shape(shapes, shape["value"]["shape"], each, place)
    elif shape["type"] == "string":
        check_text(shape, value, place)


def check_members(shapes: dict[str, Any], shape: dict[str, Any], value: dict[str, Any], place: str) -> None:
    missing, unknown = set(shape.get("required", ())) - value.keys(), value.keys() - shape["members"].keys()
    if missing or unknown or (shape.get("union") and len(value) != 1):
        raise Refusal(400, "ValidationException", f"{place}: missing {sorted(missing)}, unknown {sorted(unknown)}.")
    for name, each in value.items():
        check_shape(shapes, shape["members"][name]["shape"], each, f"{place}.{name}")


def check_text(shape: dict[str, Any], value: str, place: str) -> None:
    fits = re.fullmatch(shape["pattern"], value) if "pattern" in shape else True
    long = len(value) > shape.get("max", len(value)) or len(value) < shape.get("min", 0)
    if not fits or long or value not in shape.get("enum", [value]):
        raise Refusal(400, "ValidationException", f"Value {value!r} at {place} failed to satisfy constraint.")


def read_id(request: web.Request) -> str:
    return unquote(request.match_info["id"])
