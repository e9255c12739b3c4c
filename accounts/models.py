"""Users of every kind, and the audit of actions that have no other history. Imports nothing of Wagtail."""

import uuid
from importlib import import_module
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import PermissionsMixin
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from accounts.emails import normalise
from common.append_only import AppendOnlyModel


class UserManager(BaseUserManager):
    """Finds users by email in any case."""

    def get_by_natural_key(self, username: str) -> "User":
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **extra: object) -> "User":
        user = self.model(email=normalise(email), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: object) -> "User":
        """Create the break-glass account; owners are not superusers."""
        return self.create_user(email, password, is_superuser=True, **extra)


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account. Erasure keeps the row: email, phone and name NULL, `erased_at` set."""

    # Names the account to programs, in place of the number of its row.
    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("email"), unique=True, null=True)  # noqa: DJ001 - NULL means erased
    # Anybody may enter any number; one that is not verified finds nobody, opens nothing and blocks nobody.
    phone = PhoneNumberField(_("phone"), db_index=True, null=True, blank=True)
    phone_verified_at = models.DateTimeField(null=True, blank=True)
    name = models.CharField(_("name"), max_length=150, null=True, blank=True)  # noqa: DJ001 - NULL means erased
    language = models.CharField(_("language"), max_length=12, blank=True)
    # Since when they agree to news by email; NULL without consent. Each change is in the audit.
    news_agreed_at = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)
    erased_at = models.DateTimeField(null=True, blank=True)

    # Kept by roles.role_of after the first question.
    _role: str | None

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("email"), name="user_email_any_case"),
            models.CheckConstraint(
                condition=models.Q(email__isnull=False) | models.Q(erased_at__isnull=False), name="user_email_or_erased"
            ),
            models.UniqueConstraint(
                fields=["phone"], condition=models.Q(phone_verified_at__isnull=False), name="user_verified_phone"
            ),
            models.CheckConstraint(
                condition=models.Q(phone__isnull=False) | models.Q(phone_verified_at__isnull=True),
                name="user_verified_has_phone",
            ),
        ]

    def __str__(self) -> str:
        return self.get_short_name() or f"#{self.pk}"

    def check_password(self, raw_password: str) -> bool:
        """Return whether the password is right; keep a stronger hash of it unless another was set meanwhile."""

        def keep(raw: str) -> None:
            stronger = make_password(raw)
            if User.objects.filter(pk=self.pk, password=self.password).update(password=stronger):
                self.password = stronger

        return check_password(raw_password, self.password, keep)

    def get_full_name(self) -> str:
        return self.name or ""

    def get_short_name(self) -> str:
        return (self.name or "").split(" ")[0]


class Address(models.Model):
    """A place that a customer has things sent to. One of them is the usual one, which is offered first."""

    MOST = 20

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="addresses")
    label = models.CharField(_("name of the address"), max_length=40, blank=True)
    recipient = models.CharField(_("recipient"), max_length=150, blank=True)
    street = models.CharField(_("street and number"), max_length=150)
    details = models.CharField(_("flat, floor, entrance"), max_length=150, blank=True)
    postcode = models.CharField(_("postcode"), max_length=16, blank=True)
    city = models.CharField(_("city"), max_length=80)
    note = models.CharField(_("note for the courier"), max_length=200, blank=True)
    is_usual = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user"], condition=models.Q(is_usual=True), name="address_usual_once"),
            models.CheckConstraint(
                condition=~models.Q(street="") & ~models.Q(city=""), name="address_has_street_and_city"
            ),
        ]

    def __str__(self) -> str:
        return f"address {self.pk}"


class UserSession(AbstractBaseSession):
    """A browser that is signed in or a client of the API; without `user`, what a visitor's browser is remembered by.

    With `user` and no `began_at` it is a sign-in that waits for its code. accounts/sessions.py writes it. No network
    address is kept.
    """

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")
    began_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    device = models.CharField(max_length=200, blank=True)
    is_app = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        return import_module(settings.SESSION_ENGINE).SessionStore


class SignUp(models.Model):
    """A request for an account, not an account: it takes effect once somebody opens a link in that mailbox.

    Anybody can make one for any address, so there may be several; none blocks or grants anything.
    """

    email = models.EmailField(db_index=True)
    name = models.CharField(max_length=150)
    phone = models.CharField(max_length=16, blank=True)
    password = models.CharField(max_length=128)
    language = models.CharField(max_length=12, blank=True)
    created_at = models.DateTimeField(db_index=True)
    # When its link was last sent; NULL if its mailbox was at its limit each time.
    mailed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"sign-up {self.pk}"


class Registration(AppendOnlyModel):
    """A customer registered at the counter: by whom, when, and what they agreed to. Outlives the sign-up.

    `links` numbers the links to choose a password with: the newest works, once; using it raises the number. `nonce`
    tells a form that was sent twice from two registrations.
    """

    erasable: ClassVar = ("sign_up", "user", "actor", "actor_label", "links")

    class Way(models.TextChoices):
        SCREEN = "screen", _("Their own phone: they scan a code, or take it along on paper")
        EMAIL = "email", _("A link by email")
        PASSWORD = "password", _("They type a password here")

    sign_up = models.OneToOneField(SignUp, null=True, on_delete=models.SET_NULL, related_name="registration")
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="registrations")
    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_label = models.CharField(max_length=150)
    way = models.CharField(max_length=8, choices=Way.choices)
    agreed_to_account = models.BooleanField()
    agreed_to_news = models.BooleanField()
    links = models.PositiveSmallIntegerField(default=1)
    nonce = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(agreed_to_account=True), name="registration_agreed"),
            models.UniqueConstraint(
                fields=["actor", "nonce"], condition=~models.Q(nonce=""), name="registration_nonce_once"
            ),
        ]

    def __str__(self) -> str:
        return f"registration {self.pk}"


class CourierApplication(models.Model):
    """A person who would like to deliver. It waits for an owner once the address of its sign-up is verified."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        APPROVED = "approved", _("approved")
        REFUSED = "refused", _("refused")

    sign_up = models.OneToOneField(SignUp, null=True, on_delete=models.SET_NULL, related_name="application")
    user = models.OneToOneField(User, null=True, on_delete=models.CASCADE, related_name="courier_application")
    message = models.CharField(max_length=1000, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_label = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state="waiting", decided_at__isnull=True)
                | models.Q(state="approved", decided_at__isnull=False)
                | models.Q(state="refused", decided_at__isnull=False) & ~models.Q(reason=""),
                name="application_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"courier application {self.pk}"


class PhoneCode(models.Model):
    """A code on its way to a phone. It is not kept: it is derived from this row and the site's secret key."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="phone_code")
    phone = PhoneNumberField()
    salt = models.CharField(max_length=32)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"phone code {self.pk}"


class MailRequest(models.Model):
    """A request for an email to an address; the worker looks up what it should say, and deletes the row."""

    class Kind(models.TextChoices):
        CONFIRM = "confirm", _("confirm an address")
        RESET = "reset", _("choose a password")
        # No link: the account that had this address was taken back from there.
        TAKEN = "taken", _("tell that an account was taken back")

    kind = models.CharField(max_length=8, choices=Kind.choices)
    email = models.EmailField()
    language = models.CharField(max_length=12, blank=True)
    created_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Notice(models.Model):
    """An email that told a person of a change to their account; for some days its link takes the account back.

    `email` is the address it went to: the account's own before the change. `is_of_email`: that address was the change.
    `had_second_factor`: codes were asked for at sign-in before it.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    email = models.EmailField()
    is_of_email = models.BooleanField(default=False)
    had_second_factor = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"notice {self.pk}"


class AuditEntry(AppendOnlyModel):
    """A change of a role or setting, or a look at a personal field. `target` is an id, never a person's data.

    `reason`: why somebody looked, a code of accounts/reveals.py or their own words.
    """

    erasable: ClassVar = ("actor", "actor_label", "reason")

    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="audit_entries")
    actor_label = models.CharField(max_length=150)
    action = models.CharField(max_length=64)
    target = models.CharField(max_length=128)
    note = models.CharField(max_length=255, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["target", "-at"], name="audit_target")]
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")

    def __str__(self) -> str:
        return f"{self.actor_label} {self.action} {self.target}"
