"""One text as the readers of numbers see it: folded, in tokens, with everything masked that has digits and is no quantity."""

from __future__ import annotations

import re

from comparison.dates import date_spans
from comparison.folding import fold
from comparison.number_words import Vocabulary, vocabulary

_TOKEN = re.compile(r"\d+(?:[., ']\d{3})*(?:[.,]\d+)?|[^\W\d_]+(?:'[^\W\d_]+)*|\S")

_NAMED_BY_NUMBER = (
    r"№|no\.|nr\.|num\.|§+|art\.|article|artikel|paragraph|paragraf|section|ст\.|стать\w+|статт\w+|п\.|пункт\w*(?= \d)"
    r"|unit|room|page|chapter|channel|route|flight|version|phase|seite|kapitel|zimmer|linie"
    r"|кв\.|стр\.|стор\.|каб\.|рейс\w*|в/ч|nummer|(?:войсков|воинск)\w+ част\w+|військов\w+ частин\w+|школ[аыиуеі] №"
)
_ORDINAL_ENDING = r"й|я|е|го|му|м|ю|ой|ый|ая|ое|ые|ых|ым|ими|ого|ому|ий|ша|га|тя|та|те|ту|ої|ій|шого|ї|ою|ею|ю|ую"

_NOT_A_QUANTITY = re.compile(
    rf"""
    https?://\S+ | \S+@\S+\.\w+ | [#@]\w+
    | \+?\d[\d()\- ]{{8,}}\d(?=\D|$)                                # telephone numbers
    | (?<!\w)(?:{_NAMED_BY_NUMBER.replace(" ", chr(92) + " ").replace("#", chr(92) + "#")})\ ?(?:№\ ?)?[a-zа-яіїєґ]?\d[\d./-]*
    | (?<!\w)\d+/\d+(?!\d)                                          # 24/7, 2/3
    | (?<![\w.])\d+(?:\.\d+){{2,}}(?!\d)(?<!\.\d{{3}})              # versions
    | (?<!\w)\d{{1,2}}:\d{{1,2}}(?!\d)                              # scores
    | (?<!\w)\d+(?:st|nd|rd|th)(?!\w)
    | (?<!\w)\d+-?(?:{_ORDINAL_ENDING})(?![^\W\d_])
    | (?<!\w)\d{{4}}-(?:х|ті|ми)(?![^\W\d_]) | (?<!\w)\d0-(?:х|е|ті|ми|и)(?![^\W\d_])
    | (?<!\w)\d+0e?r(?:n|jahre\w*)?(?!\w) | (?<!\w)'?\d+0s(?!\w)    # decades
    | (?<!\w)0\d{{3,}}(?!\d)
    """,
    re.VERBOSE,
)
_SCORE = re.compile(r"(?<![\w.,$€£-])(\d{1,3})-(\d{1,3})(?![\w%-]|[.,]\d)")
"""A range goes up; "6-3" is a score."""
_IDENTIFIER = re.compile(
    r"(?<!\w)(?!(?:RM|Rs|EUR|USD|GBP|CHF|PLN|CZK|SEK|NOK|DKK|UAH|RUB|INR|JPY|CNY)\d)(?:[A-ZА-ЯІЇЄҐ][A-Za-zА-Яа-яІіЇїЄєҐґ]{0,8}-?\d[\w-]*|\d+[A-ZА-ЯІЇЄҐ]+\d*\w*)(?!\w)"
)
"""T-72, Су-35, M777, COVID-19, 2S19: letters and digits in one word are a name, but for a currency. Looked for in the text as written."""

_GERMAN_ORDINAL = re.compile(
    r"(?<![\w.,])\d{1,3}\. (?=(?:armee|division|brigade|regiments?|bataillons?|kompanie|korps|jahrhunderts?|platz|tag|mal|stock|etage"
    r"|jahrestag|kriegstag|geburtstag|garde|klasse|liga|minute)\w*)"
)
# "Der 52. Austausch": behind an article a number with a full stop and a word is no end of a sentence.
_GERMAN_NTH = re.compile(
    r"(?<!\w)(?:der|die|das|dem|den|des|im|am|zum|zur|beim|vom|ihre[nrms]?|ihr|seine[nrms]?|sein|diese[rnms]?|bereits|schon)"
    r" (?P<n>\d{1,3}\.) (?=[a-zäöüß])"
)


class NumberText:
    """Tokens of the folded text; offsets are those of the text itself."""

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self.language = language
        self.words: Vocabulary = vocabulary(language)
        self.folded = fold(text)
        self.tokens = list(_TOKEN.finditer(self.folded))
        spans = date_spans(self.folded, text, language)
        spans += [match.span() for match in _NOT_A_QUANTITY.finditer(self.folded)]
        spans += [match.span() for match in _IDENTIFIER.finditer(text)]
        if language == "de":
            spans += [match.span() for match in _GERMAN_ORDINAL.finditer(self.folded)]
            spans += [match.span("n") for match in _GERMAN_NTH.finditer(self.folded)]
        spans += [match.span() for match in _SCORE.finditer(self.folded) if int(match[1]) >= int(match[2])]
        self._masked = bytearray(len(text))
        for start, end in spans:
            self._masked[start:end] = b"\1" * (end - start)

    def __len__(self) -> int:
        return len(self.tokens)

    def word(self, index: int) -> str:
        """The folded token; empty beyond either end."""
        return self.tokens[index].group() if 0 <= index < len(self.tokens) else ""

    def start(self, index: int) -> int:
        return self.tokens[index].start()

    def end(self, index: int) -> int:
        return self.tokens[index].end()

    def is_masked(self, index: int) -> bool:
        return bool(self._masked[self.tokens[index].start()])

    def joined(self, left: int, right: int) -> bool:
        """Whether nothing but a space, or nothing at all, stands between two tokens."""
        return right < len(self.tokens) and self.is_gap(self.end(left), self.start(right))

    def is_gap(self, end: int, start: int) -> bool:
        gap = self.folded[end:start]
        return len(gap) <= 2 and not gap.strip() and "\n" not in gap

    def last_before(self, end: int, index: int) -> int:
        """The last token from ``index`` on that starts before ``end``."""
        while index + 1 < len(self.tokens) and self.start(index + 1) < end:
            index += 1
        return index

    def token_before(self, start: int) -> int:
        """The last token that starts before an offset; -1 when there is none."""
        low, high = 0, len(self.tokens)
        while low < high:
            middle = (low + high) // 2
            if self.start(middle) < start:
                low = middle + 1
            else:
                high = middle
        return low - 1

    def is_qualified(self, start: int) -> bool:
        """Whether "about", "more than" or "fewer than" stands right before an offset."""
        begin = max(0, start - 24)
        return any(pattern.search(self.folded, begin, start) is not None for _, pattern in self.words.before)
