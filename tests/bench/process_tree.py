"""What a process and all its descendants cost, by the part they play. Linux only."""

from __future__ import annotations

import os
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

EVERY_S = 0.1
"""A process that lives shorter than this is not seen."""

Role = Callable[[str], str]
"""From a command line to the part that its process plays."""


@dataclass(slots=True, kw_only=True)
class Cost:
    cpu_s: float = 0.0
    peak_bytes: int = 0
    """The largest sum of resident memory; pages that processes share are counted in each."""
    seconds: float = 0.0
    """Wall time."""
    by_part: dict[str, float] = field(default_factory=dict)
    """CPU seconds; the threads of a process beside its first one are a part of their own, "… threads"."""


def watch(process: subprocess.Popen[bytes], role: Role = lambda _: "all") -> Cost:
    """Wait for the end of the process, and say what it and its descendants cost."""
    ticks = os.sysconf("SC_CLK_TCK")
    page_size = os.sysconf("SC_PAGE_SIZE")
    spent: dict[tuple[int, str], tuple[str, float, float]] = {}
    """By process number and start: its command line, the CPU seconds of it all and of its first thread."""
    peak = 0
    started = time.monotonic()
    while process.poll() is None:
        children: dict[int, list[int]] = {}
        figures: dict[int, tuple[str, float, int]] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and (fields := _stat(entry / "stat")):
                children.setdefault(int(fields[1]), []).append(int(entry.name))
                figures[int(entry.name)] = (fields[19], (int(fields[11]) + int(fields[12])) / ticks, int(fields[21]) * page_size)
        tree, todo = [], [process.pid]
        while todo:
            pid = todo.pop()
            tree.append(pid)
            todo.extend(children.get(pid, []))
        for pid in tree:
            if pid in figures:
                began, cpu_s, _ = figures[pid]
                main = _stat(Path(f"/proc/{pid}/task/{pid}/stat"))
                try:
                    command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                except OSError:
                    command = ""
                before = spent.get((pid, began), ("", 0.0, 0.0))
                first_s = (int(main[11]) + int(main[12])) / ticks if main else before[2]
                spent[pid, began] = (command or before[0], cpu_s, first_s)
        peak = max(peak, sum(figures[pid][2] for pid in tree if pid in figures))
        time.sleep(EVERY_S)
    parts: dict[str, float] = defaultdict(float)
    for command, cpu_s, first_s in spent.values():
        parts[role(command)] += first_s
        parts[f"{role(command)} threads"] += max(0.0, cpu_s - first_s)
    return Cost(cpu_s=sum(parts.values()), peak_bytes=peak, seconds=time.monotonic() - started, by_part=dict(parts))


def _stat(file: Path) -> list[str]:
    """The fields of proc(5)'s stat behind the name; empty when the process has gone."""
    try:
        return file.read_text().rpartition(")")[2].split()
    except OSError:
        return []
