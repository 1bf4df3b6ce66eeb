"""Precision and recall of claim matching at the shipped thresholds, on a development set that is not the newsroom's subject.

    python tests/bench/thresholds.py              # with the packaged encoders
    python tests/bench/thresholds.py --no-encoder

Claims and the sentences that carry them are in claims_dev.toml; the sentences beside them that carry none are of the same three
subjects, and every sentence of the demo's newsroom. With 72 carrying sentences the figures are indicative.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import tomllib
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from comparison.candidates import MODEL_FREE_POSSIBLE
from comparison.encoders import load_encoders
from comparison.folding import LANGUAGES
from comparison.kernels import kernel
from comparison.passages import sentences
from comparison.scoring import ClaimScorer
from comparison.thresholds import PACKAGED
from interfaces.demo.newsroom import read_newsroom
from storage.claim_records import Claim, ReferenceReport
from storage.database import open_database, upgrade_database
from storage.reports import save_report

Row = tuple[int, str, int | None, str]
"""(topic, language, claim that it carries, text)."""


def read_rows(topics: list[dict[str, object]]) -> list[Row]:
    rows: list[Row] = []
    for number, topic in enumerate(topics):
        for language in LANGUAGES:
            rows.extend((number, language, claim, text) for claim, text in enumerate(topic["carry"][language]))  # type: ignore[index]
            rows.extend((number, language, None, text) for text in topic["other"][language])  # type: ignore[index]
    newsroom = read_newsroom()
    for document in newsroom.documents.values():
        language = newsroom.outlets[document.site].language
        text = f"{document.lead}\n{document.text}"
        rows.extend((-1, language, None, text[span.start : span.end]) for span in sentences(text, language))
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--no-encoder", action="store_true")
    encoders = load_encoders("none" if parser.parse_args().no_encoder else "auto")
    topics = tomllib.loads((Path(__file__).parent / "claims_dev.toml").read_text(encoding="utf-8"))["topic"]
    claims = [(number, order, text) for number, topic in enumerate(topics) for order, text in enumerate(topic["claims"])]
    report = ReferenceReport(
        key="dev", title="dev", language="en", claims=tuple(Claim(id=f"c{row}", text=text) for row, (_, _, text) in enumerate(claims))
    )
    rows = read_rows(topics)
    now = datetime.now(UTC)
    scores = np.empty((len(claims), len(rows)))
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/dev.db"
        upgrade_database(url)
        with closing(open_database(url)) as database:
            with database.write() as session:
                save_report(session, report, now)
            scorer = ClaimScorer(database, report, encoders, now=now)
            for language in LANGUAGES:
                columns = [column for column, row in enumerate(rows) if row[1] == language]
                scores[:, columns] = scorer.score([kernel(rows[column][3], language) for column in columns], language).total
    carries = np.array([[row[0] == topic and row[2] == order for row in rows] for topic, order, _ in claims])
    print(f"{encoders.label}: {len(claims)} claims, {len(rows)} sentences, {int(carries.sum())} of them carry a claim")
    for name, least in (("possible", MODEL_FREE_POSSIBLE if encoders.model_free else PACKAGED.possible), ("strong", PACKAGED.strong)):
        if encoders.model_free and name == "strong":
            continue
        for language in (*LANGUAGES, "all"):
            chosen = np.array([language in ("all", row[1]) for row in rows])
            hit, gold = scores[:, chosen] >= least, carries[:, chosen]
            found, right = int(hit.sum()), int((hit & gold).sum())
            print(f"{name} (>= {least}) {language}: precision {right}/{found}, recall {right}/{int(gold.sum())}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
