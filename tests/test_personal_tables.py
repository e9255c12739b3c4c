"""Every table that can hold somebody is known, those of other packages too, and deletion empties each of theirs."""

from collections.abc import Callable, Iterable

import pytest
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db.models import Model, Q
from django.test import Client

from accounts.models import CourierApplication, MailRequest, Notice, PhoneCode, SignUp, User
from accounts.services.change_email import request_email_change
from accounts.services.erase import erase_account
from accounts.sessions import SessionStore
from accounts.tests.factories import PASSWORD, give_second_factor, make_address, make_customer, make_sign_up
from accounts.tests.helpers import sign_in
from api.tests.helpers import tokens_of
from checkout.models import Cart
from common.registry import personal_fields
from stock.models import ShopChoice
from stock.tests.factories import make_shop
from tests.canary.birds import wait_for_code

pytestmark = pytest.mark.django_db
EMAIL = "mila@example.com"


def _confirmations(user: User, at) -> None:
    EmailConfirmation.create(EmailAddress.objects.get(user=user)).save()


def _sessions(user: User, at) -> None:
    """A browser, one that waits for the code, and a program."""
    sign_in(Client(), EMAIL, PASSWORD)
    wait_for_code(user)
    tokens_of(user)


# How a customer gets a row in each table that deletion empties of them.
EMPTIED: dict[str, Callable[[User, object], object]] = {
    "account.EmailAddress": lambda user, at: request_email_change(user_id=user.pk, email="new@example.com", at=at),
    "account.EmailConfirmation": _confirmations,
    "accounts.Address": lambda user, at: make_address(user),
    "accounts.CourierApplication": lambda user, at: CourierApplication.objects.create(user=user, created_at=at),
    "accounts.MailRequest": lambda user, at: MailRequest.objects.create(email=EMAIL, kind="reset", created_at=at),
    "accounts.Notice": lambda user, at: Notice.objects.create(user=user, email=EMAIL, created_at=at),
    "accounts.PhoneCode": lambda user, at: PhoneCode.objects.create(user=user, phone="+31612345678", created_at=at),
    "accounts.SignUp": lambda user, at: make_sign_up(email=EMAIL),
    "accounts.UserSession": _sessions,
    "checkout.Cart": lambda user, at: Cart.objects.create(user=user, created_at=at, updated_at=at),
    "mfa.Authenticator": lambda user, at: give_second_factor(user),
    "stock.ShopChoice": lambda user, at: ShopChoice.objects.create(user=user, shop=make_shop()),
}
# Their rows stay and name nobody any more: books, and what somebody agreed to or did.
BOOKS = {
    "accounts.AuditEntry", "accounts.Registration", "accounts.User", "orders.CashDay", "orders.Document",
    "orders.HandOver", "orders.Order", "orders.OrderEvent", "orders.PaymentEvent", "orders.RefundDocument",
    "products.Price", "products.SkuEvent", "stock.StockMovement",
}  # fmt: skip
# Rows of people who work here: customers never get one, and accounts of staff are not deleted.
OF_STAFF = {
    "accounts.User_groups", "accounts.User_user_permissions", "common.Paper", "common.Picture", "stock.ShopStaff",
    "wagtailadmin.EditingSession", "wagtailadmin.FormState", "wagtailcore.APIToken", "wagtailcore.Comment",
    "wagtailcore.CommentReply", "wagtailcore.ModelLogEntry", "wagtailcore.Page", "wagtailcore.PageLogEntry",
    "wagtailcore.PageSubscription", "wagtailcore.Revision", "wagtailcore.TaskState", "wagtailcore.UploadedFile",
    "wagtailcore.WorkflowState", "wagtaildocs.Document", "wagtailimages.Image", "wagtailusers.UserProfile",
}  # fmt: skip


def relations_to(model: type[Model], targets: Iterable[type[Model]]) -> list[str]:
    fields = model._meta.local_concrete_fields
    return [field.name for field in fields if field.is_relation and field.related_model in targets]


def rows_of(label: str, user: User) -> int:
    """Return how many rows of a table are a person's: by the account, its address rows, or the email."""
    model = apps.get_model(label)
    by_account = [Q(**{name: user.pk}) for name in relations_to(model, [User]) if name != "decided_by"]
    by_address = [Q(**{f"{name}__user": user.pk}) for name in relations_to(model, [EmailAddress])]
    by_email = [Q(email=EMAIL)] if not by_account and not by_address else []
    return model.objects.filter(Q(*by_account, *by_address, *by_email, _connector=Q.OR)).count()


def test_every_table_that_refers_to_a_person_is_known():
    """A table of another package that appears with an upgrade fails here until somebody says whose it is."""
    people = {
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        if relations_to(model, [User, EmailAddress]) and not model._meta.parents
    }

    assert people <= {*EMPTIED, *BOOKS, *OF_STAFF}
    assert {*OF_STAFF} <= people
    assert not {*EMPTIED} & {*BOOKS} and not {*EMPTIED, *BOOKS} & OF_STAFF


def test_every_table_of_people_is_in_the_map():
    """A cart holds nothing but articles, and names its owner by number."""
    declared = {field.model for field in personal_fields()}

    assert {*EMPTIED} - {"checkout.Cart"} <= declared
    assert declared <= {*EMPTIED, *BOOKS}


@pytest.mark.parametrize("label", EMPTIED)
def test_deletion_empties_the_table_of_the_person_and_of_nobody_else(label, at):
    mila, ben = make_customer(email=EMAIL), make_customer(email="ben@example.com")
    give_second_factor(ben), make_address(ben), Cart.objects.create(user=ben, created_at=at, updated_at=at)
    EMPTIED[label](mila, at)
    others = {model: model.objects.filter(user=ben).count() for model in (EmailAddress, Authenticator, Cart)}
    assert rows_of(label, mila) > 0

    erase_account(user_id=mila.pk, at=at)

    assert rows_of(label, mila) == 0
    assert {model: model.objects.filter(user=ben).count() for model in others} == others


def test_no_session_is_kept_outside_the_table_that_knows_its_account(at):
    """Django's own table of sessions is installed with its app and is not written."""
    make_customer(email=EMAIL)
    sign_in(Client(), EMAIL, PASSWORD)

    assert SessionStore.get_model_class()._meta.label == "accounts.UserSession"
    assert apps.get_model("sessions.Session").objects.count() == 0


def test_a_deleted_sign_up_takes_its_password_along(at):
    mila = make_customer(email=EMAIL)
    make_sign_up(email=EMAIL)

    erase_account(user_id=mila.pk, at=at)

    assert not SignUp.objects.exists()
    assert not User.objects.get(pk=mila.pk).has_usable_password()
