"""What a test needs to crawl the site: the running server, cards for its hosts, runs in child processes, and their traces."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from config.settings import Settings
from crawlers.request import CrawlRequest
from storage import runs
from storage.database import open_database

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Visited:
    """One row of the ledger."""

    url: str
    state: str
    outcome: str | None
    detail: str
    status: int | None
    hops: tuple[dict[str, Any], ...]
    run_id: int | None


class Bench:
    """One server, one database, any number of crawls. Close it."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder = folder
        self.database = database
        self.log = folder / "access.log"
        self.log.touch()
        self._cards = folder / "cards"
        self._cards.mkdir()
        self._connect_to: dict[str, str] = {}
        command = [sys.executable, "-m", "tests.outlet_site", str(self.log)]
        self._server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
        assert self._server.stdout is not None
        self.ports: dict[str, int] = json.loads(self._server.stdout.readline())
        self.outlets: list[str] = []

    def close(self) -> None:
        assert self._server.stdin is not None and self._server.stdout is not None
        self._server.stdin.close()
        self._server.stdout.close()
        self._server.wait(20)

    def add(
        self, host: str, *, port: int | None = None, scheme: str = "http", kind: str = "feed", more: str = "", path: str = "/feed.xml",
        point: str = "", domains: Iterable[str] = (),
    ) -> str:  # fmt: skip
        """A card for a host of the site; its id. ``port`` None connects it to the server, 0 to nothing; ``more`` are further keys of
        the card, ``point`` of its one end point, which is at ``path``; ``domains`` beside the host."""
        name = host.partition(".")[0].replace("-", "_")
        (self._cards / f"{name}.toml").write_text(
            f'id = "{name}"\nname = "{host}"\nlanguage = "en"\nowner = "{name}"\nhomepage = "{scheme}://{host}/"\n'
            f"domains = {json.dumps([host, *domains])}\n{more}\n"
            f'[[endpoints]]\nurl = "{scheme}://{host}{path}"\nkind = "{kind}"\nstatus = "verified"\n'
            f"{point}\n"
        )
        if port != 0:
            self._connect_to[f"{host}:{443 if scheme == 'https' else 80}"] = f"127.0.0.1:{port or self.ports[scheme]}"
        self.outlets.append(name)
        return name

    def connect(self, host: str) -> None:
        """Reach a host of the site without a card of ours."""
        self._connect_to[f"{host}:80"] = f"127.0.0.1:{self.ports['http']}"

    def write_config(self) -> Path:
        """The settings as a file for the command line."""
        settings = self.settings()
        connections = ", ".join(f'"{name}" = "{place}"' for name, place in settings.connect_to.items())
        config = self.folder / "config.toml"
        config.write_text(
            f'database = "{settings.database}"\ncontact = "desk@your.org"\nbundled_outlets = false\n'
            f'outlets_dir = "{settings.outlets_dir}"\nconnect_to = {{ {connections} }}\n'
            "[crawl]\ndelay_s = 0\ntimeout_s = 1.5\nretries = 0\n"
        )
        return config

    def settings(self, **crawl: Any) -> Settings:
        # The floor is the settings', the rest the crawl's.
        floor = {"min_free_bytes": crawl.pop("min_free_bytes")} if "min_free_bytes" in crawl else {}
        values = {"delay_s": 0, "timeout_s": 1.5, "retries": 1, "max_body_bytes": 1_000_000, **crawl}
        return Settings.model_validate(
            {
                **floor,
                "database": self.database,
                "contact": "desk@your.org",
                "bundled_outlets": False,
                "outlets_dir": self._cards,
                "connect_to": self._connect_to,
                "crawl": values,
                # Wall time: a loaded machine must not make a crash of a page that is merely slow to read.
                "extract": {"timeout_s": 120},
            }
        )

    def start(
        self, request: CrawlRequest | None = None, *, outlets: Iterable[str] | None = None, environment: Mapping[str, str] | None = None,
        parent: int | None = None, module: str = "scheduler.crawl_process", **crawl: Any,
    ) -> tuple[int, subprocess.Popen[str]]:  # fmt: skip
        """Open a run and start its process, or another ``module`` that does the same."""
        request = request or CrawlRequest()
        with closing(open_database(self.database)) as database, database.write() as session:
            run_id = runs.open_run(
                session,
                kind="crawl",
                outlets=list(outlets if outlets is not None else self.outlets),
                request=request.to_dict(),
                holder="test:0",
                user_agent="test",
                now=datetime.now(UTC),
            )
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", module, str(run_id), str(parent or os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
            cwd=self.folder,
        )
        assert child.stdin is not None
        with child.stdin as pipe:
            pipe.write(json.dumps({"settings": json.loads(self.settings(**crawl).to_json())}))
        child.stdin = None
        return run_id, child

    def crawl(self, request: CrawlRequest | None = None, *, patience_s: float = 120, **values: Any) -> dict[str, Any]:
        """One crawl to its end; the summary it printed."""
        _, child = self.start(request, **values)
        try:
            output, errors = child.communicate(timeout=patience_s)
        except subprocess.TimeoutExpired:
            child.kill()
            raise AssertionError(f"the crawl does not end within {patience_s} s:\n{child.communicate()[1][-5000:]}") from None
        assert child.returncode == 0, errors
        assert output.count("\n") == 1, output
        assert "Traceback" not in errors, errors
        summary: dict[str, Any] = json.loads(output)
        return summary

    def requests(self) -> list[dict[str, Any]]:
        """What the server was asked, in order."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def asked(self) -> Counter[str]:
        """How often each address was asked for."""
        return Counter(f"http://{line['host'].partition(':')[0]}{line['path']}" for line in self.requests())

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What a statement gives, asked past the product's own code."""
        engine = create_engine(self.database.replace("postgresql://", "postgresql+psycopg://"))
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.execute(text(statement))]
        finally:
            engine.dispose()

    def change(self, statement: str) -> None:
        """Change the database behind the product's back."""
        engine = create_engine(self.database.replace("postgresql://", "postgresql+psycopg://"))
        try:
            with engine.begin() as connection:
                connection.execute(text(statement))
        finally:
            engine.dispose()

    def visits(self) -> list[Visited]:
        """The whole ledger, in the order in which the visits were planned."""
        found = self.rows(
            "SELECT p.url, v.state, v.outcome, v.detail, v.status, v.hops, v.run_id "
            "FROM visits v JOIN pages p ON p.id = v.page_id ORDER BY v.id"
        )
        return [Visited(*row[:5], hops=tuple(json.loads(row[5]) if isinstance(row[5], str) else row[5]), run_id=row[6]) for row in found]
