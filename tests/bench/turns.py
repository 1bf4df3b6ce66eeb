"""The crawl process, with a clock on its event loop: how long does one turn of the reactor take, and which?

    TURNS_FILE=turns.json python -P -m tests.bench.turns RUN_ID [PARENT_PID] < settings.json

Everything that the loop runs is a handle; each is timed by the CPU that the reactor's thread spent in it, so that a loaded machine
changes nothing, and by the clock on the wall, in which waits for Python's lock and for a processor are included.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from asyncio import events
from pathlib import Path
from typing import Any

from scheduler.crawl_process import main

LONGEST = 12
"""Turns that are named."""

_turns: list[tuple[float, float, str]] = []
"""CPU seconds, wall seconds, what ran."""


def _named(handle: events.Handle) -> str:
    callback: Any = getattr(handle, "_callback", None)
    owner = getattr(callback, "__self__", None)
    if isinstance(owner, asyncio.Task):
        return f"task {getattr(owner.get_coro(), '__qualname__', owner)}"
    name = getattr(callback, "__qualname__", None) or type(callback).__qualname__
    arguments = ", ".join(type(argument).__qualname__ for argument in getattr(handle, "_args", None) or ())
    return f"{name}({arguments})"


def watch_turns() -> None:
    """Time every turn from now on."""
    run = events.Handle._run  # type: ignore[attr-defined]

    def timed(handle: events.Handle) -> None:
        cpu_s, wall_s = time.thread_time(), time.perf_counter()
        name = _named(handle)
        run(handle)
        _turns.append((time.thread_time() - cpu_s, time.perf_counter() - wall_s, name))

    events.Handle._run = timed  # type: ignore[attr-defined]


def summary() -> dict[str, Any]:
    """Milliseconds of the turns so far."""
    cpu = sorted((turn[0] for turn in _turns), reverse=True)
    wall = sorted((turn[1] for turn in _turns), reverse=True)
    longest = sorted(_turns, reverse=True)[:LONGEST]
    return {
        "turns": len(_turns),
        "cpu_s": round(sum(cpu), 2),
        "longest_cpu_ms": round(1000 * cpu[0], 1),
        "p999_cpu_ms": round(1000 * cpu[len(cpu) // 1000], 1),
        "longest_wall_ms": round(1000 * wall[0], 1),
        "p999_wall_ms": round(1000 * wall[len(wall) // 1000], 1),
        "over_20_cpu_ms": sum(value > 0.02 for value in cpu),
        "longest": [{"cpu_ms": round(1000 * turn[0], 1), "wall_ms": round(1000 * turn[1], 1), "what": turn[2]} for turn in longest],
    }


if __name__ == "__main__":
    watch_turns()
    code = main(sys.argv[1:], sys.stdin.read())
    Path(os.environ["TURNS_FILE"]).write_text(json.dumps(summary(), indent=2))
    sys.exit(code)
