"""A plan to what the public sees: a folder of maps, pages and tables that passed the gate."""

from .change_lines import change_sentences
from .changes import ChangesEdition, OpenMatter, explore_changes, write_changes
from .edition import Edition
from .figure import plot
from .prices import plot_prices, write_prices
from .sheet import explore, proof_sentence
from .site import Published, publish

__all__ = [
    "ChangesEdition",
    "Edition",
    "OpenMatter",
    "Published",
    "change_sentences",
    "explore",
    "explore_changes",
    "plot",
    "plot_prices",
    "proof_sentence",
    "publish",
    "write_changes",
    "write_prices",
]
