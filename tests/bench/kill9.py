"""kill -9 at random instants: nothing acknowledged may be lost, nothing stored twice, the end the same as that of an undisturbed crawl.

    python -m tests.bench.kill9 --kills 100 --database sqlite [--pages 1500] [--seed 1] [--json]
    python -m tests.bench.kill9 --kills 100 --database postgresql

The victim is drawn each time: the command (``secondsource crawl``), its crawl process, one of its workers, and with ``postgresql`` the
server too, which is a PostgreSQL of this program's own (with fsync on). After each kill every article that the log had acknowledged is
looked up; when a crawl comes to its end, everything is counted, and a new database is begun until all kills are spent.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from storage.database import upgrade_database
from storage.verification import verify_database
from tests.outlet_site.bench import ROOT, Bench
from tests.postgres import Server

HOSTS = 5
AT_START = 0.2
"""Share of the kills that fall into a start, before any page."""
IMPORTS_S = 5.0
"""Seconds after the start within which a kill may fall that waits for no page."""
BETWEEN_S = 0.25
"""Seconds after an acknowledged page within which a kill falls."""
HELD = 3
"""Exit code of a crawl all of whose hosts somebody else holds; nobody does, here."""
LONGEST_S = 120.0
"""A crawl that acknowledges nothing for so long hangs."""

_HERE = ("-m", "interfaces.cli.main")
_IN_CHILD = ("-c", "import sys; from interfaces.cli.main import main; main(sys.argv[1:])")

_STORED = re.compile(r"outcome=stored .*\burl=(\S+)")


class Victim(StrEnum):
    PARENT = "parent"
    CRAWL = "crawl process"
    WORKER = "worker"
    POSTGRESQL = "postgresql"


class LossError(Exception):
    """A guarantee does not hold. The message says which, and for what."""


@dataclass(slots=True)
class Tally:
    """What a series of kills came to."""

    kills: Counter[str] = field(default_factory=Counter)
    rounds: int = 0
    acknowledged: int = 0
    """Pages whose storing the log had reported at some kill; each was found stored after it."""
    asked_again: int = 0
    """Requests for pages beyond one each: what was in flight when the process died."""


@dataclass(frozen=True, slots=True)
class State:
    """What a database holds of the site."""

    texts: dict[str, str]
    """URL to the sha256 of its text."""
    outcomes: dict[str, int]
    articles: int
    revisions: int
    open_visits: int

    @property
    def settled(self) -> tuple[object, ...]:
        """What must be the same however often the crawl was begun anew. Each begin reads the feeds once more, so these are left out."""
        pages = {name: count for name, count in self.outcomes.items() if not name.startswith("feed_")}
        return pages, self.articles, self.revisions, self.open_visits


class Crawl:
    """One run of the command, whose log is read as it comes. It crawls in its own process or, as the daemon does, in a child's."""

    def __init__(self, config: Path, database: str, *, in_child: bool = False) -> None:
        self._in_child = in_child
        self.acknowledged: set[str] = set()
        self.log: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-P", *(_IN_CHILD if in_child else _HERE), "--config", str(config), "--database", database, "crawl", "--all"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=config.parent,
            # A process that hangs is made to tell where: see end().
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONFAULTHANDLER": "1"},
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._news = threading.Event()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(line)
            if found := _STORED.search(line):
                self.acknowledged.add(found[1])

    def wait(self, pages: int, then_s: float) -> bool:
        """Wait until so many pages were acknowledged by this run, then ``then_s`` more. False: it ended before."""
        until = time.monotonic() + LONGEST_S
        while len(self.acknowledged) < pages:
            if self.process.poll() is not None:
                return False
            if time.monotonic() > until:
                raise LossError(f"nothing more is acknowledged: {''.join(self.log[-20:])}")
            time.sleep(0.02)
        try:
            self.process.wait(then_s)
        except subprocess.TimeoutExpired:
            return True
        return False

    def kill(self, victim: Victim, rng: random.Random) -> Victim:
        """Kill it, or what of it is there yet; who it was in the end."""
        found = (pid for pid in children(self.process.pid) if b"scheduler.crawl_process" in command(pid))
        crawl = next(found, None) if self._in_child else self.process.pid
        workers = [pid for maker in children(crawl) for pid in children(maker)] if crawl is not None else []
        if victim is Victim.WORKER and workers:
            return kill(rng.choice(workers), victim)
        if crawl is not None and (victim is not Victim.PARENT or not self._in_child):
            return kill(crawl, Victim.CRAWL)
        return kill(self.process.pid, Victim.PARENT)

    def end(self) -> int:
        """Wait until every process of it is gone: each of them holds the log open."""
        lines, until = 0, time.monotonic() + LONGEST_S
        while self.process.poll() is None and time.monotonic() < until:
            if len(self.log) > lines:
                lines, until = len(self.log), time.monotonic() + LONGEST_S
            time.sleep(0.05)
        if (code := self.process.poll()) is None:
            last = len(self.log)
            for pid in [*descendants(self.process.pid), self.process.pid]:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGABRT)
            self.process.wait()
            self._reader.join(LONGEST_S)
            told = "".join(self.log[max(0, last - 20) :])
            assert self.process.stderr is not None
            self.process.stderr.close()
            raise LossError(f"it does nothing for {LONGEST_S} s: {told}")
        self._reader.join(LONGEST_S)
        if self._reader.is_alive():
            raise LossError(f"a process outlives the command: {''.join(self.log[-20:])}")
        assert self.process.stderr is not None
        self.process.stderr.close()
        return code


def children(pid: int | None) -> list[int]:
    """Of all its threads: the kernel keeps the children of each apart."""
    found = []
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += [int(part) for part in file.read_text().split()]
    return found


def descendants(pid: int) -> list[int]:
    """Children and theirs, the farthest first."""
    return [found for child in children(pid) for found in (*descendants(child), child)]


def command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def kill(pid: int, victim: Victim) -> Victim:
    os.kill(pid, signal.SIGKILL)
    return victim


class Series:
    """The site, its undisturbed end, and as many rounds as the kills need."""

    def __init__(self, folder: Path, kind: str, *, pages: int, seed: int, server: Server | None, order: Sequence[Victim] = ()) -> None:
        self.folder = folder
        self.kind = kind
        self.pages = pages
        self.tally = Tally()
        self.server = server
        self._rng = random.Random(seed)
        self._order = list(order)
        """Who is killed first; afterwards, or when empty, it is drawn."""
        self._databases = 0
        self._acknowledged: set[str] = set()
        self._requests = 0
        self.bench = Bench(folder, "unused")
        for host in range(HOSTS):
            self.bench.add(f"stack-{pages // HOSTS}-{host}.example")
        self._config = folder / "settings.toml"
        self._config.write_text(self._settings())
        self.undisturbed: State | None = None

    def _settings(self) -> str:
        settings = self.bench.settings(retries=2, timeout_s=10)
        places = "".join(f'"{host}" = "{place}"\n' for host, place in settings.connect_to.items())
        return (
            f'contact = "desk@your.org"\nbundled_outlets = false\noutlets_dir = "{settings.outlets_dir}"\n'
            f"[connect_to]\n{places}[crawl]\ndelay_s = 0\nretries = 2\ntimeout_s = 10\n[extract]\nworkers = 2\n"
        )

    def new_database(self) -> str:
        self._databases += 1
        if self.server is None:
            url = f"sqlite:///{self.folder}/round-{self._databases}.db"
        else:
            self.server.execute(f"CREATE DATABASE round_{self._databases}")
            url = self.server.url(f"round_{self._databases}")
        upgrade_database(url)
        return url

    def leave_alone(self) -> State:
        """The crawl that nobody kills."""
        url = self.new_database()
        crawl = Crawl(self._config, url)
        if (code := crawl.end()) != 0:
            raise LossError(f"the undisturbed crawl ended with {code}: {''.join(crawl.log[-20:])}")
        self.undisturbed = read_state(url)
        self._check_whole(url)
        if len(self.undisturbed.texts) != self.pages:
            raise LossError(f"{len(self.undisturbed.texts)} of {self.pages} pages stored without any kill")
        self._requests = len(self.bench.requests())
        return self.undisturbed

    def spend(self, kills: int) -> Tally:
        """Kill so often, over as many databases as that takes."""
        while sum(self.tally.kills.values()) < kills:
            self._round(kills)
        return self.tally

    def _round(self, kills: int) -> None:
        url = self.new_database()
        self._acknowledged = set()
        while True:
            crawl = Crawl(self._config, url, in_child=Victim.PARENT in self._order if self._order else self._rng.random() < 0.5)
            while sum(self.tally.kills.values()) < kills and self._await(crawl):
                if self._kill_one(crawl) in (Victim.PARENT, Victim.CRAWL):
                    break
                self._check_kept(url, crawl)
            code = crawl.end()
            if code == HELD:
                raise LossError(f"the crawl does not resume at once: {''.join(crawl.log[-2:])}")
            self._check_kept(url, crawl)
            if code == 0:
                break
        self._check_whole(url)
        self.tally.rounds += 1
        asked = Counter(line["host"] + line["path"] for line in self.bench.requests()[self._requests :] if line["path"].startswith("/a/"))
        self._requests = len(self.bench.requests())
        self.tally.asked_again += sum(count - 1 for count in asked.values())
        print(f"round {self.tally.rounds}: {dict(self.tally.kills)}", file=sys.stderr, flush=True)

    def _await(self, crawl: Crawl) -> bool:
        """Let the crawl live for a while: a random number of pages, or a part of the time that its start takes."""
        if not self._order and self._rng.random() < AT_START and not crawl.acknowledged:
            return crawl.wait(0, self._rng.uniform(0, IMPORTS_S))
        pages = len(crawl.acknowledged) + self._rng.randint(1, max(2, self.pages // 40))
        return crawl.wait(pages, self._rng.uniform(0, BETWEEN_S))

    def _kill_one(self, crawl: Crawl) -> Victim:
        victims = [victim for victim in Victim if self.server is not None or victim is not Victim.POSTGRESQL]
        victim = self._order.pop(0) if self._order else self._rng.choice(victims)
        if victim is Victim.POSTGRESQL:
            assert self.server is not None
            self.server.kill()
            self.server.start()
        else:
            victim = crawl.kill(victim, self._rng)
        self.tally.kills[victim] += 1
        return victim

    def _check_kept(self, url: str, crawl: Crawl) -> None:
        """Whatever the log has acknowledged is stored."""
        acknowledged = set(crawl.acknowledged)
        self._acknowledged |= acknowledged
        self.tally.acknowledged += len(acknowledged)
        lost = self._acknowledged - set(read_state(url).texts)
        if lost:
            raise LossError(f"{len(lost)} acknowledged pages are lost, {sorted(lost)[:3]}")

    def _check_whole(self, url: str) -> None:
        """Everything once, as without kills, and sound."""
        assert self.undisturbed is not None
        state = read_state(url)
        if state.texts != self.undisturbed.texts:
            missing = self.undisturbed.texts.keys() - state.texts.keys()
            raise LossError(f"another end: {len(missing)} pages are missing, {sorted(missing)[:3]}, outcomes {state.outcomes}")
        if state.settled != self.undisturbed.settled:
            raise LossError(
                f"another end: {state.outcomes}, {state.articles} articles, {state.revisions} revisions, {state.open_visits} open"
            )
        if faults := verify_database(url):
            raise LossError(f"db verify: {faults[:3]}")


def read_state(url: str) -> State:
    """Read past the product's own code, so that its queries cannot hide what they get wrong."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    try:
        with engine.connect() as connection:
            rows = connection.execute(
                text(
                    "SELECT a.url, e.text_sha256 FROM articles a JOIN revisions r ON r.article_id = a.id "
                    "JOIN extractions e ON e.id = r.extraction_id"
                )
            ).all()
            outcomes = connection.execute(text("SELECT outcome, count(*) FROM visits WHERE state = 'done' GROUP BY outcome")).all()
            articles, revisions, open_visits = (
                connection.execute(text(f"SELECT count(*) FROM {what}")).scalar_one()
                for what in ("articles", "revisions", "visits WHERE state <> 'done'")
            )
    finally:
        engine.dispose()
    return State(dict(map(tuple, rows)), dict(map(tuple, outcomes)), articles, revisions, open_visits)


@contextmanager
def series(kind: str, *, pages: int, seed: int, order: Sequence[Victim] = ()) -> Iterator[Series]:
    """A site of ``pages`` pages and databases of ``kind``, "sqlite" or "postgresql", in a temporary folder."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kill9-")))
        server = Server.create(durable=True) if kind == "postgresql" else None
        if server is not None:
            stack.callback(server.remove)
        made = Series(folder, kind, pages=pages, seed=seed, server=server, order=order)
        stack.enter_context(closing(made.bench))
        yield made


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--pages", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    started = time.monotonic()
    with series(options.database, pages=options.pages, seed=options.seed) as made:
        made.leave_alone()
        try:
            tally = made.spend(options.kills)
            fault = ""
        except LossError as error:
            tally, fault = made.tally, str(error)
    result: dict[str, Any] = {
        "database": options.database,
        "pages": options.pages,
        "kills": sum(tally.kills.values()),
        "victims": {str(victim): count for victim, count in sorted(tally.kills.items())},
        "rounds": tally.rounds,
        "fault": fault,
        "requests_beyond_one_a_page": tally.asked_again,
        "seconds": round(time.monotonic() - started),
    }
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        print(", ".join(f"{name} {value}" for name, value in result.items()))
    return 1 if fault else 0


if __name__ == "__main__":
    sys.exit(main())
