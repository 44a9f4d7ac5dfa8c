"""Access tokens for a service account's signed assertion, as Google's OAuth gives them."""

import json
from functools import cache
from itertools import count

import jwt
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

EMAIL = "tuner@acme-tunes.iam.gserviceaccount.com"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
API_KEY = "AIzaSyVerySecret"
LONGEST_SECONDS = 3_600


@cache
def make_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Tokens:
    """`lifetime`: seconds of the tokens that are made from now on. A token in `revoked` is refused."""

    def __init__(self) -> None:
        self.address = ""
        self.lifetime = LONGEST_SECONDS
        self.made: list[str] = []
        self.revoked: set[str] = set()
        self._numbers = count(1)

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/token", self.exchange)]

    def is_signed(self, request: web.Request) -> bool:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return request.headers.get("x-goog-api-key") == API_KEY or token in set(self.made) - self.revoked

    def make(self) -> str:
        self.made.append(f"ya29.token-{next(self._numbers)}")
        return self.made[-1]

    def write_key(self) -> str:
        """The key's JSON, as Google's console gives it."""
        pem = make_key().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        fields = {"type": "service_account", "project_id": "acme-tunes", "private_key_id": "key-1"}
        fields |= {"private_key": pem.decode(), "client_email": EMAIL, "token_uri": f"{self.address}/token"}
        return json.dumps(fields, indent=2)

    async def exchange(self, request: web.Request) -> web.Response:
        form = await request.post()
        try:
            claims = jwt.decode(
                str(form.get("assertion")),
                make_key().public_key(),
                algorithms=["RS256"],
                audience=f"{self.address}/token",
            )
        except jwt.PyJWTError as error:
            return refuse(f"Invalid JWT: {error}")
        if form.get("grant_type") != GRANT or claims["iss"] != EMAIL or not claims.get("scope"):
            return refuse("Invalid grant: account not found")
        if claims["exp"] - claims["iat"] > LONGEST_SECONDS:
            return refuse("Invalid JWT: it must be a short-lived token and in a reasonable timeframe")
        return web.json_response({"access_token": self.make(), "expires_in": self.lifetime, "token_type": "Bearer"})


def refuse(words: str) -> web.Response:
    return web.json_response({"error": "invalid_grant", "error_description": words}, status=400)
