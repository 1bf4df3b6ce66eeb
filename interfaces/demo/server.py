"""The newsroom's HTTP server: one loopback port, sites told apart by the Host header, every request in a log of JSON lines.

``python -P -m interfaces.demo.server --port 0 --log FILE --control FILE`` prints its port and serves until it is stopped or
the process that started it has ended. The state of the world is the number in the control file, read at every request.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from argparse import ArgumentParser
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO

from interfaces.demo.documents import FIRST_WORLD
from interfaces.demo.newsroom import read_newsroom
from interfaces.demo.responder import Request, Respond, Responder, Response

PARENT_CHECK_S = 0.5
"""How soon the server notices that it has been orphaned."""
IDLE_CONNECTION_S = 30
"""A kept-alive connection without a request for so long is closed."""


class AccessLog:
    """One JSON object a line, written before the answer is sent: what a client has seen is in the log."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def write(self, request: Request, response: Response, *, method: str, world: int, at: float) -> None:
        line = json.dumps(
            {
                "time": at,
                "method": method,
                "host": request.host,
                "path": request.target,
                "status": response.status,
                "bytes": len(response.body),
                "user_agent": request.headers.get("user-agent", ""),
                "conditional": "if-none-match" in request.headers or "if-modified-since" in request.headers,
                "world": world,
            },
            ensure_ascii=False,
        )
        with self._lock:
            self._stream.write(line + "\n")
            self._stream.flush()


class ControlFile:
    """The state of the world, as a number in a file that the parent replaces."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def world(self) -> int:
        """The number; the first world while there is no file."""
        if self._path is None:
            return FIRST_WORLD
        try:
            return int(self._path.read_text(encoding="ascii"))
        except FileNotFoundError:
            return FIRST_WORLD


class SiteServer(ThreadingHTTPServer):
    """Serves what ``respond`` answers. A thread a connection; none of them keeps the process alive."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, respond: Respond, control: ControlFile, log: AccessLog) -> None:
        super().__init__(("127.0.0.1", port), SiteHandler)
        self.respond = respond
        self.control = control
        self.log = log
        self.timeout = PARENT_CHECK_S

    def serve_while_parent_lives(self, parent: int) -> None:
        """Serve until the process ``parent`` is no longer the one above this."""
        while os.getppid() == parent:
            self.handle_request()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up in the middle is its own affair; anything else is a fault of ours and is shown."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class SiteHandler(BaseHTTPRequestHandler):
    """One connection, kept alive."""

    protocol_version = "HTTP/1.1"
    server_version = "newsroom"
    sys_version = ""
    timeout = IDLE_CONNECTION_S
    server: SiteServer

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def _answer(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        # Host may carry the port of a default that a client did not drop.
        request = Request(host=headers.get("host", "").removesuffix(":80").lower(), target=self.path, headers=headers)
        world = self.server.control.world()
        response = self.server.respond(request, world)
        self.server.log.write(request, response, method=self.command, world=world, at=time.time())
        self.send_response(response.status)
        if response.status != 304:
            self.send_header("Content-Type", response.content_type)
            self.send_header("Content-Length", str(len(response.body)))
        for name, value in response.headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD" and response.status != 304:
            self.wfile.write(response.body)

    def log_message(self, format: str, *args: object) -> None:
        """The access log has it already."""


def main(arguments: list[str] | None = None) -> int:
    parser = ArgumentParser(prog="interfaces.demo.server", description="Serve the bundled newsroom on loopback.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--log", type=Path, required=True, help="file that gets one JSON object a request")
    parser.add_argument("--control", type=Path, help="file that holds the state of the world: 1 or 2")
    options = parser.parse_args(arguments)
    parent = os.getppid()
    responder = Responder(read_newsroom())
    with (
        options.log.open("a", encoding="utf-8") as stream,
        SiteServer(options.port, responder.respond, ControlFile(options.control), AccessLog(stream)) as server,
    ):
        print(server.server_port, flush=True)  # noqa: T201 - the parent reads it
        with suppress(KeyboardInterrupt):
            server.serve_while_parent_lives(parent)
    return 0


if __name__ == "__main__":
    sys.exit(main())
