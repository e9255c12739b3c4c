"""How the audit names shops."""

from collections.abc import Collection

from accounts.audit_words import Names, names_targets
from stock.models import Shop


@names_targets("shop")
def shops(ids: Collection[str]) -> Names:
    """Return {id: name} of shops, open or not."""
    return {str(shop.pk): shop.name_text for shop in Shop.objects.filter(pk__in=ids)}
