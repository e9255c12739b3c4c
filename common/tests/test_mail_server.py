"""Mail servers that hang: an email takes a bounded time."""

import contextlib
import itertools
import smtplib
import socket
import threading

import pytest
from django.core.mail import EmailMessage

from common import mail_server


@contextlib.contextmanager
def server(settings, *replies: bytes):
    """Listen as a mail server that answers each line with one reply and then goes silent."""
    listener = socket.create_server(("127.0.0.1", 0))
    settings.EMAIL_BACKEND = "common.mail_server.BoundedBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = listener.getsockname()
    closed = threading.Event()

    def talk() -> None:
        client, _ = listener.accept()
        with client, client.makefile("rb") as lines, contextlib.suppress(ConnectionError):
            for reply in replies:
                client.sendall(reply)
                lines.readline()
            closed.wait(20)

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    try:
        yield
    finally:
        closed.set()
        thread.join(20)
        listener.close()


def test_a_server_that_accepts_and_stays_silent_is_abandoned(settings):
    settings.EMAIL_TIMEOUT = 0.2

    with server(settings), pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        EmailMessage("Hello", "text", to=["anna@example.com"]).send()


def test_all_steps_of_an_email_share_one_deadline(settings, monkeypatch):
    settings.EMAIL_TIMEOUT = 10
    moments = itertools.count(step=8.0)
    monkeypatch.setattr(mail_server.time, "monotonic", lambda: next(moments))

    answers = (b"220 here\r\n", b"250 ok\r\n", b"250 ok\r\n", b"250 ok\r\n")
    with server(settings, *answers), pytest.raises(TimeoutError, match="more than 20 s"):
        EmailMessage("Hello", "text", to=["anna@example.com"]).send()
