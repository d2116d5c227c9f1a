"""A process that does not outlive the one that began it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

_LOOK_S = 0.5


def when_parent_is_gone(do: Callable[[], None]) -> None:
    """Call ``do`` in a thread once the parent is gone, be it killed and unable to say so."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_S)
        do()

    threading.Thread(target=watch, name="parent", daemon=True).start()
