"""Markup as tests compare it."""

import re


def squeeze(html: str) -> str:
    """Return markup without the white space that templates put around tags, attributes and texts."""
    text = re.sub(r"\s+", " ", html)
    return re.sub(r" ?(<[^>]*?) ?> ?", r"\1>", text)
