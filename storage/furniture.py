"""What stands in an article's text and states nothing: time stamps, "updated at", counters, boxes that lead elsewhere. Pure.

Publishers change these without changing the article. Only whole lines are taken out, and marks in brackets or at a line's
beginning, and only where every word of them is known here: a number in a sentence is never among them. English, German, Russian
and Ukrainian.
"""

from __future__ import annotations

import re

LONGEST_STAMP = 140
"""Characters of a line above which it is no stamp and no counter, whatever it consists of."""
LONGEST_TITLE = 160
"""Characters of a box's line: a headline, with or without the words before it."""
BOX_LINES = 6
"""Headlines that one box holds at most."""
EDGE_LINES = 3
"""Lines at the beginning and the end among which a full date alone is the page's, not a heading of the text."""


def substance(text: str) -> str:
    """``text`` without its furniture; ``text`` itself where nothing else is in it. Lines are paragraphs.

    >>> substance("Updated: 14:35 GMT, 3 May 2026\\nTen people came.\\nRead also: Nine people left\\n12 comments")
    'Ten people came.'
    """
    lines = [line.strip() for line in text.split("\n")]
    lines = [line for line in lines if line]
    kept: list[str] = []
    box = 0
    for number, line in enumerate(lines):
        is_edge = number < EDGE_LINES or number >= len(lines) - EDGE_LINES
        if len(line) <= LONGEST_TITLE:
            if _BOX_HEADING.fullmatch(line):
                box = BOX_LINES
                continue
            if _is_box_line(line) or (box and _is_headline(line)):
                box = max(0, box - 1)
                continue
            if len(line) <= LONGEST_STAMP and (_is_stamp(line, is_edge) or _is_counter(line)):
                continue
        box = 0
        kept.append(_without_marks(line))
    return "\n".join(line for line in kept if line) or text


def _is_stamp(line: str, is_edge: bool) -> bool:
    """Whether a line consists of nothing but times, dates and the words that introduce them."""
    folded = line.casefold()
    if not all(word in _STAMP_WORDS for word in _WORD.findall(folded)):
        return False
    rest = _WHEN.sub(" ", folded)
    if any(char.isdigit() for char in rest):
        return False
    if _LABEL.search(rest):
        return True
    # A date alone may be what the text is about; with its weekday or a clock time it is when the page was made.
    return is_edge and _DATE.search(folded) is not None and _OF_A_PAGE.search(folded) is not None


def _is_counter(line: str) -> bool:
    """Whether a line counts readers and what they did. "1,200 shares" alone may be somebody's."""
    return _COUNTERS.fullmatch(line) is not None and _AMBIGUOUS.fullmatch(line) is None


def _is_box_line(line: str) -> bool:
    """ "Read also: …": the words of a box, a colon, and one headline."""
    found = _BOX_LINE.match(line)
    return found is not None and len(re.findall(r"[.!?…](?=\s)", line[found.end() :])) == 0


def _is_headline(line: str) -> bool:
    return line[-1] not in ".!?…:;"


def _without_marks(line: str) -> str:
    """Without "(updated 14:35)" and "UPDATED:" at its beginning."""
    if "(" in line or "[" in line:
        line = _BRACKETED.sub(lambda found: " " if _is_stamp(found[1], False) else found[0], line)
    return _LEADING.sub("", line, count=1).strip()


def _any(*words: str) -> str:
    return "|".join(words)


_WORD = re.compile(r"[^\W\d_]+")

_LABELS = _any(
    r"(?:last |first )?(?:updated|modified|published|posted|edited|revised)",
    r"(?:last |latest )?update",
    r"(?:zuletzt |erstmals )?(?:aktualisiert|geändert|bearbeitet|veröffentlicht|publiziert|ergänzt)",
    r"(?:letzte |letztes )?(?:aktualisierung|update|änderung)",
    "stand",
    r"(?:последнее )?(?:обновлен[оаы]?|обновл[её]н|обновление|изменено|отредактировано|дополнен[оа]?|опубликован[оа]?|размещено)",
    "дата (?:публикации|обновления)",
    r"(?:останнє )?(?:оновлен[оаий]{1,2}|оновлення|змінено|відредаговано|доповнен[оаий]{1,2}|опублікован[оаий]{1,2}|розміщено)",
    "дата (?:публікації|оновлення)",
)
_LABEL = re.compile(rf"(?<![^\W\d_])(?:{_LABELS})(?![^\W\d_])", re.IGNORECASE)

_MONTHS = _any(
    r"jan(?:uary|uar)?", r"feb(?:ruary|ruar)?", "mar(?:ch)?", "märz?", "apr(?:il)?", "may", "mai", r"june?", r"juni", r"july?", r"juli",
    r"aug(?:ust)?", r"sept?(?:ember)?", "o[ck]t(?:ober)?", "nov(?:ember)?", "de[cz](?:ember)?", "jänner",
    "янв(?:ар[ья])?", "фев(?:рал[ья])?", "март?а?", "апр(?:ел[ья])?", "ма[йя]", "июн[ья]", "июл[ья]", "авг(?:уста?)?", "сен(?:тябр[ья])?",
    "окт(?:ябр[ья])?", "ноя(?:бр[ья])?", "дек(?:абр[ья])?",
    "січ(?:ень|ня)", "лют(?:ий|ого)", "берез(?:ень|ня)", "квіт(?:ень|ня)", "трав(?:ень|ня)", "черв(?:ень|ня)", "лип(?:ень|ня)",
    "серп(?:ень|ня)", "верес(?:ень|ня)", "жовт(?:ень|ня)", "листопада?", "груд(?:ень|ня)",
)  # fmt: skip
_UNITS = _any(
    "sec(?:ond)?s?", "min(?:ute)?s?", "hours?", "hrs?", "days?", "sekunden?", "minuten?", "stunden?", "tag(?:e|en)?",
    "секунд[ыу]?", "минут[ыу]?", "мин", "час(?:а|ов)?", "дн(?:я|ей)", "день", "хвилин[иу]?", "хв", "годин[иу]?", "год", "дні", "днів",
)  # fmt: skip
_DATES = _any(
    r"\d{4}-\d{2}-\d{2}(?:t[\d:.]+(?:z|[+-]\d{2}:?\d{2})?)?",
    r"\d{1,2}\s*[./]\s*\d{1,2}\s*[./]\s*(?:\d{4}|\d{2})",
    r"\d{1,2}\.?(?:st|nd|rd|th)?\s+(?:of\s+)?(?:" + _MONTHS + r")\.?,?(?:\s+\d{4})?",
    r"(?:" + _MONTHS + r")\.?\s+\d{1,2}(?:st|nd|rd|th)?(?:,?\s+\d{4})?(?!\d|[:.]\d)",
)
_TIMES = _any(
    r"\d{1,2}[:.]\d{2}(?::\d{2})?",
    r"\d{1,2}\s*(?:[ap]\.?m\b\.?|uhr\b)",
    r"\d{1,3}\s*(?:" + _UNITS + r")\b",
    r"(?:utc|gmt)\s*[+-]\s*\d{1,2}",
)
_DATE = re.compile(_DATES)
_OF_A_PAGE = re.compile(
    r"\d{1,2}[:.]\d{2}(?![\d.])|"
    r"day\b|tag\b|mittwoch|понедельник|вторник|сред[ау]|четверг|пятниц|суббот|воскресень|понеділ|вівторок|четвер|п.ятниц|субот|неділ"
)
_WHEN = re.compile(f"{_DATES}|{_TIMES}", re.IGNORECASE)

_OTHER = """
last first latest updated modified published posted edited revised update this the story article text report page was has been is on at
of by am pm a p m st nd rd th ago just now today yesterday local time kyiv kiev moscow utc gmt bst est edt et cet cest eet eest z t
monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun
zuletzt erstmals aktualisiert geändert bearbeitet veröffentlicht publiziert ergänzt letzte letztes aktualisierung änderung stand
dieser der die das artikel beitrag meldung wurde vom um uhr vor heute gestern mez mesz ortszeit und
montag dienstag mittwoch donnerstag freitag samstag sonntag mo di mi do fr sa so
последнее обновлено обновлена обновлен обновлён обновлены обновление изменено отредактировано дополнено дополнена дополнен
опубликовано опубликована опубликован размещено дата публикации обновления материал статья новость был была было в во на от с
г года году час мск московское время по киеву москве киевскому московскому времени назад сегодня вчера только что
понедельник вторник среда среду четверг пятница пятницу суббота субботу воскресенье пн вт ср чт пт сб вс
останнє оновлено оновлена оновлений оновлення змінено відредаговано доповнено доповнена опубліковано опублікована розміщено
публікації матеріал стаття статтю новина новину було о об від р року за києвом київським часом тому сьогодні вчора щойно
понеділок вівторок середа середу четвер п'ятниця п ятниця ятницю субота суботу неділя неділю пт нд
"""
_OTHER_WORDS = frozenset(_OTHER.split())
_MONTH_OR_UNIT = re.compile(_any(_MONTHS, _UNITS))


class _Words:
    """The words that a stamp may hold."""

    def __contains__(self, word: str) -> bool:
        return word in _OTHER_WORDS or _MONTH_OR_UNIT.fullmatch(word) is not None


_STAMP_WORDS = _Words()

_MARK = (
    rf"(?:{_LABELS})\s*[:,]?\s*(?:(?:at|on|am|um|в|о|об)\s+)?(?:(?:{_WHEN.pattern})[\s,]*(?:uhr|gmt|utc|мск|cet|mez|et)?[\s,.|]*){{0,2}}"
)
_BRACKETED = re.compile(r"[(\[]([^()\[\]\n]{3,80})[)\]]")
# Without a time only a colon or a dash makes a label of it: "Updated rules", "Stand der Dinge", "Опубликовано 5 фото" are sentences.
_LEADING = re.compile(rf"^\W*{_MARK}\s*[:—–|]\s*(?=\S)", re.IGNORECASE)

_COUNTED = r"\d[\d.,\s]*\s*(?:k|m|tsd|tausend|тыс|млн|тис)?\.?"
_COUNTER_NOUNS = _any(
    "comments?", "views?", "page ?views", "shares?", "likes?", "reactions?",
    "kommentare?", "aufrufe?", "mal gelesen", "mal geteilt", "reaktionen",
    "комментари(?:й|я|ев|и)", "просмотр(?:ов|а|ы)?", "репост(?:ов|а|ы)?", "лайк(?:ов|а|и)?", "прочтени[йея]",
    "коментар(?:ів|і|я)?", "перегляд(?:ів|и|у)?", "поширен(?:ь|ня)", "вподобан(?:ь|ня)", "прочитан(?:ь|ня)",
)  # fmt: skip
_READING = _any(
    rf"{_COUNTED}[- ]?min(?:ute)?s?\.? (?:read|lesezeit)",
    rf"(?:reading time|lesezeit|время (?:чтения|прочтения)|час читання)\s*:?\s*(?:ca\.? |около |близько )?{_COUNTED}\s*(?:{_UNITS})?\.?",
    rf"{_COUNTED}\s*(?:минут[ыа]?|мин|хвилин[иа]?|хв)\.? (?:чтения|на чтение|читання|на читання)",
)
_COUNTER = rf"(?:{_COUNTED}\s*(?:{_COUNTER_NOUNS})|(?:{_COUNTER_NOUNS})\s*[:(]?\s*{_COUNTED}\)?|{_READING})"
_COUNTERS = re.compile(rf"\W*{_COUNTER}(?:\s*[·•|,/–-]?\s*{_COUNTER})*\W*", re.IGNORECASE)
_AMBIGUOUS = re.compile(rf"\W*{_COUNTED}\s*(?:shares?|views?|reactions?|reaktionen|aufrufe?)\W*", re.IGNORECASE)

_BOXES = _any(
    "read (?:also|more|next)", "also read", "see also", "watch also", "related(?: (?:articles|stories|topics|news|content|coverage))?",
    "more on this(?: (?:story|topic))?", "more stories", "recommended(?: (?:stories|reading))?", "you (?:may|might) also like", "most read",
    "lesen sie (?:auch|mehr|dazu(?: auch)?|hier)", "auch interessant", "mehr zum thema", "mehr dazu", "zum thema", "passend dazu",
    "siehe auch", "meistgelesen", "weitere (?:artikel|meldungen|nachrichten)(?: zum thema)?", "das könnte sie (?:auch )?interessieren",
    "(?:читайте|читать|смотрите) (?:также|ещ[её])", "(?:ещ[её] )?по теме", "материалы по теме", "похожие (?:новости|материалы|статьи)",
    "рекомендуем", "вам может быть интересно", "самое читаемое",
    "(?:читайте|читати|дивіться) (?:також|ще)", "(?:ще )?(?:за темою|по темі)", "матеріали за темою", "схожі (?:новини|матеріали|статті)",
    "рекомендуємо", "вам може бути цікаво", "найпопулярніше",
)  # fmt: skip
_BOX_HEADING = re.compile(rf"\W*(?:{_BOXES})\s*[:.…>»→]*\W*", re.IGNORECASE)
_BOX_LINE = re.compile(rf"\W*(?:{_BOXES})\s*[:→|]\s*(?=\S)", re.IGNORECASE)
