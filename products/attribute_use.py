"""Uses of attributes and their values: deleting one in use would strip it from live pages for good."""

from django.db.models import Q
from django.utils.translation import gettext, ngettext

from products.models import Attribute, AttributeValue, ProductPage

MOST_NAMED = 5


def uses_of(thing: Attribute | AttributeValue) -> str:
    """Say which products use an attribute or one of its values, "" when none does."""
    field = "value" if isinstance(thing, AttributeValue) else "attribute"
    described = Q(**{f"attributes__{field}": thing.pk})
    varied = Q(**{f"product__skus__options__{field}": thing.pk})
    pages = ProductPage.objects.filter(described | varied).distinct().order_by("title", "pk")
    count = pages.count()
    if not count:
        return ""
    titles = ", ".join([*pages.values_list("title", flat=True)[:MOST_NAMED], *(["…"] if count > MOST_NAMED else [])])
    text = ngettext("%(count)d product uses it: %(titles)s.", "%(count)d products use it: %(titles)s.", count)
    return text % {"count": count, "titles": titles}


def refusal_of_value(value: AttributeValue) -> str:
    """Say why a value cannot be removed, "" when it can be."""
    uses = uses_of(value)
    if not uses:
        return ""
    name = value.label_text or value.code
    return gettext("The value %(value)s cannot be removed. %(uses)s") % {"value": name, "uses": uses}
