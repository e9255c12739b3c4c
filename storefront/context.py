"""The context of every template: `shell`, which queries the database only if it is used."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from storefront.shell import load_shell


def shell(request: HttpRequest) -> dict[str, object]:
    """Return the lazily loaded header and footer of the site: identity, shops, menu."""
    return {"shell": SimpleLazyObject(load_shell)}
