"""A plan to what the public sees: a folder of maps, pages and tables that passed the gate."""

from .edition import Edition
from .figure import plot
from .prices import plot_prices, write_prices
from .sheet import explore, proof_sentence
from .site import Published, publish

__all__ = [
    "Edition",
    "Published",
    "explore",
    "plot",
    "plot_prices",
    "proof_sentence",
    "publish",
    "write_prices",
]
