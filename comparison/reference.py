"""Reading a reference report: a TOML file with claims as an analyst writes them, or any text, split into claims."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

import py3langid
from anyascii import anyascii
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from comparison.claims import annotate, split_claims
from comparison.passages import function_words
from config.faults import ConfigError, Fault, faults_of
from storage.claim_records import Claim, ClaimKind, ReferenceReport
from storage.records import Precision, PublishedTime

LANGUAGES = ("en", "de", "ru", "uk")
MAX_CHARACTERS = 200_000
"""A longer file is no report; it is refused rather than split into thousands of claims."""


REPORT_KEY = r"[a-z0-9][a-z0-9-]{0,59}"
"""What a report's public key looks like."""


class _ClaimFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,19}$")]
    kind: ClaimKind = ClaimKind.EVENT
    text: Annotated[str, Field(min_length=3, max_length=2000)]
    context: str = ""
    speaker: str = ""
    hearsay: bool | None = None
    """None: by the words of the text. What an analyst writes here stands."""


class _ReportFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    key: Annotated[str, Field(pattern=rf"^{REPORT_KEY}$")]
    title: Annotated[str, Field(min_length=1, max_length=500)]
    language: Literal["en", "de", "ru", "uk"]
    translated_from: Literal["", "en", "de", "ru", "uk"] = ""
    url: str = ""
    outlet: str = ""
    published: datetime | date | str | None = None
    """A date or time, of TOML or as text; "2022-11" for a month."""
    text: str = ""
    chain: tuple[str, ...] = ()
    claim: Annotated[tuple[_ClaimFile, ...], Field(min_length=1)]

    @field_validator("claim")
    @classmethod
    def _ids_differ(cls, value: tuple[_ClaimFile, ...]) -> tuple[_ClaimFile, ...]:
        ids = [claim.id for claim in value]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"claim ids must differ; given more than once: {', '.join(twice)}")
        return value


def read_report(path: Path, *, language: str | None = None, published: PublishedTime | None = None) -> ReferenceReport:
    """Read a ``.toml`` file with claims, or a text file, which is split into claims.

    ``language`` is that of a text file; None: guessed from the text. ``published`` is what is known of a text's date.

    Raises: ConfigError with every fault, naming file and key.
    """
    text = _read_text(path)
    if path.suffix.lower() == ".toml":
        return _from_toml(text, str(path))
    if len(text) > MAX_CHARACTERS:
        raise ConfigError([Fault(where=str(path), key="", message=f"is longer than {MAX_CHARACTERS} characters; give one report")])
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise ConfigError([Fault(where=str(path), key="", message="holds no text")])
    return report_from_text("\n".join(lines), title=_title(lines, path.stem), language=language, key=path.stem, published=published)


def _read_text(path: Path) -> str:
    """UTF-8, or UTF-16 that says so.

    Raises: ConfigError that says what the file is instead, and what to do.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError([Fault(where=str(path), key="", message=f"cannot be read: {error.strerror}")]) from error
    known = next((name for magic, name in _NO_TEXT if content.startswith(magic)), None)
    if known is not None:
        raise ConfigError([Fault(where=str(path), key="", message=f"is {known}, which is not read; save its text as a .txt or .html file")])
    try:
        return content.decode("utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError as error:
        advice = "is not UTF-8 text; save it as UTF-8 (old Cyrillic text: iconv -f cp1251 -t utf-8)"
        raise ConfigError([Fault(where=str(path), key="", message=f"cannot be read: {advice}")]) from error


_NO_TEXT = ((b"%PDF", "a PDF"), (b"PK\x03\x04", "an office document or archive"), (b"\xd0\xcf\x11\xe0", "an old Word document"))


def report_from_text(
    text: str, *, title: str, language: str | None, key: str = "", published: PublishedTime | None = None
) -> ReferenceReport:
    """A report out of any text. What the text does not say (publisher, chain) stays unknown, and so does its date where None is given.

    Raises: ConfigError when no claim could be found in it, or when it is in none of our languages and ``language`` names none.
    """
    spoken = language if language in LANGUAGES else guess_language(text)
    if language not in LANGUAGES and (foreign := foreign_language(text)):
        told = (
            f"reads like {foreign!r}; reports are read in {', '.join(LANGUAGES)}: give --language to read it as one of these all the same"
        )
        raise ConfigError([Fault(where=key or title, key="", message=told)])
    at = published or PublishedTime()
    claims = split_claims(text, spoken, reading_date(at), title=title)
    if not claims:
        raise ConfigError([Fault(where=key or title, key="", message="no claim was found in this text")])
    return ReferenceReport(key=report_key(key or title), title=title, language=spoken, text=text, published=at, claims=claims)


def bundled_reports() -> list[ReferenceReport]:
    """The reports that come with the product, by key.

    Raises: ConfigError with every fault of every file.
    """
    folder = resources.files("config") / "reports"
    found: list[ReferenceReport] = []
    faults: list[Fault] = []
    for file in sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name):
        try:
            found.append(_from_toml(file.read_text(encoding="utf-8"), f"config/reports/{file.name}"))
        except ConfigError as error:
            faults.extend(error.faults)
    if faults:
        raise ConfigError(faults)
    return sorted(found, key=lambda report: report.key)


def guess_language(text: str) -> str:
    """The likeliest of our four languages."""
    ranked: Iterable[tuple[str, float]] = py3langid.rank(text[:5000])
    return next((language for language, _ in ranked if language in LANGUAGES), "en")


OWN_WORDS = 0.1
"""Share of small words of one of our languages below which a text is in none: in 69 news pages it was 0.28 and more, in posts of a channel
0.11, in 24 foreign pages 0.08 and less (Dutch)."""

MIN_SAMPLE = 20
"""Words below which no language is told."""

SURE_SAMPLE = 100
"""Words from which the model alone is believed: Bulgarian shares its small words with Russian."""


def foreign_language(text: str) -> str:
    """The code of a language that is none of ours, where both a model of languages and the small words say so; else "".

    >>> foreign_language("Co najmniej 27 osób zginęło, a ponad 40 uznaje się za zaginione po pęknięciu tamy w północnym Kazachstanie,"
    ...     " poinformowały w sobotę władze, które zapowiedziały ukaranie winnych.")
    'pl'
    """
    words = re.findall(r"[^\W\d_]+", text[:5000].casefold())
    if len(words) < MIN_SAMPLE:
        return ""
    best = str(py3langid.classify(text[:5000])[0])
    share = max(sum(word in function_words(language) for word in words) / len(words) for language in LANGUAGES)
    return best if best not in LANGUAGES and (share < OWN_WORDS or len(words) >= SURE_SAMPLE) else ""


def report_key(name: str) -> str:
    """A short public key out of any name: ASCII letters, digits and hyphens, at most 60.

    >>> report_key("Відмовники: підвал у Зайцевому")
    'vidmovniki-pidval-u-zaytsevomu'
    """
    return re.sub(r"[^a-z0-9]+", "-", anyascii(name).lower()).strip("-")[:60].strip("-") or "report"


def _title(lines: list[str], fallback: str) -> str:
    """The first line where it looks like a headline, else the file's name."""
    first = lines[0]
    return first if len(first) <= 200 and not first.endswith((".", "…")) else fallback


def _from_toml(text: str, where: str) -> ReferenceReport:
    try:
        file = _ReportFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([Fault(where=where, key="", message=f"is not valid TOML: {error}")]) from error
    except ValidationError as error:
        raise ConfigError(faults_of(error, where)) from error
    try:
        published = read_published(file.published)
    except ValueError as error:
        raise ConfigError([Fault(where=where, key="published", message=str(error))]) from None
    claims = tuple(
        annotate(
            Claim(id=claim.id, kind=claim.kind, text=claim.text, context=claim.context, speaker=claim.speaker),
            file.language,
            reading_date(published),
            hearsay=claim.hearsay,
        )
        for claim in file.claim
    )
    return replace(
        ReferenceReport(key=file.key, title=file.title, language=file.language),
        translated_from=file.translated_from,
        url=file.url,
        outlet=file.outlet,
        published=published,
        text=file.text,
        chain=file.chain,
        claims=claims,
    )


def reading_date(published: PublishedTime) -> datetime | None:
    """The date by which a report's "in September" is completed: of a month or year the last day, since claims look back.

    >>> reading_date(PublishedTime(raw="2022-11"))
    datetime.datetime(2022, 11, 30, 0, 0, tzinfo=datetime.timezone.utc)
    """
    if published.at is not None or published.raw is None or not re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2]))?", published.raw):
        return published.at
    year, _, month = published.raw.partition("-")
    following = date(int(year) + 1, 1, 1) if month in ("", "12") else date(int(year), int(month) + 1, 1)
    return datetime.combine(following - timedelta(days=1), time(), UTC)


def read_published(value: datetime | date | str | None) -> PublishedTime:
    """What an analyst wrote as the time of publication: a day, a time, or as text a month or year, which stays one.

    Raises: ValueError for text that is no date.
    """
    if value is None or value == "":
        return PublishedTime()
    if isinstance(value, str):
        # A month is all that is known of some reports; it is kept as written and never taken for a day.
        if re.fullmatch(r"[12]\d{3}(-(0[1-9]|1[0-2]))?", value):
            return PublishedTime(raw=value, source="analyst")
        try:
            value = date.fromisoformat(value) if len(value) == len("2022-11-20") else datetime.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{value!r} is no date; write 2022-11-20, or 2022-11 for a month") from None
    if isinstance(value, datetime):
        return PublishedTime(at=value if value.tzinfo else value.replace(tzinfo=UTC), precision=Precision.MINUTE, source="analyst")
    return PublishedTime(at=datetime.combine(value, time(), UTC), precision=Precision.DAY, source="analyst")
