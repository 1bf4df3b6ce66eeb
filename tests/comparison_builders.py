"""Articles, matches and a small matrix made by hand, for tests of what follows from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from comparison.cells import Candidate, Context, count_cells, make_cell, make_near_miss
from comparison.findings import (
    NOTICE,
    Cell,
    ChainLink,
    ClaimFindings,
    Elsewhere,
    First,
    Gap,
    Judged,
    MachineSaid,
    OriginColumn,
    Reading,
    Revised,
    SharedQuote,
    Spread,
    SpreadLink,
    SpreadPoint,
    Standing,
)
from comparison.matrix import Matrix
from comparison.near_misses import Reason
from comparison.origins import Placed
from comparison.wording import claim_summary, overall_summary
from storage.claim_records import Claim, ClaimKind, Derivation, DerivationKind, FactPair, FactVerdict, Independence, Level, Match, Ruling
from storage.records import ArticleKind, Precision, PublishedTime, RevisionRecord, StoredArticle

AT = datetime(2022, 11, 14, 6, 30, tzinfo=UTC)
CHAIN, INDEPENDENT, NOT_ESTABLISHED = Independence.REPORT_CHAIN, Independence.INDEPENDENT, Independence.NOT_ESTABLISHED


def make_article(number: int = 1, outlet: str = "strela_ru", text: str = "Внизу около 300 человек.", **fields: Any) -> StoredArticle:
    """Article ``number`` of ``outlet``, whose owner is the first part of its id."""
    values: dict[str, Any] = {
        "article_id": number,
        "key": f"{outlet}:{number}",
        "outlet_id": outlet,
        "outlet_name": outlet.partition("_")[0].title(),
        "owner": outlet.partition("_")[0],
        "family": None,
        "url": f"http://{outlet.replace('_', '-')}.example/{number}",
        "kind": ArticleKind.ARTICLE,
        "title": f"Headline {number}",
        "text": text,
        "language": outlet.rpartition("_")[2],
        "published": PublishedTime(at=AT, precision=Precision.SECOND),
        "first_seen_at": AT,
        "captured_at": AT,
        "revision": 1,
        "revision_id": number,
        "text_sha256": f"{number:064d}",
        "capture_id": number,
        "capture_sha256": f"{number:064x}",
    }
    return StoredArticle(**(values | fields))


def make_match(
    article: StoredArticle, claim_id: str = "c03", level: Level = Level.STRONG, verdict: FactVerdict = FactVerdict.AGREES, **fields: Any
) -> Match:
    """A passage that is the article's whole text."""
    values: dict[str, Any] = {
        "claim_id": claim_id,
        "article_id": article.article_id,
        "revision": article.revision,
        "text_sha256": article.text_sha256,
        "start": 0,
        "end": len(article.text),
        "level": level,
        "score": 5.0,
        "verdict": verdict,
        "parts": {"e5": 5.0},
    }
    return Match(**(values | fields))


def number_fact(passage_value: str, verdict: FactVerdict, claim_value: str = "about 250 people") -> FactPair:
    return FactPair(field="number", claim_value=claim_value, passage_value=passage_value, verdict=verdict)


def make_candidate(
    article: StoredArticle,
    label: str = "",
    independence: Independence = INDEPENDENT,
    *,
    reason: str = "",
    near_miss: Reason | None = None,
    **match: Any,
) -> Candidate:
    placed = Placed(label=label or article.owner, independence=independence, reason=reason)
    return Candidate(make_match(article, **match), article, placed, near_miss)


def context_of(
    *articles: StoredArticle,
    derivations: dict[int, list[Derivation]] | None = None,
    histories: Mapping[int, Sequence[RevisionRecord]] | None = None,
) -> Context:
    return Context(
        {article.article_id: article for article in articles},
        derivations or {},
        {article.owner: article.outlet_name for article in articles},
        histories or {},
    )


def hand_made_matrix(hostile: str = "") -> Matrix:
    """Two claims, three origins. ``hostile`` is put wherever text of others can stand."""
    claim = Claim(id="c03", text=f"Reportedly about 250 people are held there.{hostile}", speaker=f"the sister{hostile}", hearsay=True)
    context_claim = Claim(id="c16", text="In September a law was tightened.", kind=ClaimKind.CONTEXT)
    chain = make_article(1, "radio_ru", f"Говорят, там человек 250.{hostile}", title=f"Подвал{hostile}", outlet_name=f"Радио{hostile}")
    rival = make_article(
        2, "strela_ru", f"Внизу около 300 человек.{hostile}", title=f"Триста{hostile}", url=f"javascript:alert(1){hostile}"
    )
    gone = make_article(3, "perehuk_uk", f"Їх близько 250.{hostile}", gone_at=AT, title=f"Розмова{hostile}")
    near = make_article(4, "listok_ru", f"В Брянке держат 234 человека.{hostile}", title=f"Брянка{hostile}")
    copy = Derivation(
        article_id=1, kind=DerivationKind.CREDITS, credited=f"radio{hostile}", evidence=f"Об этом рассказала сестра.{hostile}"
    )
    context = context_of(chain, rival, gone, near, derivations={1: [copy]})
    judged = Judged(
        claim="c03",
        article=f"zaslon_ru:9{hostile}",
        outlet_name=f"Заслон{hostile}",
        language="ru",
        title=f"Подвалы{hostile}",
        url=f"http://zaslon.example/9{hostile}",
        ruling=Ruling.REJECT,
        same_as=f"strela{hostile}",
        note=f"of another cellar{hostile}",
        by=f"anna{hostile}",
        at="2022-11-20T10:00:00Z",
        standing=Standing.HOLDS,
        counts=True,
        quote=f"Там держат 250.{hostile}",
        machine=MachineSaid(level=Level.STRONG, verdict=FactVerdict.AGREES, origin="zaslon", independence=INDEPENDENT, near_miss=hostile),
    )
    cells = (
        make_cell("radio", [make_candidate(chain, "radio", CHAIN, facts=(number_fact("человек 250", FactVerdict.AGREES),))], context),
        make_cell(
            "strela",
            [
                make_candidate(
                    rival, verdict=FactVerdict.DIFFERS, reason=f"x{hostile}", facts=(number_fact("около 300 человек", FactVerdict.DIFFERS),)
                )
            ],
            context,
        ),
        make_cell("perehuk", [make_candidate(gone, facts=(number_fact("близько 250", FactVerdict.AGREES),))], context),
        Cell(origin="zaslon", level=Level.UNSEEN, independence=NOT_ESTABLISHED),
    )
    revised = Revised(
        field="number", old=f"25{hostile}", new=f"300{hostile}", revision=2, before="2022-11-14T06:30:00Z", captured="2022-11-15T08:00:00Z"
    )
    changed = replace(cells[1].articles[0], entry_at="2022-11-14T14:05:00Z", revised=(revised,))
    cells = (cells[0], replace(cells[1], articles=(changed,)), *cells[2:])
    counts, second = count_cells(cells)
    row = ClaimFindings(
        id="c03",
        version=1,
        kind=ClaimKind.EVENT,
        text=claim.text,
        context="",
        speaker=claim.speaker,
        hearsay=True,
        marks=(),
        summary=claim_summary(cells, 142, 16),
        counts=counts,
        second_sources=second,
        first=First(article="radio_ru:1", outlet="radio_ru", origin="radio", published="2022-11-14T06:30:00Z", text=f"Радио{hostile}"),
        cells=cells,
        judgements=(judged,),
    )
    empty = tuple(Cell(origin=cell.origin, level=Level.NONE, independence=INDEPENDENT) for cell in cells)
    none_counts, none_second = count_cells(empty)
    other = ClaimFindings(
        id="c16",
        version=1,
        kind=ClaimKind.CONTEXT,
        text=context_claim.text,
        context="",
        speaker="",
        hearsay=False,
        marks=(),
        summary=claim_summary(empty, 142, 16),
        counts=none_counts,
        second_sources=none_second,
        first=First(),
        cells=empty,
    )
    miss = make_candidate(
        near, level=Level.POSSIBLE, near_miss=Reason("place", f"names Брянке, the report Zaitseve{hostile}", excludes=True)
    )
    kinds = {"radio": CHAIN, "strela": INDEPENDENT, "perehuk": INDEPENDENT, "zaslon": NOT_ESTABLISHED}
    return Matrix(
        notice=NOTICE,
        report="luhansk-cellars",
        title=f"Held in cellars{hostile}",
        report_outlet=f"Mainblatt{hostile}",
        report_url=f"http://www.mainblatt.example/1{hostile}",
        report_published="2022-11-16",
        translated_from="de",
        chain_names=(f"radio{hostile}",),
        as_of=None,
        data_until="2022-11-14T06:30:00Z",
        encoder="none",
        model_hash="0" * 64,
        low_recall=True,
        versions={"secondsource": "0.0.1"},
        articles=142,
        outlets=16,
        related=4,
        summary=overall_summary([(counts, second)]),
        claims=(row, other),
        origins=tuple(
            OriginColumn(
                origin=name, name=f"{name.title()}{hostile}", independence=kind, outlets=(f"{name}_ru",), articles=1, seen=name != "zaslon"
            )
            for name, kind in kinds.items()
        ),
        first=row.first,
        near_misses=(make_near_miss(miss, claim, context),),
        only_in_report=(),
        chain=(
            ChainLink(
                article=chain.key,
                outlet=chain.outlet_id,
                outlet_name=chain.outlet_name,
                language="ru",
                url=chain.url,
                title=chain.title,
                published="2022-11-14T06:30:00Z",
                published_precision="second",
                withdrawn=False,
                rests_on=row.cells[0].articles[0].rests_on,
            ),
        ),
        elsewhere=(
            Elsewhere(
                origins=("perehuk", "strela"),
                passages=tuple(
                    SharedQuote(
                        origin=origin, outlet_name=f"{origin}{hostile}", language=language, article=f"{origin}_{language}:7{hostile}",
                        url=f"http://{origin}.example/7{hostile}", title=f"Тумен{hostile}", published="2022-11-15T00:00:00Z",
                        published_precision="day", passage=f"16 матрасов{hostile}", start=0, end=11, text_sha256="7" * 64, marks=(),
                        score=0.91,
                    )
                    for origin, language in (("strela", "ru"), ("perehuk", "uk"))
                ),
            ),
        ),
        spread=Spread(
            points=tuple(
                SpreadPoint(
                    article=item.key, outlet_name=item.outlet_name, language=item.language, url=item.url, title=item.title,
                    origin=origin + (hostile if kind is INDEPENDENT else ""), independence=kind, published="2022-11-14T06:30:00Z",
                    published_precision="day" if kind is INDEPENDENT else "second", claims=("c03",), rests_on=(), withdrawn=False,
                )
                for item, origin, kind in ((chain, "radio", CHAIN), (rival, "strela", INDEPENDENT))
            ),
            links=(SpreadLink(source=chain.key, target=rival.key, kind="credits"),),
        ),
        coverage=(
            Gap(outlet="zaslon_ru", outlet_name=f"Заслон{hostile}", articles=0, first_published=None, last_published=None, looked_at=False,
                reasons=(f"the newest look at its feeds: server error{hostile}",)),
        ),
        reading=Reading(complete=True, read=0, promising=0, new=0, text=""),
        notes=(f"One article was withdrawn.{hostile}",),
    )  # fmt: skip
