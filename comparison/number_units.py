"""What a number counts: the unit behind it, before it, or earlier in its clause; and persons who are counted apart."""

from __future__ import annotations

import re

from comparison.number_text import NumberText
from comparison.number_words import cardinal, unit_of

MAX_ADJECTIVES = 3
EARLIER_TOKENS = 8
"""How far back in its clause a number at the end may look for what it counts."""

ROLE_REACH = 40
"""Characters to each side of a number within which "killed" or "wounded" says which persons are counted."""

CURRENCY = {
    "$": "USD", "€": "EUR", "₽": "RUB", "₴": "UAH", "£": "GBP", "¥": "JPY",
    "₹": "INR", "₺": "TRY", "₪": "ILS", "₸": "KZT", "₩": "KRW", "₾": "GEL",
}  # fmt: skip
_DOLLARS = {
    "us": "USD", "a": "AUD", "au": "AUD", "c": "CAD", "ca": "CAD", "hk": "HKD", "nz": "NZD", "s": "SGD", "nt": "TWD", "r": "BRL",
}  # fmt: skip
"""What stands right before the sign: "A$5m"."""
_CODES = {"rm": "MYR", "rs": "INR", "rmb": "CNY"} | {
    code.lower(): code
    for code in (
        "USD", "EUR", "GBP", "CHF", "JPY", "CNY", "INR", "PLN", "CZK", "HUF", "RON", "BGN", "SEK", "NOK", "DKK", "UAH", "RUB", "BYN",
        "KZT", "GEL", "MDL", "TRY", "ILS", "AUD", "CAD", "HKD", "NZD", "SGD", "TWD", "KRW", "BRL", "MXN", "ZAR", "AED", "SAR", "MYR",
    )
}  # fmt: skip
"""ISO 4217, and how some of them are written before an amount: "RM4.5 million", "EUR 5 million"."""
_SIGNS = {**CURRENCY, "%": "percent", "°": "degree"}
_STEMS = (
    ("jährig", "year"), ("tägig", "day"), ("stündig", "hour"), ("wöchig", "week"), ("monatig", "month"), ("köpfig", "person"),
    ("метровый", "m"), ("метров", "m"), ("тонн", "tonne"), ("відсотков", "percent"), ("процентн", "percent"),
    ("километров", "km"), ("кілометров", "km"), ("дневн", "day"), ("денн", "day"), ("суточн", "day"), ("добов", "day"),
    ("недельн", "week"), ("тижнев", "week"), ("месячн", "month"), ("місячн", "month"), ("часов", "hour"), ("годинн", "hour"),
)  # fmt: skip
_GERMAN_NOUN = re.compile(r"\w+(?<!er)(?<!sche)(?<!schen)")
"""What is written with a capital and is no adjective made of a town's name ("Kiewer")."""
_SUBSTANTIVE = re.compile(r"\w+(?:ых|их|ые|ие|ыми|ими|ім|им)")
"""Russian and Ukrainian adjectives that may stand for persons ("военных") or before what is counted ("военных машин")."""
_THING_AFTER = re.compile(r"\w+(?:ий|ов|ев|ств|ків|тів|нів|рів|лів|ень|ль)")
_CLAUSE_MARKS = ".;:!?,"


def unit_after(source: NumberText, index: int) -> tuple[str, int]:
    """(unit, where its word ends) of what stands from a token on; at most three adjectives may come first. ("", 0) for none."""
    adjectives = 0
    named = False
    position = index
    while position < len(source):
        word = source.word(position)
        if word in CURRENCY and source.word(position + 1)[:1].isdigit():
            # "From $8 million to $6 million": the sign belongs to the next number.
            return "", 0
        if word in _SIGNS:
            return _SIGNS[word], source.end(position)
        if word == "-" and adjectives and position + 1 < len(source) and source.end(position - 1) == source.start(position):
            if source.start(position + 1) != source.end(position):
                return "", 0
            position += 1  # "draft-age men"
            continue
        if word == "-" and position == index and position + 1 < len(source) and source.start(position + 1) == source.end(position):
            position += 1  # "three-day", "300-километровый"
            continue
        if source.is_masked(position) and (named or word[0].isalpha()):
            # "Four Il-76 planes": what the planes are called stands between.
            named, position = True, position + 1
            continue
        named = False
        if not word[0].isalpha():
            return "", 0
        unit, end = _unit_at(source, position)
        if unit:
            return unit, end
        if source.words.between.fullmatch(word) is None:
            if word in source.words.stop or source.words.adjective.fullmatch(word) is None or adjectives == MAX_ADJECTIVES:
                return "", 0
            if _is_other_noun(source, position):
                return "", 0
            adjectives += 1
        position += 1
    return "", 0


def _is_other_noun(source: NumberText, position: int) -> bool:
    """Whether German writes a noun that is no unit there: "in 64 Fällen Rentner betrogen" counts no pensioners."""
    word = source.word(position)
    capital = source.language == "de" and source.text[source.start(position)].isupper()
    return capital and _GERMAN_NOUN.fullmatch(word) is not None and source.word(position + 1) != "-"


def _is_german_adjective(source: NumberText, position: int) -> bool:
    """Whether a small letter opens the word and a capital the next."""
    small, capital = source.text[source.start(position)], source.text[source.start(position + 1)]
    return source.language == "de" and small.islower() and capital.isupper()


def _unit_at(source: NumberText, position: int) -> tuple[str, int]:
    word, follower = source.word(position), source.word(position + 1)
    joined = bool(follower) and source.joined(position, position + 1)
    if joined and (pair := unit_of(f"{word} {follower}", source.language)):
        return pair, source.end(position + 1)
    if joined and _is_german_adjective(source, position) and unit_of(word, "de") == "person":
        # "Verschleppte Kinder".
        return "", source.end(position)
    unit = unit_of(word, source.language) or next((unit for stem, unit in _STEMS if word.startswith(stem)), "")
    if unit in ("person", "professional") and joined and source.language in ("ru", "uk") and _SUBSTANTIVE.fullmatch(word):
        counted = unit_of(follower, source.language)
        if counted:
            return counted, source.end(position + 1)
        if _THING_AFTER.fullmatch(follower) and follower not in source.words.stop:
            return "", 0
    return unit, source.end(position)


def unit_before(source: NumberText, start: int) -> tuple[str, int, bool]:
    """(unit, where its word starts, whether the order makes the number a guess): "человек двести" is about two hundred people."""
    index = source.token_before(start)
    word = source.word(index)
    if index >= 0 and word in CURRENCY and source.end(index) == start:
        country = _DOLLARS.get(source.word(index - 1)) if word == "$" and index and source.end(index - 1) == source.start(index) else None
        return (country, source.start(index - 1), False) if country else (CURRENCY[word], source.start(index), False)
    if word == "." and source.word(index - 1) == "rs":
        index, word = index - 1, "rs"
    if index >= 0 and word in _CODES and source.text[source.start(index)].isupper():
        return _CODES[word], source.start(index), False
    if index >= 0 and word in source.words.inverted and source.is_gap(source.end(index), start):
        return unit_of(word, source.language), source.start(index), True
    return "", start, False


def unit_earlier(source: NumberText, start: int, last: int) -> str:
    """The persons named earlier in the clause of a number that closes it: "Die Zahl der Gefangenen liegt bei 250."."""
    if last + 1 < len(source) and (source.word(last + 1)[0].isalnum() or source.word(last + 1) in "-–"):
        return ""
    index = source.token_before(start)
    for position in range(index, max(-1, index - EARLIER_TOKENS), -1):
        word = source.word(position)
        if not word[0].isalpha():
            return ""
        unit = unit_of(word, source.language)
        if unit:
            return unit if unit in ("person", "dead", "wounded") else ""
    return ""


def unit_of_count(source: NumberText, start: int, end: int) -> str:
    """What a number that was reached counts, named anywhere before it in its sentence: "кількість загиблих унаслідок … зросла до 9"."""
    reached = source.words.reached.search(source.folded, max(0, start - ROLE_REACH), start) is not None
    if not reached and _REACHED_BEHIND.match(source.folded, end) is None:
        return ""
    opens = max(source.folded.rfind(mark, 0, start) for mark in (". ", "! ", "? ", "\n")) + 1
    counted = [match[1] for match in source.words.count_of.finditer(source.folded, opens, start)]
    unit = unit_of(counted[-1], source.language) if counted else ""
    return unit if unit in ("person", "dead", "wounded") else ""


def role_of(source: NumberText, unit: str, start: int, end: int) -> str:
    """``unit``, or "dead" or "wounded" where the clause says so of persons."""
    if unit != "person":
        return unit
    folded = source.folded
    if tied := tied_role(source, end):
        # "31 dead and 33 others wounded": what follows at once decides.
        return tied
    if _WHOLE_BEFORE.search(folded, max(0, start - ROLE_REACH), start) is not None:
        # "32 of the 252 miners were killed": the whole is not what the part is.
        return unit
    reach = start
    # "Погибли, по словам двух офицеров, сто человек": an attribution between commas parts no clause.
    while (inset := _INSET.search(folded, 0, reach)) is not None:
        reach = inset.start()
    left = max(folded.rfind(mark, 0, reach) for mark in _CLAUSE_MARKS) + 1
    if _AND_BEFORE.search(folded, left, start) is not None and _OWN_VERB.match(folded, end) is not None:
        # "One woman was hurt and 40 residents were evacuated".
        left = start
    right = min((found for mark in _CLAUSE_MARKS if (found := folded.find(mark, end)) >= 0), default=len(folded))
    for role, pattern in source.words.roles:
        if (
            pattern.search(folded, max(left, start - ROLE_REACH), start)
            or (reach < start and pattern.search(folded, max(left, reach - ROLE_REACH), reach))
            or pattern.search(folded, end, min(right, end + ROLE_REACH))
        ):
            return role
    return unit


def tied_role(source: NumberText, end: int, reach: int = 0) -> str:
    """ "dead" or "wounded" where that follows a number: "fünf wurden verletzt". ``reach``: words beside auxiliaries between."""
    begin = end
    for _ in range(reach + 1):
        for role, pattern in source.words.tied:
            if pattern.match(source.folded, begin) is not None:
                return role
        word = _NEXT_WORD.match(source.folded, begin)
        if word is None:
            return ""
        begin = word.end()
    return ""


def role_before(source: NumberText, start: int) -> str:
    """ "dead" or "wounded" where that stands right before a number: "погибли пятеро"."""
    before = source.folded[max(0, start - 24) : start]
    for role, pattern in source.words.roles:
        if any(match.end() >= len(before.rstrip()) for match in pattern.finditer(before)):
            return role
    return ""


def is_below_zero(source: NumberText, start: int, end: int) -> bool:
    """Whether degrees are below zero: "minus 20 Grad", "20 градусов мороза"."""
    minus = source.words.minus.search(source.folded, max(0, start - 16), start)
    return minus is not None or source.words.frost.match(source.folded, end) is not None


def unit_of_whole(source: NumberText, last: int) -> str:
    """What a part counts is named behind the whole: the 60 of "60 of the 120 conscripts" are conscripts."""
    position = last + 1
    if source.word(position) not in _OF:
        return ""
    while source.word(position) in _OF:
        position += 1
    if position >= len(source) or source.is_masked(position):
        return ""
    if unit := _unit_at(source, position)[0]:
        # "Five of the attackers": the whole is named without its number.
        return unit
    worded = 0
    while worded < 4 and cardinal(source.word(position), source.language) is not None:
        position, worded = position + 1, worded + 1
    if not worded:
        if not source.word(position)[:1].isdigit():
            return ""
        position += 1
    return unit_after(source, position)[0]


def age_or(unit: str, source: NumberText, start: int, end: int, unit_end: int) -> str:
    """ "age" where years, or a bare number, are somebody's age; else ``unit``."""
    if unit not in ("", "year"):
        return unit
    folded = source.folded
    before = folded[max(0, start - 32) : start]
    if _AGE_BEFORE.search(before) is not None:
        return "age"
    if _AGE_DATIVE.search(source.text[max(0, start - 32) : start]) is not None and unit:
        return "age"
    if not unit:
        return "age" if _AGE_IN_COMMAS.search(source.text[max(0, start - 24) : end + 1]) is not None else ""
    if _AGE_ADJECTIVE.search(folded, start, unit_end) is not None:
        # "A ten-year term", "трёхлетнего контракта" last; people are so many years old.
        return "year" if _LASTING.match(folded, unit_end) is not None else "age"
    if _AGE_AFTER.match(folded, unit_end) is not None:
        return "age"
    closed = source.text[unit_end : unit_end + 1]
    return "age" if before.endswith(", ") and closed in (",", ")") and _NAME_BEFORE.search(source.text[: start - 2]) is not None else unit


_WHOLE_BEFORE = re.compile(r"\d (?:of (?:the|its|their|those|these)|von(?: den| insgesamt| ihren)?|der(?: insgesamt)?|из|із|з) $")
_INSET = re.compile(
    r", (?:according to|as|laut|nach|so|wie|по|как|за|як|officials|police|authorities|the \w+)(?: [^,.;:!?]{2,70})?,"
    r" ?(?:[^\W\d_]+ ){0,3}$"
)
_AND_BEFORE = re.compile(r"(?<![^\W_])(?:and|while|und|während) (?:[^\W\d_]+ )?$")
_OWN_VERB = re.compile(r" (?:were|was|are|is|have|has|had|remain\w*|wurden?|sind|ist|waren|werden|haben|blieben?)(?![^\W_])")
_REACHED_BEHIND = re.compile(r" (?:an)?(?:gestiegen|gewachsen|erhöht|gesunken|geklettert|angewachsen|korrigiert)(?![^\W_])")
_OF = frozenset({"of", "the", "these", "those", "der", "von", "den", "dieser", "insgesamt", "из", "этих", "из-за", "із", "зі", "з", "цих"})
_NEXT_WORD = re.compile(r" [^\W\d_]+")
_AGE_BEFORE = re.compile(
    r"(?<![^\W_])(?:aged|age of|older than|younger than|im alter von|älter als|jünger als|старше|младше|моложе|в возрасте|у віці|віком"
    r"|(?:старш|молодш)\w+ (?:за|від)"
    r"|(?:най|само\w+ )?(?:старш|молодш|младш)\w+(?: (?:был\w*|було|исполнилось|виповнилося))?(?: [-–—])?"
    r"|(?:которому|которой|которым|ему|ей|мне|им|якому|якій|йому|їй|мені)"
    r"(?: (?:было|исполнилось|всего|лишь|только|тогда|сейчас|уже|було|виповнилося|лише|тільки|тоді|зараз|вже))*) $"
)
_AGE_DATIVE = re.compile(r"(?:^|[.,;] |\bчто |\bщо )[А-ЯІЇЄҐ][а-яіїєґё]+(?:у|ю|ові|еві) (?:было |було |уже |вже )?$")
_AGE_IN_COMMAS = re.compile(r"(?:[^\W\d_]{2}, \d\d,|(?<![^\W\d_])[A-ZА-ЯІЇЄҐÄÖÜ][^\W\d_]+ \(\d\d\))$")
_AGE_ADJECTIVE = re.compile(r"jährig|летн|річн")
_AGE_AFTER = re.compile(r"[ -]olds?(?![^\W_])| (?:of age|alt(?:e[nrms]?)?)(?![^\W_])")
_LASTING = re.compile(
    r"\w*[ -](?:\w+ )?(?:war|term|sentence|contract|career|rule|reign|prison|jail|campaign|deal|lease|plan|haft|krieg"
    r"|gefängnis|freiheits|strafe|vertrag|amtszeit|herrschaft|karriere|laufzeit|frist|срок|заключ|войн|контракт|опыт|стаж|карьер|правлен"
    r"|лишени|период|перерыв|договор|термін|строк|ув'язн|війн|досвід|кар'єр|правлін|позбавл|період|перерв|договір)"
)
_NAME_BEFORE = re.compile(r"[A-ZА-ЯІЇЄҐÄÖÜ][^\W\d_]+$")
