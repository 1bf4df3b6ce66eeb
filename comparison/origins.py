"""Which independent origin each article, and each passage in it, rests on. Pure.

Articles that are copies of one text, belong to one owner, are derived from one another or credit one source are one origin. What the
report under test rests on is its own chain, and one origin. Where a common source is neither shown nor excluded, independence is not
established, and that is never counted as independent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from comparison.credit_records import Credit, CreditKind, shows_own_reporting
from comparison.credits import paragraph_of
from comparison.names import KnownOutlet, NameIndex
from comparison.offices import OFFICE, office_of
from storage.claim_records import Derivation, DerivationKind, Independence, ReferenceReport
from storage.records import StoredArticle

NOBODY = {
    CreditKind.UNNAMED: "rests on media reports that are not named",
    CreditKind.RUMOUR: "passes on what nobody is named for",
    CreditKind.HEARSAY: "tells it as hearsay, and not whose",
}
"""Kinds of credit that show that the outlet has it from elsewhere, and not from where, and the reason that is given."""


class DisjointSets:
    """Union-find over names. The representative of a set is its smallest member, so that nothing depends on the order of joining.

    >>> sets = DisjointSets()
    >>> sets.join("b", "c"); sets.join("a", "b"); sets.find("c")
    'a'
    """

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def find(self, name: str) -> str:
        root = name
        while (parent := self._parent.get(root, root)) != root:
            root = parent
        while name != root:
            name, self._parent[name] = self._parent.get(name, name), root
        return root

    def join(self, one: str, other: str) -> None:
        first, second = sorted((self.find(one), self.find(other)))
        self._parent[second] = first


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The report's own chain: its first source, never its second."""

    label: str
    """Public label of the chain's origin: the owner that the report rests on, as far as it is known."""
    keys: frozenset[str]
    """Owner ids and keys of credited names."""
    urls: frozenset[str] = frozenset()
    """The report's own address."""


def chain_of(report: ReferenceReport, index: NameIndex, outlets: Sequence[KnownOutlet]) -> Chain:
    """Who belongs to the report's chain: every owner or name that it lists, and the owner of its own outlet."""
    owners = {outlet.owner for outlet in outlets}
    by_id = {outlet.id: outlet.owner for outlet in outlets}
    listed: list[str] = []
    for name in report.chain:
        if name in owners:
            listed.append(name)
        elif name in by_id:
            listed.append(by_id[name])
        elif (named := index.resolve(name)) is not None:
            listed.append(named.key)
        else:
            listed.append(name)
    own = by_id.get(report.outlet)
    if own is None and report.outlet and (named := index.resolve(report.outlet)) is not None:
        own = named.key
    keys = frozenset(listed) | ({own} if own else set())
    # The report's own house comes last: what it rests on is the better name for the whole chain.
    label = next((key for key in listed if key != own), own or "report_chain")
    return Chain(label=label, keys=frozenset(keys), urls=frozenset({report.url} if report.url else ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where an article or a passage belongs."""

    label: str
    independence: Independence
    reason: str = ""
    """Why, in words for people; empty for an outlet's own original."""
    depends_on: frozenset[str] = frozenset()
    """Labels that the piece credits elsewhere without showing a source of its own here: where one of these carries the same claim,
    independence is not established."""
    speakers: frozenset[str] = frozenset()
    """Keys of those whose names stand beside a verb of saying in the passage's sentences: of two origins that quote the same one for the
    same claim only the better passage is established."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of one article before its origin is decided."""

    article: StoredArticle
    credits: tuple[Credit, ...] = ()
    derivations: tuple[Derivation, ...] = ()
    linked: tuple[int, ...] = ()
    """Related articles of other owners that it links to."""


@dataclass(slots=True)
class Origins:
    """The origins of one report's related articles. Make with ``find_origins``."""

    chain: Chain
    names: dict[str, str]
    """Label -> name for people."""
    _evidence: dict[int, Evidence] = field(default_factory=dict)
    _placed: dict[int, Placed] = field(default_factory=dict)
    _labels: dict[str, str] = field(default_factory=dict)
    _collected: set[str] = field(default_factory=set)

    def of_article(self, article_id: int) -> Placed:
        return self._placed[article_id]

    def label_of(self, key: str) -> str:
        """The label of an owner id or credited key."""
        return self._labels.get(key, key)

    def of_label(self, label: str) -> Placed:
        """Whatever rests on an origin known by its label alone; independent only where a text of its own was collected."""
        if label == self.chain.label or label in self._collected:
            return Placed(label=label, independence=self._independence(label))
        return Placed(label=label, independence=Independence.NOT_ESTABLISHED, reason="no piece of its own was collected")

    def of_passage(self, article_id: int, start: int, end: int) -> Placed:
        """The origin of ``text[start:end]`` of an article: its own reporting, or whoever that paragraph credits."""
        evidence = self._evidence[article_id]
        placed = self._of_passage(evidence, start, end)
        if placed.independence is not Independence.INDEPENDENT:
            return placed
        speaking = (credit for credit in evidence.credits if credit.kind is CreditKind.SPEAKER)
        return replace(placed, speakers=frozenset(credit.key for credit in speaking if credit.start < end and start < credit.end))

    def _of_passage(self, evidence: Evidence, start: int, end: int) -> Placed:
        whole = self._placed[evidence.article.article_id]
        article = evidence.article
        if whole.independence is Independence.REPORT_CHAIN and (self.label_of(article.owner) == self.chain.label or _is_derived(evidence)):
            return whole
        if _is_derived(evidence):
            return whole
        first, last = paragraph_of(article.text, start), paragraph_of(article.text, max(start, end - 1))
        here = [credit for credit in evidence.credits if credit.start >= 0 and first <= paragraph_of(article.text, credit.start) <= last]
        kinds = {credit.kind for credit in here}
        media = [credit for credit in here if credit.kind is CreditKind.MEDIUM]
        own = Placed(label=self.label_of(article.owner), independence=self._independence(self.label_of(article.owner)))
        if (credit := _whole_credit(evidence.credits, self)) is not None:
            if CreditKind.OWN in kinds and not media:
                reason = f"own reporting in a piece that otherwise credits {credit.label}"
                return Placed(label=own.label, independence=own.independence, reason=reason)
            if shows_own_reporting(evidence.credits):
                reason = f"{whole.reason}; the piece also reports itself, which cannot be separated here"
                return Placed(label=whole.label, independence=whole.independence, reason=reason)
            return whole
        if (copied := self._copied_part(evidence, start, end)) is not None:
            return copied
        in_chain = [credit for credit in media if self.label_of(credit.key) == self.chain.label]
        if in_chain or (media and CreditKind.OWN not in kinds):
            return self._credited((in_chain or media)[0], article)
        if CreditKind.OWN in kinds:
            return own
        if (voice := next((credit for credit in here if credit.kind is CreditKind.VOICE), None)) is not None:
            return self._credited(voice, article)
        if unsaid := [why for kind, why in NOBODY.items() if kind in kinds]:
            return Placed(label=own.label, independence=Independence.NOT_ESTABLISHED, reason=unsaid[0])
        return self._elsewhere(evidence, whole)

    def _independence(self, label: str) -> Independence:
        return Independence.REPORT_CHAIN if label == self.chain.label else Independence.INDEPENDENT

    def _credited(self, credit: Credit, article: StoredArticle) -> Placed:
        label = self.label_of(credit.key)
        self.names.setdefault(label, credit.label)
        verb = "quotes" if credit.kind is CreditKind.VOICE else "credits"
        reason = f"{verb} {credit.label}"
        independence = self._independence(label)
        unseen = credit.kind is CreditKind.MEDIUM and label not in self._collected and label != self.label_of(article.owner)
        if independence is Independence.INDEPENDENT and unseen:
            # Who is credited may itself credit the chain: nobody can tell who has not read the original.
            independence, reason = Independence.NOT_ESTABLISHED, f"{reason}, whose own piece was not collected"
        return Placed(label=label, independence=independence, reason=reason)

    def _copied_part(self, evidence: Evidence, start: int, end: int) -> Placed | None:
        for item in evidence.derivations:
            if item.kind is not DerivationKind.PARTIAL or item.source_article_id not in self._placed:
                continue
            at = evidence.article.text.find(item.evidence)
            if at >= 0 and at < end and start < at + len(item.evidence):
                source = self._evidence[item.source_article_id].article
                placed = self._placed[item.source_article_id]
                return Placed(
                    label=placed.label,
                    independence=placed.independence,
                    reason=f"this passage follows {source.outlet_name} sentence by sentence",
                )
        return None

    def _elsewhere(self, evidence: Evidence, whole: Placed) -> Placed:
        """A passage that credits nobody, in a piece that credits others elsewhere and shows no reporting of its own."""
        if shows_own_reporting(evidence.credits) or whole.independence is Independence.NOT_ESTABLISHED:
            return whole
        keys = {credit.key for credit in evidence.credits if credit.kind in (CreditKind.MEDIUM, CreditKind.MENTION)}
        keys |= {self._evidence[other].article.owner for other in evidence.linked if other in self._evidence}
        others = frozenset(self.label_of(key) for key in keys) - {whole.label}
        if not others:
            return whole
        if self.chain.label in others:
            reason = "the piece credits the report's own chain elsewhere and shows no source of its own here"
            return Placed(label=whole.label, independence=Independence.NOT_ESTABLISHED, reason=reason)
        return Placed(label=whole.label, independence=whole.independence, reason=whole.reason, depends_on=others)


def find_origins(evidence: Iterable[Evidence], *, chain: Chain, outlets: Sequence[KnownOutlet], names: Mapping[str, str]) -> Origins:
    """Place every article. ``names`` are names for people of owners and bundled sources."""
    items = {item.article.article_id: item for item in sorted(evidence, key=lambda item: item.article.key)}
    keys = DisjointSets()
    for key in sorted(chain.keys):
        keys.join(f"k:{chain.label}", f"k:{key}")
    families: dict[str, str] = {}
    for article in (item.article for item in items.values()):
        if article.family is not None:
            keys.join(f"k:{families.setdefault(article.family, article.owner)}", f"k:{article.owner}")
    owners = {outlet.owner for outlet in outlets}
    bodies: dict[str, set[str]] = {}
    for outlet in outlets:
        if (office := office_of(outlet.name)) is not None:
            bodies.setdefault(office, set()).add(outlet.owner)
    for office, publishers in bodies.items():
        # What a public body publishes itself and what others pass on as its word have one source; of two bodies of one kind nobody
        # can tell which one is meant.
        if len(publishers) == 1:
            keys.join(f"k:{office}", f"k:{min(publishers)}")
    labels = _labels(keys, chain, items.values(), owners)
    origins = Origins(chain=chain, names=dict(names), _evidence=items, _labels=labels)
    for outlet in outlets:
        origins.names.setdefault(outlet.owner, outlet.name)
    origins._collected = {
        origins.label_of(item.article.owner)
        for item in items.values()
        if not _is_derived(item) and _whole_credit(item.credits, origins) is None
    }
    for article_id in items:
        _place(article_id, origins, items, set())
    return origins


def _labels(keys: DisjointSets, chain: Chain, items: Iterable[Evidence], owners: Iterable[str]) -> dict[str, str]:
    """Every key that occurs -> the public label of its set: the chain's, else an owner's before an office's."""
    occurring = set(chain.keys) | {chain.label}
    for item in items:
        occurring.add(item.article.owner)
        occurring |= {credit.key for credit in item.credits if credit.key and credit.kind is not CreditKind.SPEAKER}
    found = {key: keys.find(f"k:{key}").removeprefix("k:") for key in occurring}
    published = {found.get(owner) or keys.find(f"k:{owner}").removeprefix("k:"): owner for owner in sorted(owners, reverse=True)}
    found = {key: published.get(label, label) if label.startswith(OFFICE) else label for key, label in found.items()}
    root = keys.find(f"k:{chain.label}").removeprefix("k:")
    return {key: chain.label if label == root else label for key, label in found.items()}


def _is_derived(item: Evidence) -> bool:
    return any(found.kind in (DerivationKind.COPY, DerivationKind.TRANSLATION) for found in item.derivations)


def _whole_credit(credits: Iterable[Credit], origins: Origins) -> Credit | None:
    """The credit that the whole piece rests on: the report's chain before all, then who is cited behind another, then the first."""
    whole = [credit for credit in credits if credit.whole and credit.kind in (CreditKind.MEDIUM, CreditKind.VOICE)]
    media = [credit for credit in whole if credit.kind is CreditKind.MEDIUM]
    chain = [credit for credit in media if origins.label_of(credit.key) == origins.chain.label]
    cited = [credit for credit in whole if credit.citing]
    return next(iter([*chain, *cited, *media, *whole]), None)


def _place(article_id: int, origins: Origins, items: Mapping[int, Evidence], on_the_way: set[int]) -> Placed:
    known = origins._placed.get(article_id)
    if known is not None:
        return known
    item = items[article_id]
    placed = _decide(item, origins, items, on_the_way | {article_id})
    origins._placed[article_id] = placed
    return placed


def _decide(item: Evidence, origins: Origins, items: Mapping[int, Evidence], on_the_way: set[int]) -> Placed:
    article = item.article
    label = origins.label_of(article.owner)
    if article.url in origins.chain.urls:
        return Placed(label=origins.chain.label, independence=Independence.REPORT_CHAIN, reason="the report itself")
    if label == origins.chain.label:
        return Placed(label=label, independence=Independence.REPORT_CHAIN, reason="published by the report's own chain")
    for found in item.derivations:
        source = found.source_article_id
        if source is None or source not in items or source in on_the_way:
            continue
        if found.kind in (DerivationKind.COPY, DerivationKind.TRANSLATION):
            # Two texts whose order nobody knows point at each other at worst; the set of those on the way ends that.
            placed = _place(source, origins, items, on_the_way)
            what = "a copy of" if found.kind is DerivationKind.COPY else "a translation of"
            return Placed(label=placed.label, independence=placed.independence, reason=f"{what} {items[source].article.outlet_name}")
    credit = _whole_credit(item.credits, origins)
    if credit is not None:
        return origins._credited(credit, article)
    if not shows_own_reporting(item.credits):
        if any(found.kind is CreditKind.MENTION and origins.label_of(found.key) == origins.chain.label for found in item.credits):
            reason = "names the report's own chain and shows no source of its own"
            return Placed(label=label, independence=Independence.NOT_ESTABLISHED, reason=reason)
        for kind, reason in NOBODY.items():
            if any(found.whole and found.kind is kind for found in item.credits):
                return Placed(label=label, independence=Independence.NOT_ESTABLISHED, reason=reason)
    return Placed(label=label, independence=Independence.INDEPENDENT)
