"""Sending notices to the shop: signed, retried at growing intervals, never lost in a restart."""

import http.client
import logging
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from orders.gateways.demo_bank import signing
from orders.gateways.demo_bank.server.book import Book

logger = logging.getLogger("demo_bank")
PAUSES = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)
POLL_SECONDS = 0.1
TIMEOUT_SECONDS = 10


class Messenger(threading.Thread):
    """A thread that posts the notices that are due."""

    def __init__(self, book: Book) -> None:
        super().__init__(name="messenger", daemon=True)
        self.book = book
        self.is_stopping = threading.Event()

    def run(self) -> None:
        with ThreadPoolExecutor(8) as pool:
            while not self.is_stopping.is_set():
                self.book.tick()
                due = self.book.due_notices()
                list(pool.map(self._send, due))
                if not due:
                    self.is_stopping.wait(POLL_SECONDS)

    def _send(self, notice: sqlite3.Row) -> None:
        body = bytes(notice["body"])
        config = self.book.config
        request = urllib.request.Request(  # noqa: S310 - the operator's own address
            config.webhook_url,
            data=body,
            method="POST",
            headers={
                "Content-Type": "application/json",
                signing.HEADER: signing.sign(body, config.secrets[0], int(config.now())),
            },
        )
        started = time.monotonic()
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
                accepted = 200 <= answer.status < 300
        except (OSError, urllib.error.URLError, http.client.HTTPException) as error:
            accepted = False
            logger.info("notice %s not delivered: %s", notice["event"], type(error).__name__)
        attempts = notice["attempts"]
        retry_in = PAUSES[attempts] if attempts < len(PAUSES) else None
        self.book.notice_sent(notice["number"], accepted=accepted, retry_in=retry_in)
        logger.info("notice %s after %.0f ms: %s", notice["event"], (time.monotonic() - started) * 1000, accepted)
