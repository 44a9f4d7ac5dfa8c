"""A real OpenID Connect provider: npm's `oidc-provider` in a process of its own."""

import fcntl
import json
import os
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.clients.node import NODE, npm

DIRECTORY = Path(__file__).parent / "provider"
AUDIENCE = "https://ledger.example"


class Key:
    """A private key of an issuer, with its JWK."""

    def __init__(self, kid: str, *, algorithm: str = "RS256") -> None:
        self.kid, self.algorithm = kid, algorithm
        self.private: Any
        if algorithm.startswith("RS"):
            self.private = rsa.generate_private_key(65_537, 2_048)
            jwk = jwt.algorithms.RSAAlgorithm.to_jwk(self.private, as_dict=True)
        else:
            self.private = ec.generate_private_key(ec.SECP256R1())
            jwk = jwt.algorithms.ECAlgorithm.to_jwk(self.private, as_dict=True)
        self.jwk = {**jwk, "kid": kid, "alg": algorithm, "use": "sig"}

    def sign(self, claims: Mapping[str, Any], **header: Any) -> str:
        """A token that the issuer could have made, but for its claims."""
        return jwt.encode(dict(claims), self.private, algorithm=self.algorithm, headers={"kid": self.kid, **header})


class Provider:
    """A provider that runs. Each client is a subject, whose tokens have these claims."""

    def __init__(self, port: int, address: str | None = None) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.issuer = address or self.url

    def fetch_token(self, subject: str, *, audience: str = AUDIENCE) -> str:
        form = {"grant_type": "client_credentials", "resource": audience, "scope": "api"}
        answer = httpx.post(f"{self.url}/token", data=form, auth=(subject, "secret"), trust_env=False)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])


def find_free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@contextmanager
def running_provider(
    port: int,
    keys: list[Key],
    claims: Mapping[str, Mapping[str, Any]],
    *,
    lifetimes: Mapping[str, int] | None = None,
    address: str | None = None,
) -> Iterator[Provider]:
    """Run a provider that signs with the first key, until the end of the block. `address`: of the proxy before it."""
    install()
    configuration = {"port": port, "jwks": [key.jwk for key in keys], "claims": claims, "lifetimes": lifetimes or {}}
    configuration |= {"address": address} if address else {}
    with subprocess.Popen(
        [NODE, "provider.js"],
        cwd=DIRECTORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(configuration))
            process.stdin.close()
            assert process.stdout.readline() == "ready\n"
            yield Provider(port, address)
        finally:
            process.kill()


def install() -> None:
    """Install the locked provider once, however many processes want it."""
    with (DIRECTORY / ".building").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        installed = DIRECTORY / "node_modules" / ".package-lock.json"
        if not installed.exists() or installed.stat().st_mtime < (DIRECTORY / "package-lock.json").stat().st_mtime:
            npm("ci", "--ignore-scripts", cwd=DIRECTORY)
            os.utime(installed)
