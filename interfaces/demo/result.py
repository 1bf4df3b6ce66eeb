"""What a demo run found, for whoever prints or checks it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from config.settings import Settings
from interfaces.demo.checks import Difference
from interfaces.demo.documents import Newsroom
from interfaces.demo.workspace import Workspace

if TYPE_CHECKING:
    from comparison.matrix import Matrix
    from storage.claim_records import ReferenceReport
    from storage.run_records import RunSummary


@dataclass(slots=True)
class DemoResult:
    """What the demo found, for printing."""

    workspace: Workspace
    settings: Settings
    newsroom: Newsroom
    report: ReferenceReport
    summary: RunSummary
    """Of the first crawl."""
    later_runs: tuple[int, ...] = ()
    matrix: Matrix | None = None
    counts: dict[str, int] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)
    """Step -> seconds, in order."""
    differences: list[Difference] = field(default_factory=list)
    shortfalls: list[str] = field(default_factory=list)
    """Cells shown as possible where the writers expect a close passage."""
    known_faults: list[str] = field(default_factory=list)
    """Close passages that carry nothing, known and listed in the ground truth."""
