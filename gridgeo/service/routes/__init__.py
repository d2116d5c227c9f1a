"""Every route, by resource; each bears the role it needs."""

from fastapi import APIRouter

from . import communities, documents, entrance, features, jobs, locate, people, provider, sites


def routers() -> tuple[APIRouter, ...]:
    """Return the routers in the order they are asked."""
    each = (locate, documents, features, sites, communities, jobs, people, entrance, provider)
    return tuple(one.router for one in each)
