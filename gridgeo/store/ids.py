"""Ids and secrets: UUIDs of version 7 that sort by their time, and words nobody can guess."""

from __future__ import annotations

import hashlib
import secrets
import time
import uuid


def new_id() -> str:
    """Return a UUID of version 7 as text; later ones sort after earlier ones.

    Source: RFC 9562, section 6.2, method 3: the 12 bits after the milliseconds hold the
    fraction of the millisecond, so the order holds to a quarter of a microsecond.
    """
    milliseconds, rest_ns = divmod(time.time_ns(), 1_000_000)
    fraction = rest_ns * 4096 // 1_000_000
    number = (milliseconds & (1 << 48) - 1) << 80 | 0x7 << 76 | fraction << 64
    return str(uuid.UUID(int=number | 0b10 << 62 | secrets.randbits(62)))


def new_secret() -> str:
    """Return 256 random bits as text fit for a link, a header or a cookie."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    """Return what is kept of a secret made by ``new_secret``.

    One round of SHA-256 is enough for 256 random bits; passwords need argon2.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
