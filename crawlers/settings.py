"""Scrapy's settings, all in one place and all on purpose: many of its defaults are unsafe or lose requests silently."""

from __future__ import annotations

from typing import Any

from config.settings import Settings
from crawlers.connector import GuardedHandler
from crawlers.inflate import ACCEPTED

_DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
}
"""All there are: what Scrapy would add is left out, not only switched off, since what is off is imported all the same (a seventh of the
start). Its own redirect, retry, robots and off-site rules drop, repeat or redirect requests without the ledger knowing; hops.py does
their work. Its inflating takes codings inside codings and hands on cut streams; connector.py inflates. Cookies, logins, caches and the
environment's proxies (behind which an address check sees only the proxy) are state that we do not want. Nobody reads its statistics."""

_SPIDER_MIDDLEWARES = {"scrapy.spidermiddlewares.start.StartSpiderMiddleware": 25}
"""Left out: what drops answers of a bad status, long addresses and deep links, sets a Referer, or copies ``meta``."""

MAX_WAITING_BYTES = 64 * 1024 * 1024


def scrapy_settings(settings: Settings) -> dict[str, Any]:
    """What ``AsyncCrawlerProcess`` is given. Depends on nothing else: no scrapy.cfg, no environment."""
    crawl = settings.crawl
    return {
        "BOT_NAME": "secondsource",
        "USER_AGENT": settings.user_agent,
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Encoding": ACCEPTED,
        },
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
        "DOWNLOAD_HANDLERS": {"http": GuardedHandler, "https": GuardedHandler, "file": None, "data": None, "ftp": None, "s3": None},
        "DOWNLOADER_MIDDLEWARES_BASE": _DOWNLOADER_MIDDLEWARES,
        "SPIDER_MIDDLEWARES_BASE": _SPIDER_MIDDLEWARES,
        # Two of Scrapy's execute code that is sent to them (telnet, remote control), the others count, export, throttle and close.
        "EXTENSIONS_BASE": {},
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
        "ROBOTSTXT_OBEY": False,  # crawlers.robots obeys it, and RFC 9309 with it.
        "COOKIES_ENABLED": False,
        "HTTPPROXY_ENABLED": False,
        "METAREFRESH_ENABLED": False,
        "REDIRECT_ENABLED": False,
        "RETRY_ENABLED": False,
        "REFERER_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_FAIL_ON_DATALOSS": True,
        "DOWNLOAD_MAXSIZE": crawl.max_body_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": crawl.timeout_s,
        # The frontier hands out one request a host at its time; a slot that still saw two would run them one by one.
        "DOWNLOAD_DELAY": 0,
        "DOWNLOAD_DELAY_JITTER": 0,
        "CONCURRENT_REQUESTS": crawl.concurrency,
        # Scrapy makes so many tasks for every answer, although ours bring no items: a hundred by default, a third of the loop's time.
        "CONCURRENT_ITEMS": 1,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        # Bytes of responses that wait to be read; beyond, nothing more is downloaded.
        "SCRAPER_SLOT_MAX_ACTIVE_SIZE": MAX_WAITING_BYTES,
        "LOG_INSTALL_ROOT_HANDLER": False,
        "LOG_ENABLED": False,
        "STATS_DUMP": False,
        "SECONDSOURCE_CONNECT_TO": dict(settings.connect_to),
    }
