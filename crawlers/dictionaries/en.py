"""Reads the English dictionary."""

from crawlers.worker_tasks import warm_up

warm_up("en")
