"""python -m tests.bench.bare_route PORT: a FastAPI route that does nothing, as a yardstick."""

from __future__ import annotations

import sys

import uvicorn
from fastapi import FastAPI

app = FastAPI()


@app.get("/bare")
async def bare() -> dict[str, bool]:
    """Answer."""
    return {"bare": True}


if __name__ == "__main__":
    uvicorn.run(
        app, host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_level="warning",
        server_header=False, timeout_keep_alive=15,
    )  # fmt: skip
