"""The bank's ledger: payments, refunds and notices to send, in an SQLite file of its own."""

import contextlib
import json
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from decimal import Decimal

from orders.gateways.demo_bank.server.config import Config, Faults
from orders.gateways.demo_bank.server.reading import Opening

_TABLES = """
CREATE TABLE IF NOT EXISTS payment (
    id TEXT PRIMARY KEY, key TEXT UNIQUE NOT NULL, page TEXT UNIQUE NOT NULL, request TEXT NOT NULL,
    reference TEXT NOT NULL, merchant TEXT NOT NULL, amount TEXT NOT NULL, currency TEXT NOT NULL,
    return_url TEXT NOT NULL, language TEXT NOT NULL, expires_at INTEGER, state TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '', created_at REAL NOT NULL, late_at REAL, captured TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS refund (
    id TEXT PRIMARY KEY, payment TEXT NOT NULL REFERENCES payment(id), key TEXT UNIQUE NOT NULL,
    amount TEXT NOT NULL, created_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS notice (
    number INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, body BLOB NOT NULL, due_at REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, done INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS notice_due ON notice (due_at) WHERE done = 0;
"""
LATE_SECONDS = 5


class Conflict(Exception):
    """The request contradicts what is already in the book."""


class Book:
    """All reads and writes: one writer at a time, amounts stored as text."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._lock = threading.RLock()
        config.book.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(config.book, check_same_thread=False, isolation_level=None, timeout=20)
        self._db.row_factory = sqlite3.Row
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + _TABLES)
        if "captured" not in {row["name"] for row in self._db.execute("PRAGMA table_info(payment)")}:
            # A book of an older shop.
            self._db.execute("ALTER TABLE payment ADD COLUMN captured TEXT NOT NULL DEFAULT ''")

    def close(self) -> None:
        """Close the file; requests still running get an error."""
        with self._lock:
            self._db.close()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def open(self, opening: Opening) -> sqlite3.Row:
        """Open a payment, or return the one with this key. Raises Conflict if its request was different."""
        with self._writing() as db:
            found = db.execute("SELECT * FROM payment WHERE key = ?", (opening.key,)).fetchone()
            if found is None:
                db.execute(
                    "INSERT INTO payment (id, key, page, request, reference, merchant, amount, currency, return_url,"
                    " language, expires_at, state, created_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,'pending',?)",
                    (
                        f"pay_{secrets.token_hex(12)}", opening.key, secrets.token_urlsafe(24), opening.fingerprint(),
                        opening.reference, opening.merchant, opening.amount, opening.currency, opening.return_url,
                        opening.language, opening.expires_at, self.config.now(),
                    ),
                )  # fmt: skip
                found = db.execute("SELECT * FROM payment WHERE key = ?", (opening.key,)).fetchone()
                self._notify(db, found["id"], "payment.created", self.config.faults)
            elif found["request"] != opening.fingerprint():
                raise Conflict("This key was used for a different payment.")
        return found

    def find(self, name: str) -> sqlite3.Row | None:
        """Return a payment by the bank's id or the shop's key."""
        with self._lock:
            return self._db.execute("SELECT * FROM payment WHERE id = ? OR key = ?", (name, name)).fetchone()

    def find_page(self, page: str) -> sqlite3.Row | None:
        """Return the payment of a hosted page."""
        with self._lock:
            return self._db.execute("SELECT * FROM payment WHERE page = ?", (page,)).fetchone()

    def snapshot(self, payment_id: str) -> dict[str, object]:
        """Return a payment in the form in which the shop receives it."""
        with self._lock:
            row = self._db.execute("SELECT * FROM payment WHERE id = ?", (payment_id,)).fetchone()
            refunds = self._db.execute(
                "SELECT id, key, amount FROM refund WHERE payment = ? ORDER BY created_at, id", (payment_id,)
            ).fetchall()
        names = ("id", "key", "reference", "merchant", "amount", "currency", "state", "reason", "captured")
        return {**{name: row[name] for name in names}, "refunds": [dict(refund) for refund in refunds]}

    def approve(self, payment_id: str, faults: Faults) -> None:
        """Authorise and capture at once; a payment that is no longer pending is left as it is."""
        with self._writing() as db:
            row = db.execute("SELECT * FROM payment WHERE id = ?", (payment_id,)).fetchone()
            if row["state"] != "pending":
                return
            amount = str(Decimal(row["amount"]) + Decimal(faults.amount).scaleb(-2))
            db.execute(
                "UPDATE payment SET state = 'authorised', amount = ?, currency = ?, late_at = NULL WHERE id = ?",
                (amount, faults.currency or row["currency"], payment_id),
            )
            self._notify(db, payment_id, "payment.authorised", faults)
            db.execute("UPDATE payment SET state = 'captured' WHERE id = ?", (payment_id,))
            self._notify(db, payment_id, "payment.captured", faults)

    def approve_late(self, payment_id: str) -> None:
        """Schedule the capture for a few seconds after the session, and with it the shop's hold, has expired."""
        with self._writing() as db:
            db.execute(
                "UPDATE payment SET late_at = COALESCE(expires_at, ?) + ? WHERE id = ? AND state = 'pending'",
                (self.config.now(), LATE_SECONDS, payment_id),
            )

    def authorise(self, payment_id: str) -> None:
        """Authorise without capturing: the shop must ask for the capture."""
        self._close(payment_id, "authorised", "", self.config.faults)

    def decline(self, payment_id: str, reason: str, faults: Faults) -> None:
        """Mark the payment as failed, with a reason code."""
        self._close(payment_id, "failed", reason, faults)

    def cancel(self, payment_id: str, faults: Faults) -> None:
        """Cancel a payment that the buyer has abandoned."""
        self._close(payment_id, "cancelled", "", faults)

    def _close(self, payment_id: str, state: str, reason: str, faults: Faults) -> None:
        with self._writing() as db:
            done = db.execute(
                "UPDATE payment SET state = ?, reason = ? WHERE id = ? AND state = 'pending'",
                (state, reason, payment_id),
            )
            if done.rowcount:
                self._notify(db, payment_id, f"payment.{state}", faults)

    def capture(self, payment_id: str, amount: str | None = None) -> None:
        """Capture authorised money, or `amount` of it; does nothing if that was captured already.

        `captured` is empty for the whole of it. Raises Conflict for anything else.
        """
        with self._writing() as db:
            row = db.execute("SELECT * FROM payment WHERE id = ?", (payment_id,)).fetchone()
            part = "" if amount is None or Decimal(amount) == Decimal(row["amount"]) else amount
            if Decimal(part or 0) > Decimal(row["amount"]):
                raise Conflict("Less than this was authorised.")
            if row["state"] == "authorised":
                db.execute("UPDATE payment SET state = 'captured', captured = ? WHERE id = ?", (part, payment_id))
                self._notify(db, payment_id, "payment.captured", self.config.faults)
            elif row["state"] != "captured" or Decimal(part or 0) != Decimal(row["captured"] or 0):
                raise Conflict(f"A payment that is {row['state']} cannot be captured.")

    def void(self, payment_id: str) -> None:
        """Release authorised money or close an open page; does nothing if already voided. Raises Conflict otherwise."""
        with self._writing() as db:
            done = db.execute(
                "UPDATE payment SET state = 'cancelled', late_at = NULL"
                " WHERE id = ? AND state IN ('pending', 'authorised')",
                (payment_id,),
            )
            state = db.execute("SELECT state FROM payment WHERE id = ?", (payment_id,)).fetchone()["state"]
            if done.rowcount:
                self._notify(db, payment_id, "payment.cancelled", self.config.faults)
            elif state != "cancelled":
                raise Conflict(f"A payment that is {state} cannot be voided.")

    def refund(self, payment_id: str, key: str, amount: str) -> str:
        """Refund once per key and return the refund's id. Raises Conflict if more than was captured."""
        with self._writing() as db:
            found = db.execute("SELECT * FROM refund WHERE key = ?", (key,)).fetchone()
            if found is not None:
                if found["payment"] != payment_id or Decimal(found["amount"]) != Decimal(amount):
                    raise Conflict("This key was used for a different refund.")
                return found["id"]
            row = db.execute("SELECT * FROM payment WHERE id = ?", (payment_id,)).fetchone()
            given = db.execute("SELECT amount FROM refund WHERE payment = ?", (payment_id,)).fetchall()
            left = Decimal(row["captured"] or row["amount"]) - sum(
                (Decimal(refund["amount"]) for refund in given), Decimal(0)
            )
            if row["state"] != "captured" or not 0 < Decimal(amount) <= left:
                raise Conflict("Nothing was captured, or less than this.")
            refund_id = f"ref_{secrets.token_hex(12)}"
            db.execute(
                "INSERT INTO refund (id, payment, key, amount, created_at) VALUES (?,?,?,?,?)",
                (refund_id, payment_id, key, amount, self.config.now()),
            )
            self._notify(db, payment_id, "payment.refunded", self.config.faults)
        return refund_id

    def tick(self) -> None:
        """Make the late captures that are due, and close sessions that have expired."""
        now = self.config.now()
        with self._lock:
            late = self._db.execute(
                "SELECT id FROM payment WHERE state = 'pending' AND late_at <= ?", (now,)
            ).fetchall()
            ended = self._db.execute(
                "SELECT id FROM payment WHERE state = 'pending' AND late_at IS NULL AND expires_at <= ?", (now,)
            ).fetchall()
        for row in late:
            self.approve(row["id"], self.config.faults)
        for row in ended:
            self.cancel(row["id"], self.config.faults)

    def _notify(self, db: sqlite3.Connection, payment_id: str, kind: str, faults: Faults) -> None:
        if faults.drop:
            return
        event = f"evt_{secrets.token_hex(12)}"
        body = json.dumps({"id": event, "type": kind, "payment": self.snapshot(payment_id)}).encode()
        for _ in range(faults.duplicate):
            db.execute(
                "INSERT INTO notice (event, body, due_at) VALUES (?,?,?)",
                (event, body, self.config.now() + faults.delay),
            )

    def due_notices(self) -> list[sqlite3.Row]:
        """Return notices to send now, oldest first."""
        with self._lock:
            return self._db.execute(
                "SELECT * FROM notice WHERE done = 0 AND due_at <= ? ORDER BY due_at, number LIMIT 50",
                (self.config.now(),),
            ).fetchall()

    def notice_sent(self, number: int, *, accepted: bool, retry_in: float | None) -> None:
        """Record the result of an attempt; without `retry_in` the notice is abandoned."""
        with self._writing() as db:
            done = accepted or retry_in is None
            db.execute(
                "UPDATE notice SET attempts = attempts + 1, done = ?, due_at = ? WHERE number = ?",
                (int(done), self.config.now() + (retry_in or 0), number),
            )
