"""What a worker needs, imported once by the fork server before it forks workers. Nothing else imports this module.

Importing is all it does, but for the language model, which is read here once for all workers: no threads, no open files.
"""

from __future__ import annotations

import trafilatura

import storage.near_duplicates  # noqa: F401
from crawlers.language import warm_up

# The extractor imports trafilatura only when it is used, so that the crawl itself need not.
assert trafilatura.__version__
warm_up()
