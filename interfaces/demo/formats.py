"""How the sites write a time, each its own way; used as template filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from markupsafe import Markup, escape


def iso(at: datetime) -> str:
    """``2022-11-14T09:30:00+03:00``, in the publisher's own offset."""
    return at.isoformat(timespec="seconds")


def utc(at: datetime) -> str:
    """``2022-11-14T06:30:00+00:00``, as WordPress plug-ins write it."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def utc_z(at: datetime) -> str:
    """``2022-11-14T06:30:00Z``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def utc_space(at: datetime) -> str:
    """``2022-11-14 06:30:00Z``, as Pangea writes it into JSON-LD."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def utc_minute(at: datetime) -> str:
    """``2022-11-14T06:30Z``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def utc_millis(at: datetime) -> str:
    """``2022-11-14T06:30:00.000Z``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def rfc822(at: datetime) -> str:
    """``Mon, 14 Nov 2022 09:30:00 +0300``."""
    return format_datetime(at)


def http_date(at: datetime) -> str:
    """``Mon, 14 Nov 2022 06:30:00 GMT`` (RFC 9110, 5.6.7)."""
    return format_datetime(at.astimezone(UTC), usegmt=True)


def day(at: datetime) -> str:
    """``14.11.2022``."""
    return at.strftime("%d.%m.%Y")


def day_and_clock(at: datetime) -> str:
    """``14.11.2022, 09:30``."""
    return at.strftime("%d.%m.%Y, %H:%M")


def long_day(at: datetime, labels: Mapping[str, Any]) -> str:
    """``14 ноября 2022``, in the words of ``labels``."""
    return str(labels["day"]).format(day=at.day, month=labels["months"][at.month - 1], year=at.year)


def clock(seconds: int) -> str:
    """``3:34``."""
    return f"{seconds // 60}:{seconds % 60:02d}"


def iso_duration(seconds: int) -> str:
    """``PT3M34S`` (ISO 8601)."""
    return f"PT{seconds // 60}M{seconds % 60}S"


def entity_plus(text: str) -> Markup:
    """Write "+" as the entity that Pangea's encoder makes of it."""
    return Markup(str(escape(text)).replace("+", "&#x2B;"))  # noqa: S704 - escaped on this very line


def cdata(text: str) -> Markup:
    """Wrap text as a CDATA section."""
    return Markup("<![CDATA[" + str(text).replace("]]>", "]]]]><![CDATA[>") + "]]>")  # noqa: S704 - that is what CDATA is for


FILTERS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (iso, utc, utc_z, utc_minute, utc_millis, rfc822, day, day_and_clock, long_day, clock, entity_plus, cdata)
}
