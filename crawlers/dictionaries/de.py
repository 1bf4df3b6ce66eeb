"""Reads the German dictionary."""

from crawlers.worker_tasks import warm_up

warm_up("de")
