"""Articles: how the code of a SKU is spelled."""

import re
import unicodedata

from django.utils.translation import gettext

from common.errors import DomainError
from products.models.sku import CODE_PATTERN


class SkuRefused(DomainError):
    """The variant cannot be as asked; `extra["field"]` names the input that is wrong."""

    code = "sku_refused"

    def __init__(self, message: str, *, field: str, code: str | None = None) -> None:
        super().__init__(message, code=code, extra={"field": field})


def normalise_code(text: object) -> str:
    """Return an article as it is stored: NFKC, trimmed, upper case. Raises SkuRefused for what is no article."""
    code = unicodedata.normalize("NFKC", str(text or "")).strip().upper()
    if not re.match(CODE_PATTERN, code):
        raise SkuRefused(
            gettext("An article has 1 to 64 letters A-Z, digits, dots, hyphens or underscores."),
            field="code",
            code="bad_code",
        )
    return code
