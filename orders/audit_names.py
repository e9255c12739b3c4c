"""How the audit names orders and messages: by number, never by a person."""

from collections.abc import Collection

from django.utils.translation import gettext

from accounts.audit_words import Names, names_targets
from orders.numbers import group


@names_targets("order")
def orders(ids: Collection[str]) -> Names:
    """Return {number: words} of orders."""
    return {number: gettext("order %(number)s") % {"number": group(number)} for number in ids}


@names_targets("outbox")
def messages(ids: Collection[str]) -> Names:
    """Return {id: words} of messages of the outbox."""
    return {number: gettext("message %(number)s") % {"number": number} for number in ids}
