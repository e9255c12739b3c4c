"""Outages: which errors count as one, its answer, and how long a request waits for SQLite's writer."""

import contextlib
import errno
import json
import sqlite3
import threading

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.http import UnreadablePostError
from django.test import RequestFactory

from accounts.models import User
from common import outages
from common.busy import without_waiting
from common.outages import BoundedWait, OutageMiddleware, outage_of
from common.storage import WholeFileStorage


def sqlite_error(code: int, text: str) -> OperationalError:
    """Return an error as Django raises it."""
    cause = sqlite3.OperationalError(text)
    cause.sqlite_errorcode = code
    error = OperationalError(text)
    error.__cause__ = cause
    return error


def raised_by_postgresql(state: str) -> DatabaseError:
    """Return a real error from the server with an SQLSTATE."""
    with pytest.raises(DatabaseError) as raised, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END $$")
    return raised.value


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("53100", "storage_full"),
        ("53200", "away"),
        ("53300", "away"),
        ("57P01", "away"),
        ("57P03", "away"),
        ("08006", "away"),
        ("55P03", "busy"),
        ("40P01", "busy"),
    ],
)
def test_an_outage_of_postgresql_is_told_apart_from_a_fault(state, code):
    assert outage_of(raised_by_postgresql(state)).code == code


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["23514", "42P01", "22003", "XX000"])
def test_a_fault_in_our_query_is_not_an_outage(state):
    assert outage_of(raised_by_postgresql(state)) is None


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (sqlite_error(sqlite3.SQLITE_FULL, "database or disk is full"), "storage_full"),
        (sqlite_error(sqlite3.SQLITE_READONLY, "attempt to write a readonly database"), "storage_full"),
        (sqlite_error(sqlite3.SQLITE_CANTOPEN, "unable to open database file"), "away"),
        (sqlite_error(sqlite3.SQLITE_IOERR | 3 << 8, "disk I/O error"), "away"),
        (sqlite_error(sqlite3.SQLITE_BUSY, "database is locked"), "busy"),
        (OSError(errno.ENOSPC, "No space left on device"), "storage_full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "storage_full"),
        (OperationalError("server closed the connection unexpectedly"), "away"),
        (InterfaceError("connection already closed"), "away"),
    ],
    ids=str,
)
def test_an_outage_is_recognised_by_its_error(error, code):
    refusal = outage_of(error)

    assert (refusal.code, refusal.status) == (code, 503)
    assert refusal.retry_after > 0


@pytest.mark.parametrize(
    "error",
    [
        None,
        ValueError("no"),
        OSError(errno.ENOENT, "No such file"),
        UnreadablePostError(errno.ENOSPC, "the visitor's"),
        sqlite_error(sqlite3.SQLITE_ERROR, "no such table: a"),
        DatabaseError("no"),
    ],
    ids=str,
)
def test_any_other_error_is_not_an_outage(error):
    assert outage_of(error) is None


def test_an_outage_that_caused_another_error_is_found():
    try:
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as full:
            raise ValueError("the picture could not be kept") from full
    except ValueError as error:
        assert outage_of(error).code == "storage_full"


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), OperationalError("gone")], ids=str)
def test_people_get_a_page_and_scripts_get_json(rf: RequestFactory, error):
    middleware = OutageMiddleware(lambda request: None)

    page = middleware.process_exception(rf.get("/", headers={"accept": "text/html"}), error)
    script = middleware.process_exception(rf.post("/", headers={"accept": "application/json"}), error)

    assert (page.status_code, script.status_code) == (503, 503)
    assert int(page["Retry-After"]) == int(script["Retry-After"]) > 0
    assert page["Cache-Control"] == script["Cache-Control"] == "private, no-store"
    details = json.loads(script.content)
    assert details["message"] in page.content.decode()
    assert details["retry_after"] == int(script["Retry-After"])
    assert details["code"] in ("storage_full", "away")


@pytest.mark.django_db
def test_an_outage_before_the_view_is_answered_as_one(client, monkeypatch):
    client.force_login(User.objects.create_user("mira@example.com", "a password that is long"))

    def fail(self):
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", fail)
    client.raise_request_exception = False
    response = client.get("/account/orders/", headers={"accept": "application/json"})

    assert (response.status_code, response.json()["code"]) == (503, "away")


class FullFile(ContentFile):
    """A file that fails after the first chunk, as on a full disk."""

    def chunks(self, chunk_size=None):
        yield b"half"
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_leaves_no_partial_file(tmp_path):
    storage = WholeFileStorage(location=tmp_path)

    with pytest.raises(OSError, match="No space left"):
        storage.save("pictures/a.png", FullFile(b"a picture"))

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_complete_file_is_stored_under_its_name(tmp_path):
    storage = WholeFileStorage(location=tmp_path)
    upload = TemporaryUploadedFile("b.png", "image/png", 4, None)
    upload.write(b"pict")
    upload.flush()

    names = [storage.save("a.png", ContentFile(b"one")), storage.save("a.png", ContentFile(b"two"))]
    from_disk = storage.save("b.png", upload)
    upload.close()

    assert [(tmp_path / name).read_bytes() for name in (*names, from_disk)] == [b"one", b"two", b"pict"]
    assert names[0] == "a.png" != names[1]
    assert len(list(tmp_path.iterdir())) == 3
    assert (tmp_path / "a.png").stat().st_mode & 0o044


@pytest.fixture
def held(tmp_path):
    """Hold the write lock of an SQLite file."""
    path = tmp_path / "shop.sqlite3"
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("PRAGMA journal_mode=WAL")
    holder.execute("CREATE TABLE a(b)")
    holder.execute("BEGIN IMMEDIATE")
    yield path
    holder.close()


class Database:
    """The part of Django's connection that the wait uses; `began` is set when a statement is sent."""

    settings_dict = {"OPTIONS": {"timeout": 20}}
    in_atomic_block = False

    def __init__(self, path):
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.began = threading.Event()
        self.waits = []

    def run(self, wait, sql):
        return wait(self._execute, sql, None, False, {"connection": self})

    def _execute(self, sql, params, many, context):
        self.waits.append(self.patience())
        self.began.set()
        return self.connection.execute(sql)

    def patience(self):
        return self.connection.execute("PRAGMA busy_timeout").fetchone()[0]


def test_writers_beyond_the_slots_give_up_first_and_readers_never_wait(held):
    slots, order = threading.BoundedSemaphore(1), []
    patient, hasty, reader = (Database(held) for _ in range(3))

    def write(database):
        with contextlib.suppress(sqlite3.OperationalError):
            database.run(BoundedWait(slots), "BEGIN IMMEDIATE")
        order.append(database)

    threads = [threading.Thread(target=write, args=[database]) for database in (patient, hasty)]
    threads[0].start()
    patient.began.wait()
    threads[1].start()
    hasty.began.wait()
    reader.run(BoundedWait(slots), "SELECT * FROM a")
    order.append(reader)
    for thread in threads:
        thread.join()

    assert order == [reader, hasty, patient]
    assert (patient.patience(), hasty.patience()) == (20_000, 20_000)
    for database in order:
        database.connection.close()


def test_all_waits_of_a_request_are_no_longer_than_one(held, monkeypatch):
    monkeypatch.setattr(outages, "LONG_WAIT_MS", 40)
    database, wait = Database(held), BoundedWait(threading.BoundedSemaphore(1))

    for _ in range(3):
        with pytest.raises(sqlite3.OperationalError):
            database.run(wait, "BEGIN IMMEDIATE")

    assert database.waits == [40, 0, 0]
    database.connection.close()


def test_what_can_be_written_later_does_not_wait_at_all(held):
    database, slots = Database(held), threading.BoundedSemaphore(1)

    with without_waiting(), pytest.raises(sqlite3.OperationalError):
        database.run(BoundedWait(slots), "INSERT INTO a VALUES (1)")

    assert database.waits == [0]
    assert slots.acquire(blocking=False)
    database.connection.close()


def test_nothing_that_writes_stands_before_the_limit_on_waits():
    """Sessions are saved in a middleware, after the view."""
    assert settings.MIDDLEWARE[0] == "common.outages.BoundedWaitMiddleware"
