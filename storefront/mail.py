"""The site's own data for its emails."""

from common.mail import answer_to
from storefront.models import Identity


@answer_to
def contact_address() -> str:
    """Return the contact address that the owner entered under Settings, Identity."""
    return Identity.current().contact_email
