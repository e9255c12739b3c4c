"""Locking the account that a service changes; one that was deleted meanwhile is answered in one way everywhere."""

from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import DomainError


class AccountGone(DomainError):
    """The account was deleted since its person was signed in. extra["user_id"]: which.

    AccountGoneMiddleware and the API answer it.
    """

    code = "account_gone"


def lock_account(user_id: int, *, no_key: bool = True) -> User:
    """Return an account that is not deleted, locked in the caller's transaction. Raises AccountGone."""
    user = User.objects.select_for_update(no_key=no_key).filter(pk=user_id, erased_at=None).first()
    if user is None:
        raise AccountGone(_("This account has been deleted. Nothing was saved."), extra={"user_id": user_id})
    return user
