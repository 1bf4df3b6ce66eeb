"""The outlet card: one publisher in one language, as fifteen lines of TOML."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Annotated

from cssselect import HTMLTranslator, SelectorError
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


class EndpointKind(StrEnum):
    """What an address that announces pages serves. A sitemap may be an index, plain or gzipped; the reader looks."""

    FEED = "feed"
    SITEMAP = "sitemap"
    NEWS_SITEMAP = "news_sitemap"
    VIDEO_SITEMAP = "video_sitemap"
    LISTING = "listing"
    """A page for people: a section front or an archive page whose links lead to articles."""
    FEED_INDEX = "feed_index"
    """A page that links feeds. They are found anew each time it is read, since some publishers change their addresses."""


class EndpointStatus(StrEnum):
    """How sure we are that an end point works; see docs/adding-an-outlet.md."""

    VERIFIED = "verified"
    LISTED = "listed"
    TEMPLATE = "template"
    LEGACY = "legacy"
    UNVERIFIED = "unverified"
    BLOCKED = "blocked"
    DEAD = "dead"


PLACEHOLDERS = frozenset({"year", "month", "month1", "day", "day1", "week", "week1", "week_year", "since", "until"})


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _selector(value: str) -> str:
    try:
        HTMLTranslator().css_to_xpath(value or "a")
    except SelectorError as error:
        raise ValueError(f"is not a CSS selector: {error}") from error
    return value


Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{1,40}$")]
Host = Annotated[str, Field(pattern=r"^[a-z0-9.-]+$")]


class Endpoint(_Part):
    """One feed or sitemap."""

    url: str = Field(pattern=r"^https?://[^\s{}]+$")
    kind: EndpointKind = EndpointKind.FEED
    status: EndpointStatus = EndpointStatus.UNVERIFIED
    enabled: bool | None = None
    """None: on when verified or listed, off otherwise."""
    title: str = ""
    evidence: str = ""
    links: str = ""
    """Listings and feed indexes: CSS selector of the wanted links, or of elements that hold them. Empty: whatever looks like one."""
    next_page: str = ""
    """Listings: CSS selector of the link to the next page. Empty: ``rel=next``."""
    pages: int = Field(default=1, ge=1, le=1000)
    """Listings: pages read in a row, as long as each brings something new."""

    @field_validator("links", "next_page")
    @classmethod
    def _selects(cls, value: str) -> str:
        return _selector(value)

    @property
    def is_enabled(self) -> bool:
        if self.enabled is not None:
            return self.enabled
        return self.status in (EndpointStatus.VERIFIED, EndpointStatus.LISTED)


class Archive(_Part):
    """Sitemaps or listings of the past, whose addresses tell the time that they cover. Read by ``backfill`` only."""

    url: str = Field(pattern=r"^https?://\S+$")
    """A template: {year} {month} {month1} {day} {day1} {week} {week1}; those ending in 1 are without a leading zero, and weeks are
    ISO weeks, whose year is {week_year}. {since} and {until} are days of the window asked for."""
    kind: EndpointKind = EndpointKind.SITEMAP
    status: EndpointStatus = EndpointStatus.UNVERIFIED
    first: date | None = None
    """First day that it covers."""
    last: date | None = None
    evidence: str = ""
    links: str = ""
    next_page: str = ""
    pages: int = Field(default=1, ge=1, le=1000)

    @field_validator("url")
    @classmethod
    def _known_placeholders(cls, value: str) -> str:
        names = re.findall(r"\{([^}]*)\}", value)
        unknown = sorted(set(names) - PLACEHOLDERS)
        if unknown:
            raise ValueError(f"unknown placeholder {unknown[0]!r}; known are {', '.join(sorted(PLACEHOLDERS))}")
        return value

    @field_validator("links", "next_page")
    @classmethod
    def _selects(cls, value: str) -> str:
        return _selector(value)


class Expectations(_Part):
    """What the outlet usually gives; less is an issue. Without them its own history alone is the measure."""

    articles_per_day: float | None = Field(default=None, gt=0)
    """A floor, not a mean."""
    text_chars: int | None = Field(default=None, ge=1)
    """Floor of the median length of its texts, in characters."""
    dated_share: float | None = Field(default=None, ge=0, le=1)
    """Floor of the share of articles with a believable date."""
    silent_after_h: float | None = Field(default=None, gt=0)
    """Hours without a new article from which it is silent."""


class Identity(_Part):
    """What makes two addresses one article."""

    id_pattern: str | None = None
    """Regular expression on path and query with one group, the publisher's own id of the article; unique over the family."""
    query_keys: tuple[str, ...] = ()
    """Query parameters that carry identity; all others stay unless they are known tracking parameters."""
    mirrors: tuple[Host, ...] = ()
    """Hosts that the publisher runs with the same paths."""
    former_mirrors: tuple[Host, ...] = ()
    """Hosts that were mirrors and are dead. Archives and saved pages still name them: such an address is read as the front page's
    host's, and the dead host, which may be somebody else's by now, is never asked."""
    id_dates: tuple[tuple[int, date], ...] = ()
    """Known pairs of a rising id and the day on which it was given, oldest first: between them ids tell days."""

    @field_validator("id_dates")
    @classmethod
    def _rising(cls, value: tuple[tuple[int, date], ...]) -> tuple[tuple[int, date], ...]:
        if any(a[0] >= b[0] or a[1] > b[1] for a, b in pairwise(value)):
            raise ValueError("must rise in both id and day")
        return value

    @field_validator("id_pattern")
    @classmethod
    def _one_group(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            groups = re.compile(value).groups
        except re.error as error:
            raise ValueError(f"is not a regular expression: {error}") from error
        if groups != 1:
            raise ValueError(f"must have exactly one group, has {groups}")
        return value


class Politeness(_Part):
    delay_s: float | None = Field(default=None, ge=0)
    """Seconds between requests to one of its hosts; None takes the setting. The larger of the two is kept."""
    max_pages_per_run: int | None = Field(default=None, ge=1)
    max_pages_per_day: int | None = Field(default=None, ge=1)
    """Pages visited from midnight to midnight UTC, over all runs; feeds are not counted."""
    recheck_min_s: float | None = Field(default=None, gt=0)
    """Shortest time between two looks at one of its articles; None takes ``recheck_s``. Never less than 300 delays."""
    poll_min_s: float | None = Field(default=None, gt=0)
    """Shortest time between two readings of one of its feeds; None takes ``feed_interval_s``."""
    poll_max_s: float | None = Field(default=None, gt=0)
    """Longest one while it works; None: four times ``feed_interval_s``."""


class Outlet(_Part):
    """One publisher in one language, as its card says."""

    id: Id
    name: str = Field(min_length=1, max_length=200)
    language: str = Field(pattern=r"^[a-z]{2}$")
    owner: Id
    """Whoever decides what is printed; outlets of one owner are one origin."""
    family: Id | None = None
    """Outlets that share a CMS and an id space."""
    country: str = Field(default="", pattern=r"^([A-Z]{2})?$")
    homepage: str = Field(pattern=r"^https?://[^\s]+$")
    domains: tuple[Host, ...] = Field(min_length=1)
    """Hosts its pages may be on; a name also covers its subdomains."""
    cms: str = ""
    """Name of the page layout family for dated extraction rules: pangea, ippen, wordpress, dw …"""
    enabled: bool = True
    reason: str = ""
    """Why it is off, or what is known of blocks."""
    state_media: bool = False
    keep_reserved: str = Field(default="", max_length=200)
    """Why texts are kept although the publisher reserves them (noarchive, text and data mining): a licence, a permission,
    a law. Recorded with every visit it decides. Empty: the reservation is respected, and title, date and address are all that is kept."""
    also_known_as: tuple[str, ...] = ()
    """Names under which others credit it ("Current Time", "Настоящее Время")."""
    article_pattern: str | None = None
    """Regular expression that an article's address matches; None: any page that is announced."""
    endpoints: tuple[Endpoint, ...] = ()
    archives: tuple[Archive, ...] = ()
    expectations: Expectations = Expectations()
    identity: Identity = Identity()
    politeness: Politeness = Politeness()

    @field_validator("article_pattern")
    @classmethod
    def _compiles(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                re.compile(value)
            except re.error as error:
                raise ValueError(f"is not a regular expression: {error}") from error
        return value

    @model_validator(mode="after")
    def _off_has_a_reason(self) -> Outlet:
        if not self.enabled and not self.reason:
            raise ValueError("reason: say why the outlet is off")
        return self

    @property
    def identity_space(self) -> str:
        """Name of the id space: the family's where it has one, else the outlet's own."""
        return self.family or self.id

    @property
    def live_endpoints(self) -> tuple[Endpoint, ...]:
        return tuple(endpoint for endpoint in self.endpoints if endpoint.is_enabled)
