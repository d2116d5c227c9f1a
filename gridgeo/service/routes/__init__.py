"""Every route, by resource; each bears the role it needs."""

from fastapi import APIRouter

from . import documents, features, locate, sites


def routers() -> tuple[APIRouter, ...]:
    """Return the routers in the order they are asked."""
    return (locate.router, documents.router, features.router, sites.router)
