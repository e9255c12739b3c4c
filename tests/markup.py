"""Reading a page in tests without minding how its template is indented."""

import re

from django.http import HttpResponse


def squeezed(page: HttpResponse | str) -> str:
    """Return a page with runs of white space as one space, and none beside a tag."""
    text = page if isinstance(page, str) else page.content.decode()
    return re.sub(r"\s*(<[^>]*?)\s*>\s*", r"\1>", re.sub(r"\s+", " ", text))
