"""The type of a text that is translated when it is shown."""

from django.utils.functional import Promise

# gettext_lazy() returns a Promise that becomes text in its reader's language.
Words = str | Promise
