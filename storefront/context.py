"""The context of every template: `shell`, which asks the database only when it is used."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from storefront.shell import load_shell


def shell(request: HttpRequest) -> dict[str, object]:
    """Return the lazily loaded header and footer of the site: identity, shops, menu."""
    return {"shell": SimpleLazyObject(load_shell)}
