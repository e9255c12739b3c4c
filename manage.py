#!/usr/bin/env python
"""Django's command line for this site."""

import os
import sys
from importlib.util import find_spec

from django.core.management import execute_from_command_line

from storefront.environment import BadEnvironment

if __name__ == "__main__":
    # Without the developers' packages this is a shop that `make run` started.
    here = "dev" if find_spec("django_linear_migrations") else "embedded"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"storefront.settings.{here}")
    try:
        execute_from_command_line(sys.argv)
    except BadEnvironment as error:
        sys.exit(str(error))
