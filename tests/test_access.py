"""Every address declares who may open it, and keeps to it: anonymous visitors, customers, each role."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User
from accounts.roles import ROLES
from accounts.services.staff import create_staff
from common.actors import SETUP
from stock.models import ShopStaff
from stock.tests.factories import make_shop
from storefront.services.role_groups import make_groups
from tests.access_matrix import ADMIN_OPEN, CMS, COUNTER, COURIERS, MANAGERS, OURS, OWNERS, PREFIXES, Row, Who
from tests.moments import AT
from tests.sources import APPS

ROWS = {row.name: row for row in OURS}
GUARDED = [
    row for row in OURS if row.who in (Who.SIGNED_IN, Who.COUNTER, Who.MANAGERS, Who.OWNERS, Who.COURIERS, Who.CMS)
]
OPEN = [row for row in OURS if row.who in (Who.PUBLIC, Who.MACHINE)]
ROLES_OF = {Who.COUNTER: COUNTER, Who.MANAGERS: MANAGERS, Who.OWNERS: OWNERS, Who.COURIERS: COURIERS, Who.CMS: CMS}


def walk(
    resolver: URLResolver, prefix: str = "", spaces: tuple[str, ...] = ()
) -> Iterator[tuple[str, str, URLPattern]]:
    """Yield (path, name with namespaces, pattern) of every address."""
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from walk(entry, path, (*spaces, entry.namespace) if entry.namespace else spaces)
        else:
            yield path, ":".join([*spaces, entry.name or ""]), entry


def is_ours(path: str, pattern: URLPattern) -> bool:
    """Say whether the view is ours; Wagtail guards the views inside its admin, which are tested as a whole below."""
    view = getattr(pattern.callback, "view_class", pattern.callback)
    return view.__module__.split(".")[0] in APPS and not path.startswith("admin/")


def address(row: Row) -> str:
    return f"/{row.name}" if "/" in row.name else reverse(row.name, kwargs=row.kwargs or None)


def exists(row: Row) -> bool:
    """Say whether the address exists: some depend on settings."""
    return any(row.name in (name, path) for path, name, _ in walk(get_resolver()))


def ask(client: Client, row: Row):
    return getattr(client, row.method)(address(row))


def make_customer() -> User:
    return User.objects.create_user("customer@example.com", "a password that is long")


def make_person(role: str) -> User:
    """Return a person with `role`, in a shop of their own that has an owner."""
    make_groups()
    boss = create_staff(email="boss@example.com", name="Boss", role="owner", actor=SETUP, at=AT)
    return (
        boss if role == "owner" else create_staff(email="staff@example.com", name="Ben", role=role, actor=SETUP, at=AT)
    )


def test_every_address_of_ours_has_a_row():
    found = {name or path for path, name, pattern in walk(get_resolver()) if is_ours(path, pattern)}

    assert found - set(ROWS) == set()


def test_every_row_has_an_address():
    found = {name or path for path, name, _ in walk(get_resolver())}

    assert set(ROWS) - found <= {row.name for row in OURS if row.who is Who.DEVELOPER} | {"media"}


def test_every_address_of_a_package_is_under_a_known_prefix():
    prefixes = tuple(prefix for prefix, _, _ in PREFIXES if prefix)
    loose = {
        path
        for path, name, pattern in walk(get_resolver())
        if not is_ours(path, pattern)
        and not path.lstrip("^").startswith(prefixes)
        and not name.startswith("wagtail_serve")
    }

    assert not {path for path in loose if name_of(path) not in ROWS}


def name_of(path: str) -> str:
    return next(name for found, name, _ in walk(get_resolver()) if found == path)


@pytest.mark.django_db
@pytest.mark.parametrize("row", GUARDED, ids=lambda row: row.name)
def test_an_anonymous_visitor_is_sent_to_sign_in(client, row):
    response = ask(client, row)

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/accounts/login/?next=")


@pytest.mark.django_db
@pytest.mark.parametrize("row", [row for row in OPEN if exists(row)], ids=lambda row: row.name)
def test_anybody_may_open_public_addresses(client, row):
    response = ask(client, row)

    assert response.status_code < 500
    assert "/accounts/login/" not in response.headers.get("Location", "")


@pytest.mark.django_db
@pytest.mark.parametrize("row", [row for row in OURS if row.who is Who.TOKEN], ids=lambda row: row.name)
@pytest.mark.parametrize("person", [None, *ROLES])
def test_the_api_takes_no_session_for_a_token(client, row, person):
    if person:
        client.force_login(make_person(person))

    response = ask(client, row)

    assert (response.status_code, response.json()["code"]) == (401, "token_required")
    assert not response.cookies


@pytest.mark.django_db
@pytest.mark.parametrize("row", [row for row in OURS if row.who is Who.DEVELOPER], ids=lambda row: row.name)
def test_developers_pages_do_not_exist_in_production(client, row):
    assert ask(client, row).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("row", [row for row in GUARDED if row.who in ROLES_OF], ids=lambda row: row.name)
def test_a_customer_gets_not_found_from_staff_addresses(client, row):
    client.force_login(make_customer())

    assert ask(client, row).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_open_its_own_addresses_only(client, role):
    shop = make_shop()
    user = make_person(role)
    ShopStaff.objects.create(user=user, shop=shop)
    client.force_login(user)

    for row in GUARDED:
        if row.who not in ROLES_OF:
            continue
        response = ask(client, row)
        if role not in ROLES_OF[row.who]:
            assert response.status_code == 404, row
        else:
            assert response.status_code < 500, row
            assert "/accounts/login/" not in response.headers.get("Location", ""), row


def admin_paths() -> list[str]:
    """Return every address of Wagtail's admin that needs no argument, including ours."""
    paths = {path for path, _, _ in walk(get_resolver()) if path.startswith("admin/")}
    return sorted(f"/{path}" for path in paths if not re.search(r"[<(^\\$]", path))


@pytest.mark.django_db
def test_wagtails_admin_is_closed_to_visitors_and_customers(client):
    customer = Client()
    customer.force_login(make_customer())
    paths = [path for path in admin_paths() if path not in ADMIN_OPEN]

    open_to_visitors = [path for path in paths if not is_closed(client.get(path))]
    open_to_customers = [path for path in paths if not is_closed(customer.get(path))]

    assert len(paths) > 50
    assert not open_to_visitors
    assert not open_to_customers


def is_closed(response) -> bool:
    if response.status_code == 302:
        return response.headers["Location"].startswith("/accounts/login/")
    return response.status_code in (403, 404)


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["employee", "courier"])
def test_a_role_without_work_in_the_cms_is_not_let_in(client, role):
    client.force_login(make_person(role))

    assert is_closed(client.get("/admin/"))


@pytest.mark.django_db
@pytest.mark.parametrize("role", CMS)
def test_a_role_with_work_in_the_cms_sees_its_dashboard(client, role):
    client.force_login(make_person(role))

    assert client.get("/admin/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/admin/password_reset/", "/admin/password_reset/confirm/x/y/"])
def test_wagtails_password_reset_is_closed(client, path):
    assert client.get(path).status_code in (302, 404)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/admin/login/", "/_util/login/"])
def test_every_sign_in_address_is_the_same_sign_in(client, path):
    resolved = get_resolver().resolve(path)

    assert resolved.func.view_class.__module__.split(".")[0] in ("allauth", "accounts")
