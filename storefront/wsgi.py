"""The WSGI entry point."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storefront.settings.production")
# All that starting makes stays: looking for garbage among it took an eighth of the start, and again with each request.
gc.disable()
django = get_wsgi_application()

from storefront.front import Front  # noqa: E402 - it reads the settings

application = Front(django)
gc.freeze()
gc.enable()
