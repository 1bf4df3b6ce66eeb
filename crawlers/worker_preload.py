"""What a worker needs, imported once by the fork server before it forks workers. Nothing else imports this module.

Importing is all it does, but for the language model, which is read here once for all workers: no threads, no open files.
"""

from __future__ import annotations

import charset_normalizer
import feedparser
import simplemma
import trafilatura

import crawlers.discovery.listing
import crawlers.extraction
import crawlers.transcripts  # noqa: F401
import storage.near_duplicates  # noqa: F401
from crawlers.language import warm_up

# These are imported where they are used, so that the crawl itself need not.
assert trafilatura.__version__ and feedparser.__version__ and charset_normalizer.__version__ and simplemma.__version__
warm_up()
