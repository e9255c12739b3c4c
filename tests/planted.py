"""A plugin for `make planted`: every invariant finds something in some test, or the run fails.

It has to be loaded before the apps, so that what registers a finder is this.
"""

import functools
from collections.abc import Iterable, Iterator

from common import registry
from common.registry import Finder, Row

_found: set[str] = set()
_register = registry.invariant


def _noting(id: str, title: str):
    def register(find: Finder) -> Finder:
        @functools.wraps(find)
        def noted(*args, **kwargs) -> Iterable[Row]:
            return _note(id, find(*args, **kwargs))

        return _register(id, title)(noted)

    return register


def _note(id: str, rows: Iterable[Row]) -> Iterable[Row]:
    if not isinstance(rows, Iterator):
        # A query set is asked for more by its caller.
        if rows:
            _found.add(id)
        return rows
    return _each(id, rows)


def _each(id: str, rows: Iterator[Row]) -> Iterator[Row]:
    for row in rows:
        _found.add(id)
        yield row


registry.invariant = _noting


def pytest_sessionfinish(session, exitstatus) -> None:
    missing = sorted({check.id for check in registry.invariants()} - _found)
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    reporter.write_line(
        f"Planted: {len(_found)} invariants found a violation; without one: {', '.join(missing) or 'none'}"
    )
    if missing:
        session.exitstatus = 1
