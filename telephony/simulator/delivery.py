"""Performs webhooks over real HTTP: a pool of threads with kept-alive connections."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from urllib.parse import urlencode

import urllib3

from telephony.simulator.wire import WebhookFailure, WebhookRequest, WebhookResult

Report = Callable[[str, WebhookResult | WebhookFailure], None]


class Deliverer:
    """`threads` workers; every outcome goes to `report(webhook_id, outcome)` from a worker's thread."""

    def __init__(self, report: Report, threads: int = 16) -> None:
        self._report = report
        self._jobs: queue.SimpleQueue[WebhookRequest | None] = queue.SimpleQueue()
        # urllib3 rather than requests: the same pool under it, at half the memory. Retries are the core's affair.
        self._http = urllib3.PoolManager(maxsize=threads, block=False, retries=False)
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def submit(self, request: WebhookRequest) -> None:
        self._jobs.put(request)

    def stop(self, patience_s: float = 2.0) -> None:
        """End the workers; a webhook still waiting for its answer is left to the journal."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join(patience_s / len(self._threads))
        self._http.clear()

    def _work(self) -> None:
        while (request := self._jobs.get()) is not None:
            self._report(request.id, self.perform(request))

    def perform(self, request: WebhookRequest) -> WebhookResult | WebhookFailure:
        headers = dict(request.headers)
        body = None
        if request.method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
            body = urlencode(request.params)
        timeout = urllib3.Timeout(total=request.timeout_s, connect=request.connect_timeout_s)
        try:
            answer = self._http.request(
                request.method, request.url, body=body, headers=headers, timeout=timeout, redirect=False
            )
        except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError):
            return WebhookFailure("connect")
        except urllib3.exceptions.TimeoutError:
            return WebhookFailure("read")
        except urllib3.exceptions.HTTPError:
            return WebhookFailure("reset")
        return WebhookResult(answer.status, answer.data, dict(answer.headers))
