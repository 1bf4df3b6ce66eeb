"""Times as publishers write them, read without guessing: every result says how precise it is and keeps what was written.

Nothing in the future and nothing from before the web is believed; 1970 is the zero of a clock, not a date.
"""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from storage.records import Precision, PublishedTime

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Before the web: zeros of clocks (1970, 1980, 1904, year 1) and template defaults, not publication dates."""

CLOCK_SKEW = timedelta(minutes=10)
"""How far a publisher's clock may run ahead of ours and still be believed (and then cut to our now)."""

WIDEST_ZONE = timedelta(hours=14)
"""The largest offset from UTC in use; a time or day without a zone may lie this far ahead of UTC."""

RAW_LIMIT = 100
"""Characters kept of what was written."""

_ISO = re.compile(
    r"(?P<date>\d{4}-\d{1,2}-\d{1,2}|\d{8}|\d{4}/\d{1,2}/\d{1,2})"
    r"(?:(?:\s*[Tt]\s*|\s+)(?P<hour>\d{1,2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<zone>[Zz]|UTC|GMT|[+-−]\d{1,2}(?::?\d{2})?(?::\d{2})?)?)?"
    r"(?P<rest>.*)",
    re.DOTALL,
)
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})[./](\d{1,2})[./](\d{4})(?:,?\D{0,12}?(\d{1,2}):(\d{2})(?::(\d{2}))?)?(?!\d)")
_WORDS = re.compile(r"(?<!\d)(\d{1,2})(?:\.|st|nd|rd|th)?\s+(?:of\s+)?([^\W\d_]{3,})\.?,?\s+(\d{4})(?!\d)")
_WORDS_US = re.compile(r"([^\W\d_]{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)")
_CLOCK = re.compile(r"(?<![\d:])(\d{1,2})[:.](\d{2})(?::(\d{2}))?(?![\d.])\s*([ap]\.?m\.?)?", re.IGNORECASE)

_ZONES = {
    # Names that e-mail's parser does not know; minutes east of UTC.
    "msk": 180, "msd": 240, "eet": 120, "eest": 180, "cet": 60, "cest": 120, "mez": 60, "mesz": 120, "bst": 60, "wet": 0, "west": 60,
    "aest": 600, "aedt": 660, "ist": 330, "jst": 540, "kst": 540, "hkt": 480, "sgt": 480,
}  # fmt: skip

_MONTHS: dict[str, int] = {}
for _number, _stems in enumerate(
    (
        # First letters that tell the months apart in English, German, Russian and Ukrainian.
        ("jan", "jän", "янв", "січ"),
        ("feb", "фев", "лют"),
        ("mar", "mär", "мар", "бер"),
        ("apr", "апр", "кві"),
        ("may", "mai", "май", "мая", "тра"),
        ("jun", "июн", "чер"),
        ("jul", "июл", "лип"),
        ("aug", "авг", "сер"),
        ("sep", "сен", "вер"),
        ("oct", "okt", "окт", "жов"),
        ("nov", "ноя", "лис"),
        ("dec", "dez", "дек", "гру"),
    ),
    start=1,
):
    for _stem in _stems:
        _MONTHS[_stem] = _number


def read_time(raw: object, *, source: str, now: datetime) -> PublishedTime:
    """A machine-readable time: ISO 8601 and its look-alikes, RFC 2822, or seconds or milliseconds since 1970.

    ``at`` is None when ``raw`` cannot be read or believed. A time without a zone is taken as UTC and gets precision DAY:
    the hour is then a guess, and a guess must not decide who was first. An empty ``raw`` gives an empty PublishedTime.
    """
    text = html.unescape(str(raw)).strip() if raw is not None else ""
    if not text:
        return PublishedTime()
    kept = text[:RAW_LIMIT]
    found = _read_iso(text) or _read_epoch(text) or _read_rfc2822(text)
    if found is None:
        return PublishedTime(source=source, raw=kept)
    return _believe(*found, source=source, raw=kept, now=now)


def read_written_time(raw: str, *, source: str, now: datetime) -> PublishedTime:
    """A time as people read it ("12 листопада 2022, 14:05"), besides all that ``read_time`` reads. Precision is always DAY.

    The page does not say in which zone such a clock runs.
    """
    found = read_time(raw, source=source, now=now)
    if found.at is not None or found.raw is None:
        return found
    text = html.unescape(raw).strip()[:300]
    moment = _read_words(text) or _read_numeric(text)
    if moment is None:
        return found
    return _believe(moment, Precision.DAY, False, source=source, raw=text[:RAW_LIMIT], now=now)


def _believe(at: datetime, precision: Precision, has_zone: bool, *, source: str, raw: str, now: datetime) -> PublishedTime:
    slack = CLOCK_SKEW if has_zone else WIDEST_ZONE
    if at < EARLIEST or at > now + slack:
        return PublishedTime(source=source, raw=raw)
    if at > now:
        # Within the slack it is now, for all we know: a time ahead of us must not be stored.
        at = now.replace(second=0, microsecond=0) if has_zone else now.replace(hour=0, minute=0, second=0, microsecond=0)
    return PublishedTime(at=at, precision=precision, source=source, raw=raw)


def _read_iso(text: str) -> tuple[datetime, Precision, bool] | None:
    match = _ISO.match(text)
    if match is None:
        return None
    date = match["date"].replace("/", "-")
    if "-" not in date:
        date = f"{date[:4]}-{date[4:6]}-{date[6:]}"
    year, month, day = (int(part) for part in date.split("-"))
    rest = match["rest"].strip().strip("[]()").lower()
    try:
        if match["hour"] is None:
            # "2022-11-21…" followed by something that is no clock: the day at least is certain.
            return datetime(year, month, day, tzinfo=UTC), Precision.DAY, False
        moment = datetime(year, month, day, int(match["hour"]) % 24, int(match["minute"]), int(match["second"] or 0), tzinfo=UTC)
        if int(match["hour"]) == 24:
            moment += timedelta(days=1)
        offset = _offset(match["zone"] or rest)
        if offset is None:
            return moment, Precision.DAY, False
        return moment - offset, Precision.SECOND if match["second"] else Precision.MINUTE, True
    except (ValueError, OverflowError):
        return None


def _offset(zone: str) -> timedelta | None:
    """Offset east of UTC of "+02:00", "Z", "MSK"; None when there is none or it is not known."""
    zone = zone.strip().lower().replace("−", "-")
    if zone in ("z", "utc", "gmt"):
        return timedelta()
    if zone in _ZONES:
        return timedelta(minutes=_ZONES[zone])
    match = re.fullmatch(r"([+-])(\d{1,2}):?(\d{2})?(?::\d{2})?", zone)
    if match is None:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    if offset > timedelta(hours=24):
        return None
    return -offset if match[1] == "-" else offset


def _read_epoch(text: str) -> tuple[datetime, Precision, bool] | None:
    if not re.fullmatch(r"\d{9,10}(?:\.\d+)?|\d{12,13}", text):
        return None
    seconds = float(text)
    if seconds > 1e11:
        seconds /= 1000
    return datetime.fromtimestamp(seconds, UTC), Precision.SECOND, True


def _read_rfc2822(text: str) -> tuple[datetime, Precision, bool] | None:
    """RFC 2822, 3.3, with its obsolete zones; "21 Nov 2022 10:05 MSK" too."""
    if not re.search(r"\d{1,2}[\s-]+[A-Za-z]{3}", text):
        return None
    head, _, last = text.rpartition(" ")
    named = _ZONES.get(last.lower())
    try:
        moment = parsedate_to_datetime(head if named is not None else text)
        if ":" not in text:
            return moment.replace(tzinfo=UTC), Precision.DAY, False
        if named is not None:
            moment = moment.replace(tzinfo=timezone(timedelta(minutes=named)))
        if moment.tzinfo is None:
            # None is given, or "-0000", which says that it is not known (RFC 2822, 3.3).
            return moment.replace(tzinfo=UTC), Precision.DAY, False
        return moment.astimezone(UTC), Precision.SECOND if re.search(r"\d:\d\d:\d\d", text) else Precision.MINUTE, True
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def _read_words(text: str) -> datetime | None:
    for pattern, order in ((_WORDS, (3, 2, 1)), (_WORDS_US, (3, 1, 2))):
        for match in pattern.finditer(text):
            month = _month(match[order[1]])
            if month is None:
                continue
            try:
                return _with_clock(datetime(int(match[order[0]]), month, int(match[order[2]]), tzinfo=UTC), text[match.end() :])
            except ValueError:
                continue
    return None


def _read_numeric(text: str) -> datetime | None:
    """Day before month, as our four languages write it with dots; with slashes only where the day cannot be a month."""
    for match in _NUMERIC.finditer(text):
        first, second, year = int(match[1]), int(match[2]), int(match[3])
        if "/" in match[0] and first <= 12 and second <= 12 and first != second:
            continue
        day, month = (second, first) if second > 12 else (first, second)
        try:
            return datetime(year, month, day, int(match[4] or 0), int(match[5] or 0), tzinfo=UTC)
        except ValueError:
            continue
    return None


def _with_clock(day: datetime, rest: str) -> datetime:
    match = _CLOCK.search(rest[:20])
    if match is None:
        return day
    hour = int(match[1])
    if match[4] and hour <= 12:
        hour = hour % 12 + (12 if match[4].lower().startswith("p") else 0)
    try:
        return day.replace(hour=hour, minute=int(match[2]))
    except ValueError:
        return day


def _month(word: str) -> int | None:
    word = word.casefold()
    # "июнь"/"июль", "june"/"july" differ in the third letter; "марта"/"мая" too: three letters are enough everywhere.
    return _MONTHS.get(word[:3])


def read_duration(raw: object) -> int | None:
    """Seconds of an ISO 8601 duration ("PT1H2M3S"), of "1:02:03" or of a plain number of seconds; None when it is none or 0."""
    text = str(raw).strip().upper() if raw is not None else ""
    match = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,]\d+)?S)?)?", text)
    if match is not None:
        days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
        total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    elif re.fullmatch(r"\d{1,3}(:\d{1,2}){1,2}", text):
        total = 0
        for part in text.split(":"):
            total = total * 60 + int(part)
    elif re.fullmatch(r"\d{1,7}(\.\d+)?", text):
        total = int(float(text))
    else:
        return None
    return total if 0 < total < 7 * 24 * 3600 else None
