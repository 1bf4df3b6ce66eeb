"""What alembic executes. There is no offline mode: the connection always comes from storage.database."""

from __future__ import annotations

from alembic import context

from storage.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite cannot alter most things in place; batch mode copies the table. It drops triggers: there are none.
    render_as_batch=True,
)
context.run_migrations()
