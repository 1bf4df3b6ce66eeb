"""Whom a text says it has something from: other media, its own reporting, a public statement, or media it does not name. Pure.

What is found is what the text shows. A text without a credit may still be taken from elsewhere; ``comparison.alignment`` looks for that.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import lru_cache

from comparison.credit_cues import MEDIA_WORDS, PHOTO, Cues, cues_of
from comparison.credit_records import FOR_THE_WHOLE, Credit, CreditKind, shows_own_reporting
from comparison.folding import fold, known_language
from comparison.names import QUOTES, Mention, NameIndex, name_key
from comparison.offices import OFFICE, find_offices, office_name
from comparison.passages import sentences
from comparison.sounds import surname_key
from comparison.voices import Statement, find_statement, speaker_key

LEAD_SENTENCES = 3
LEAD_PARAGRAPHS = 2
"""A credit in so many first sentences or paragraphs is meant for the whole piece: news texts name their source at the top."""
REPEATED = 3
"""A medium credited in so many paragraphs is the source of the whole piece, wherever the first of them stands."""
OFFICE_REACH = 60
"""Code points between the noun for an office and whoever speaks for it."""
MAX_EVIDENCE = 300
"""Code points of the sentence that is kept as evidence."""


def find_credits(
    text: str, language: str, index: NameIndex, *, outlet_id: str, title: str = "", description: str = ""
) -> tuple[Credit, ...]:
    """All credits of one article in reading order: headline, description, text.

    ``outlet_id`` is the article's own outlet: beside its name, "told X" is own reporting and "X reports" says nothing.
    """
    found: list[Credit] = []
    for part in (title, description if description.strip() not in text else ""):
        found += [
            replace(credit, start=-1, end=-1, whole=credit.kind is not CreditKind.OWN and not _is_institution(credit))
            for credit in _credits_in(part, language, index, outlet_id, headline=part is title)
        ]
    found += _credits_in(text, language, index, outlet_id, headline=False)
    return tuple(_widen(found, text))


@lru_cache(maxsize=4096)
def paragraph_starts(text: str) -> tuple[int, ...]:
    """Offsets at which paragraphs begin: after each newline, and 0."""
    return (0, *(match.end() for match in re.finditer(r"\n", text)))


def paragraph_of(text: str, offset: int) -> int:
    """Number of the paragraph that holds ``offset``."""
    return bisect_right(paragraph_starts(text), offset) - 1


def _credits_in(text: str, language: str, index: NameIndex, outlet_id: str, *, headline: bool) -> list[Credit]:
    if not text.strip():
        return []
    known = known_language(language)
    cues = cues_of(known)
    mentions = index.mentions(text, language)
    found: list[Credit] = []
    last_person = ""
    last_medium: Credit | None = None
    for number, span in enumerate(sentences(text, language)):
        start, end = span.start, span.end
        sentence, folded = text[start:end], fold(text[start:end])
        here = [
            replace(mention, start=mention.start - start, end=mention.end - start) for mention in mentions if start <= mention.start < end
        ]
        lead = number < LEAD_SENTENCES or paragraph_of(text, start) < LEAD_PARAGRAPHS
        raw = [credit for mention in here if (credit := _known(mention, sentence, folded, cues, outlet_id)) is not None]
        raw += _offices(folded, known, cues, here)
        raw += _agencies(here, sentence, folded, outlet_id, first=number == 0, headline=headline)
        raw += _unknown(sentence, folded, cues, [(mention.start, mention.end) for mention in here])
        raw += [_at(match, CreditKind.OWN) for match in cues.own.finditer(folded) if _is_own_voice(match, sentence)]
        if not any(credit.kind is CreditKind.MEDIUM for credit in raw) and last_medium is not None:
            raw += [
                replace(_at(match, CreditKind.MEDIUM), key=last_medium.key, label=last_medium.label, outlets=last_medium.outlets)
                for match in cues.anaphora.finditer(folded)
            ]
        said, last_person = find_statement(sentence, folded, cues, here, last_person, lead=number < 2, headline=headline)
        if (
            said is not None
            and not _speaks_for(raw, said)
            and (said.cited or not any(credit.kind in (CreditKind.MEDIUM, CreditKind.OWN) for credit in raw))
        ):
            key = f"statement:{surname_key(said.name)}"
            voice = Credit(
                kind=CreditKind.VOICE, key=key, label=said.name, start=said.start, end=said.end, whole=said.whole, citing=said.cited
            )
            raw.append(voice)
        raw += _nobody(raw, folded, cues, here)
        if not headline and cues.statement.search(folded) is not None and (key := speaker_key(sentence, known)):
            raw.append(Credit(kind=CreditKind.SPEAKER, key=key, label="", start=0, end=len(sentence), whole=False))
        if cues.unanswered.search(folded) is not None:
            raw = [credit for credit in raw if credit.kind is not CreditKind.OWN]  # It asked, and nobody told it anything.
        last_medium = next((credit for credit in reversed(raw) if credit.kind is CreditKind.MEDIUM), last_medium)
        evidence = " ".join(sentence.split())[:MAX_EVIDENCE]
        for credit in _dedupe(raw):
            whole = (lead or credit.whole) and (credit.kind in FOR_THE_WHOLE or credit.whole)
            told = "" if credit.kind is CreditKind.SPEAKER else evidence
            found.append(replace(credit, start=credit.start + start, end=credit.end + start, whole=whole, evidence=told))
    return found


def _known(mention: Mention, sentence: str, folded: str, cues: Cues, outlet_id: str) -> Credit | None:
    """A credit when a cue stands beside a known name."""
    before, after = folded[max(0, mention.start - 160) : mention.start], folded[mention.end : mention.end + 120]
    if PHOTO.search(before):
        return None
    if mention.weak:
        # One ordinary word in capitals: only with nothing but an article or a noun for media between.
        before = before if _close(before, cues) else ""
        after = re.sub(r"^((?: \w+)?).*", r"\1", after) if not _close_after(after, cues) else after
    citing = bool(cues.citing_before.search(before))
    reported = citing or bool(cues.report_before.search(before) or cues.report_after.search(after))
    said_to = not mention.nominative and bool(cues.said_after.search(after))
    told = said_to or bool(cues.told_before.search(before) or cues.told_after.search(after))
    named = mention.named
    if not (reported or told):
        return _mention(mention, sentence) if named.is_medium and not mention.weak and outlet_id not in named.outlets else None
    if outlet_id in named.outlets:
        # "Сообщила «Стрела»" is the outlet's name beside its own report; "сообщила «Стреле»" is somebody who told it.
        if not told or (reported and mention.nominative and not cues.told_after.search(after)):
            return None
        kind = CreditKind.OWN
    else:
        kind = CreditKind.MEDIUM if named.is_medium else CreditKind.VOICE
    return Credit(
        kind=kind,
        key="" if kind is CreditKind.OWN else named.key,
        label=sentence[mention.start : mention.end] if kind is CreditKind.MEDIUM else named.label,
        start=mention.start,
        end=mention.end,
        whole=False,
        citing=citing,
        outlets=named.outlets,
    )


def _mention(mention: Mention, sentence: str) -> Credit:
    named, start, end = mention.named, mention.start, mention.end
    label = sentence[start:end]
    return Credit(kind=CreditKind.MENTION, key=named.key, label=label, start=start, end=end, whole=False, outlets=named.outlets)


def _nobody(raw: Collection[Credit], folded: str, cues: Cues, here: Iterable[Mention]) -> list[Credit]:
    """That a sentence has it from media that it does not name, or from nobody. What credits somebody besides is no mere hearsay."""
    kinds = {credit.kind for credit in raw}
    unnamed = [match for match in cues.unnamed.finditer(folded) if CreditKind.MEDIUM not in kinds and not _overlaps(match, here)]
    found = [_at(match, CreditKind.UNNAMED) for match in unnamed[:1]]
    found += [_at(match, CreditKind.RUMOUR) for match in cues.rumour.finditer(folded)][:1]
    if not found and kinds <= {CreditKind.MENTION}:
        found += [_at(match, CreditKind.HEARSAY) for match in cues.hearsay.finditer(folded)][:1]
    return found


def _offices(folded: str, language: str, cues: Cues, here: Iterable[Mention]) -> list[Credit]:
    """Public bodies that no list names ("police said", "nach Angaben der Feuerwehr"): who passes on their word has one source."""
    taken = [(mention.start, mention.end) for mention in here if not mention.named.is_medium]
    found: dict[str, Credit] = {}
    for key, start, end in find_offices(folded, language):
        if any(start < other_end and other_start < end for other_start, other_end in taken):
            continue
        before, after = folded[max(0, start - 80) : start], folded[end : end + 80]
        if cues.office_before.search(before) or cues.office_after.search(after):
            found.setdefault(key, Credit(kind=CreditKind.VOICE, key=key, label=office_name(key), start=start, end=end, whole=False))
    return list(found.values())


def _speaks_for(found: Iterable[Credit], said: Statement) -> bool:
    """A spokesman beside the noun for his office: the office is the source, whoever speaks for it."""
    return not said.cited and any(credit.key.startswith(OFFICE) and abs(credit.start - said.start) < OFFICE_REACH for credit in found)


def _close(before: str, cues: Cues) -> bool:
    cut = re.search(r"(?:\S+ +){1,3}\S*$", before)
    near = before[cut.start() :] if cut else before
    return bool(
        cues.citing_before.search(near)
        or cues.report_before.search(near)
        or cues.told_before.search(near)
        or cues.medium_before.search(before)
    )


def _close_after(after: str, cues: Cues) -> bool:
    near = " ".join(after.split(" ")[:2])
    return bool(cues.report_after.search(near) or cues.told_after.search(near))


_SLUG = re.compile(r"^[\W\d]*(?:\w[\w.'’-]*[ ,./()|-]*){0,7}$")
_SIGN_OFF = re.compile(r"^[\s(\[/–—-]*$")


def _agencies(here: list[Mention], sentence: str, folded: str, outlet_id: str, *, first: bool, headline: bool) -> list[Credit]:
    """Names in the fixed places of agency copy: the dateline ("KYIV, 14 Nov (Reuters) - …"), a sign-off, a headline's ends."""
    found = []
    for mention in here:
        if outlet_id in mention.named.outlets or not mention.named.is_medium or PHOTO.search(folded[: mention.start]):
            continue
        before, after = sentence[: mention.start], sentence[mention.end :]
        dateline = first and not headline and bool(_SLUG.match(before)) and bool(re.match(r"[)\]/]?\s*[.–—:-]|/\w+\)|[)\]]\s", after))
        dateline = dateline and (_has_place_line(before) or bool(re.match(r"[)\]/]", after)))
        sign_off = not headline and bool(_SIGN_OFF.match(before)) and bool(re.fullmatch(r"(?:/\w+)*[\s)\].–—-]*", after))
        bracket = bool(re.search(r"\((?:\w+/)*$", before)) and bool(re.match(r"(?:/\w+)*\)\s*$", after))
        tail = headline and (
            (bool(re.search(r"[–—|-]\s*[«„“\"]?$", before)) and not after.strip('»“”" ')) or bool(re.match(r"[»“”\"]?:\s", after))
        )
        if dateline or sign_off or bracket or tail:
            found.append(
                Credit(
                    kind=CreditKind.MEDIUM,
                    key=mention.named.key,
                    label=sentence[mention.start : mention.end],
                    start=mention.start,
                    end=mention.end,
                    whole=True,
                    citing=True,
                    outlets=mention.named.outlets,
                )
            )
    return found


def _has_place_line(before: str) -> bool:
    """ "ХАРЬКОВ. 13 ноября. " or "Kyiv, Nov 14 " before an agency's name: no verb, a capital first, a full stop, comma or date."""
    bare = before.strip(" (–—-")
    return (bool(bare) and bare[0].isupper() and bool(re.search(r"[.,]|\d", bare))) or not bare


_QUOTED = r"[«„“\"]([^«»„“”\"\n]{2,50})[»“”\"]"
_CAPITALISED = r"((?:@\w{3,}|[A-ZА-ЯЁІЇЄҐÄÖÜ][\w.'’-]*\w)(?: (?:[A-ZА-ЯЁІЇЄҐÄÖÜ0-9][\w.'’-]*|of|the|and|für|der))*)"
_NAME = re.compile(rf"\s*(?:{_QUOTED}|{_CAPITALISED})")
_TITLE_RUN = re.compile(r"(?:[A-ZÄÖÜА-ЯЁІЇЄҐ][\w'’-]+)(?:[ -](?:[A-ZÄÖÜА-ЯЁІЇЄҐ][\w'’-]+|of|the|\d{2}))+")


def _unknown(sentence: str, folded: str, cues: Cues, taken: list[tuple[int, int]]) -> list[Credit]:
    """Media that no card and no list knows, by a noun for a kind of medium or a word in the name that only media bear."""
    spans: list[tuple[int, int, int]] = []  # of the noun's start, the name's start and its end
    for noun in cues.medium.finditer(folded):
        name = _NAME.match(sentence, noun.end() - 1)
        if name is not None:
            group = 1 if name.group(1) else 2
            spans.append((noun.start(), name.start(group), name.end(group)))
    for run in _TITLE_RUN.finditer(sentence):
        if (span := _medium_in(run.group())) is not None:
            spans.append((run.start() + span[0], run.start() + span[0], run.start() + span[1]))
    for quoted in re.finditer(_QUOTED, sentence):
        like_a_name = quoted.group(1)[0].isupper() and len(quoted.group(1).split()) <= 4 and not re.search(r"[.,!?…]", quoted.group(1))
        if like_a_name and (cues.present_before.search(folded[: quoted.start(1)]) or cues.present_after.match(folded, quoted.end(1))):
            spans.append((quoted.start(1), quoted.start(1), quoted.end(1)))
    found = []
    for noun_start, start, end in spans:
        if any(start < other_end and other_start < end for other_start, other_end in taken):
            continue
        before, after = folded[max(0, noun_start - 160) : noun_start], folded[end : end + 120]
        label = sentence[start:end].strip(f" {QUOTES}.,")
        if not label or not name_key(label) or PHOTO.search(before):
            continue
        citing = bool(cues.citing_before.search(before))
        if citing or any(
            (
                cues.report_before.search(before),
                cues.report_after.search(after),
                cues.told_before.search(before),
                cues.told_after.search(after),
            )
        ):
            key = f"named:{name_key(label).replace(' ', '-')}"
            found.append(Credit(kind=CreditKind.MEDIUM, key=key, label=label, start=start, end=end, whole=False, citing=citing))
            taken = [*taken, (start, end)]
    return found


def _medium_in(run: str) -> tuple[int, int] | None:
    """The part of a run of capitals that names a medium: "Brian Batko of the Pittsburgh Post" -> "Pittsburgh Post"; None when none does."""
    word = MEDIA_WORDS.search(fold(run))
    if word is None:
        return None
    before = max((run.rfind(link, 0, word.start()) + len(link) for link in (" of the ", " of ") if link in run[: word.start()]), default=0)
    rest = re.match(r"(?:-[\w'’]+)?(?: (?:of|the|Digital|Online|Agency|Network|TV|24)\b(?: [A-Z]\w+)?)*", run[word.end() :])
    end = word.end() + (rest.end() if rest is not None else 0)
    leads = not run[before : word.start()].removeprefix("The ").strip()
    if end < len(run) and not leads:
        # A media word in the middle is mostly an office ("Press Secretary Jane Roe") or two names run together.
        return (before, end) if run[end : end + 1] in "'’" else None
    return before, len(run) if leads else end


def _is_own_voice(match: re.Match[str], sentence: str) -> bool:
    """Not within direct speech, where "we" and "us" are the speaker's, and not "told US media"."""
    before = sentence[: match.start()]
    opened = before.count("«") > before.count("»") or before.count("„") + before.count("“") > before.count("”") + before.count("„") * 2
    straight = before.count('"') % 2 == 1
    return not opened and not straight and not re.search(r"\bUS\b", sentence[match.start() : match.end()])


def _overlaps(match: re.Match[str], here: Iterable[Mention]) -> bool:
    """ "Harbour News reports" names somebody, though it has "news reports" in it."""
    return any(match.start() < mention.end and mention.start < match.end() for mention in here)


def _at(match: re.Match[str], kind: CreditKind) -> Credit:
    return Credit(kind=kind, key="", label=match.group(), start=match.start(), end=match.end(), whole=False)


def _dedupe(credits: Iterable[Credit]) -> list[Credit]:
    """One credit a (kind, key) and sentence, the strongest kept, in reading order; who is credited is not merely mentioned."""
    best: dict[tuple[CreditKind, str], Credit] = {}
    credits = list(credits)
    credited = {credit.key for credit in credits if credit.kind is CreditKind.MEDIUM}
    for credit in credits:
        if credit.kind is CreditKind.MENTION and credit.key in credited:
            continue
        known = best.get((credit.kind, credit.key))
        if known is None:
            best[credit.kind, credit.key] = credit
        else:
            best[credit.kind, credit.key] = replace(known, whole=known.whole or credit.whole, citing=known.citing or credit.citing)
    return sorted(best.values(), key=lambda credit: (credit.start, credit.end))


def _widen(found: list[Credit], text: str) -> list[Credit]:
    """A medium credited in three paragraphs is meant for the whole piece. A statement is not, where the outlet also reports itself."""
    paragraphs: dict[str, set[int]] = {}
    for credit in found:
        if credit.kind is CreditKind.MEDIUM and credit.start >= 0:
            paragraphs.setdefault(credit.key, set()).add(paragraph_of(text, credit.start))
    repeated = {key for key, numbers in paragraphs.items() if len(numbers) >= REPEATED}
    reports_itself = shows_own_reporting(found)
    # An institution in the headline and again at the top of the text is what the piece is about: its own word.
    in_headline = {credit.key for credit in found if _is_institution(credit) and credit.start < 0}
    widened = []
    for credit in found:
        whole = credit.whole or (credit.kind is CreditKind.MEDIUM and credit.key in repeated and not reports_itself)
        if (
            _is_institution(credit)
            and credit.key in in_headline
            and credit.start >= 0
            and paragraph_of(text, credit.start) < LEAD_PARAGRAPHS
        ):
            whole = True
        if credit.kind is CreditKind.VOICE and reports_itself:
            whole = False
        widened.append(replace(credit, whole=whole))
    return widened


def _is_institution(credit: Credit) -> bool:
    """Institutions are quoted in passing by every piece: their word counts for its own paragraph only."""
    return credit.kind is CreditKind.VOICE and not credit.key.startswith("statement:")
