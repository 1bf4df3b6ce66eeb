"""Numbers in a text: digits and words in four languages, ranges, "about" and "more than", with the unit they count.

Dates, clock times, telephone numbers, identifiers and ordinals are passed over: they are no quantities.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from comparison.dates import date_spans
from comparison.folding import fold, known_language
from comparison.number_words import Vocabulary, cardinal, compound, group_number, scale, unit_of, vocabulary
from storage.records import Number

_TOKEN = re.compile(r"\d+(?:[., ']\d{3})*(?:[.,]\d+)?|[^\W\d_]+(?:'[^\W\d_]+)*|\S")

_NOT_A_QUANTITY = re.compile(
    r"""
    https?://\S+ | \S+@\S+\.\w+ | [#@]\w+
    | \+?\d[\d()\- ]{8,}\d(?=\D|$)                                        # telephone numbers
    | (?<![\w])(?:№|no\.|nr\.|num\.|§+|art\.|article|artikel|paragraph|paragraf|section|ст\.|стать\w+|статт\w+|п\.|пункт\w*\ (?=\d+\b)
        |unit|room|page|chapter|channel|route|flight|seite|kapitel|zimmer|linie|кв\.|стр\.|стор\.|каб\.|рейс\w*|version|phase
        |в/ч|войсков\w+\ част\w+|військов\w+\ частин\w+|школ[аыиуеі]\ №)\ ?(?:№\ ?)?[a-zа-яіїєґ]?\d[\d./-]*
    | (?<!\w)\d+/\d+(?!\d)                                                # 24/7, 2/3, в/ч-like
    | (?<![\w.])\d+(?:\.\d+){2,}(?!\d)(?<!\.\d{3})                        # versions and addresses
    | (?<!\w)\d{1,2}:\d{1,2}(?!\d)                                        # scores
    | (?<!\w)\d+(?:st|nd|rd|th)(?!\w)
    | (?<!\w)\d+-?(?:й|я|е|го|му|м|ю|ой|ый|ая|ое|ые|ым|ых|ими|ого|ому|ий|ша|га|тя|та|те|ту|ої|ій|шого|го)(?![^\W\d_])
    | (?<!\w)\d{4}-(?:х|ті|ми)(?![^\W\d_]) | (?<!\w)\d0-(?:х|е|ті|ми|и)(?![^\W\d_]) | (?<!\w)\d+0e?r(?:n|jahre\w*)?(?!\w) | (?<!\w)'?\d+0s(?!\w)
    | (?<!\w)0\d{3,}(?!\d)
    """,
    re.VERBOSE,
)
_IDENTIFIER = re.compile(r"(?<!\w)(?:[A-ZА-ЯІЇЄҐ][A-Za-zА-Яа-яІіЇїЄєҐґ]{0,8}-?\d[\w-]*|\d+[A-ZА-ЯІЇЄҐ]+\d*\w*)(?!\w)")
"""T-72, Су-35, M777, COVID-19, А1234, 2S19: letters and digits in one word are a name. Looked for in the text as written."""

_GERMAN_ORDINAL = re.compile(
    r"(?<![\w.,])\d{1,3}\. (?=(?:armee|division|brigade|regiments?|bataillons?|kompanie|korps|jahrhunderts?|platz|tag|mal|stock|etage|jahrestag|kriegstag|geburtstag|garde|klasse|liga|minute)\w*)"
)
_FRACTION = re.compile(r"-? ?(?:quarters?|thirds?|fifths?|viertel|drittel|fünftel|трет[ьи]\w*|четверт\w+|чверт\w+|третин\w+)(?!\w)")
_BARE_YEAR = re.compile(r"(?:19|20)\d\d")
_AGE_APPOSITION = re.compile(r"[^\W\d_], $")
_SENTENCE_MARKS = frozenset(".;:!?()[]«»\"„“”…\n")
_SUBSTANTIVE = re.compile(r"\w+(?:ых|их|ые|ие|ыми|ими|ім|им)")
"""Russian and Ukrainian adjectives that may stand for persons ("военных") or before what is counted ("военных машин")."""
_THING_AFTER = re.compile(r"\w+(?:ий|ов|ев|ств|ків|тів|нів|рів|лів|ень|ль)")
_CURRENCY = {"$": "USD", "€": "EUR", "₽": "RUB", "₴": "UAH", "£": "GBP"}


@dataclass(frozen=True, slots=True)
class _Atom:
    """One number without its surroundings. ``last`` is the index of its last token."""

    low: float
    high: float | None
    start: int
    end: int
    last: int
    scaled: float = 1.0
    """The scale word that closed it, so that "2-3 thousand" can lend it to the 2."""
    word: bool = False
    vague: bool = False
    unit: str = ""


def find_numbers(text: str, language: str) -> tuple[Number, ...]:
    """All quantities in ``text``, in order, with unit and qualifiers where they are recognised.

    ``text`` of a number covers its qualifier and unit ("about 250 people"). A language without a vocabulary is read as English.

    >>> [(n.low, n.high, n.approximate, n.unit) for n in find_numbers("Внизу около 300 человек, спят три дня.", "ru")]
    [(300.0, 300.0, True, 'person'), (3.0, 3.0, False, 'day')]
    """
    return tuple(_Reader(text, known_language(language)).read())


class _Reader:
    """Reads one text from left to right. Holds nothing beyond it."""

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self.language = language
        self.words: Vocabulary = vocabulary(language)
        self.folded = fold(text)
        self.tokens: Sequence[re.Match[str]] = list(_TOKEN.finditer(self.folded))
        masked = bytearray(len(text))
        spans = date_spans(self.folded, text, language)
        spans += [match.span() for match in _NOT_A_QUANTITY.finditer(self.folded)]
        spans += [match.span() for match in _IDENTIFIER.finditer(text)]
        if language == "de":
            spans += [match.span() for match in _GERMAN_ORDINAL.finditer(self.folded)]
        for start, end in spans:
            masked[start:end] = b"\1" * (end - start)
        self.masked = masked

    def read(self) -> list[Number]:
        found = []
        index = 0
        while index < len(self.tokens):
            atom = self._atom(index)
            if atom is None:
                index += 1
                continue
            number, index = self._number(atom)
            if number is not None:
                found.append(number)
        return found

    # --- one number -----------------------------------------------------------------------------------------------------------

    def _atom(self, index: int) -> _Atom | None:
        token = self.tokens[index]
        if self.masked[token.start()]:
            return None
        if token.group()[0].isdigit():
            return self._digits(index)
        if not token.group()[0].isalpha():
            return None
        return self._phrase(index) or self._worded(index)

    def _digits(self, index: int) -> _Atom | None:
        token = self.tokens[index]
        raw = token.group()
        if "," in raw[-1:] or "." in raw[-1:]:
            raw = raw[:-1]
        value = digits_value(raw, self.language, self._unit_after(index + 1)[0])
        end, last, scaled = token.end(), index, 1.0
        suffix = re.compile(r"-(?:ти|ми|ма|ох|х|ро|ьох|ти)(?![^\W\d_])|(?:k|bn|mn)(?!\w)").match(self.folded, end)
        if suffix is not None:
            end = suffix.end()
            scaled = {"k": 1e3, "bn": 1e9, "mn": 1e6}.get(suffix.group(), 1.0)
            value *= scaled
            while last + 1 < len(self.tokens) and self.tokens[last + 1].start() < end:
                last += 1
        follower = last + 1
        if follower < len(self.tokens) and self.tokens[follower].group() == "-":
            follower += 1  # "10-thousand"
        if follower < len(self.tokens) and (factor := scale(self.tokens[follower].group(), self.language)) and self._near(last, follower):
            value, scaled, last, end = value * factor, factor, follower, self.tokens[follower].end()
            if last + 1 < len(self.tokens) and self.tokens[last + 1].group() == "." and self.tokens[last].group() in ("тыс", "тис", "млн", "млрд", "mio", "mrd", "tsd"):
                last, end = last + 1, self.tokens[last + 1].end()
        return _Atom(value, value, token.start(), end, last, scaled)

    def _phrase(self, index: int) -> _Atom | None:
        """Fixed phrases: "half a dozen", "полсотни", "сотни тысяч"."""
        start = self.tokens[index].start()
        match = self.words.odd.match(self.folded, start)
        if match is not None:
            value = self.words.odd_values[group_number(match)]
            last = self._last_token(match.end(), index)
            follower = last + 1
            if follower < len(self.tokens) and (factor := scale(self.tokens[follower].group(), self.language)):
                return _Atom(value * factor, value * factor, start, self.tokens[follower].end(), follower, factor, word=True)
            if value != 0.5:
                return _Atom(value, value, start, match.end(), last, word=True)
        match = self.words.vague.match(self.folded, start)
        if match is None:
            return None
        qualified = any(pattern.search(self.folded[max(0, start - 24) : start]) for _, pattern in self.words.before)
        if qualified and self.language in ("ru", "uk") and re.fullmatch(r"(?:сотни|сотні|тысячи|тисячі|десятка)", match.group()):
            return None  # "около сотни" is the genitive of one hundred, not "hundreds".
        low, high = self.words.vague_values[group_number(match)]
        return _Atom(low, high, start, match.end(), self._last_token(match.end(), index), word=True, vague=True)

    def _worded(self, index: int) -> _Atom | None:
        """Number words from ``index`` on, put together by place value."""
        word = self.tokens[index].group()
        adjective = compound(word, self.language)
        if adjective is not None:
            token = self.tokens[index]
            return _Atom(adjective[0], adjective[0], token.start(), token.end(), index, word=True, unit=adjective[1])
        total = current = 0.0
        limit, scaled = float("inf"), 1.0
        last, position, started = index, index, False
        while position < len(self.tokens) and not self.masked[self.tokens[position].start()]:
            spoken = self.tokens[position].group()
            if position > index and not self._near(position - 1, position):
                break
            if started and spoken in ("-", "and", "und"):
                ahead = position + 1
                joined = ahead < len(self.tokens) and self._near(position, ahead)
                value = cardinal(self.tokens[ahead].group(), self.language) if joined else None
                fits = value is not None and (0 < value < 10 and current % 100 >= 20 and current % 10 == 0 if spoken == "-" else scaled >= 100 and value < 100)
                if fits:
                    position += 1
                    continue
                break
            value = cardinal(spoken, self.language)
            factor = scale(spoken, self.language)
            if value is not None and _fits(current, value):
                current += value
            elif factor is not None and factor < limit and (started or self._starts(position, factor)):
                if factor < 1000:
                    if current >= 100:
                        break
                    current = max(current, 1.0) * factor
                else:
                    total += max(current, 1.0) * factor
                    current, limit = 0.0, factor
                scaled = factor
            else:
                break
            started, last = True, position
            position += 1
        if not started:
            return None
        value = total + current
        first, final = self.tokens[index], self.tokens[last]
        if _FRACTION.match(self.folded, final.end()):
            return None
        return _Atom(value, value, first.start(), final.end(), last, scaled, word=True)

    def _starts(self, position: int, factor: float) -> bool:
        """Whether a scale word may open a number: "a hundred", "сотня", "hundert", but not "hundred" alone."""
        word = self.tokens[position].group()
        before = self.tokens[position - 1].group() if position else ""
        if self.language == "en":
            return before in ("a", "an", "one", "per") and word != "score"
        if self.language == "de":
            return word in ("hundert", "tausend") or before in ("ein", "eine", "einer", "einem")
        qualified = any(pattern.search(self.folded[max(0, self.tokens[position].start() - 24) : self.tokens[position].start()]) for _, pattern in self.words.before)
        return qualified or bool(re.fullmatch(r"сотн[яю]|тысяч[ау]|тисяч[ау]|десяток|миллион|мільйон|миллиард|мільярд|дюжин[ау]", word)) and factor >= 10

    # --- its surroundings -----------------------------------------------------------------------------------------------------

    def _number(self, atom: _Atom) -> tuple[Number | None, int]:
        """The number with range, qualifiers and unit, and the index of the token behind it; None when it is no quantity."""
        low, high, approximate, end, last = atom.low, atom.high, atom.vague, atom.end, atom.last
        second = self._range_end(atom)
        if second is not None:
            # "2-3 thousand": the scale word belongs to both ends.
            lent = second.scaled if second.scaled > 1 and atom.scaled == 1 and low < (second.low / second.scaled) else 1.0
            low, high, end, last = low * lent, second.high, second.end, second.last
            approximate = approximate or (atom.word and second.word)
        qualifier, start = self._qualifier(atom.start)
        while qualifier == "approx":
            approximate = True
            qualifier, start = self._qualifier(start)
        following, tail_end = self._after(end)
        if following == "approx":
            approximate = True
        unit, unit_end = (atom.unit, end) if atom.unit else self._unit_after(last + 1)
        if following:
            unit, unit_end = (unit, unit_end) if unit else self._unit_after(self._last_token(tail_end, last) + 1)
            end = tail_end
        elif unit and (late := self._after(unit_end))[0]:
            following, unit_end = late
            approximate = approximate or following == "approx"
        if not unit:
            unit, start, inverted = self._unit_before(start)
            approximate = approximate or inverted
        if self._is_no_quantity(atom, second, unit, qualifier):
            return None, last + 1
        if qualifier == "more" or following == "more":
            high = None if second is None else high
        elif qualifier == "fewer" and second is None:
            low_bound: float | None = None
            return self._made(low_bound, high, approximate, self._role(unit, start, max(end, unit_end)), start, max(end, unit_end)), last + 1
        end = max(end, unit_end)
        return self._made(low, high, approximate, self._role(unit, start, end), start, end), last + 1

    def _made(self, low: float | None, high: float | None, approximate: bool, unit: str, start: int, end: int) -> Number:
        return Number(low=low, high=high, approximate=approximate, unit=unit, text=self.text[start:end], start=start, end=end)

    def _range_end(self, atom: _Atom) -> _Atom | None:
        """The far end of a range that opens with ``atom``: "21-26", "21 to 26", "от 21 до 26", "two or three"."""
        index = atom.last + 1
        if atom.vague or index + 1 >= len(self.tokens):
            return None
        joint = self.tokens[index].group()
        if joint != "-" and (not self.words.range_word.fullmatch(joint) or joint in ("or", "oder", "или", "чи", "або", "либо") and atom.low > 1000):
            return None
        if not self.masked[self.tokens[index + 1].start()] and (far := self._atom(index + 1)) is not None and not far.vague and not far.unit:
            tight = self.folded[atom.end : far.start] == "-"
            near = far.high is not None and atom.low < (far.high if far.scaled == 1 or atom.scaled > 1 else far.high)
            opened = bool(self.words.range_open.search(self.folded[max(0, atom.start - 24) : atom.start]))
            if not near:
                return None
            if joint in ("and", "und", "и", "і", "й", "та"):
                return far if opened else None
            if joint in ("or", "oder", "или", "чи", "або", "либо"):
                return far if far.low <= 10 * max(atom.low, 1) else None
            if joint == "-" and not tight and not opened and far.low > 5 * atom.low:
                return None
            return far
        return None

    def _qualifier(self, start: int) -> tuple[str, int]:
        """("approx" | "more" | "fewer" | "", where the qualified number starts): what stands right before ``start``."""
        begin = max(0, start - 28)
        # "$" in a pattern searched with an end position matches at that end. The longest wins: "не менее" over "менее".
        hits = [(match.start(), kind) for kind, pattern in self.words.before if (match := pattern.search(self.folded, begin, start))]
        if hits:
            leftmost, kind = min(hits)
            return kind, leftmost
        article = re.compile(r"(?:a|an|ein|eine|einem|einer|the|die|der|den)? ?[$€₽₴£]? ?$").search(self.folded, begin, start)
        if article is not None and article.start() < start and article.group().strip():
            kind, outer = self._qualifier(article.start())
            if kind:
                return kind, outer
        return "", start

    def _after(self, end: int) -> tuple[str, int]:
        for kind, pattern in self.words.after:
            match = pattern.match(self.folded, end)
            if match is not None:
                return kind, match.end()
        if self.folded[end : end + 1] == "+":
            return "more", end + 1
        return "", end

    def _unit_after(self, index: int) -> tuple[str, int]:
        """(unit, where its word ends) of what stands behind a number; at most three adjectives may stand between."""
        adjectives = 0
        position = index
        while position < len(self.tokens):
            token = self.tokens[position]
            word = token.group()
            if word in _CURRENCY:
                return _CURRENCY[word], token.end()
            if word == "%":
                return "percent", token.end()
            if word == "°":
                return "degree", token.end()
            if word == "-" and position == index and position + 1 < len(self.tokens) and self.tokens[position + 1].start() == token.end():
                position += 1  # "three-day", "300-километровый"
                continue
            if not word[0].isalpha():
                return "", 0
            unit, end = self._unit_at(position)
            if unit:
                return unit, end
            if self.words.between.fullmatch(word):
                position += 1
                continue
            if word in self.words.stop or not self.words.adjective.fullmatch(word) or adjectives == 3:
                return "", 0
            adjectives += 1
            position += 1
        return "", 0

    def _unit_at(self, position: int) -> tuple[str, int]:
        token = self.tokens[position]
        word = token.group()
        if position + 1 < len(self.tokens):
            follower = self.tokens[position + 1]
            pair = unit_of(f"{word} {follower.group()}", self.language)
            if pair and self._near(position, position + 1):
                return pair, follower.end()
        unit = unit_of(word, self.language) or self._stem_unit(word)
        if unit == "person" and self.language in ("ru", "uk") and _SUBSTANTIVE.fullmatch(word) and position + 1 < len(self.tokens):
            follower = self.tokens[position + 1]
            if self._near(position, position + 1):
                counted = unit_of(follower.group(), self.language)
                if counted:
                    return counted, follower.end()
                if _THING_AFTER.fullmatch(follower.group()) and follower.group() not in self.words.stop:
                    return "", 0
        return unit, token.end()

    def _stem_unit(self, word: str) -> str:
        """Adjectives of measure: "300-километровый", "5-jährige"."""
        for ending, unit in (("jährig", "year"), ("tägig", "day"), ("stündig", "hour"), ("километров", "km"), ("кілометров", "km"), ("дневн", "day"), ("денн", "day")):
            if word.startswith(ending):
                return unit
        return ""

    def _unit_before(self, start: int) -> tuple[str, int, bool]:
        """(unit, start, whether order made it approximate): "человек двести" is about two hundred people."""
        index = self._token_before(start)
        if index < 0:
            return "", start, False
        word = self.tokens[index].group()
        if word in _CURRENCY and self.tokens[index].end() == start:
            return _CURRENCY[word], self.tokens[index].start(), False
        if word in self.words.inverted and self._near_text(self.tokens[index].end(), start):
            return unit_of(word, self.language), self.tokens[index].start(), True
        return "", start, False

    def _role(self, unit: str, start: int, end: int) -> str:
        """Persons who were killed or wounded are counted apart from persons."""
        if unit != "person":
            return unit
        left = max((self.folded.rfind(mark, 0, start) for mark in ".;:!?,"), default=-1) + 1
        right = min((found for mark in ".;:!?," if (found := self.folded.find(mark, end)) >= 0), default=len(self.folded))
        for role, pattern in self.words.roles:
            if pattern.search(self.folded, max(left, start - 30), start) or pattern.search(self.folded, end, min(right, end + 30)):
                return role
        return unit

    def _is_no_quantity(self, atom: _Atom, second: _Atom | None, unit: str, qualifier: str) -> bool:
        raw = self.folded[atom.start : atom.end]
        if not atom.word and second is None and not qualifier and _BARE_YEAR.fullmatch(raw) and not unit:
            return True
        if atom.word and second is None and atom.low == 1 and atom.high == 1 and (not unit or unit == "person" or self.language == "de"):
            return True  # An article, a pronoun, or "one soldier told": no count that could rival another.
        if atom.word and second is None and self.language == "de" and atom.low == 8 and raw == "acht" and not unit:
            return True  # "außer Acht", "in Acht nehmen".
        return _FRACTION.match(self.folded, atom.end) is not None

    # --- small helpers --------------------------------------------------------------------------------------------------------

    def _near(self, left: int, right: int) -> bool:
        """Whether nothing but spaces stands between two tokens."""
        return self._near_text(self.tokens[left].end(), self.tokens[right].start())

    def _near_text(self, end: int, start: int) -> bool:
        gap = self.folded[end:start]
        return len(gap) <= 2 and not gap.strip() and "\n" not in gap

    def _last_token(self, end: int, index: int) -> int:
        while index + 1 < len(self.tokens) and self.tokens[index + 1].start() < end:
            index += 1
        return index

    def _token_before(self, start: int) -> int:
        low, high = 0, len(self.tokens)
        while low < high:
            middle = (low + high) // 2
            if self.tokens[middle].start() < start:
                low = middle + 1
            else:
                high = middle
        return low - 1


def _fits(current: float, value: float) -> bool:
    """Whether a cardinal may follow by place value: "сто" + "двадцать" + "пять", never "пять" + "двадцать"."""
    if current == 0:
        return True
    if value >= 100 or value == 0:
        return False
    rest = current % 100
    return rest == 0 if value >= 10 else rest == 0 or (rest >= 20 and rest % 10 == 0)


@cache
def _group_mark(language: str) -> str:
    return "," if language == "en" else "."


def digits_value(raw: str, language: str, unit: str = "") -> float:
    """The value of digits with separators. One mark before exactly three digits is ambiguous and read by language and unit.

    Things that are counted are never fractions: "1,500 солдат" is fifteen hundred although Russian writes decimals with a comma.

    >>> digits_value("1.500", "de"), digits_value("1 500", "ru"), digits_value("1,500", "en"), digits_value("2,5", "ru")
    (1500.0, 1500.0, 1500.0, 2.5)
    >>> digits_value("1.500", "en"), digits_value("1.500", "en", "person"), digits_value("1,234.5", "en")
    (1.5, 1500.0, 1234.5)
    """
    raw = raw.replace(" ", "").replace("'", "")
    marks = [char for char in raw if char in ".,"]
    if not marks:
        return float(raw)
    decimal = marks[-1]
    if len(set(marks)) == 2:
        other = "," if decimal == "." else "."
        return float(raw.replace(other, "").replace(decimal, "."))
    whole, _, fraction = raw.rpartition(decimal)
    if len(marks) > 1:
        return float(raw.replace(decimal, ""))
    counted = unit in ("person", "relative", "professional", "dead", "wounded", "family", "vehicle", "weapon", "building", "settlement")
    if len(fraction) == 3 and not whole.startswith("0") and (decimal == _group_mark(language) or counted):
        return float(whole + fraction)
    return float(f"{whole}.{fraction}")
