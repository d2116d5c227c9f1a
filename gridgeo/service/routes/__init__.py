"""Every route, by resource; each bears the role it needs."""

from fastapi import APIRouter

from . import communities, documents, entrance, features, health, jobs, locate, people, sites


def routers() -> tuple[APIRouter, ...]:
    """Return the routers in the order they are asked."""
    each = (locate, documents, health, features, sites, communities, jobs, people, entrance)
    return tuple(one.router for one in each)
