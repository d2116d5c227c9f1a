"""Versions of a plan: its digest, and one step more in its record."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np

from .model import Plan
from .record import Version


def plan_digest(plan: Plan) -> str:
    """Return the sha256, in hex, of which building is in which grid, with their figures."""
    buildings = plan.buildings
    digest = hashlib.sha256(plan.input_hash.encode())
    for texts in (buildings.ids, plan.grid_ids):
        # a letter no id holds parts them, so that "1", "12" is not "11", "2"
        digest.update("\0".join(map(str, texts)).encode())
        digest.update(b"\1")
    for figures in (buildings.households, buildings.population):
        digest.update(np.ascontiguousarray(figures, dtype="<i8").tobytes())
    return digest.hexdigest()


def with_version(plan: Plan, version: Version) -> Plan:
    """Return the plan with one version more in its record; its digest is that of the plan."""
    newest = replace(version, digest=plan_digest(plan))
    record = replace(plan.record, versions=(*plan.record.versions, newest))
    return replace(plan, record=record)
