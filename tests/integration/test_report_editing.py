"""`report add`, `edit`, `show --history`: an analyst's day with a report, through the command line."""

from __future__ import annotations

import csv
import json
import re
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from interfaces.cli.main import _run
from scheduler import reporting
from storage import queries
from storage.database import open_reader, upgrade_database
from tests.outlet_site.bench import Bench

Call = Callable[..., tuple[int, str, str]]
TEXT = """A flood nobody was warned of

The dyke at Orlitz broke on Friday night, the mayor says. About 40 houses were destroyed. There was no siren.

Parliament passed a law on dykes in March.
"""


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    def call(*arguments: str) -> tuple[int, str, str]:
        code = _run(["--database", f"sqlite:///{tmp_path / 'x.db'}", *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    file = tmp_path / "dyke.txt"
    file.write_text(TEXT, encoding="utf-8")
    assert call("report", "add", str(file), "--published", "2022-11-16")[0] == 0
    return call


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make $EDITOR a program that does this to the file that it is given (a sed script)."""

    def become(script: str) -> None:
        file = tmp_path / "editor.sh"
        (tmp_path / "script.sed").write_text(script, encoding="utf-8")
        file.write_text(f'#!/bin/sh\nsed -i -f {tmp_path / "script.sed"} "$1"\n', encoding="utf-8")
        file.chmod(file.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("VISUAL", str(file))
        monkeypatch.setenv("EDITOR", str(file))

    return become


def claims(run: Call) -> list[tuple[str, int, str]]:
    document = json.loads(run("report", "show", "dyke", "--json")[1])
    return [(claim["id"], claim["version"], claim["text"]) for claim in document["claims"]]


def test_an_edit_in_the_editor_is_a_new_version_with_a_history(run: Call, editor: Callable[[str], None]) -> None:
    editor('s/^text = "About 40/text = "About 60/')
    code, out, err = run("report", "edit", "dyke", "--by", "anna")
    assert (code, out) == (0, "c02@2 changed by anna\n")
    assert "reads the articles again" in err
    assert claims(run)[1] == ("c02", 2, "About 60 houses were destroyed.")
    history = run("report", "show", "dyke", "--history")[1].partition("history:\n")[2].splitlines()
    assert len(history) == 5
    assert history[-1].endswith("c02@2 changed by anna: About 60 houses were destroyed.")


def test_an_editor_that_is_closed_without_a_change_changes_nothing(run: Call, editor: Callable[[str], None]) -> None:
    editor("")
    before = claims(run)
    code, out, err = run("report", "edit", "dyke")
    assert (code, out) == (0, "")
    assert "nothing was changed" in err
    assert claims(run) == before


def test_faults_are_named_with_their_lines_and_the_edit_is_kept(run: Call, editor: Callable[[str], None], tmp_path: Path) -> None:
    editor('s/^kind = "event"/kind = "rumour"/\ns/^language = "en"/language = "fr"/')
    before = claims(run)
    code, out, err = run("report", "edit", "dyke")
    assert (code, out) == (2, "")
    assert claims(run) == before
    assert re.search(r"^error: draft:\d+: language: ", err, re.MULTILINE)
    assert err.count(": claim.") >= 3
    kept = Path(err.split("--file ")[1].split()[0])
    mended = kept.read_text(encoding="utf-8").replace("rumour", "event").replace('"fr"', '"en"')
    kept.write_text(mended.replace("There was no siren.", "Nobody heard a siren."), encoding="utf-8")
    code, out, _ = run("report", "edit", "dyke", "--file", str(kept), "--json")
    assert code == 0
    assert [item["change"] for item in json.loads(out)["changes"]] == ["reworded"]


def test_merging_splitting_and_deleting_are_kept_in_history(run: Call, tmp_path: Path) -> None:
    draft = run("report", "edit", "dyke", "--draft")[1]
    head, *_ = draft.split("[[claim]]\n")
    file = tmp_path / "edited.toml"
    merged = 'text = "About 40 houses were destroyed, and there was no siren."\nfrom = ["c02", "c03"]\n'
    parts = ['text = "A law on dykes was passed."\nfrom = ["c04"]\n', 'text = "It was passed in March."\nfrom = ["c04"]\n']
    file.write_text("[[claim]]\n".join([head, merged, *parts]), encoding="utf-8")
    code, out, _ = run("report", "edit", "dyke", "--file", str(file), "--by", "anna")
    assert code == 0
    assert out.splitlines() == [
        "c05@1 merged from c02, c03 by anna",
        "c06@1 split from c04 by anna",
        "c07@1 split from c04 by anna",
        "c01@1 withdrawn by anna",
        "c02@1 merged into c05 by anna",
        "c03@1 merged into c05 by anna",
        "c04@1 split into c06, c07 by anna",
    ]
    document = json.loads(run("report", "show", "dyke", "--history", "--json")[1])
    assert len(document["history"]) == 11
    assert {item["claim"]["id"] for item in document["versions"] if not item["current"]} == {"c01", "c02", "c03", "c04"}


def test_a_draft_made_before_someone_else_s_edit_is_refused(run: Call, editor: Callable[[str], None], tmp_path: Path) -> None:
    file = tmp_path / "old.toml"
    file.write_text(run("report", "edit", "dyke", "--draft")[1], encoding="utf-8")
    editor('s/^text = "About 40/text = "About 60/')
    assert run("report", "edit", "dyke")[0] == 0
    code, _, err = run("report", "edit", "dyke", "--file", str(file))
    assert code == 2
    assert "was changed since this draft was made" in err


def test_adding_a_report_again_loses_no_edit_and_overwrites_no_other(run: Call, editor: Callable[[str], None], tmp_path: Path) -> None:
    file = tmp_path / "dyke.txt"
    code, _, err = run("report", "add", str(file), "--published", "2022-11-16")
    assert (code, "dyke: was there already" in err) == (0, True)
    editor('s/^text = "About 40/text = "About 60/')
    assert run("report", "edit", "dyke")[0] == 0
    edited = claims(run)
    code, _, err = run("report", "add", str(file), "--published", "2022-11-17")
    assert (code, "its edited claims were kept" in err) == (0, True)
    assert claims(run) == edited
    assert "published 2022-11-17;" in run("report", "show", "dyke")[1]
    editor("s/^chain = .*/chain = ['radio_fluss']/")
    assert run("report", "edit", "dyke")[0] == 0
    assert run("report", "add", str(file))[0] == 0
    assert "published 2022-11-17; own chain: radio_fluss" in run("report", "show", "dyke")[1]
    other = tmp_path / "other" / "dyke.txt"
    other.parent.mkdir()
    other.write_text("The lock at Orlitz was closed. Nobody knows why it was closed so late.\n", encoding="utf-8")
    code, _, err = run("report", "add", str(other))
    assert code == 2
    assert "its text is another; give this one a --key" in err
    assert run("report", "add", str(other), "--key", "Lock!")[0] == 2
    assert run("report", "add", str(other), "--key", "lock")[0] == 0
    assert claims(run) == edited


def test_a_search_that_can_find_nothing_says_why(run: Call) -> None:
    for query in ("", '"', "AND", "NOT dyke"):
        code, _, err = run("search", query)
        assert (code, "holds no word" in err) == (2, True)
    assert run("search", "dyke", "--report", "nope")[0] == 2
    code, out, err = run("search", "dyke", "--outlet", "nope", "--lang", "fr")
    assert (code, out) == (0, "nothing found\n")
    assert "no article of outlet 'nope' is stored" in err
    assert "no article of language 'fr' is stored" in err


def test_a_matrix_printed_as_csv_is_csv(run: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECONDSOURCE_ENCODER", "none")
    code, out, err = run("compare", "dyke", "--stored", "--format", "csv")
    assert code == 0, err
    assert "\\x0d" not in out
    rows = list(csv.DictReader(out.splitlines()))
    assert {row["claim"] for row in rows} == {"c01", "c02", "c03", "c04"}


def test_several_reports_stand_side_by_side(run: Call, tmp_path: Path) -> None:
    other = tmp_path / "luhyt.txt"
    other.write_text("У школі в Орліці немає світла. Діти пішли додому о десятій годині.\n", encoding="utf-8")
    assert run("report", "add", str(other), "--published", "2022-12-01")[0] == 0
    found = json.loads(run("report", "list", "--json")[1])
    assert [(item["report"], item["language"], len(item["claims"])) for item in found] == [("dyke", "en", 4), ("luhyt", "uk", 2)]


PAGE = """<!doctype html><html lang="uk"><head><title>Ліс вивозили вночі</title>
<meta property="og:site_name" content="Гірська хвиля"><link rel="canonical" href="http://khvylia.example/lis">
<meta property="article:published_time" content="2023-11-30T08:00:00+02:00"></head><body><nav><a href="/">Головна</a></nav><article>
<h1>Ліс вивозили вночі</h1><p>Щоночі з лісу виїжджало до двадцяти машин, розповіла активістка. Вона рахувала їх упродовж двох тижнів.</p>
<p>Вирубка в заповіднику заборонена законом із 2005 року. Начальник лісгоспу заперечує вирубку біля села Смереків.</p>
</article><footer>Усі права захищені</footer></body></html>"""


def test_a_saved_page_becomes_a_report_with_what_the_page_says_of_itself(run: Call, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(PAGE, encoding="utf-8")
    code, out, err = run("report", "add", str(file), "--key", "lis", "--json")
    assert code == 0, err
    document = json.loads(out)
    assert (document["language"], document["url"], document["outlet"]) == ("uk", "http://khvylia.example/lis", "Гірська хвиля")
    assert document["published_at"].startswith("2023-11-30T06:00")
    kinds = {claim["text"]: (claim["kind"], claim["speaker"]) for claim in document["claims"]}
    assert kinds["Щоночі з лісу виїжджало до двадцяти машин, розповіла активістка."] == ("event", "активістка")
    assert kinds["Вирубка в заповіднику заборонена законом із 2005 року."][0] == "context"


def test_an_address_that_the_guard_refuses_gives_no_report(run: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECONDSOURCE_CONTACT", "desk@blatt.example")
    code, out, err = run("report", "add", "http://127.0.0.1:1/secret")
    assert out == ""
    assert code == 2
    assert "127.0.0.1" in err


def test_an_address_is_fetched_through_the_crawl_and_its_page_is_kept(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bench.db'}"
    upgrade_database(url)
    bench = Bench(tmp_path, url)
    try:
        bench.add("press.example")
        report = reporting.read_source(bench.settings(), "http://press.example/a/one", key="one")
    finally:
        bench.close()
    assert (report.key, report.url) == ("one", "http://press.example/a/one")
    assert report.claims
    with closing(open_reader(url)) as database, database.read() as session:
        [article] = queries.load_articles(session)
        assert article.capture_sha256
        assert report.text == article.text
        assert article.owner in report.chain
