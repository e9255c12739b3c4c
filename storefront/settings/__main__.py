"""`python -m storefront.settings`: say whether the site can start with these variables; 1 and why when it cannot."""

import sys

from django.conf import settings

from storefront.environment import BadEnvironment

try:
    # The first look at a setting reads them all.
    settings.is_overridden("DEBUG")
except BadEnvironment as error:
    sys.exit(str(error))
