"""A small OpenID Connect provider on loopback: real HTTP, codes, PKCE, signed tokens, keys."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "gridgeo client", "a secret:of/both"


@dataclass
class House:
    """The provider: who is there, and how it misbehaves. ``claims`` go before its own."""

    issuer: str = ""
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "u-1"})
    claims: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    key: Any = None
    kid: str = "k1"
    algorithm: str = "RS256"
    told_keys: list[Any] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    away: bool = False

    def begin(self) -> None:
        self.key = _key(self.kid)
        self.told_keys = [self.key]

    def turn_keys(self) -> None:
        """Sign with a new key from now on, and tell it."""
        self.kid = "k2"
        self.begin()

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?tenant=a",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            **self.facts,
        }

    def keys(self) -> dict[str, Any]:
        public = KeySet(self.told_keys).as_dict(private=False)
        # what is for something else than signatures is passed over
        return {"keys": [*public["keys"], {"kty": "RSA", "use": "enc", "kid": "e", "n": "x"}]}

    def authorize(self, said: dict[str, str]) -> dict[str, str]:
        assert (said["response_type"], said["client_id"]) == ("code", CLIENT)
        assert said["code_challenge_method"] == "S256"
        assert "openid" in said["scope"].split()
        code = secrets.token_urlsafe(8)
        self.codes[code] = said
        return {"code": code, "state": said["state"], "iss": self.issuer}

    def token(self, said: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """The token of a code, None where anything is not as it must be; a code serves once."""
        begun = self.codes.pop(said.get("code", ""), None)
        digest = hashlib.sha256(said.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if "client_secret" in said:
            pair = [said["client_id"], said["client_secret"]]
        else:
            raw = base64.b64decode(authorization.removeprefix("Basic ")).decode()
            pair = [unquote(part) for part in raw.split(":")]
        if (
            begun is None
            or pair != [CLIENT, SECRET]
            or challenge != begun["code_challenge"]
            or said.get("redirect_uri") != begun["redirect_uri"]
        ):
            return None
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300,
            "nonce": begun["nonce"], **self.person, **self.claims,
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        return {"token_type": "Bearer", "access_token": "x", "id_token": self.signed(claims)}

    def signed(self, claims: dict[str, Any]) -> str:
        if self.algorithm in ("none", "HS256"):
            parts = [{"alg": self.algorithm, "kid": self.kid}, claims]
            each = [_encoded(json.dumps(part).encode()) for part in parts]
            # the public key as if it were a shared secret; joserfc itself would not do it
            key = self.key.as_pem(private=False)
            mac = hmac.new(key, b".".join(each), hashlib.sha256).digest()
            signature = _encoded(mac) if self.algorithm == "HS256" else b""
            return b".".join([*each, signature]).decode()
        return jwt.encode({"alg": "RS256", "kid": self.kid}, claims, self.key)


@cache
def _key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


def _encoded(part: bytes) -> bytes:
    return base64.urlsafe_b64encode(part).rstrip(b"=")


@contextmanager
def provider() -> Iterator[House]:
    """Run a provider at a free port."""
    house = House()
    house.begin()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def tell(self, body: Any, status: int = 200) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            at = urlsplit(self.path)
            house.asked.append(at.path)
            if house.away:
                self.tell({}, 503)
            elif at.path == "/.well-known/openid-configuration":
                self.tell(house.discovery())
            elif at.path == "/keys":
                self.tell(house.keys())
            elif at.path == "/authorize":
                said = {name: values[0] for name, values in parse_qs(at.query).items()}
                self.send_response(303)
                there = f"{said['redirect_uri']}?{urlencode(house.authorize(said))}"
                self.send_header("location", there)
                self.send_header("content-length", "0")
                self.end_headers()
            else:
                self.tell({}, 404)

        def do_POST(self) -> None:
            house.asked.append(self.path)
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            said = {name: values[0] for name, values in parse_qs(body).items()}
            told = house.token(said, self.headers.get("authorization", ""))
            self.tell(*((told, 200) if told else ({"error": "invalid_grant"}, 400)))

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    house.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield house
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
