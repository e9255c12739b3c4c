"""Articles: how the code of a SKU is spelled."""

import re

from django.utils.translation import gettext

from common.errors import DomainError
from common.typed_text import clean_identifier
from products.models.sku import CODE_PATTERN


class SkuRefused(DomainError):
    """The variant cannot be as asked; `extra["field"]` names the input that is wrong, `more` is what callers need."""

    code = "sku_refused"

    def __init__(self, message: str, *, field: str, code: str | None = None, **more: str) -> None:
        super().__init__(message, code=code, extra={"field": field, **more})


def normalise_code(text: object) -> str:
    """Return an article as it is stored: upper case, nothing invisible. Raises SkuRefused if it is not an article."""
    code = clean_identifier(text).upper()
    if not re.match(CODE_PATTERN, code):
        raise SkuRefused(
            gettext("An article has 1 to 64 letters A-Z, digits, dots, hyphens or underscores."),
            field="code",
            code="bad_code",
        )
    return code
