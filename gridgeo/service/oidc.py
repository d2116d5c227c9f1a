"""The door of another house: sign-in at an OpenID Connect provider that the settings name.

Authorization code flow with PKCE. Sources: OpenID Connect Core 1.0, section 3.1 and 3.1.3.7;
OpenID Connect Discovery 1.0; RFC 7636 (PKCE); RFC 9207 (issuer in the answer).
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from .problems import Kind, NotSignedInError, ServiceError
from .settings import Settings

# Signatures that only the provider can make; those with a shared secret are not taken.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
               "EdDSA", "Ed25519")  # fmt: skip
_WAIT_S = 10.0
# What the provider tells of itself is read again after so long; its keys also for an unknown one,
# but not more often than in _KEYS_S.
_FACTS_S, _KEYS_S = 3600.0, 30.0
# Clocks of two machines differ.
_LEEWAY_S = 60
_LONGEST_SUBJECT = 255
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class ProviderAwayError(ServiceError):
    """The provider does not answer, or not as one."""

    kind = Kind(502, "provider-away", "The sign-in of the organisation does not answer")


@dataclass(frozen=True)
class Way:
    """What a browser keeps while it is at the provider, to show when it comes back."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Way:
        """Return one that nobody can guess."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))

    @classmethod
    def read(cls, text: str) -> Way | None:
        """Return what ``str`` wrote, None where it is none."""
        try:
            said = json.loads(base64.urlsafe_b64decode(text.encode()))
            parts = [said[name] for name in ("state", "nonce", "verifier")]
        except (ValueError, KeyError, TypeError):
            return None
        return cls(*parts) if all(isinstance(one, str) and len(one) > 20 for one in parts) else None

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(json.dumps(vars(self)).encode()).decode()


@dataclass(frozen=True)
class Person:
    """Who the provider says has come: ``subject`` is issuer and subject in one word."""

    subject: str
    name: str
    full_name: str
    email: str | None


@dataclass
class Provider:
    """An OpenID Connect provider; what it tells of itself is kept for a while."""

    issuer: str
    client_id: str
    client_secret: str | None = None
    _facts: Mapping[str, Any] = field(default_factory=dict)
    _facts_read_s: float = -_FACTS_S
    _keys: KeySet | None = None
    _keys_read_s: float = -_FACTS_S

    @classmethod
    def of(cls, settings: Settings) -> Provider | None:
        """Return the provider of the settings, None where they name none."""
        if not settings.oidc_issuer:
            return None
        secret = settings.oidc_client_secret
        kept = None if secret is None else secret.get_secret_value()
        return cls(settings.oidc_issuer, settings.oidc_client_id, kept)

    async def address(self, way: Way, back: str) -> str:
        """Return where to send the browser; ``back`` is where it comes back to.

        Raises:
            ProviderAwayError: the provider does not answer.
        """
        digest = hashlib.sha256(way.verifier.encode()).digest()
        said = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": back,
            "scope": "openid profile email",
            "state": way.state,
            "nonce": way.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        target = str((await self.facts())["authorization_endpoint"])
        return f"{target}{'&' if urlsplit(target).query else '?'}{urlencode(said)}"

    async def person(self, said: Mapping[str, str], way: Way | None, back: str) -> Person:
        """Return who has come back; ``said``: the words of the address that the browser asks for.

        Raises:
            NotSignedInError: it is another browser, the provider refused, or what it told does
                not hold.
            ProviderAwayError: the provider does not answer.
        """
        if way is None or not secrets.compare_digest(
            said.get("state", "").encode(), way.state.encode()
        ):
            raise NotSignedInError("This sign-in was not begun in this browser, or long ago")
        if said.get("iss", self.issuer) != self.issuer:
            raise NotSignedInError("This answer is of another provider")
        if "code" not in said:
            why = said.get("error", "no reason given")[:80]
            raise NotSignedInError(f"The organisation did not let you in ({why})")
        facts = await self.facts()
        token = await self._token(facts, said["code"], way, back)
        return self._person(await self._claims(facts, token, way))

    async def facts(self) -> Mapping[str, Any]:
        """Return what the provider tells of itself.

        Raises:
            ProviderAwayError: it does not answer, or is another one.
        """
        if time.monotonic() - self._facts_read_s < _FACTS_S:
            return self._facts
        url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        facts = await self._asked("GET", url)
        if facts.get("issuer") != self.issuer:
            raise ProviderAwayError("It calls itself by another name than the settings do")
        if not all(isinstance(facts.get(name), str) for name in _NEEDED):
            raise ProviderAwayError(f"It does not tell its {', '.join(_NEEDED)}")
        self._facts, self._facts_read_s = facts, time.monotonic()
        return facts

    async def _token(self, facts: Mapping[str, Any], code: str, way: Way, back: str) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": way.verifier,
        }
        headers = {}
        ways = facts.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if self.client_secret is None:
            form["client_id"] = self.client_id
        elif "client_secret_basic" in ways:
            # RFC 6749, section 2.3.1: both are encoded before they are joined
            pair = f"{quote(self.client_id, safe='')}:{quote(self.client_secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": self.client_id, "client_secret": self.client_secret}
        told = await self._asked("POST", str(facts["token_endpoint"]), data=form, headers=headers)
        if not isinstance(told.get("id_token"), str):
            raise NotSignedInError("The organisation did not say who you are")
        return str(told["id_token"])

    async def _claims(self, facts: Mapping[str, Any], token: str, way: Way) -> Mapping[str, Any]:
        try:
            try:
                read = jwt.decode(token, await self._keys_of(facts), algorithms=_ALGORITHMS)
            except InvalidKeyIdError:
                # a provider changes its keys from time to time
                keys = await self._keys_of(facts, anew=True)
                read = jwt.decode(token, keys, algorithms=_ALGORITHMS)
            jwt.JWTClaimsRegistry(
                leeway=_LEEWAY_S,
                iss={"essential": True, "value": self.issuer},
                aud={"essential": True, "value": self.client_id},
                exp={"essential": True},
                iat={"essential": True},
                sub={"essential": True},
                nonce={"essential": True, "value": way.nonce},
            ).validate(read.claims)
        except (JoseError, ValueError) as fault:
            raise NotSignedInError("What the organisation says of you does not hold") from fault
        party = read.claims.get("azp", self.client_id)
        many = isinstance(read.claims["aud"], list) and len(read.claims["aud"]) > 1
        if party != self.client_id or (many and "azp" not in read.claims):
            raise NotSignedInError("What the organisation says of you is for another service")
        return read.claims

    async def _keys_of(self, facts: Mapping[str, Any], *, anew: bool = False) -> KeySet:
        age_s = time.monotonic() - self._keys_read_s
        if self._keys is None or age_s > _FACTS_S or (anew and age_s > _KEYS_S):
            told = await self._asked("GET", str(facts["jwks_uri"]))
            try:
                known = [one for one in told["keys"] if one.get("use", "sig") == "sig"]
                self._keys = KeySet.import_key_set({"keys": known})
            except (JoseError, ValueError, KeyError, TypeError, AttributeError) as fault:
                raise ProviderAwayError("Its keys cannot be read") from fault
            self._keys_read_s = time.monotonic()
        return self._keys

    def _person(self, claims: Mapping[str, Any]) -> Person:
        subject = str(claims["sub"])
        if not 0 < len(subject) <= _LONGEST_SUBJECT:
            raise NotSignedInError("The organisation did not say who you are")
        texts = {
            name: one[:200]
            for name in ("preferred_username", "email", "name")
            if isinstance(one := claims.get(name), str)
        }
        name = texts.get("preferred_username") or texts.get("email") or subject
        return Person(f"{self.issuer} {subject}", name, texts.get("name", ""), texts.get("email"))

    async def _asked(self, method: str, url: str, **more: Any) -> dict[str, Any]:
        try:
            async with httpx.AsyncClient(timeout=_WAIT_S) as client:
                answer = await client.request(method, url, **more)
            told = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as fault:
            raise ProviderAwayError(
                "It cannot be reached; try again, or with a password"
            ) from fault
        if method == "POST" and 400 <= answer.status_code < 500:
            raise NotSignedInError("The organisation did not accept the sign-in; begin again")
        if answer.status_code != 200 or not isinstance(told, dict):
            raise ProviderAwayError(f"It answered {answer.status_code}; try again later")
        return told
