"""People of a service under test: with passwords, with tokens, signed in from a page of ours."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

from service_client import Client

from gridgeo.service.sign_in import hasher
from gridgeo.store import Actor, Role, Store
from gridgeo.store.tables import now

PASSWORD = "correct horse battery"
ROOT = Actor("root")
# What a browser says of a request that a page of ours makes.
OURS = {"origin": "http://testserver"}
ROLES = ("viewer", "worker", "planner", "admin")
SCOPES = ("read", "write", "admin")


@cache
def hashed(password: str = PASSWORD) -> str:
    return hasher().hash(password)


def add_user(store: Store, name: str, role: str) -> str:
    with store.write(ROOT) as unit:
        return unit.users.add(name=name, role=Role(role), password_hash=hashed()).id


def add_token(store: Store, user_id: str, *scopes: str, days: float = 200) -> str:
    with store.write(ROOT) as unit:
        expires = now() + timedelta(days=days)
        return unit.tokens.add(user_id, name="t", scopes=scopes, expires_at=expires)[1]


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def new_token(store: Store, name: str, role: str, *scopes: str) -> dict[str, str]:
    """Headers of a new user's token; all scopes where none is named."""
    return bearer(add_token(store, add_user(store, name, role), *(scopes or SCOPES)))


def sign_in(client: Client, name: str, password: str = PASSWORD):
    return client.post("/sessions", json={"name": name, "password": password})


def invited(store: Store, role: str = "viewer", *, hours: float = 1) -> str:
    """The path of a new link to join."""
    with store.write(ROOT) as unit:
        expires = now() + timedelta(hours=hours)
        return f"/join/{unit.invitations.add(role=Role(role), expires_at=expires)[1]}"


def log_of(store: Store, kind: str) -> list:
    with store.read() as unit:
        return list(unit.audit_log.newest(limit=1000, kind=kind))
