"""Setting up a shop: groups, pages, owners; running it twice changes nothing more."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection
from wagtail.models import GroupPagePermission, Locale, Page, Site

from accounts.models import User
from accounts.roles import ROLES
from accounts.selectors import has_owner
from common.actors import SETUP
from products.models import CataloguePage, CategoryPage, ProductIndexPage, TaxClass
from stock.models import ShopStaff
from stock.tests.factories import make_shop
from storefront.models import HomePage
from storefront.services.setup import BadOwner, Owner, no_owner_hint, read_owner, set_up

ANNA = Owner("anna@example.com", "correct horse 9 battery", "Anna")
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_setup")]


def everything() -> dict[str, int]:
    models = (Group, Page, Site, Locale, TaxClass, User, GroupPagePermission)
    return {model.__name__: model.objects.count() for model in models}


def test_a_new_database_becomes_a_shop(at, client):
    made = set_up(owners=[ANNA], actor=SETUP, at=at)

    assert [user.email for user in made] == ["anna@example.com"]
    assert has_owner()
    assert set(Group.objects.values_list("name", flat=True)) == set(ROLES)
    assert Site.objects.get().root_page.specific_class is HomePage
    assert not Page.objects.filter(title__startswith="Welcome").exists()
    assert CataloguePage.objects.get(locale__language_code="en").url == "/catalogue/"
    assert ProductIndexPage.objects.get(locale__language_code="en").url == "/products/"
    assert CataloguePage.objects.get(locale__language_code="ru").url == "/ru/catalogue/"
    assert TaxClass.objects.count() == 3


def test_setting_up_twice_changes_nothing_more(at):
    set_up(owners=[ANNA], actor=SETUP, at=at)
    before = everything()

    made = set_up(owners=[Owner(ANNA.email.upper(), "other words entirely 4", "Else")], actor=SETUP, at=at)

    assert made == []
    assert everything() == before
    assert User.objects.get().check_password(ANNA.password)


def test_categories_created_later_are_translated_by_the_next_run(at):
    set_up(owners=[], actor=SETUP, at=at)
    catalogue = CataloguePage.objects.get(locale__language_code="en")
    catalogue.add_child(instance=CategoryPage(title="Bread", slug="bread"))

    set_up(owners=[], actor=SETUP, at=at)

    assert CategoryPage.objects.get(locale__language_code="ru").live


def test_titles_written_by_editors_are_kept(at):
    home = set_up(owners=[], actor=SETUP, at=at) or HomePage.objects.get(locale__language_code="en")
    HomePage.objects.filter(pk=home.pk).update(title="Zerno")

    set_up(owners=[], actor=SETUP, at=at)

    assert HomePage.objects.get(pk=home.pk).title == "Zerno"


def test_the_site_has_the_address_of_the_settings(at, settings):
    settings.SITE_URL = "https://shop.example.com"

    set_up(owners=[], actor=SETUP, at=at)

    assert Site.objects.get().root_url == "https://shop.example.com"


def test_no_role_has_rights_on_orders_or_carts(at):
    set_up(owners=[], actor=SETUP, at=at)

    rights = set(Group.objects.values_list("name", "permissions__content_type__app_label", "permissions__codename"))
    about = {row for row in rights if row[1] in {"orders", "checkout", "sessions", "account", "auth"}}
    # How much who may refund, and who sells: nobody's order.
    assert about == {("owner", "orders", "change_ordersettings"), ("owner", "orders", "change_sellersettings")}


def test_rights_removed_from_the_table_are_revoked(at):
    set_up(owners=[], actor=SETUP, at=at)
    employee, owner = Group.objects.get(name="employee"), Group.objects.get(name="owner")
    employee.permissions.set(owner.permissions.all())

    set_up(owners=[], actor=SETUP, at=at)

    assert employee.permissions.count() == 0


@pytest.mark.parametrize(
    "owner",
    [
        Owner("not-an-address", "correct horse 9 battery", "A"),
        Owner("anna@example.com", "", "A"),
        Owner("anna@example.com", "short", "A"),
        Owner("anna@example.com", "password123", "A"),
    ],
    ids=["bad email", "no password", "short password", "common password"],
)
def test_a_bad_owner_is_refused_and_nothing_is_created(at, owner):
    before = everything()

    with pytest.raises(BadOwner):
        set_up(owners=[owner], actor=SETUP, at=at)

    assert everything() == before


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Anna Lind <anna@example.com>:a:b, c<d>", "Anna Lind"),
        ("  Анна  <anna@example.com> :a:b, c<d>", "Анна"),
        ("anna@example.com:a:b, c<d>", "anna"),
        ("<anna@example.com>:a:b, c<d>", "anna"),
    ],
)
def test_an_owner_is_a_name_an_address_and_a_password(text, name):
    assert read_owner(text) == Owner("anna@example.com", "a:b, c<d>", name)


@pytest.mark.parametrize(
    "text",
    ["", "Anna", "anna@example.com", "anna@example.com:", "Anna:secret words", "Anna <anna>:secret words",
     "Anna <anna@example.com>", "Anna <anna@example.com:secret words", ":secret words"],
)  # fmt: skip
def test_what_is_not_an_owner_is_refused_without_repeating_it(text):
    with pytest.raises(BadOwner) as refused:
        read_owner(text)

    assert "Name <email>:password" in refused.value.message
    assert "secret" not in refused.value.message


def test_owners_stand_in_a_file_too(tmp_path, settings, at):
    settings.STORE_OWNERS = ["Anna <anna@example.com>:correct horse 9 battery"]
    settings.STORE_OWNERS_FILE = str(tmp_path / "owners")
    Path(settings.STORE_OWNERS_FILE).write_text(
        "\ufeff# The owners\r\n\r\nBen Holt <ben@example.com>: staple, with commas 7 \r\n"
        "Cleo <cleo@example.com>:another horse 11\n",
        encoding="utf-8",
    )

    call_command("setup_shop")
    call_command("setup_shop")

    found = {user.email: user.name for user in User.objects.filter(groups__name="owner")}
    assert found == {"anna@example.com": "Anna", "ben@example.com": "Ben Holt", "cleo@example.com": "Cleo"}
    assert User.objects.get(email="ben@example.com").check_password("staple, with commas 7")


def test_a_file_may_be_named_on_the_command_line(tmp_path):
    (tmp_path / "owners").write_text("Ben <ben@example.com>:correct horse 9 battery\n")

    call_command("setup_shop", owners_file=tmp_path / "owners")

    assert User.objects.get(groups__name="owner").email == "ben@example.com"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
        (b"# one\nBen ben@example.com secret words\n", "Line 3 of"),
        (b"Ben <ben@example.com>:short\n", "The owner ben@example.com cannot be created"),
    ],
    ids=["missing", "not text", "not an owner", "weak"],
)
def test_a_file_that_cannot_be_used_creates_nobody(tmp_path, content, sentence):
    if content is not None:
        (tmp_path / "owners").write_bytes(b"Anna <anna@example.com>:correct horse 9 battery\n" + content)

    with pytest.raises(CommandError, match=sentence) as refused:
        call_command("setup_shop", owners_file=tmp_path / "owners")

    assert "secret" not in str(refused.value)
    assert not User.objects.exists()


def test_the_questions_need_a_terminal():
    with pytest.raises(CommandError, match="needs a terminal"):
        call_command("setup_shop", ask_owner=True)

    assert not HomePage.objects.exists()


def test_the_file_may_be_thrown_away_once_there_is_an_owner(tmp_path, settings, at):
    settings.STORE_OWNERS_FILE = str(tmp_path / "owners")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("setup_shop")
    Path(settings.STORE_OWNERS_FILE).write_text("Ben <ben@example.com>:correct horse 9 battery\n")
    call_command("setup_shop")

    Path(settings.STORE_OWNERS_FILE).unlink()
    call_command("setup_shop")

    assert User.objects.get(groups__name="owner").email == "ben@example.com"


def test_a_name_that_is_too_long_is_refused_in_a_sentence(settings):
    settings.STORE_OWNERS = [f"{'Anna ' * 40}<anna@example.com>:correct horse 9 battery"]

    with pytest.raises(CommandError, match=r"The owner anna@example\.com cannot be created"):
        call_command("setup_shop")


def test_the_command_says_when_there_is_no_owner(capsys):
    call_command("setup_shop")

    assert "This shop has no owner yet" in capsys.readouterr().err


def run_typed(command: str, folder: Path, answers: Mapping[str, str]) -> tuple[int, str]:
    """Run a line as a person would type it, in a terminal of its own, and answer each question."""
    keyboard, terminal = os.openpty()
    process = subprocess.Popen(
        ["/bin/sh", "-c", command],
        cwd=folder,
        env={**os.environ, "DATABASE_URL": url_of_the_test_database()},
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    said = ""
    for question, answer in answers.items():
        while not said.endswith(question) and (character := process.stderr.read(1)):
            said += character
        os.write(keyboard, f"{answer}\n".encode())
    printed, complaints = process.communicate(timeout=60)
    os.close(keyboard)
    os.close(terminal)
    return process.returncode, said + printed + complaints


def url_of_the_test_database() -> str:
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


def test_the_printed_command_works_in_any_folder_as_printed(tmp_path, settings):
    settings.VAR_DIR = tmp_path / "the shop's"
    settings.VAR_DIR.mkdir()
    command = next(line for line in no_owner_hint().splitlines() if "create_staff" in line)

    answers = dict.fromkeys(["Password: ", "The same password again: "], "correct horse battery staple")
    status, said = run_typed(command + " --dry-run", tmp_path, answers)

    assert status == 0
    assert said.strip().endswith(": Would create you@example.com as owner.")


def test_the_command_refuses_a_bad_owner_in_a_sentence(settings):
    settings.STORE_OWNERS = ["anna@example.com:short"]

    with pytest.raises(CommandError, match=r"The owner anna@example.com cannot be created"):
        call_command("setup_shop")


# --- create_staff --------------------------------------------------------------------------------------


def test_create_staff_creates_an_employee_of_a_shop(capsys):
    shop = make_shop("canal")

    call_command("create_staff", role="employee", email="ben@example.com", name="Ben", shop=["canal"])

    user = User.objects.get(email="ben@example.com")
    assert [group.name for group in user.groups.all()] == ["employee"]
    assert ShopStaff.objects.filter(user=user, shop=shop).count() == 1
    assert not user.has_usable_password()
    assert "/accounts/password/reset/" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"role": "king"}, "There is no role 'king'"),
        ({"email": "ben"}, "'ben' is not an email address"),
        ({"shop": ["moon"]}, "There is no shop 'moon'. Shops: canal."),
    ],
)
def test_create_staff_refuses_and_creates_nothing(change, sentence):
    make_shop("canal")
    given = {"role": "employee", "email": "ben@example.com", "name": "Ben", "shop": ["canal"], **change}

    with pytest.raises(CommandError, match=sentence):
        call_command("create_staff", **given)

    assert not User.objects.exists()


def test_create_staff_refuses_an_existing_account():
    call_command("create_staff", role="editor", email="ben@example.com", name="Ben")

    with pytest.raises(CommandError, match="already has an account"):
        call_command("create_staff", role="owner", email="BEN@example.com", name="Ben")

    assert [group.name for group in User.objects.get().groups.all()] == ["editor"]


def test_create_staff_dry_run_creates_nothing(capsys):
    call_command("create_staff", role="editor", email="ben@example.com", name="Ben", dry_run=True)

    assert not User.objects.exists()
    assert "Would create ben@example.com as editor." in capsys.readouterr().out
