"""Feeds, sitemaps, JSON lists and pages of links: bytes in, entries out. Pure."""
