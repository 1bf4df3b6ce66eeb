"""What could not be looked at, said per outlet, so that silence is not read as denial."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from comparison.coverage import find_gaps
from storage.coverage import CoverageRecord

REPORTED = datetime(2022, 11, 16, 12, tzinfo=UTC)


def record(oldest: str | None, newest: str | None, **fields: object) -> CoverageRecord:
    values: dict[str, object] = {
        "outlet_id": "radio",
        "articles": 5 if oldest else 0,
        "videos_without_text": 0,
        "partial": 0,
        "oldest_at": datetime.fromisoformat(oldest).replace(tzinfo=UTC) if oldest else None,
        "newest_at": datetime.fromisoformat(newest).replace(tzinfo=UTC) if newest else None,
        "open_visits": 0,
        "feed_outcome": "feed_read",
        "outcomes": {"stored": 5},
        "feed_outcomes": {"feed_read": 1},
    }
    return CoverageRecord(**(values | fields))  # type: ignore[arg-type]  # the record's fields


@pytest.mark.parametrize(
    ("oldest", "newest", "reasons"),
    [
        ("2022-10-01", "2022-11-20", ()),
        # On the very days: nothing is missing that could be told.
        ("2022-11-02T18:00", "2022-11-16T01:00", ()),
        (
            "2022-11-09",
            "2022-11-20",
            ("nothing collected that was published before 2022-11-09; the report's two weeks begin on 2022-11-02",),
        ),
        ("2023-05-01", "2023-06-01", ("nothing collected that was published before 2023-05-01, after the report",)),
        ("2022-10-01", "2022-11-10", ("nothing collected that was published after 2022-11-10; the report is of 2022-11-16",)),
        (None, None, ()),
    ],
)
def test_days_of_the_report_that_were_not_collected_are_a_gap(oldest: str | None, newest: str | None, reasons: tuple[str, ...]) -> None:
    [gap] = find_gaps([record(oldest, newest)], {}, REPORTED)
    assert gap.reasons == reasons


def test_a_report_without_a_date_has_no_window() -> None:
    [gap] = find_gaps([record("2023-05-01", "2023-06-01")], {}, None)
    assert gap.reasons == ()


def test_what_was_refused_or_never_tried_is_said_first() -> None:
    never = record(None, None, outlet_id="zaslon", outcomes={}, feed_outcomes={}, feed_outcome=None)
    blocked = record("2022-11-09", "2022-11-20", outcomes={"stored": 3, "blocked": 2}, videos_without_text=1)
    gaps = find_gaps([blocked, never], {}, REPORTED)
    assert [(gap.outlet, gap.looked_at) for gap in gaps] == [("zaslon", False), ("radio", True)]
    assert gaps[0].reasons == ("never visited",)
    assert gaps[1].reasons[0].startswith("2 pages: refused to us")
    assert gaps[1].reasons[1] == "1 video without a text to read"
