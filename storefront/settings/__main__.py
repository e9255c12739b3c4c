"""`python -m storefront.settings`: check that the site can start with these variables; if not, say why and exit 1."""

import sys

from django.conf import settings

from storefront.environment import BadEnvironment

try:
    # The first access to a setting loads them all.
    settings.is_overridden("DEBUG")
except BadEnvironment as error:
    sys.exit(str(error))
