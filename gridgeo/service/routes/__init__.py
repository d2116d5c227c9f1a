"""Every route, by resource; each bears the role it needs."""

from fastapi import APIRouter

from . import (
    collections,
    communities,
    documents,
    entrance,
    features,
    health,
    jobs,
    locate,
    passwords,
    people,
    provider,
    sites,
    tiles,
)


def routers() -> tuple[APIRouter, ...]:
    """Return the routers in the order they are asked."""
    public = (locate, documents, health, features, collections, tiles, sites)
    each = (*public, communities, jobs, people, passwords, entrance, provider)
    return tuple(one.router for one in each)
