"""Named points at which a test can kill the process, to see what a crash leaves behind."""

import os
import signal

from django.conf import settings

# The names that VITRINE_TEST_CRASH_AT takes, and where each point is.
POINTS = {
    "outbox.claimed": "a message is claimed and not handled",
    "outbox.handled": "a message is handled and not marked done",
    "outbox.done": "a message is marked done",
    "inbox.stored": "a notice is stored and not acted on",
    "gateway.before": "a payment gateway is about to be called",
    "gateway.after": "a payment gateway has answered and nothing is stored yet",
}


def crash_point(name: str) -> None:
    """Kill this process, as a power cut would, if VITRINE_TEST_CRASH_AT names this point."""
    if name not in POINTS:
        raise ValueError(f"no crash point is called {name!r}")
    if name == settings.TEST_CRASH_AT:
        os.kill(os.getpid(), signal.SIGKILL)
