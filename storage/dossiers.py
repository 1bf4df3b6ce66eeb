"""Rendered dossiers, kept until anything in the database changes: the same state gives the same bytes, so they need not be made again."""

from __future__ import annotations

import zlib

from sqlalchemy import text
from sqlalchemy.orm import Session

# Plain statements: importing the tables' classes would take a third of the second in which an unchanged dossier is given.
_LOADING = text(
    "SELECT body FROM dossiers JOIN reports ON reports.id = dossiers.report_id "
    "WHERE reports.key = :key AND format = :format AND basis = :basis AND mark = :mark"
)
_SAVING = text(
    "INSERT INTO dossiers (report_id, format, basis, mark, body) SELECT id, :format, :basis, :mark, :body FROM reports WHERE key = :key "
    "ON CONFLICT (report_id, format) DO UPDATE SET basis = excluded.basis, mark = excluded.mark, body = excluded.body"
)


def read_mark(session: Session) -> str:
    """What a reader sees: two equal marks of one database are of one state.

    SQLite: the number of transactions that changed something (see storage.engines). PostgreSQL: its snapshot, which any transaction on
    the server that writes makes another one, and the server's own name, which a restored database does not share.
    """
    if _is_postgresql(session):
        named = "SELECT pg_current_snapshot()::text || ' ' || (SELECT system_identifier FROM pg_control_system())"
        return str(session.scalar(text(named)))
    return str(session.scalar(text("PRAGMA user_version")))


def load_dossier(session: Session, key: str, format_: str, basis: str) -> str | None:
    """The dossier that was made of just this state with this ``basis``; None when there is none."""
    wanted = {"key": key, "format": format_, "basis": basis, "mark": read_mark(session)}
    body = session.scalar(_LOADING, wanted)
    return None if body is None else zlib.decompress(body).decode()


def save_dossier(session: Session, key: str, format_: str, basis: str, mark: str, text_: str) -> bool:
    """Keep a dossier that was made of what ``mark`` names; False, and nothing is kept, where that is no longer the state.

    ``basis`` names all that its text depends on beside the database: versions, options, program.
    """
    after = _mark_after(session, mark)
    if after is None:
        return False
    values = {"key": key, "format": format_, "basis": basis, "mark": after, "body": zlib.compress(text_.encode(), 3)}
    session.execute(_SAVING, values)
    return True


def drop_dossiers(session: Session) -> None:
    """Erase all: they quote what was read."""
    session.execute(text("DELETE FROM dossiers"))


def _mark_after(session: Session, mark: str) -> str | None:
    """What :func:`read_mark` will give once this transaction is committed; None when another one came between ``mark`` and it."""
    if not _is_postgresql(session):
        return str(int(mark) + 1) if read_mark(session) == mark else None
    own = int(str(session.scalar(text("SELECT pg_current_xact_id()::text"))))
    snapshot, _, server = mark.partition(" ")
    return f"{own + 1}:{own + 1}: {server}" if snapshot == f"{own}:{own}:" else None


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
