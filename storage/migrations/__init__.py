"""Alembic's scripts. Run by storage.database.upgrade_database, which hands over the connection."""
