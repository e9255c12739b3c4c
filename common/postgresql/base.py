"""Django's PostgreSQL, whose connections are asked for their health without a question to the server."""

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg2.extensions import TRANSACTION_STATUS_IDLE


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that is usable while the server has said nothing on it.

    Django asks `SELECT 1` once a request, a fortieth of what it costs to place an order. A server that stopped, or
    ended the connection, has closed the socket, which can then be read. One that vanished without a word is noticed
    by the keep-alives of the settings within seconds; until then it keeps the first query waiting, as it did
    `SELECT 1`, and the visitor is told to try again.
    """

    def is_usable(self) -> bool:
        """Return whether queries may be sent; what the server has said unasked is looked at by asking it.

        So is a transaction that nobody ended: Django closes such a connection.
        """
        mine: Any = self.connection
        if mine is None or mine.closed:
            return False
        if mine.get_transaction_status() != TRANSACTION_STATUS_IDLE:
            return super().is_usable()
        waiting = select.poll()
        waiting.register(mine.fileno(), select.POLLIN | select.POLLPRI)
        return not waiting.poll(0) or super().is_usable()
