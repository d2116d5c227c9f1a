"""The service: plans on a database, for planners and the public, over open standards."""

from .app import create_app
from .settings import Settings

__all__ = ["Settings", "create_app"]
