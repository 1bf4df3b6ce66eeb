"""Scrapy's settings, all in one place and all on purpose: many of its defaults are unsafe or lose requests silently."""

from __future__ import annotations

from typing import Any

from config.settings import Settings

# As a class and not by its name: loaded in the depth of a started reactor it takes half a second, since Twisted's TLS modules look
# through the whole stack for deprecated subclasses.
from crawlers.connector import GuardedHandler
from crawlers.inflate import ACCEPTED

_OFF = (
    # Each of these drops, repeats or redirects requests without the ledger knowing; hops.py does their work.
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware",
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware",
    "scrapy.downloadermiddlewares.retry.RetryMiddleware",
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware",
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware",
    # Inflates codings inside codings and hands on cut streams; connector.py inflates.
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware",
    # State that we do not want: cookies, logins, environment proxies (behind which an address check sees only the proxy).
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware",
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware",
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware",
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware",
)

_SPIDER_OFF = (
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware",
    "scrapy.spidermiddlewares.referer.RefererMiddleware",
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware",
    "scrapy.spidermiddlewares.depth.DepthMiddleware",
)

_EXTENSIONS_OFF = (
    # The first two execute code that is sent to them.
    "scrapy.extensions.telnet.TelnetConsole",
    "scrapy.extensions.remote_control.RemoteControl",
    "scrapy.extensions.memusage.MemoryUsage",
    "scrapy.extensions.memdebug.MemoryDebugger",
    "scrapy.extensions.closespider.CloseSpider",
    "scrapy.extensions.feedexport.FeedExporter",
    "scrapy.extensions.spiderstate.SpiderState",
    "scrapy.extensions.throttle.AutoThrottle",
    "scrapy.extensions.logstats.LogStats",
)

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
        "DOWNLOADER_MIDDLEWARES": dict.fromkeys(_OFF),
        "SPIDER_MIDDLEWARES": dict.fromkeys(_SPIDER_OFF),
        "EXTENSIONS": dict.fromkeys(_EXTENSIONS_OFF),
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
