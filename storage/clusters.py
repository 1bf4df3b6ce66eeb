"""The same words at several outlets: pairs confirmed on exact shingles are the truth, clusters are derived from them."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, or_, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from storage.batches import batch_of
from storage.deferred import defer_work
from storage.dialects import add_missing, add_rows, chunks, is_postgresql, put_rows, run, table_of
from storage.models import ArticleRow, BandRow, ClusterMemberRow, CopyRow, ExtractionRow, RevisionRow, SignatureRow
from storage.near_duplicates import BANDS, bands, pack_anchors, shares_passage, shingle_set, unpack_anchors
from storage.records import CopyKind, CopyPair, Fingerprint

NEAR_JACCARD = 0.7
CONTAINED_SHARE = 0.7
"""Of the shorter text's shingles: a teaser leaves out half sentences and ends in a line of its own; independent texts share few."""
MIN_CONTAINED = 30
"""Shingles of the shorter text: 34 words, two or three sentences."""
MIN_EXACT = 10
"""Shingles below which equal texts say nothing: captions, "Watch the video", stubs."""
MAX_PER_HASH = 200
"""A band or anchor shared by more articles than this is boilerplate and finds nothing."""
MAX_CANDIDATES = 100
"""Texts compared in full with a new one; those that share most bands and anchors first."""
ANCHOR_BAND = BANDS
"""Number under which anchors stand beside the bands 0 to 15."""

_Hashes = list[tuple[int, int]]
"""(band, hash), by band, anchors last."""

_articles, _revisions, _extractions = table_of(ArticleRow), table_of(RevisionRow), table_of(ExtractionRow)
_signatures, _copies, _members = table_of(SignatureRow), table_of(CopyRow), table_of(ClusterMemberRow)
_THESE: BindParameter[int] = bindparam("articles", expanding=True)
_TEXTS = (
    select(_articles.c.id, _extractions.c.text, _signatures.c.normal_sha256)
    .join_from(_articles, _revisions, _articles.c.current_revision_id == _revisions.c.id)
    .join(_extractions, _revisions.c.extraction_id == _extractions.c.id)
    .join(_signatures, _signatures.c.article_id == _articles.c.id)
    .where(_articles.c.id.in_(_THESE))
)
_EXACT = (
    select(_signatures.c.article_id)
    .where(_signatures.c.normal_sha256 == bindparam("digest"), _signatures.c.article_id != bindparam("article"))
    .order_by(_signatures.c.article_id)
    .limit(MAX_PER_HASH)
)
_OUTLETS = select(_articles.c.id, _articles.c.outlet_id).where(_articles.c.id.in_(_THESE))
_FELLOWS = select(_members.c.article_id).where(
    _members.c.cluster_id.in_(select(_members.c.cluster_id).where(_members.c.article_id.in_(_THESE)))
)
_PAIRS = select(_copies).where(
    or_(_copies.c.article_a.in_(_THESE), _copies.c.article_b.in_(_THESE)), _copies.c.kind != CopyKind.PASSAGE.value
)
# One statement for all hashes, each with its own limit: boilerplate must not read thousands of rows.
_SHARED_SQLITE = sql(
    "SELECT (SELECT group_concat(article_id) FROM (SELECT article_id FROM signature_bands"  # noqa: S608 - constants only
    f" WHERE band = min(h.key + :first, {ANCHOR_BAND}) AND hash = h.value AND article_id <> :article LIMIT {MAX_PER_HASH + 1}))"
    " FROM json_each(:hashes) AS h"
)
# To a server it is one for all hashes of many articles; and exact copies, by digest, are another.
_SHARED_POSTGRESQL = sql(
    "SELECT h.article, h.number, s.article_id"  # noqa: S608 - constants only
    " FROM unnest(CAST(:articles AS bigint[]), CAST(:bands AS smallint[]), CAST(:hashes AS bigint[]))"
    " WITH ORDINALITY AS h(article, band, hash, number), LATERAL (SELECT article_id FROM signature_bands"
    f" WHERE band = h.band AND hash = h.hash AND article_id <> h.article LIMIT {MAX_PER_HASH + 1}) AS s"
)
_EXACT_POSTGRESQL = sql(
    "SELECT h.article, s.article_id FROM unnest(CAST(:articles AS bigint[]), CAST(:digests AS text[])) AS h(article, digest), LATERAL"  # noqa: S608 - constants only
    " (SELECT article_id FROM signatures WHERE normal_sha256 = h.digest AND article_id <> h.article"
    f" ORDER BY article_id LIMIT {MAX_PER_HASH}) AS s"
)
# Two arrays in one statement: to a server forty rows are forty statements.
_PUT_HASHES = sql(
    "INSERT INTO signature_bands (band, hash, article_id)"
    " SELECT h.band, h.hash, :article FROM unnest(CAST(:bands AS smallint[]), CAST(:hashes AS bigint[])) AS h(band, hash)"
)
_SIGNATURE = select(_signatures.c.signature, _signatures.c.anchors).where(_signatures.c.article_id == bindparam("article"))
_FORGET_SIGNATURE = delete(_signatures).where(_signatures.c.article_id == bindparam("article"))
_bands = table_of(BandRow)
_FORGET_HASH = delete(_bands).where(
    _bands.c.band == bindparam("band"), _bands.c.hash == bindparam("value"), _bands.c.article_id == bindparam("article")
)
_LEAVE = delete(_members).where(_members.c.article_id.in_(_THESE))


@dataclass(frozen=True, slots=True)
class Comparison:
    """An article whose current text is compared with all others."""

    article_id: int
    fingerprint: Fingerprint
    now: datetime


def record_copies(session: Session, article_id: int, *, fingerprint: Fingerprint, now: datetime) -> tuple[CopyPair, ...]:
    """Find, confirm and store the pairs of an article's current text with those of other outlets, and renew the clusters around it.

    Replaces what was found for an earlier revision. Idempotent. Headlines play no part.
    """
    return record_copies_of(session, [Comparison(article_id, fingerprint, now)])


def compare_later(session: Session, article_id: int, *, fingerprint: Fingerprint, now: datetime) -> None:
    """The same at the end of the transaction, for all its articles together; at once in a session that puts nothing off."""
    defer_work(session, record_copies_of, Comparison(article_id, fingerprint, now))


def record_copies_of(session: Session, comparisons: Sequence[Comparison]) -> tuple[CopyPair, ...]:
    """As ``record_copies`` for several articles in this order; of one that comes twice the last."""
    latest = {each.article_id: each for each in comparisons}
    hashes = {each.article_id: _hashes(each.fingerprint) for each in latest.values()}
    touched: set[int] = set()
    for each in latest.values():
        if dissolved := _replace_signature(session, each, hashes[each.article_id]):
            touched |= {*dissolved, each.article_id}
    candidates = find_candidates(session, list(latest.values()))
    found: list[tuple[CopyPair, datetime]] = []
    ahead = set(latest)
    for article_id, each in latest.items():
        # Of two articles of this group the later one finds the earlier, as if they came one after the other.
        ahead.discard(article_id)
        pairs = confirm_copies(session, each, [other for other in candidates[article_id] if other not in ahead])
        found += [(pair, each.now) for pair in pairs]
    _save_pairs(session, found)
    touched |= {article for pair, _ in found for article in (pair.article_a, pair.article_b)}
    if touched:
        _renew_clusters(session, touched)
    return tuple(sorted((pair for pair, _ in found), key=lambda pair: (pair.article_a, pair.article_b)))


def forget_copies(session: Session, article_id: int) -> None:
    """Take an article's signature and pairs away, and cut and join anew what they held together."""
    _forget_signature(session, article_id)
    mine = or_(CopyRow.article_a == article_id, CopyRow.article_b == article_id)
    others = {other for pair in session.execute(select(CopyRow.article_a, CopyRow.article_b).where(mine)) for other in pair}
    session.execute(delete(CopyRow).where(mine))
    if others:
        _renew_clusters(session, others)


def cluster_of(session: Session, article_id: int) -> list[int]:
    """The articles of its cluster, ascending, itself included; empty when it has no copy."""
    cluster = select(ClusterMemberRow.cluster_id).where(ClusterMemberRow.article_id == article_id).scalar_subquery()
    statement = select(ClusterMemberRow.article_id).where(ClusterMemberRow.cluster_id == cluster)
    return list(session.scalars(statement.order_by(ClusterMemberRow.article_id)))


def join_copies(pairs: Iterable[tuple[int, int, CopyKind, int | None]]) -> dict[int, int]:
    """Article id -> cluster id (the smallest article id in it), from ``(a, b, kind, container)``.

    ``container`` is the longer article of a CONTAINED pair. A digest that contains several unrelated pieces must not make one
    cluster of them: a containing article joins only when all it contains belongs together without it.
    """
    parent: dict[int, int] = {}

    def root(item: int) -> int:
        parent.setdefault(item, item)
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    def join(a: int, b: int) -> None:
        low, high = sorted((root(a), root(b)))
        parent[high] = low

    contained: dict[int, set[int]] = defaultdict(set)
    for a, b, kind, container in sorted(pairs, key=lambda pair: pair[:2]):
        if kind is CopyKind.CONTAINED and container is not None:
            contained[container].add(b if container == a else a)
        else:
            join(a, b)
    # A container of few pieces may be a piece of a larger container, so it comes first.
    for container, pieces in sorted(contained.items(), key=lambda item: (len(item[1]), item[0])):
        if len({root(piece) for piece in pieces} - {root(container)}) == 1:
            join(container, next(iter(sorted(pieces))))
            for piece in sorted(pieces):
                join(container, piece)
    sizes = Counter(root(item) for item in list(parent))
    return {item: root(item) for item in sorted(parent) if sizes[root(item)] > 1}


def _replace_signature(session: Session, comparison: Comparison, hashes: _Hashes) -> set[int]:
    """Store the signature of the current text; the articles with which the former one made pairs, which are dissolved."""
    article_id, fingerprint = comparison.article_id, comparison.fingerprint
    values = {
        "article_id": article_id,
        "version": fingerprint.signature_version,
        "normal_sha256": fingerprint.text_sha256,
        "shingle_count": fingerprint.shingle_count,
        "signature": fingerprint.signature,
        "anchors": pack_anchors(fingerprint.anchors),
    }
    batch = batch_of(session)
    if batch is not None and batch.waiting(_articles, article_id) is not None:
        # An article that is new itself.
        batch.add(_signatures, values)
        for band, value in hashes:
            batch.add(_bands, {"band": band, "hash": value, "article_id": article_id})
        return set()
    touched: set[int] = set()
    if add_missing(session, SignatureRow, values, key="article_id") is None:
        mine = or_(CopyRow.article_a == article_id, CopyRow.article_b == article_id)
        touched = {item for row in session.execute(select(CopyRow.article_a, CopyRow.article_b).where(mine)) for item in row}
        session.execute(delete(CopyRow).where(mine))
        _forget_signature(session, article_id)
        add_missing(session, SignatureRow, values, key="article_id")
    if is_postgresql(session):
        run(session, _PUT_HASHES, article=article_id, bands=[band for band, _ in hashes], hashes=[value for _, value in hashes])
    else:
        add_rows(session, BandRow, [{"band": band, "hash": value, "article_id": article_id} for band, value in hashes])
    return touched


def _hashes(fingerprint: Fingerprint) -> _Hashes:
    return _hashes_in(fingerprint.signature, fingerprint.anchors)


def _hashes_in(signature: bytes, anchors: Sequence[int]) -> _Hashes:
    return [*enumerate(bands(signature)), *((ANCHOR_BAND, value) for value in anchors)]


def _forget_signature(session: Session, article_id: int) -> None:
    row = run(session, _SIGNATURE, article=article_id).one_or_none()
    if row is not None:
        for band, value in _hashes_in(row.signature, unpack_anchors(row.anchors)):
            run(session, _FORGET_HASH, band=band, value=value, article=article_id)
        run(session, _FORGET_SIGNATURE, article=article_id)


def find_candidates(session: Session, comparisons: Sequence[Comparison]) -> dict[int, list[int]]:
    """For each article those of other outlets that may share its text, the likeliest first."""
    told = [each for each in comparisons if each.fingerprint.shingle_count >= MIN_EXACT]
    shared = _shared(session, told)
    known = {article for article, others in shared.items() if others for article in (article, *others)}
    outlets: dict[int, str] = {}
    for part in chunks(sorted(known)):
        outlets |= {row.id: row.outlet_id for row in run(session, _OUTLETS, articles=part)}
    found: dict[int, list[int]] = {each.article_id: [] for each in comparisons}
    for article, others in shared.items():
        elsewhere = [other for other in others if other in outlets and outlets[other] != outlets[article]]
        found[article] = sorted(elsewhere, key=lambda other: (-others[other], other))[:MAX_CANDIDATES]
    return found


def _shared(session: Session, comparisons: Sequence[Comparison]) -> dict[int, Counter[int]]:
    """For each article how many hashes every other shares with it; an equal text counts more than all bands."""
    found: dict[int, Counter[int]] = {each.article_id: Counter() for each in comparisons}
    if not is_postgresql(session):
        for each in comparisons:
            _count_shared(session, each, found[each.article_id])
        return found
    ids = list(found)
    for article, other in run(session, _EXACT_POSTGRESQL, articles=ids, digests=[each.fingerprint.text_sha256 for each in comparisons]):
        found[article][other] += BANDS + 1
    keys = [(each.article_id, band, value) for each in comparisons for band, value in _hashes(each.fingerprint)]
    articles, numbers, values = (list(column) for column in zip(*keys, strict=True)) if keys else ([], [], [])
    hits: dict[tuple[int, int], list[int]] = defaultdict(list)
    for article, number, other in run(session, _SHARED_POSTGRESQL, articles=articles, bands=numbers, hashes=values):
        hits[article, number].append(other)
    for (article, _), others in hits.items():
        if len(others) <= MAX_PER_HASH:
            found[article].update(others)
    return found


def _count_shared(session: Session, comparison: Comparison, shared: Counter[int]) -> None:
    article_id, fingerprint = comparison.article_id, comparison.fingerprint
    for other in run(session, _EXACT, digest=fingerprint.text_sha256, article=article_id).scalars():
        shared[other] += BANDS + 1
    hashes = _hashes(fingerprint)
    first, values = min((band for band, _ in hashes), default=0), [value for _, value in hashes]
    for found in run(session, _SHARED_SQLITE, article=article_id, first=first, hashes=json.dumps(values)).scalars():
        if found and len(others := found.split(",")) <= MAX_PER_HASH:
            shared.update(map(int, others))


def confirm_copies(session: Session, comparison: Comparison, others: Sequence[int]) -> list[CopyPair]:
    """The pairs with these candidates as measured on the whole texts, without those that merely share a hash."""
    if not others:
        return []
    texts = {row.id: row for part in chunks([comparison.article_id, *others]) for row in run(session, _TEXTS, articles=part)}
    ours = texts[comparison.article_id]
    shingles = shingle_set(ours.text)
    pairs = (_confirm(ours, texts[other], shingles) for other in others)
    return [pair for pair in pairs if pair is not None]


def _confirm(our: Any, their: Any, ours: frozenset[int]) -> CopyPair | None:
    """The pair of two articles with their texts, the first one's shingles given; None when they merely share a hash."""
    theirs = shingle_set(their.text)
    both = ours & theirs
    common = len(both)
    if not common:
        return None
    jaccard, of_ours, of_theirs = common / len(ours | theirs), common / len(ours), common / len(theirs)
    shorter, share = (len(ours), of_ours) if len(ours) <= len(theirs) else (len(theirs), of_theirs)
    if their.normal_sha256 == our.normal_sha256:
        kind = CopyKind.EXACT
    elif jaccard >= NEAR_JACCARD:
        kind = CopyKind.NEAR
    elif share >= CONTAINED_SHARE and shorter >= MIN_CONTAINED:
        kind = CopyKind.CONTAINED
    elif shares_passage(our.text, both):
        kind = CopyKind.PASSAGE
    else:
        return None
    a_share, b_share = (of_ours, of_theirs) if our.id < their.id else (of_theirs, of_ours)
    return CopyPair(
        article_a=min(our.id, their.id),
        article_b=max(our.id, their.id),
        kind=kind,
        jaccard=round(jaccard, 4),
        containment_a=round(a_share, 4),
        containment_b=round(b_share, 4),
    )


def _save_pairs(session: Session, pairs: Sequence[tuple[CopyPair, datetime]]) -> None:
    values = [
        {
            "article_a": pair.article_a,
            "article_b": pair.article_b,
            "kind": pair.kind,
            "jaccard": pair.jaccard,
            "containment_a": pair.containment_a,
            "containment_b": pair.containment_b,
            "confirmed_at": at,
        }
        for pair, at in pairs
    ]
    put_rows(session, CopyRow, values, key=("article_a", "article_b"))


def _renew_clusters(session: Session, touched: set[int]) -> None:
    """Cut and join anew everything that is, or was, connected with these articles."""
    members = set(touched)
    for part in chunks(sorted(touched)):
        members |= set(run(session, _FELLOWS, articles=part).scalars())
    pairs: dict[tuple[int, int], tuple[CopyKind, int | None]] = {}
    pending = members
    while pending:
        reached: set[int] = set()
        for part in chunks(sorted(pending)):
            for row in run(session, _PAIRS, articles=part):
                # The longer text is the one of which a smaller share is found in the other.
                container = row.article_a if row.containment_a < row.containment_b else row.article_b
                pairs[row.article_a, row.article_b] = (CopyKind(row.kind), container)
                reached |= {row.article_a, row.article_b}
        pending = reached - members
        members |= reached
    joined = join_copies((a, b, kind, container) for (a, b), (kind, container) in pairs.items())
    for part in chunks(sorted(members)):
        run(session, _LEAVE, articles=part)
    rows = [{"article_id": article, "cluster_id": cluster} for article, cluster in joined.items()]
    for some in chunks(rows):
        add_rows(session, ClusterMemberRow, some)
