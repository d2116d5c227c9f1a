"""Every route, by resource; each bears the role it needs."""

from fastapi import APIRouter

from . import (
    communities,
    documents,
    entrance,
    features,
    health,
    jobs,
    locate,
    people,
    provider,
    sites,
)


def routers() -> tuple[APIRouter, ...]:
    """Return the routers in the order they are asked."""
    public = (locate, documents, health, features, sites)
    each = (*public, communities, jobs, people, entrance, provider)
    return tuple(one.router for one in each)
