"""The Users area of the CMS lists staff only, to owners only, and no customer appears anywhere under /admin/."""

import pytest
from django.urls import get_resolver, reverse
from django.urls.exceptions import NoReverseMatch
from django.urls.resolvers import URLPattern, URLResolver

from accounts.models import AuditEntry, User
from accounts.roles import role_of
from accounts.services.staff import deactivate
from accounts.tests.factories import PASSWORD, make_customer, make_staff
from accounts.tests.helpers import is_signed_in, sign_in
from common.actors import SETUP
from storefront.services.role_groups import make_groups

pytestmark = pytest.mark.django_db
INDEX = "/admin/users/"
NEW = "/admin/users/new/"
CANARY = {"name": "Quixotia Canaryman", "email": "canary@birds.example", "phone": "+31655511177"}
TRACES = ("quixotia", "canaryman", "canary@birds", "655511177", "55511177")


@pytest.fixture
def owner():
    make_groups()
    return make_staff("owner", name="Olga Zernova")


@pytest.fixture
def desk(client, owner):
    sign_in(client, owner.email, PASSWORD)
    return client


def fields_of(user: User, **change: object) -> dict[str, object]:
    return {
        "name": user.name,
        "email": user.email,
        "phone": user.phone or "",
        "role": role_of(user),
        "is_active": "on",
    } | change


def test_it_lists_staff_and_no_customers(desk):
    anna, _mira = make_staff("employee", name="Anna Berg"), make_customer(**CANARY)
    page = desk.get(INDEX).content.decode()
    assert anna.email in page and "Employee" in page
    assert not any(trace in page.lower() for trace in TRACES)
    for query in ("canary", "Quixot", "anna"):
        found = desk.get(INDEX, {"q": query}).content.decode().split("<tbody")[-1].lower()
        assert ("anna berg" in found) == (query == "anna")
        assert "canaryman" not in found
    for ordering in ("name", "-name", "email", "-last_login", "rubbish"):
        assert desk.get(INDEX, {"ordering": ordering}).status_code == 200
    assert desk.get("/admin/users/results/", {"q": "canary"}).status_code == 200


def test_an_owner_adds_an_employee_who_can_sign_in(desk, client):
    assert desk.get(NEW).status_code == 200
    form = {"name": "Ben", "email": "Ben@Example.com", "phone": "06 12345678", "role": "employee", "password": PASSWORD}
    assert desk.post(NEW, form).status_code == 302
    ben = User.objects.get(email="ben@example.com")
    assert (role_of(ben), str(ben.phone), ben.is_superuser) == ("employee", "+31612345678", False)
    entry = AuditEntry.objects.get(target=f"user:{ben.pk}")
    assert (entry.action, entry.actor_label) == ("staff.create", "Olga")
    client.logout()
    sign_in(client, "ben@example.com", PASSWORD)
    assert is_signed_in(client)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"email": CANARY["email"].upper()}, "Another account has this email address."),
        ({"phone": "0655511177"}, "Another account has this phone number."),
        ({"phone": "12"}, "Enter a phone number"),
        ({"password": "12345678"}, "too common"),
        ({"role": "king"}, "Select a valid choice"),
        ({"name": ""}, "required"),
    ],
)
def test_an_invalid_employee_is_refused_and_the_input_kept(desk, change, text):
    make_customer(name=CANARY["name"], email=CANARY["email"], verified_phone=CANARY["phone"])
    form = {"name": "Ben", "email": "ben@example.com", "phone": "", "role": "employee", "password": ""} | change
    page = desk.post(NEW, form).content.decode()
    assert text in page
    assert f'value="{form["email"]}"' in page
    assert not User.objects.filter(email="ben@example.com").exists()


def test_an_owner_changes_a_role_and_deactivates_an_account(desk, at):
    anna = make_staff("employee", name="Anna Berg")
    url = f"/admin/users/edit/{anna.pk}/"
    assert "Anna Berg" in desk.get(url).content.decode()
    desk.post(url, fields_of(anna, role="editor", name="Anna Bergen"))
    anna = User.objects.get(pk=anna.pk)
    assert (anna.name, role_of(anna)) == ("Anna Bergen", "editor")
    closed = fields_of(anna)
    del closed["is_active"]
    desk.post(url, closed)
    assert not User.objects.get(pk=anna.pk).is_active
    assert desk.get(url).status_code == 200
    desk.post(url, closed | {"is_active": "on"})
    assert User.objects.get(pk=anna.pk).is_active
    actions = list(AuditEntry.objects.filter(target=f"user:{anna.pk}").order_by("pk").values_list("action", flat=True))
    assert {"staff.create", "staff.role", "staff.deactivate", "staff.reactivate"} <= set(actions)


def test_the_last_owner_cannot_leave(desk, owner):
    response = desk.post(f"/admin/users/edit/{owner.pk}/", fields_of(owner, role="editor"))
    assert "last active owner" in response.content.decode()
    assert role_of(User.objects.get(pk=owner.pk)) == "owner"


def test_a_forged_form_creates_no_administrator(desk):
    form = {"name": "Ben", "email": "ben@example.com", "phone": "", "role": "employee", "password": ""}
    desk.post(NEW, form | {"is_superuser": "on", "groups": ["1", "2"], "user_permissions": ["1"]})
    ben = User.objects.get(email="ben@example.com")
    assert not ben.is_superuser
    assert list(ben.groups.values_list("name", flat=True)) == ["employee"]
    assert not ben.user_permissions.exists()


@pytest.mark.parametrize("place", ["edit", "delete", "history", "usage", "copy", "inspect", "history-results"])
def test_a_customer_is_not_found_by_id(desk, place):
    mira = make_customer(**CANARY)
    for method in (desk.get, desk.post):
        assert method(f"/admin/users/{place}/{mira.pk}/").status_code == 404


@pytest.mark.parametrize("action", ["delete", "set_active_state", "assign_role"])
def test_bulk_actions_are_not_available(desk, action):
    mira = make_customer(**CANARY)
    for ids in (mira.pk, "all"):
        url = f"/admin/bulk/accounts/user/{action}/?id={ids}"
        assert desk.get(url).status_code == 404
        assert desk.post(url).status_code == 404
    assert User.objects.get(pk=mira.pk).is_active


@pytest.mark.parametrize("role", ["shop_manager", "editor", "price_manager"])
def test_other_roles_in_the_cms_cannot_manage_staff(client, owner, role):
    user = make_staff(role)
    sign_in(client, user.email, PASSWORD)
    assert client.get("/admin/").status_code == 200
    assert INDEX not in client.get("/admin/").content.decode()
    for url in (INDEX, NEW, f"/admin/users/edit/{owner.pk}/", "/admin/groups/"):
        response = client.get(url)
        assert response.status_code in (302, 404)
        assert owner.email not in response.content.decode()


def test_ones_own_name_is_changed_on_the_account_page(desk, owner):
    page = desk.get("/admin/account/").content.decode()
    assert "Olga Zernova" in page
    assert "First Name" not in page
    form = {
        "name_email-name": "Olga Z",
        "theme-theme": "system",
        "theme-contrast": "system",
        "theme-density": "default",
    }
    assert desk.post("/admin/account/", form).status_code == 302
    owner.refresh_from_db()
    assert owner.name == "Olga Z"


def test_no_page_of_the_cms_shows_a_customer(desk, owner, at):
    """Open every page under /admin/ that needs no argument, with and without a search for the customer."""
    mira = make_customer(**CANARY)
    deactivate(user_id=make_staff("employee").pk, actor=SETUP, at=at)
    seen = 0
    for url in admin_pages():
        # The search words are shorter than the traces, because a page may repeat the query.
        for query in ({}, {"q": "canary"}, {"q": "Quixot", "owner": mira.pk, "user": mira.pk}):
            response = desk.get(url, query)
            assert response.status_code < 500, url
            if not response.streaming:
                page = response.content.decode().lower()
                assert [trace for trace in TRACES if trace in page] == [], (url, query)
                seen += 1
    assert seen > 100


def admin_pages() -> list[str]:
    pages = set()
    for names, pattern in walk(get_resolver(), ()):
        if pattern.name is None:
            continue
        try:
            url = reverse(":".join([*names, pattern.name]))
        except NoReverseMatch:
            continue
        if url.startswith("/admin/") and not url.endswith(("logout/", "failwhale/")):
            pages.add(url)
    return sorted(pages)


def walk(resolver: URLResolver, names: tuple[str, ...]):
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield names, entry
        else:
            yield from walk(entry, (*names, entry.namespace) if entry.namespace else names)
