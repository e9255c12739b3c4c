"""Health of the process and readiness of the database, for probes."""

from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process runs; check nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 if the database answers and this release's migrations are applied, else 503 with the reason."""
    try:
        missing = _last_migrations() - set(MigrationRecorder(connection).applied_migrations())
    except DatabaseError:
        return HttpResponse("the database does not answer\n", status=503, content_type="text/plain")
    if missing:
        return HttpResponse("migrations are not applied\n", status=503, content_type="text/plain")
    return HttpResponse("ready\n", content_type="text/plain")


@cache
def _last_migrations() -> frozenset[tuple[str, str]]:
    """Return the newest migration of every app in this release's files; they do not change while we run."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).graph.leaf_nodes())
