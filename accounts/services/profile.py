"""What a customer says of themselves: their name, the language of their emails, and whether they want news."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import audit
from accounts.services.lock import lock_account
from common.actors import Actor
from common.errors import DomainError
from common.typed_text import clean_name


class NameNeeded(DomainError):
    """A name of spaces or invisible characters is none."""

    code = "name_needed"


def change_profile(*, user_id: int, name: str, language: str) -> User:
    """Set one's own name and language, a code of settings.LANGUAGES or "". Raises NameNeeded, AccountGone.

    Orders keep the name they were made with.
    """
    cleaned = clean_name(name)
    if not cleaned:
        raise NameNeeded(_("Enter your name."))
    with transaction.atomic():
        user = lock_account(user_id)
        user.name, user.language = cleaned, language
        user.save(update_fields=["name", "language"])
    return user


@transaction.atomic
def choose_news(*, user_id: int, wants: bool, actor: Actor, at: dt.datetime) -> User:
    """Note that a person agrees to news by email, or does not any more. Idempotent: the date of consent stays.

    Raises AccountGone.
    """
    user = lock_account(user_id)
    if (user.news_agreed_at is not None) == wants:
        return user
    user.news_agreed_at = at if wants else None
    user.save(update_fields=["news_agreed_at"])
    audit.record(action=f"account.news_{'on' if wants else 'off'}", target=f"user:{user.pk}", actor=actor, at=at)
    return user
