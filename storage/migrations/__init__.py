"""Alembic's scripts. Run by storage.database.upgrade_database, which hands over the connection."""

REVISIONS = ("0001",)
"""All of them, oldest first. Kept here so that opening a database need not import alembic; a test compares it with the scripts."""
