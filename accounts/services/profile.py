"""What a customer says of themselves: their name and the language of their emails."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import DomainError
from common.typed_text import clean_name


class NameNeeded(DomainError):
    """A name of spaces or invisible characters is none."""

    code = "name_needed"


def change_profile(*, user_id: int, name: str, language: str) -> User:
    """Set one's own name and language, a code of settings.LANGUAGES or "". Raises NameNeeded.

    Orders keep the name they were made with.
    """
    cleaned = clean_name(name)
    if not cleaned:
        raise NameNeeded(_("Enter your name."))
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=user_id, erased_at=None)
        user.name, user.language = cleaned, language
        user.save(update_fields=["name", "language"])
    return user
