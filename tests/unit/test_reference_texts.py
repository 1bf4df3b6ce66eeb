"""Texts that are reports, and files that are none: each is read, or refused with what it is and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from comparison.reference import foreign_language, read_report
from config.faults import ConfigError

GERMAN = "Der Deich brach am Morgen. Acht Menschen starben in der Flut, sagte die Bürgermeisterin am Abend.\n" * 3
FOREIGN = [
    (
        "pl",
        "Tama pękła o świcie, poinformowały władze; zginęło osiem osób, a ponad czterdzieści uznaje się za zaginione."
        " Prezydent zapowiedział ukaranie winnych.",
    ),
    (
        "fr",
        "Le barrage a cédé à l'aube, ont annoncé les autorités ; huit personnes sont mortes et plus de quarante sont portées disparues.",
    ),
    ("bg", "Язовирната стена се скъса призори, съобщиха властите; осем души са загинали, повече от четиридесет са в неизвестност. " * 6),
]


@pytest.mark.parametrize(("language", "text"), FOREIGN)
def test_a_report_in_another_language_is_refused_by_name_unless_one_is_given(tmp_path: Path, language: str, text: str) -> None:
    file = tmp_path / "report.txt"
    file.write_text(text, encoding="utf-8")
    assert foreign_language(text) == language
    with pytest.raises(ConfigError, match=f"reads like '{language}'.*--language"):
        read_report(file)
    assert read_report(file, language="en").language == "en"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"%PDF-1.4\n%\xe2\xe3", "is a PDF"),
        (b"PK\x03\x04\x14\x00", "an office document or archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an old Word document"),
        ("Дамбу прорвало на рассвете.".encode("cp1251"), "is not UTF-8 text; save it as UTF-8"),
        (b"", "holds no text"),
        (b" \n ", "holds no text"),
        (b"a" * 200_001, "is longer than 200000 characters"),
        (b"Nur ein Titel", "no claim was found"),
    ],
)
def test_what_is_no_report_says_what_it_is(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "report.txt"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=told):
        read_report(file)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_marked_encodings_are_read(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "report.txt"
    file.write_text(GERMAN, encoding=encoding)
    report = read_report(file)
    assert report.language == "de"
    assert report.claims[0].text == "Der Deich brach am Morgen."
