"""Reading a page in tests whatever the indentation of its template."""

import re

from django.http import HttpResponse


def squeezed(page: HttpResponse | str) -> str:
    """Return a page with white space collapsed to one space, and removed next to tags."""
    text = page if isinstance(page, str) else page.content.decode()
    return re.sub(r"\s*(<[^>]*?)\s*>\s*", r"\1>", re.sub(r"\s+", " ", text))
