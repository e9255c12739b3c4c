"""The settings of a shop on its own with every page drawn for every request; parts of pages are kept."""

from storefront.settings.embedded import *  # noqa: F403 - settings

PAGES_KEPT_BYTES = 0
