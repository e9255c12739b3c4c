"""Pytest plugin, loaded by `addopts = -p tests.pgplugin`: starts a database before Django reads its settings.

In conftest.py it would be too late: pytest-django has configured the settings by then, and the
suite would silently run on SQLite. `DB=sqlite` is for the few tests meant for it, on a migrated file,
`DB=none` for collecting only.
"""

import importlib
import os
import pathlib
import tempfile
from collections import Counter

import hypothesis
import pytest

from tests.pgserver import Server
from tests.seeds import copy_migrated_file, migrated_cluster

_server: Server | None = None

# How long an example takes depends on what else the machine is doing.
hypothesis.settings.register_profile("site", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("site")

# A developer's .env is for their own shop, not for the tests.
os.environ["ENV_FILE"] = os.devnull

if "DB" not in os.environ and "PYTEST_XDIST_WORKER" not in os.environ and "DATABASE_URL" not in os.environ:
    _server = Server()
    _server.start(migrated_cluster())
    os.environ["DATABASE_URL"] = _server.url()
    os.environ["TEST_DATABASE_TEMPLATE"] = "tpl"
    os.environ["TEST_POSTGRES_LOG"] = str(_server.log)
elif os.environ.get("DB") == "sqlite":
    _folder = tempfile.TemporaryDirectory(prefix="vitrine-sqlite-")
    os.environ["TEST_DATABASE_FILE"] = f"{_folder.name}/shop.sqlite3"
    copy_migrated_file(pathlib.Path(os.environ["TEST_DATABASE_FILE"]))


# Few tests that take long: they begin first, since a worker that got one of them last would run alone.
LONG = ("test_load_demo.py", "test_query_counts.py", "test_run_shop.py", "test_outages.py", "test_model.py")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """For several workers put the files that take longest in front: those named, then those with most tests."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    sizes = Counter(item.path for item in items)
    items.sort(key=lambda item: (item.path.name not in LONG, -sizes[item.path]))


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the fixtures after pytest-django's, so that our django_db_setup overrides its own."""
    if "TEST_DATABASE_FILE" in os.environ:
        config.option.reuse_db = True
    config.pluginmanager.register(importlib.import_module("tests.fixtures"), "tests.fixtures")


def pytest_unconfigure() -> None:
    """Stop and remove the server of this run."""
    global _server
    if _server is not None:
        _server.stop()
        _server.remove()
        _server = None
