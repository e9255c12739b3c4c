"""The settings of a shop on its own in which every page is the first of its kind: only what all pages share is kept."""

from bench.cold_settings import *  # noqa: F403 - settings

PARTS_KEPT = 60
