"""What the public is told of the proof: in its language, and without the solver's own words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from small_plans import block_plan

import gridgeo as gg
import maps
from gridgeo.division import _ONE_KIND
from gridgeo.publish import proof_sentence
from gridgeo.publish.sheet import public_proof


def under(plan: gg.Plan, *conditions: str) -> gg.Plan:
    results = tuple(replace(r, covers="; ".join(conditions)) for r in plan.results)
    return replace(plan, results=results)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_public_is_told_of_conditions_in_its_language_and_not_in_the_solvers_words(
    language: str,
) -> None:
    words = maps.Words.of(language)
    kept = "compounds and lanes kept whole as asked"
    said = public_proof(under(block_plan(), kept), words)
    assert words("with compounds and lanes kept whole") in said
    assert public_proof(under(block_plan(), kept, _ONE_KIND), words).count(words("; ")) >= 1
    jargon = public_proof(under(block_plan(), kept, "nodes B1 and B2 joined"), words)
    assert "B1" not in jargon
    assert words("under conditions that the plan names") in jargon
    assert "B1" in proof_sentence(under(block_plan(), "nodes B1 and B2 joined"))
    if language == "zh":
        assert not set(said + jargon) & set("abcdefghijklmnopqrstuvwxyz")


def test_a_kept_compound_is_what_the_public_is_told_of(tmp_path: Path) -> None:
    """The words of the solver's proof and those the public page looks for are the same."""
    plan = block_plan()
    table = plan.buildings.table.copy()
    table["compound"] = [f"C{k // 2}" for k in range(len(table))]
    table.to_file(tmp_path / "town.gpkg")
    town = gg.read_community(tmp_path / "town.gpkg")
    kept = gg.partition(town, plan.limits, whole="compound", time_limit_s=20)
    said = public_proof(kept, maps.Words.of("en"))
    assert "with compounds and lanes kept whole" in said
    assert "conditions that the plan names" not in said
