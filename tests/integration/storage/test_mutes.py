"""A mute holds until its end, is seen as an issue, and a second one replaces it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from storage import issues, mutes
from storage.database import Database

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def test_a_mute_ends_at_its_time_by_itself(database: Database) -> None:
    until = NOW + timedelta(days=3)
    with database.write() as session:
        mutes.mute_outlet(session, mutes.Mute(outlet_id="radio_en", note="rebuilds its site", muted_by="ann", muted_at=NOW, until=until))
    with database.read() as session:
        assert set(mutes.load_mutes(session, NOW)) == {"radio_en"}
        assert mutes.load_mutes(session, until) == {}
        (issue,) = issues.list_issues(session, kind="muted")
        assert issue.message == "radio_en is muted until 2026-11-04 by ann: rebuilds its site"


def test_ending_a_mute_says_whether_there_was_one(database: Database) -> None:
    with database.write() as session:
        mutes.mute_outlet(session, mutes.Mute(outlet_id="radio_en", note="down", muted_by="ann", muted_at=NOW, until=None))
        assert mutes.unmute_outlet(session, "radio_en", NOW)
        assert not mutes.unmute_outlet(session, "radio_en", NOW)
        assert mutes.load_mutes(session, NOW) == {}
