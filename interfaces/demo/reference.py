"""The bundled report, placed in the newsroom's invented world."""

from __future__ import annotations

import tomllib
from dataclasses import replace

from comparison.reference import bundled_reports
from interfaces.demo.newsroom import bundled_folder
from storage.claim_records import ReferenceReport
from storage.records import Precision, PublishedTime


def demo_report() -> ReferenceReport:
    """The bundled report with its claims as they are; only its publisher and the names of its chain are this world's.

    Raises: ConfigError for a faulty report.
    """
    placed = tomllib.loads((bundled_folder() / "report.toml").read_text(encoding="utf-8"))
    report = next(report for report in bundled_reports() if report.key == placed["report"])
    return replace(
        report,
        outlet=placed["outlet"],
        url=placed["url"],
        published=PublishedTime(at=placed["published"], precision=Precision.MINUTE, source="report", raw=placed["published"].isoformat()),
        # What the report credits in our world stays in its chain; it just does not occur in this one.
        chain=tuple(dict.fromkeys((*placed["chain"], *report.chain))),
    )
