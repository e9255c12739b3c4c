"""PostgreSQL's own log: the check finds out whether customers' data gets into it."""

import pytest
from django.db import connection

from storefront.checks import nobody_in_the_log

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("level", "verbosity", "found"),
    [
        ("error", "default", ["storefront.W001"]),
        ("panic", "default", ["storefront.W001"]),
        ("error", "terse", ["storefront.W001"]),
        ("panic", "terse", []),
        ("fatal", "terse", []),
    ],
)
def test_the_check_warns_about_a_log_with_failing_statements_or_their_rows(level, verbosity, found):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('log_min_error_statement', %s, true)", [level])
        cursor.execute("SELECT set_config('log_error_verbosity', %s, true)", [verbosity])

    assert [message.id for message in nobody_in_the_log(None, databases=["default"])] == found
