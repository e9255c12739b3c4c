"""Why somebody looks at a masked personal field: a short list for each page, or a reason in their own words."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from common.words import Words

MAX_REASON = 200
# In its place what somebody typed is kept; it stands alone once those words are erased.
OTHER = "other"
OF_ORDER: Mapping[str, Words] = {
    "call": _("Call about the order"),
    "collect": _("Check who collects"),
}
OF_DOCUMENT: Mapping[str, Words] = {
    "print": _("Print it for the buyer"),
    "books": _("For the books"),
}
OF_APPLICATION: Mapping[str, Words] = {
    "answer": _("Talk to the applicant"),
}
_WORDS = {**OF_ORDER, **OF_DOCUMENT, **OF_APPLICATION, OTHER: _("Other")}


def reason_text(reason: str) -> str:
    """Return a kept reason in words: one of the lists, or what somebody typed."""
    return str(_WORDS[reason]) if reason in _WORDS else reason


def kept_codes() -> list[str]:
    """Return the reasons that are codes, not somebody's words."""
    return list(_WORDS)
