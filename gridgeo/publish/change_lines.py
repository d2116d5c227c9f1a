"""What is different between two plans, in sentences of a language."""

from __future__ import annotations

import maps

from ..compare import Comparison

# So many grids of a kind are named in a sentence.
_MOST_TOLD = 6


def change_sentences(told: Comparison, words: maps.Words | str = "en") -> list[str]:
    """Return what is different, the most important first; ``words`` or their language."""
    words = maps.Words.of(words) if isinstance(words, str) else words
    if told.is_empty:
        return [
            words("Nothing changes: no building moves, and every grid keeps its id and its owner.")
        ]
    out = [_moved(told, words)]
    other = told.households_with_another_owner
    if other is not None:
        out.append(
            words.plural(
                "{n} household gets another owner.", "{n} households get another owner.", other
            )
        )
        lost = told.buildings[
            (told.buildings["from_owner"] != "")
            & (told.buildings["to_owner"] == "")
            & (told.buildings["to_grid"] != "")
        ]
        if len(lost):
            out.append(
                words.plural(
                    "{n} household had an owner and has none named now.",
                    "{n} households had an owner and have none named now.",
                    int(lost["households"].sum()),
                )
            )
    new, homes = _held(told, "new", words)
    if new:
        out.append(
            words.plural(
                "{n} building is new, of {households}.",
                "{n} buildings are new, of {households}.",
                new, households=homes,
            )
        )  # fmt: skip
    gone, homes = _held(told, "gone", words)
    if gone:
        out.append(
            words.plural(
                "{n} building is no longer there, of {households}.",
                "{n} buildings are no longer there, of {households}.",
                gone, households=homes,
            )
        )  # fmt: skip
    return [*out, *_lineage(told, words), *_grids(told, words)]


def _lineage(told: Comparison, words: maps.Words) -> list[str]:
    """Return which grids are split or merged, the first few by their ids."""
    between = words(", ")
    out = []
    for grid, parts in told.lineage.splits[:_MOST_TOLD]:
        into = between.join(parts)
        out.append(words("{grid} is split into {grids}.", grid=grid, grids=into))
    more = len(told.lineage.splits) - _MOST_TOLD
    if more > 0:
        out.append(words.plural("{n} more grid is split.", "{n} more grids are split.", more))
    for olds, grid in told.lineage.merges[:_MOST_TOLD]:
        merged = between.join(olds)
        out.append(words("{grids} are merged into {grid}.", grid=grid, grids=merged))
    more = len(told.lineage.merges) - _MOST_TOLD
    if more > 0:
        out.append(words.plural("{n} more grid is merged.", "{n} more grids are merged.", more))
    return out


def _moved(told: Comparison, words: maps.Words) -> str:
    if not told.buildings_moved:
        return words("No building moves to another grid.")
    return words.plural(
        "{n} of {buildings} buildings moves to another grid: {moved} of {households} "
        "households ({share}).",
        "{n} of {buildings} buildings move to another grid: {moved} of {households} "
        "households ({share}).",
        told.buildings_moved,
        buildings=words.number(told.standing[1].buildings),
        moved=words.number(told.households_moved),
        households=words.number(told.standing[1].households),
        share=f"{told.share_moved:.2%}",
    )


def _grids(told: Comparison, words: maps.Words) -> list[str]:
    """Return how many grids are new, gone, only renamed, or have another owner."""
    out = []
    count, names = _named(told, "new", words)
    if count:
        said = words.plural(
            "{n} grid is new: {grids}.", "{n} grids are new: {grids}.", count, grids=names
        )
        out.append(said)
    count, names = _named(told, "gone", words)
    if count:
        said = words.plural(
            "{n} grid is gone: {grids}.", "{n} grids are gone: {grids}.", count, grids=names
        )
        out.append(said)
    count, names = _named(told, "renamed", words)
    if count:
        said = words.plural(
            "{n} grid has another id and the same buildings: {grids}.",
            "{n} grids have other ids and the same buildings: {grids}.",
            count,
            grids=names,
        )
        out.append(said)
    other = [
        f"{row.grid_after} ({row.owner_before} → {row.owner_after})"
        for row in told.grids[told.grids["owner_changes"]].itertuples(index=False)
    ]
    count, names = len(other), _some(other, words)
    if count:
        said = words.plural(
            "{n} grid has another owner: {grids}.",
            "{n} grids have other owners: {grids}.",
            count,
            grids=names,
        )
        out.append(said)
    return out


def _named(told: Comparison, change: str, words: maps.Words) -> tuple[int, str]:
    """Return how many grids have become so, and their ids."""
    found = told.grids[told.grids["change"] == change]
    pairs = zip(found["grid_before"], found["grid_after"], strict=True)
    names = [f"{old} → {new}" if old and new else new or old for old, new in pairs]
    return len(names), _some(names, words)


def _held(told: Comparison, match: str, words: maps.Words) -> tuple[int, str]:
    """Return how many buildings are new, or gone, and their households in words."""
    found = told.buildings[told.buildings["match"] == match]
    homes = int(found["households"].sum())
    return len(found), words.plural("{n} household", "{n} households", homes)


def _some(names: list[str], words: maps.Words, most: int = _MOST_TOLD) -> str:
    shown = words(", ").join(names[:most])
    return shown if len(names) <= most else f"{shown}{words(', ')}…"
