"""Reads the Russian dictionary."""

from crawlers.worker_tasks import warm_up

warm_up("ru")
