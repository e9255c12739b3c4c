"""Users of every kind, and the audit of actions that have no other history. Imports nothing of Wagtail."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
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

    email = models.EmailField(_("email"), unique=True, null=True)  # noqa: DJ001 - NULL means erased
    phone = PhoneNumberField(_("phone"), unique=True, null=True, blank=True)
    phone_verified_at = models.DateTimeField(null=True, blank=True)
    name = models.CharField(_("name"), max_length=150, null=True, blank=True)  # noqa: DJ001 - NULL means erased
    language = models.CharField(_("language"), max_length=12, blank=True)
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
        ]

    def __str__(self) -> str:
        return self.get_short_name() or f"#{self.pk}"

    def get_full_name(self) -> str:
        return self.name or ""

    def get_short_name(self) -> str:
        return (self.name or "").split(" ")[0]


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

    def __str__(self) -> str:
        return f"sign-up {self.pk}"


class MailRequest(models.Model):
    """A request for a link; the worker looks up whether anybody has this address, and deletes the row."""

    class Kind(models.TextChoices):
        CONFIRM = "confirm", _("confirm an address")
        RESET = "reset", _("choose a password")

    kind = models.CharField(max_length=8, choices=Kind.choices)
    email = models.EmailField()
    language = models.CharField(max_length=12, blank=True)
    created_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class AuditEntry(AppendOnlyModel):
    """A change of a role or setting, or a look at a personal field. `target` is an id, never a person's data."""

    erasable: ClassVar = ("actor", "actor_label")

    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="audit_entries")
    actor_label = models.CharField(max_length=150)
    action = models.CharField(max_length=64)
    target = models.CharField(max_length=128)
    note = models.CharField(max_length=255, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["target", "-at"], name="audit_target")]
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")

    def __str__(self) -> str:
        return f"{self.actor_label} {self.action} {self.target}"
