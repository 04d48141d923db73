"""One server for all browser tests of a process. Each test has a county of its own, once the last one is at rest."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.serving import make_server

from telephony.clock import ManualClock
from tests.factories.web import SharedWeb
from tests.servers import free_port

PATIENCE = 20  # seconds for the requests of a closed page to end


class Serving:
    """`url` stays the same for all tests; a browser's storage does not, since every test has a context of its own."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._web = SharedWeb(folder, PUBLIC_BASE_URL=self.url)
        self._gate = threading.Condition()
        self._running = 0
        self._is_open = False
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server = make_server("127.0.0.1", port, self._answer, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def app(self) -> Flask:
        return self._web.app

    @contextmanager
    def over(self, template: Path, home: Path, clock: ManualClock) -> Iterator[Flask]:
        """The application on the air, over a copy of `template`."""
        with self._web.over(template, home, clock) as app:
            self._is_open = True
            try:
                yield app
            finally:
                with self._gate:
                    self._is_open = False
                    self._gate.wait_for(lambda: not self._running, PATIENCE)

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join(10)

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with self._gate:
            if not self._is_open:
                start_response("503 Service Unavailable", [("Content-Length", "0")])
                return []
            self._running += 1
        try:
            answer = self._web.app(environ, start_response)
            try:
                return list(answer)  # read while the database is this test's
            finally:
                if hasattr(answer, "close"):
                    answer.close()
        finally:
            with self._gate:
                self._running -= 1
                self._gate.notify_all()
