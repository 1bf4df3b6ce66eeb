"""A list of WARC files stands for those of its files that are here and were begun within the time asked for."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scheduler.warc_lists import expand_lists

SINCE, UNTIL = datetime(2022, 11, 11, tzinfo=UTC), datetime(2022, 11, 19, tzinfo=UTC)
NAMES = [f"crawl-data/CC-NEWS/2022/11/CC-NEWS-202211{day:02}003412-00{day}.warc.gz" for day in (10, 12, 14, 16, 20)]


@pytest.mark.parametrize("packed", [False, True])
def test_a_list_stands_for_its_files_beside_it(tmp_path: Path, packed: bool) -> None:
    text = ("\n".join(NAMES) + "\n").encode()
    listing = tmp_path / "warc.paths"
    listing.write_bytes(gzip.compress(text) if packed else text)
    whole = tmp_path / NAMES[1]
    whole.parent.mkdir(parents=True)
    whole.write_bytes(b"WARC/1.0\r\n")
    flat = tmp_path / Path(NAMES[2]).name
    flat.write_bytes(b"WARC/1.0\r\n")
    found = expand_lists([listing, flat], since=SINCE, until=UNTIL)
    assert (found.files[0], {*found.files}) == (whole, {whole, flat})
    assert (found.missing, found.outside) == ((Path(NAMES[3]).name,), 2)


def test_what_is_no_list_is_read_as_it_is_and_nothing_outside_its_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret.warc").write_bytes(b"WARC/1.0\r\n")
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "evil.paths").write_text("../secret.warc\n/etc/hostname.warc\nnot a path at all\n")
    found = expand_lists([folder / "evil.paths"], since=SINCE, until=UNTIL)
    assert (found.files, found.missing) == ((), ("secret.warc", "hostname.warc"))
    for body in (b"WARC/1.0\r\n", gzip.compress(b"WARC/1.0\r\n"), gzip.compress(b"x" * 99)[:20], b"\xff\xfe", b""):
        (folder / "a.warc.gz").write_bytes(body)
        assert expand_lists([folder / "a.warc.gz"], since=SINCE, until=UNTIL).files == (folder / "a.warc.gz",)
