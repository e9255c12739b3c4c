"""Counting tries in the cache, so that nobody can guess his way to an order."""

from django.core.cache import cache


def is_over_limit(name: str, *, limit: int, seconds: int) -> bool:
    """Count one more try under `name` and return whether there were more than `limit` within the window."""
    key = f"throttle:{name}"
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key) > limit
    except ValueError:  # it ran out between the two calls
        cache.set(key, 1, seconds)
        return False
