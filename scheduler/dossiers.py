"""The dossier of a report: compared, rendered and kept, or taken as it was kept when nothing changed since."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from comparison.hub_folder import files_beside
from comparison.versions import versions
from config.settings import Settings
from storage import dossiers
from storage.database import open_database, open_reader


def make_dossier(
    settings: Settings,
    report_key: str,
    format_: str,
    *,
    as_of: datetime | None = None,
    redact_persons: bool = False,
    stored_only: bool = False,
    progress: Callable[[str], None],
) -> str:
    """The rendered dossier. What is new is compared first, unless ``stored_only``: that writes nothing.

    When nothing in the database and the program changed since the same was asked for, the kept text is given, without loading a model.

    Raises: NotFoundError for an unknown report.
    """
    basis = _basis(settings, as_of, redact_persons=redact_persons)
    with closing(open_reader(settings.database)) as database, database.read() as session:
        kept = dossiers.load_dossier(session, report_key, format_, basis)
    if kept is not None:
        progress(f"{report_key}: nothing changed since the last comparison")
        return kept
    from comparison.dossier import render
    from comparison.encoders import encoders_of
    from scheduler import jobs

    encoders = encoders_of(settings)
    if not stored_only:
        jobs.update_comparison(settings, report_key, encoders=encoders, progress=progress)
    with closing(open_reader(settings.database)) as database, database.read() as session:
        mark = dossiers.read_mark(session)
    matrix = jobs.compare(settings, report_key, as_of=as_of, encoders=encoders)
    text = render(matrix, format_, redact_persons=redact_persons)
    if not stored_only and matrix.reading.complete:
        # What came in since the mark was read is another mark: then nothing is kept, and the next call compares again.
        with closing(open_database(settings.database)) as database, database.write() as session:
            dossiers.save_dossier(session, report_key, format_, basis, mark, text)
    return text


def _basis(settings: Settings, as_of: datetime | None, *, redact_persons: bool) -> str:
    """Digest of all that a dossier's text depends on beside the database."""
    named = [
        settings.encoder,
        str(settings.encoder_folder),
        str(settings.encoder_prompt),
        "" if as_of is None else as_of.isoformat(),
        str(redact_persons),
    ]
    named += [f"{name} {found}" for name, found in versions().items()]
    # The program's own files too: whoever works on it wants to see what was changed. And a model that was put in another's place.
    program = sorted(Path(str(files("comparison"))).rglob("*"))
    own = settings.encoder_folder if settings.encoder == "hub" else None
    for file in [*program, *(files_beside(own) if own is not None else [])]:
        if file.is_file() and file.suffix != ".pyc":
            seen = file.stat()
            named.append(f"{file.name} {seen.st_size} {seen.st_mtime_ns}")
    return hashlib.sha256("\0".join(named).encode("utf-8", "surrogatepass")).hexdigest()
