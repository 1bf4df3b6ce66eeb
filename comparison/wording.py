"""The sentences of a matrix. Never "contradicts", never "true": what is found, how often, and what could not be looked at. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from comparison.findings import Cell, Counts, Judged, Range, Standing
from storage.claim_records import FactVerdict, Independence, Level, Ruling

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def count_word(number: int) -> str:
    """ "three", from 13 on digits.

    >>> count_word(3), count_word(14)
    ('three', '14')
    """
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)


def counted(number: int, noun: str, plural: str = "") -> str:
    """ "one origin", "two origins".

    >>> counted(2, "origin"), counted(1, "country", "countries")
    ('two origins', 'one country')
    """
    return f"{count_word(number)} {noun if number == 1 else plural or noun + 's'}"


def range_text(value: Range) -> str:
    """ "2", "0–1".

    >>> range_text(Range(low=0, high=1))
    '0–1'
    """
    return str(value.low) if value.low == value.high else f"{value.low}–{value.high}"


def joined(values: Iterable[str]) -> str:
    """Different values in the order given, each once: "300, 43"."""
    return ", ".join(dict.fromkeys(value for value in values if value))


def claim_summary(cells: Sequence[Cell], articles: int, outlets: int, *, complete: bool = True) -> str:
    """One line on a claim: how many origins outside the report's own chain carry it, and how their key facts compare.

    ``complete``: whether all that looks related was read; nothing is called absent before.
    """
    outside = [cell for cell in cells if cell.independence is not Independence.REPORT_CHAIN and cell.articles]
    independent = [cell for cell in outside if cell.independence is Independence.INDEPENDENT]
    sure = [cell for cell in independent if cell.level is Level.STRONG]
    possible = [cell for cell in independent if cell.level is Level.POSSIBLE]
    unsettled = [cell for cell in outside if cell.independence is Independence.NOT_ESTABLISHED]
    place = "outside the report's own chain"
    parts: list[str] = []
    if sure:
        more = f", possibly by {count_word(len(possible))} more" if possible else ""
        parts.append(f"carried by {counted(len(sure), 'origin')} {place}{more}")
    elif possible:
        parts.append(f"possibly carried by {counted(len(possible), 'origin')} {place}")
    elif not complete:
        parts.append(f"nothing {'else ' if unsettled else ''}found so far {place}, and not everything was read")
    else:
        looked = f"in {articles:,} collected articles of {counted(outlets, 'outlet')}"
        parts.append(f"no {'other ' if unsettled else ''}passage found {place} {looked}")
    if sure or possible:
        parts.append(_facts(sure or possible))
    rival = [
        value
        for cell in possible
        if cell.verdict is FactVerdict.DIFFERS and cell.differs_in in ("number", "duration")
        for value in cell.values
    ]
    if sure and rival:
        parts.append(f"possible passages give {joined(rival)}")
    if unsettled:
        if sure or possible:
            parts.append(f"for {counted(len(unsettled), 'further origin')} independence is not established")
        else:
            parts.insert(0, f"carried by {counted(len(unsettled), 'origin')} whose independence is not established")
    return "; ".join(part for part in parts if part)


def _facts(cells: Sequence[Cell]) -> str:
    """ "one agrees, two give rival figures (300, 43)"; empty where there is no fact to compare."""
    agree = [cell for cell in cells if cell.verdict is FactVerdict.AGREES and not cell.mixed]
    differ = [cell for cell in cells if cell.verdict is FactVerdict.DIFFERS and not cell.mixed]
    mixed = [cell for cell in cells if cell.mixed]
    silent = [cell for cell in cells if cell.verdict is FactVerdict.NOT_STATED and not cell.mixed]
    parts = []
    if agree:
        parts.append(f"{count_word(len(agree))} {'agrees' if len(agree) == 1 else 'agree'}")
    figures = [cell for cell in differ if cell.differs_in in ("number", "duration")]
    others = [cell for cell in differ if cell.differs_in not in ("number", "duration")]
    if figures:
        rivals = "gives a rival figure" if len(figures) == 1 else "give rival figures"
        parts.append(f"{count_word(len(figures))} {rivals} ({joined(value for cell in figures for value in cell.values)})")
    if others:
        does = "names" if len(others) == 1 else "name"
        what = others[0].differs_in or "fact"
        parts.append(f"{count_word(len(others))} {does} another {what} ({joined(value for cell in others for value in cell.values)})")
    if mixed:
        does = "gives" if len(mixed) == 1 else "give"
        parts.append(
            f"{count_word(len(mixed))} {does} both the report's figure and another ({joined(v for cell in mixed for v in cell.values)})"
        )
    if silent:
        does = "does" if len(silent) == 1 else "do"
        parts.append(f"{count_word(len(silent))} {does} not state the fact")
    return ", ".join(parts)


def overall_summary(claims: Sequence[tuple[Counts, Range]], *, complete: bool = True) -> str:
    """How many event claims have second sources: "at least … " where unsure. ``complete`` as in :func:`claim_summary`."""
    total = len(claims)
    if not total:
        return "The report has no event claims."
    one = Range(low=sum(second.low >= 1 for _, second in claims), high=sum(second.high >= 1 for _, second in claims))
    two = Range(low=sum(second.low >= 2 for _, second in claims), high=sum(second.high >= 2 for _, second in claims))
    rival = sum(counts.other_fact.low >= 1 for counts, _ in claims)
    none = sum(counts.carrying.high == 0 for counts, _ in claims)
    text = (
        f"Of {counted(total, 'event claim')}, {range_text(one)} {'has' if one.high == 1 else 'have'} at least one second source: an origin "
        f"outside the report's own chain with a passage that carries the claim and whose key fact does not differ; "
        f"{range_text(two)} {'has' if two.high == 1 else 'have'} two or more."
    )
    if rival:
        text += f" For {counted(rival, 'claim')} an origin outside the chain gives a rival figure."
    if not complete:
        text = f"So far, and not everything was read: {text[:1].lower()}{text[1:]}"
    elif none:
        text += f" For {counted(none, 'claim')} no passage was found outside the chain."
    return text


def as_sentence(text: str) -> str:
    """A capital first and a full stop last; empty stays empty."""
    return f"{text[:1].upper()}{text[1:]}." if text else ""


LEVEL_WORDS = {
    Level.STRONG: "close passage",
    Level.POSSIBLE: "possible passage",
    Level.NONE: "no passage found",
    Level.UNSEEN: "could not look",
}

VERDICT_WORDS = {
    FactVerdict.AGREES: "agrees",
    FactVerdict.DIFFERS: "differs",
    FactVerdict.NOT_STATED: "not stated",
    FactVerdict.NO_KEY_FACT: "no fact to compare",
}

INDEPENDENCE_WORDS = {
    Independence.REPORT_CHAIN: "the report's own chain",
    Independence.INDEPENDENT: "outside the report's chain",
    Independence.NOT_ESTABLISHED: "independence not established",
}

OUTCOME_WORDS = {
    "blocked": "refused to us (login, bot wall, 401, 403, 451)",
    "robots_denied": "closed to crawlers by robots.txt",
    "robots_unreachable": "robots.txt could not be read, so nothing was asked",
    "gone": "gone",
    "http_error": "answered with an error",
    "server_error": "answered with a server error (5xx)",
    "timeout": "did not answer in time",
    "tls_error": "no valid certificate",
    "dns_error": "host name not found",
    "connect_error": "no connection",
    "truncated": "cut off",
    "protocol_error": "no valid HTTP",
    "bad_encoding": "could not be decoded",
    "extract_empty": "no text found in the page",
    "extract_timeout": "took too long to read",
    "extract_crash": "could not be read",
    "quarantined": "set aside after repeated failures",
    "too_large": "too large",
    "trap_limit": "beyond the limit of pages for one site",
    "budget": "left out by the budget: only a sample was fetched",
    "metadata_only": "only headline and date, as the publisher asks",
    "not_a_feed": "was no feed",
    "bad_feed": "was a broken feed",
    "feed_empty": "was empty",
    "not_an_article": "no article",
    "off_site": "led to another site",
    "redirect_loop": "led in a circle",
    "blocked_address": "led to an address that is not asked",
    "blocked_scheme": "led to an address that is not asked",
}
"""What an outcome means to a reader who asks why something is missing. Outcomes that are no gap are not here."""

RULING_WORDS = {
    Ruling.CONFIRM: "carries the claim",
    Ruling.REJECT: "does not carry the claim",
    Ruling.SAME_ORIGIN_AS: "rests on the same source as",
    Ruling.UNCLEAR: "unclear",
}

STANDING_WORDS = {
    Standing.HOLDS: "",
    Standing.HOLDS_IN_CHANGED_TEXT: "the article was revised since, the judged words still stand in it",
    Standing.TEXT_CHANGED: "no longer counts: the judged words are not in the article any more; judge it again",
    Standing.CLAIM_CHANGED: "no longer counts: the claim was reworded since; judge it again",
}


def ruling_words(judged: Judged) -> str:
    """ "Anna, 2022-11-20: carries the claim (the program had said: possible passage)." """
    what = f"{RULING_WORDS[judged.ruling]}{' ' + judged.same_as if judged.same_as else ''}"
    machine = LEVEL_WORDS[judged.machine.level] if not judged.machine.near_miss else f"set aside, {judged.machine.near_miss}"
    note = f" “{judged.note}”" if judged.note else ""
    standing = f" {as_sentence(STANDING_WORDS[judged.standing])}" if STANDING_WORDS[judged.standing] else ""
    return f"{judged.by}, {judged.at[:10]}: {what} (the program had said: {machine}).{note}{standing}"
